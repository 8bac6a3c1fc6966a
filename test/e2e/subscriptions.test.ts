// Subscriptions on a whole system with embedded storage: killed and resumed at random, by the public client, by curl and
// from the shell; nothing missed, nothing twice, nothing of anybody else's.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyEvent } from '../../events/catalogue.ts';
import { encodeRecord } from '../../events/record.ts';
import { run } from '../../services/cli/program.ts';
import { createAuthor, created, noted, seededRandom, type Author } from '../fakes/author.ts';
import { until } from '../fakes/running.ts';
import type { Api } from '../support/api.ts';
import { startEmbedded, type InProcess } from '../support/in-process.ts';
import { KEY_EVENTS, messagesOf, nextOf, subscribe } from '../support/sse.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const EVENTS = 5000;
const KILLS = 200;
const KEYS = 50;

let system: InProcess;
let author: Author;
let api: Api;
beforeAll(async () => {
  system = await startEmbedded();
  author = createAuthor({ dataKeys: system.core.dataKeys });
  api = await system.api();
});
afterAll(() => system.stop());

const append = (events: readonly AnyEvent[]) => system.core.log.append(events.map(encodeRecord));
/** The first example of the documentation in a language. */
const example = async (language: string): Promise<string> => {
  const page = await readFile(join(import.meta.dirname, '../../docs/subscriptions.md'), 'utf8');
  return new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(page)?.[1] ?? '';
};
const positionNow = async (): Promise<string> =>
  (await api.query<{ workspace: { position: string } }>('{ workspace(id: "acme") { position } }')).workspace.position;
/** The next event of one of the keys of a workspace. */
async function next(name: string, workspaceId: string): Promise<AnyEvent> {
  const id = author.keyId(`${workspaceId} ${name}`);
  const { version } = author.place(id);
  const event = version === 0 ? created(name) : noted(version % 2 === 1 ? 'KeyDisabled' : 'KeyEnabled');
  return author.next(id, event, { workspaceId });
}

test(`a subscriber that is killed and resumed ${KILLS} times while ${EVENTS} events pass sees each exactly once, in order per key (SEED=${SEED})`, async () => {
  // One of each side: how they take turns is not to change what either draws.
  const [ofWriter, ofReader] = [seededRandom(SEED), seededRandom(SEED + 1)];
  const from = await positionNow();
  const expected = new Map<string, string[]>();
  const writing = (async () => {
    for (let written = 0; written < EVENTS;) {
      const batch: AnyEvent[] = [];
      for (let n = 0; n < 50; n++, written++) {
        const event = await next(`k${Math.floor(ofWriter() * KEYS)}`, 'acme');
        const { subject, id } = event.attributes;
        expected.set(subject, [...(expected.get(subject) ?? []), id]);
        batch.push(event);
        if (n % 5 === 0) batch.push(await next(`k${n}`, 'globex'));
      }
      await append(batch);
    }
  })();

  const seen = new Map<string, string[]>();
  const ids = new Set<string>();
  let position = from;
  let repeated = 0;
  let kills = 0;
  while (ids.size < EVENTS) {
    const isLast = kills === KILLS;
    const cut = new AbortController();
    // Now by the argument, now by the header, as clients do that know the protocol.
    const byHeader = ofReader() < 0.5;
    const response = await subscribe({
      ...{ url: api.url, token: api.token, signal: cut.signal },
      ...(byHeader
        ? { headers: { 'last-event-id': position } }
        : { variables: { workspaceId: 'acme', after: position } }),
    });
    // Four fifths of its share on average, and one event at least is left for the last life: there are as many kills, always.
    const drawn = Math.floor(ofReader() * ((1.6 * EVENTS) / KILLS));
    const lives = isLast ? Infinity : Math.min(drawn, EVENTS - 1 - ids.size);
    let taken = 0;
    for await (const message of messagesOf(response)) {
      if (message.event !== 'next') continue;
      const { data, errors, extensions } = nextOf(message);
      expect(errors).toBeUndefined();
      const { id, subject } = data!.keyEvents;
      expect(message.id).toBe(extensions!.position);
      // Killed before it has kept where it is, an event comes again: that is what ids are for.
      if (ids.has(id)) repeated += 1;
      else {
        ids.add(id);
        seen.set(subject, [...(seen.get(subject) ?? []), id]);
      }
      if (taken++ >= lives) break;
      position = message.id!;
      if (ids.size === EVENTS) break;
    }
    cut.abort();
    if (!isLast) kills += 1;
  }
  await writing;
  expect(seen).toEqual(expected);
  expect(kills).toBe(KILLS);
  // At most the one event that was being handled when it was killed.
  expect(repeated).toBeLessThanOrEqual(kills);
}, 120_000);

describe('clients that are not ours', () => {
  test('graphql-sse', async () => {
    const client = createClient({
      url: `${api.url}/graphql`,
      headers: { authorization: `Bearer ${api.token}`, 'x-keyfold-csrf': '1' },
      retryAttempts: 0,
    });
    const after = await positionNow();
    const results = client.iterate<{ keyEvents: { id: string } }>({
      query: KEY_EVENTS,
      variables: { workspaceId: 'acme', after },
    });
    const events = [await next('sse', 'acme'), await next('sse', 'acme')];
    await append(events);
    for (const { attributes } of events) {
      const { value } = (await results.next()) as IteratorResult<
        { data?: { keyEvents: { id: string } } | null },
        never
      >;
      expect(value.data?.keyEvents.id).toBe(attributes.id);
    }
    await results.return?.();
    const viewer = client.iterate({ query: '{ viewer { operator } }' });
    expect((await viewer.next()).value).toMatchObject({ data: { viewer: { operator: true } } });
    expect(await viewer.next()).toMatchObject({ done: true });
    client.dispose();
  });

  test.each([
    [
      'curl',
      'sh',
      ['bash', '-c'],
      /^:\nid: p1_\S+\n\n$/,
      /event: next\nid: p1_\S+\ndata: \{"data":\{"keyEvents":.*"extensions":\{"position":"p1_/,
    ],
    ['graphql-sse', 'js', [process.execPath, '--input-type=module', '-e'], /^$/, /^KEY_CREATED key_/],
  ] as const)('the documentation’s example with %s', async (name, language, [program, ...args], begun, told) => {
    const env = { ...process.env, KEYFOLD_URL: api.url, KEYFOLD_TOKEN: api.token, AFTER: await positionNow() };
    const child = execFile(
      program,
      [...args, language === 'sh' ? `exec ${await example(language)}` : await example(language)],
      { env },
    );
    let out = '';
    child.stdout?.on('data', (text: string) => (out += text));
    if (name === 'curl') await until(() => begun.test(out), 'the first heartbeat');
    const event = await next(`example ${name}`, 'acme');
    await append([event]);
    await until(() => out.includes(event.attributes.subject), 'the event');
    expect(out).toMatch(told);
    child.kill();
    await once(child, 'close');
  });
});

describe('keyfold events follow', () => {
  async function follow(args: readonly string[], work: (out: () => string) => Promise<void>) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let out = '';
    let err = '';
    stdout.on('data', (text: Buffer) => (out += text.toString()));
    stderr.on('data', (text: Buffer) => (err += text.toString()));
    const stop = new AbortController();
    const env = { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: api.token };
    const io = { env, stdin: Readable.from([]), stdout, stderr, interrupted: stop.signal };
    const ending = run(['events', 'follow', '--workspace', 'acme', ...args], {
      io,
      serve: () => Promise.reject(new Error('not here')),
    });
    await Promise.race([work(() => out), ending.then((code) => Promise.reject(new Error(`ended ${code}: ${err}`)))]);
    stop.abort();
    return { code: await ending, out, err };
  }

  test('prints each event once, and on Ctrl-C the whole command to go on with', async () => {
    const from = await positionNow();
    const events = [await next('cli', 'acme'), await next('cli', 'acme'), await next('cli', 'globex')];
    await append(events.slice(0, 1));
    const last = events[1]!.attributes;
    const { code, out, err } = await follow(['--from', from], async (printed) => {
      await until(() => printed().includes('KEY_CREATED'), 'the first event');
      await append(events.slice(1));
      await until(() => printed().includes('KEY_DISABLED'), 'the second event');
    });
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines.map(([time, type, subject, by]) => [time, type, subject, by])).toEqual([
      [events[0]!.attributes.time, 'KEY_CREATED', last.subject, 'user:ada'],
      [last.time, 'KEY_DISABLED', last.subject, 'user:ada'],
    ]);
    const position = /--from (p1_\S+)/.exec(err)?.[1] ?? '';
    expect(err).toContain(`go on with: keyfold events follow --workspace acme --from ${position}\n`);
    const more = await next('cli', 'acme');
    await append([more]);
    const again = await follow(
      ['--from', position, '--json', '--types', 'key_enabled,key_deleted'],
      async (printed) => {
        await until(() => printed().includes(more.attributes.id), 'the third event');
      },
    );
    const told = again.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; position: string });
    expect(told.map(({ id }) => id)).toEqual([more.attributes.id]);
    expect(told[0]!.position).toMatch(/^p1_/);
    expect(again.err).toMatch(
      /^go on with: keyfold events follow --workspace acme --from p1_\S+ --types KEY_ENABLED,KEY_DELETED --json$/m,
    );
  });

  test('says what another try would not change, and ends with 1 or 2', async () => {
    const env = { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: api.token };
    const ended = async (...args: string[]) => {
      const stderr = new PassThrough();
      const io = { env, stdin: Readable.from([]), stdout: new PassThrough(), stderr };
      const code = await run(['events', 'follow', ...args], { io, serve: () => Promise.reject(new Error('')) });
      return `${code} ${String(stderr.read())}`;
    };
    expect(await ended('--workspace', 'globex')).toMatch(/^1 NOT_FOUND: there is no such workspace/);
    expect(await ended('--workspace', 'globex', '--from', await positionNow())).toMatch(/^1 FORBIDDEN: /);
    expect(await ended('--workspace', 'acme', '--from', 'p1_77-0')).toMatch(/^[12] BAD_USER_INPUT: /);
    expect(await ended('--workspace', 'acme', '--types', 'NOTHING')).toMatch(/^2 /);
  });
});

test('a restart completes the stream, and it goes on where it was', async () => {
  const after = await positionNow();
  const messages = messagesOf(
    await subscribe({ url: api.url, token: api.token, variables: { workspaceId: 'acme', after } }),
  );
  await append([await next('restart', 'acme')]);
  let last: string | null = null;
  for (let message = await messages.next(); !message.done; message = await messages.next()) {
    if (message.value.event !== 'next') continue;
    last = message.value.id;
    break;
  }
  const restarting = system.restart();
  const rest: string[] = [];
  for await (const { event } of messages) rest.push(event);
  expect(rest.filter((event) => event !== 'message')).toEqual(['complete']);
  system = await restarting;
  author = createAuthor({ dataKeys: system.core.dataKeys, seed: 2 });
  api = await system.api();
  const event = await next('after the restart', 'acme');
  await append([event]);
  const again = messagesOf(await subscribe({ url: api.url, token: api.token, headers: { 'last-event-id': last! } }));
  for await (const message of again) {
    if (message.event !== 'next') continue;
    expect(nextOf(message).data?.keyEvents.id).toBe(event.attributes.id);
    break;
  }
});
