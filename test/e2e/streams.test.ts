// Event streams of a real process: what becomes of many of them when it is asked to stop, and what one costs it whose reader
// takes nothing.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { encodeRecord } from '../../events/record.ts';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { readIssuerKey } from '../../services/shared/data-folder.ts';
import { createAuthor, created } from '../fakes/author.ts';
import { until } from '../fakes/running.ts';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { createKey } from '../support/keys.ts';
import { messagesOf, nextOf, subscribe, wholeOf } from '../support/sse.ts';
import { metric, WORKSPACE } from '../support/system.ts';

const STREAMS = 200;
const PER_CALLER = 20;
const MINUTES = 60_000;
const MB = 1024 * 1024;

const folders: EmbeddedFolder[] = [];
const processes: RunningFolder['process'][] = [];
const sockets: Socket[] = [];
async function newFolder(): Promise<EmbeddedFolder> {
  const folder = await makeFolder();
  folders.push(folder);
  return folder;
}
async function started(folder: EmbeddedFolder): Promise<RunningFolder> {
  const running = await folder.start();
  processes.push(running.process);
  return running;
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const each of processes.splice(0)) await each.kill();
  for (const folder of folders.splice(0)) await folder.remove();
});

/** Each event's data so many times over: what there is to send is far more than any buffer. */
const HEAVY = `id ${Array.from({ length: 12 }, (_, n) => `d${n}: data`).join(' ')}`;
const heavy = (after: string): string =>
  `subscription { keyEvents(workspaceId: "${WORKSPACE}", after: "${after}") { ${HEAVY} } }`;

/** A subscriber that reads the head of the answer, if at all, and nothing of the stream. */
async function stalled({ api }: RunningFolder, query: string): Promise<Socket> {
  const { hostname, port } = new URL(api.url);
  const socket = connect({ port: Number(port), host: hostname });
  sockets.push(socket);
  await once(socket, 'connect');
  socket.pause();
  const body = JSON.stringify({ query });
  const head = [
    ...['POST /graphql HTTP/1.1', 'host: x', `authorization: Bearer ${api.token}`, 'content-type: application/json'],
    ...['accept: text/event-stream', 'x-keyfold-csrf: 1', `content-length: ${Buffer.byteLength(body)}`],
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

/** Keys with a lot in them, written before anything runs. */
async function filled(folder: EmbeddedFolder, count: number): Promise<void> {
  const first = await started(folder);
  await first.process.stop();
  await folder.inside(async ({ log, dataKeys }) => {
    const author = createAuthor({ dataKeys });
    const scopes = Array.from({ length: 100 }, (_, n) => `${'s'.repeat(60)}${n}`);
    for (let from = 0; from < count; from += 100) {
      const events = Array.from({ length: Math.min(100, count - from) }, (_, n) => `k${from + n}`).map((name) =>
        author.next(author.keyId(name), created(name, { data: { scopes } }), { workspaceId: WORKSPACE }),
      );
      await log.append((await Promise.all(events)).map(encodeRecord));
    }
  });
}

test(
  `a process that is asked to stop completes ${STREAMS} streams, and ends in time, though one reader takes nothing`,
  async () => {
    const folder = await newFolder();
    await filled(folder, 300);
    const running = await started(folder);
    const { api, process } = running;
    const issuer = createLocalIssuer({ key: await readIssuerKey(folder.path), claim: 'keyfold' });
    const streams: Response[] = [];
    for (let n = 0; n < STREAMS; n++) {
      const subject = `auditor-${Math.floor(n / PER_CALLER)}`;
      const token = await issuer.mint({ subject, workspaces: { [WORKSPACE]: 'auditor' }, operator: false });
      streams.push(await subscribe({ url: api.url, token }));
    }
    const wholes = streams.map(wholeOf);
    await stalled(running, heavy('p1_0-0'));
    await until(async () => (await metric(api.url, 'keyfold_subscriptions_open')) === STREAMS + 1, 'all are open');
    const { keyId } = await createKey(api);
    process.signal('SIGTERM');

    for (const messages of await Promise.all(wholes)) {
      const told = messages.filter(({ event }) => event !== 'message');
      expect(told.at(-1)).toMatchObject({ event: 'complete', data: '' });
      // No error: a process that stops is nobody's fault. What came before it did is what happened.
      const ids = told.slice(0, -1).map((message) => nextOf(message).data?.keyEvents.id);
      expect([[], [`${keyId}@1`]]).toContainEqual(ids);
    }
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(process.stderr()).toContain('"outcome":"drained"');
  },
  5 * MINUTES,
);

test(
  'readers that take nothing are cut behind what they have, and hold up less than 20 MB of the process together',
  async () => {
    const [count, readers] = [1000, 3];
    const folder = await newFolder();
    await filled(folder, count);
    const running = await started(folder);
    const { api } = running;
    const memory = () => metric(api.url, 'process_resident_memory_bytes');
    const cut = async (): Promise<number> => {
      const text = await (await fetch(`${api.url}/metrics`)).text();
      return Number(/^keyfold_subscriptions_ended_total\{[^}]*reason="slow"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    // Warm: what it takes to send all of it to somebody who reads.
    for (let round = 0; round < 3; round++) {
      let seen = 0;
      const response = await subscribe({ url: api.url, token: api.token, query: heavy('p1_0-0'), variables: {} });
      for await (const { event } of messagesOf(response)) if (event === 'next' && ++seen === count) break;
    }

    const before = await memory();
    let most = 0;
    const open = await Promise.all(Array.from({ length: readers }, () => stalled(running, heavy('p1_0-0'))));
    await until(
      async () => {
        most = Math.max(most, (await memory()) - before);
        return (await cut()) === readers;
      },
      'all are cut',
      2 * MINUTES,
    );
    console.log(`${(most / MB).toFixed(1)} MB more while ${readers} readers stalled`);
    expect(most).toBeLessThan(20 * MB);

    // Each is told where it stopped; from there on it has all the rest, once.
    const [socket] = open;
    let text = '';
    socket!.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket!.resume();
    await until(() => text.includes('event: complete') || socket!.readableEnded, 'the last words', MINUTES);
    const taken = [...text.matchAll(/^data: \{"data":\{"keyEvents":\{"id":"(key_[^"]+@1)"/gm)].map(([, id]) => id!);
    expect(taken.length).toBeLessThan(count);
    const after = /"code":"SLOW_CONSUMER","position":"(p1_[^"]+)"/.exec(text)?.[1];
    expect(after).toBeDefined();
    const rest: string[] = [];
    const variables = { workspaceId: WORKSPACE, after };
    for await (const message of messagesOf(await subscribe({ url: api.url, token: api.token, variables }))) {
      if (message.event !== 'next') continue;
      rest.push(nextOf(message).data!.keyEvents.id);
      if (taken.length + rest.length === count) break;
    }
    expect(new Set([...taken, ...rest]).size).toBe(count);
  },
  10 * MINUTES,
);
