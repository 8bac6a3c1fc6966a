// Processes on embedded storage that are killed, asked to stop, or started twice: what was acknowledged is there, once.
import { randomUUID } from 'node:crypto';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { decodeRecordPosition, encodeRecordPosition } from '../../events/position.ts';
import { readRecord } from '../../events/quarantine.ts';
import { readToEnd } from '../contracts/event-log.ts';
import { seededRandom } from '../fakes/author.ts';
import { globalId, isUndecided, MUTATIONS, type Api, type MutationName, type Result } from '../support/api.ts';
import { expectFoldOfLog } from '../support/contents.ts';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { createKey } from '../support/keys.ts';
import { WORKSPACE } from '../support/system.ts';

const KILLS = 100;
/** Two folders are killed over and over side by side: while one starts, the other works. */
const FOLDERS = 2;
const CLIENTS = 8;
/** Ten times the figure that a start is measured by. */
const READY_MS = 30_000;
const STOP_MS = 100_000;

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

const folders: EmbeddedFolder[] = [];
async function newFolder(): Promise<EmbeddedFolder> {
  const folder = await makeFolder();
  folders.push(folder);
  return folder;
}
const running: RunningFolder['process'][] = [];
async function started(folder: EmbeddedFolder): Promise<RunningFolder> {
  const found = await folder.start();
  running.push(found.process);
  return found;
}
afterEach(async () => {
  for (const each of running.splice(0)) await each.kill();
});
afterAll(async () => {
  for (const folder of folders) await folder.remove();
});

/** A command that was sent, and what is known of it. */
interface Command {
  readonly name: MutationName;
  readonly input: Readonly<Record<string, unknown>> & { readonly commandId: string };
  /** Of its event, once it was acknowledged. */
  position: string | null;
}

describe('a process that is killed with -9', () => {
  test(
    `${KILLS} times at any moment: nothing acknowledged is lost, nothing is there twice, the rest is whole or absent`,
    { timeout: 1_800_000 },
    async () => {
      console.log(`SEED=${seed}`);
      const all = await Promise.all(
        Array.from({ length: FOLDERS }, async (_, n) =>
          killOverAndOver(await newFolder(), KILLS / FOLDERS, seededRandom(seed + n)),
        ),
      );
      const acknowledged = all.reduce((sum, { commands }) => sum + commands.length, 0);
      const unanswered = all.reduce((sum, each) => sum + each.unanswered, 0);
      console.log(`${acknowledged} acknowledged, ${unanswered} without an answer when the process was killed`);
      expect(acknowledged).toBeGreaterThan(KILLS);
      expect(unanswered).toBeGreaterThan(0);
    },
  );
});

async function killOverAndOver(folder: EmbeddedFolder, kills: number, random: () => number) {
  const commands: Command[] = [];
  const keys: string[] = [];
  let open: Command[] = [];
  let unanswered = 0;
  for (let kill = 0; kill < kills; kill++) {
    const now = await startAndSettle(folder, open, commands.slice(-CLIENTS));
    commands.push(...open);
    const lifetime = 5 + random() * 245;
    const clients = Array.from({ length: CLIENTS }, () => sendUntilItIsGone(now.api, keys, random));
    await after(lifetime); // what this test is about: any moment
    await now.process.kill();
    const sent = (await Promise.all(clients)).flat();
    open = sent.filter(({ position }) => position === null);
    unanswered += open.length;
    commands.push(...sent.filter(({ position }) => position !== null));
  }
  const last = await startAndSettle(folder, open, commands.slice(-CLIENTS));
  commands.push(...open);
  expect(await last.process.stop()).toEqual({ code: 0, signal: null });
  await expectAllOf(folder, commands);
  return { commands, unanswered };
}

/** Starts the folder, and sends again what is open: it must be decided now. `known` must not be carried out again. */
async function startAndSettle(
  folder: EmbeddedFolder,
  open: readonly Command[],
  known: readonly Command[],
): Promise<RunningFolder> {
  const since = performance.now();
  const now = await started(folder);
  expect(performance.now() - since).toBeLessThan(READY_MS);
  const settle = async (command: Command): Promise<void> => {
    const result = await now.api.settle(command.name, command.input);
    expect(result.__typename).toMatch(/Payload$|^SecretAlreadyRevealed$/);
    if (command.position !== null) expect(result.position).toBe(command.position);
    command.position = result.position ?? null;
  };
  for (const command of open) await settle(command); // one by one: all at once they could lose against each other
  await Promise.all(known.map(settle));
  return now;
}

/** One client: a create, then changes of keys of all clients, until nobody answers any more. */
async function sendUntilItIsGone(api: Api, keys: string[], random: () => number): Promise<Command[]> {
  const sent: Command[] = [];
  for (;;) {
    const command: Command = { ...next(keys, random), position: null };
    sent.push(command);
    let result: Result;
    try {
      result = await api.mutate(command.name, command.input);
    } catch {
      return sent;
    }
    if (result.__typename.endsWith('Payload')) {
      command.position = result.position ?? null;
      if (command.name === 'createKey' && result.key) keys.push(result.key.keyId);
    } else if (isUndecided(result)) return sent;
    else sent.pop(); // refused, as it lost against the other clients: nothing was done
  }
}

function next(keys: readonly string[], random: () => number): Pick<Command, 'name' | 'input'> {
  const commandId = randomUUID();
  const keyId = keys[Math.floor(random() * keys.length)];
  const choice = random();
  if (keyId === undefined || choice < 0.3)
    return { name: 'createKey', input: { commandId, workspaceId: WORKSPACE, keyspace: 'default', name: commandId } };
  if (choice < 0.6) return { name: 'changeScopes', input: { commandId, id: globalId(keyId), scopes: [commandId] } };
  if (choice < 0.8) return { name: 'disableKey', input: { commandId, id: globalId(keyId), note: commandId } };
  return { name: 'regenerateKey', input: { commandId, id: globalId(keyId) } };
}

/** Looks into the folder itself: log and read models agree, and hold each command exactly once, where it was said to be. */
async function expectAllOf(folder: EmbeddedFolder, commands: readonly Command[]): Promise<void> {
  await folder.inside(async (sources) => {
    const { history, broken } = await expectFoldOfLog(sources); // every chain is whole, or its records would be broken
    expect(broken).toEqual([]);
    const accepted = new Map<string, string>();
    for (const record of await readToEnd(sources.log)) {
      const read = readRecord(record);
      if (read.kind === 'unreadable') throw new Error(`half a record: ${read.reason}`);
      if (read.kind === 'fact') continue;
      const { id, hash, commandid } = read.event.attributes;
      const position = encodeRecordPosition(record);
      if (!history[id]?.startsWith(`${hash} ${position} `)) continue; // a copy, or a writer that lost
      expect(accepted.has(commandid), `${commandid} is there twice`).toBe(false);
      accepted.set(commandid, position);
    }
    for (const { name, input, position } of commands) {
      const { partition, offset } = decodeRecordPosition(position ?? '')!;
      expect(accepted.get(input.commandId), `${name} ${input.commandId}`).toBe(
        encodeRecordPosition({ partition, offset: offset - 1 }), // a position is that of the record behind
      );
    }
  });
}

describe('a process that is asked to stop', () => {
  test(
    'answers 200 requests that are in flight, takes no new ones, and ends with 0',
    { timeout: 300_000 },
    async () => {
      const folder = await newFolder();
      const { process: server, api } = await started(folder);
      const requests = await Promise.all(Array.from({ length: 200 }, (_, n) => requestInFlight(api, createInput(n))));
      const since = performance.now();
      server.signal('SIGTERM');
      server.signal('SIGTERM'); // npm passes Ctrl-C on twice
      await server.printed(/"stopping"/);
      await expect(fetch(`${api.url}/healthz`)).rejects.toThrow();
      const answers = await Promise.all(requests.map((each) => each.finish()));
      expect(await server.exited).toEqual({ code: 0, signal: null });
      expect(performance.now() - since).toBeLessThan(STOP_MS);
      expect(server.stderr()).toContain('"outcome":"drained"');

      const again = await started(folder);
      for (const { status, result } of answers) {
        expect(status).toBe(200);
        expect(result?.__typename).toBe('CreateKeyPayload');
        expect(await again.verifier.verify(result!.secret!)).toMatchObject({ code: 'VALID' });
      }
    },
  );

  test('ends at once, with 1, when it is asked again a second later', { timeout: 300_000 }, async () => {
    const { process: server, api } = await started(await newFolder());
    const held = await requestInFlight(api, createInput(0));
    const since = performance.now();
    const impatient = setInterval(() => server.signal('SIGTERM'), 100);
    const exit = await server.exited.finally(() => clearInterval(impatient));
    expect(exit).toEqual({ code: 1, signal: null });
    expect(performance.now() - since).toBeGreaterThanOrEqual(1000);
    await expect(held.finish()).rejects.toThrow();
  });
});

const createInput = (n: number) => ({ workspaceId: WORKSPACE, keyspace: 'default', name: `In flight ${n}` });

/** A mutation of which the server has read everything but the body. */
async function requestInFlight(
  { url, token }: Api,
  input: object,
): Promise<{ finish(): Promise<{ status: number; result: Result | undefined }> }> {
  const body = JSON.stringify({ query: MUTATIONS.createKey, variables: { input } });
  const sending: ClientRequest = httpRequest(`${url}/graphql`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve).once('error', reject);
  });
  answered.catch(() => undefined);
  const heard = new Promise<void>((resolve) => sending.once('continue', resolve));
  sending.flushHeaders();
  await Promise.race([heard, answered]);
  return {
    async finish() {
      sending.end(body);
      const response = await answered;
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
      const { data } = JSON.parse(text) as { data?: { result: Result } };
      return { status: response.statusCode ?? 0, result: data?.result };
    },
  };
}

describe('one folder', () => {
  test(
    'belongs to one process: a second one says so and ends with 1, and the first goes on',
    { timeout: 300_000 },
    async () => {
      const folder = await newFolder();
      const first = await started(folder);
      const { secret, position } = await createKey(first.api);
      const second = folder.launch();
      expect(await second.exited).toEqual({ code: 1, signal: null });
      expect(second.stderr()).toContain(`The folder ${folder.path} is in use by another process.`);
      expect(second.stdout()).toBe('');
      expect(await first.verifier.verify(secret, { atLeast: position })).toMatchObject({ code: 'VALID' });
      await createKey(first.api);
    },
  );
});
