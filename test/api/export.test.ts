// Exports over HTTP, on an installation in memory: who may have how many at once, what becomes of slow readers, and of a store
// or a generation that goes away while one streams. Clocks of the stream are short here; nothing else waits for them.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkBundle } from '../../events/proof/check.ts';
import { linesOf } from '../../events/proof/lines.ts';
import { StoreUnavailableError, type ReadStore } from '../../projections/read-store.ts';
import type { Caller } from '../../schema/context.ts';
import { createCheckpointer, type CheckpointerOptions } from '../../services/api/checkpointer.ts';
import { createExportHttp, type ExportHttpOptions, type ExportReading } from '../../services/api/export-http.ts';
import type { Authentication } from '../../services/api/identity.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { encodeRecord } from '../../events/record.ts';
import { created, testDataKeys } from '../fakes/author.ts';
import type { MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, until } from '../fakes/running.ts';
import { RebuildProjectionsDocument } from '../generated/graphql.ts';
import { caller, createInstallation, OPERATOR, type Installation } from '../schema/installation.ts';
import { startFront, type Front } from './front-server.ts';

const person = (id: string, workspaces: Parameters<typeof caller>[0]) =>
  caller(workspaces, { actor: { kind: 'user', id } });
const PEOPLE = new Map<string, Caller>([
  ['aud', person('aud', { acme: 'auditor' })],
  ['ada', person('ada', { acme: 'admin', globex: 'admin' })],
  ['bob', person('bob', { acme: 'admin' })],
  ['vic', person('vic', { acme: 'viewer' })],
  ['eve', person('eve', { globex: 'admin' })],
  ['olga', OPERATOR],
]);

let on: Installation;
let front: Front;
/** The export's own handle on the store. */
let store: MemoryStore;
let lines: { readonly level: string; readonly msg: string; readonly err?: unknown }[];

async function serve(more: Partial<ExportHttpOptions> = {}): Promise<void> {
  store = on.memory.connect();
  lines = [];
  const key = { id: 'c1', key: Buffer.alloc(32, 1) };
  const checkpointer = createCheckpointer({
    ...{ store: on.memory, partitions: on.log.partitions, keys: [key], everyEvents: 1e6, intervalMs: 1e9 },
    ...{ now: on.now, logger: memoryLogger() as unknown as CheckpointerOptions['logger'] },
  });
  front = await startFront({
    operations: createExportHttp({
      ...{ store, checkpoints: store.checkpoints, checkpointer, dataKeys: testDataKeys(store) },
      ...{ partitions: on.log.partitions, clientAddress: () => '192.0.2.7', cors: () => undefined },
      identity: { authenticate: (rawHeaders) => Promise.resolve(authenticate(rawHeaders)) },
      logger: createLogger({
        level: 'debug',
        destination: { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
      }),
      ...more,
    }),
  });
}
function authenticate(rawHeaders: readonly string[]): Authentication {
  const at = rawHeaders.findIndex((name) => name.toLowerCase() === 'authorization');
  const found = PEOPLE.get((rawHeaders[at + 1] ?? '').slice('Bearer '.length));
  return found ? { ok: true, identity: found } : { ok: false, code: 'UNAUTHENTICATED' };
}

beforeEach(async () => {
  on = await createInstallation();
});
afterEach(async () => {
  await front.server.stop(5000);
  await on.stop();
});

const ask = (as: string, query: string, signal: AbortSignal | null = null) =>
  fetch(`${front.url}/v1/events/export?${query}`, {
    headers: { authorization: `Bearer ${as}`, 'x-keyfold-csrf': '1' },
    signal,
  });
const refused = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
  return [response.status, errors[0]?.extensions.code, errors[0]?.message];
};
const check = (text: string) => checkBundle({ lines: linesOf([Buffer.from(text)]) });
/** What comes of an answer until it ends or is cut. */
async function taken(response: Response): Promise<{ readonly text: string; readonly cut: boolean }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of Readable.fromWeb(response.body as WebStream)) chunks.push(chunk as Uint8Array);
    return { text: Buffer.concat(chunks).toString(), cut: false };
  } catch {
    return { text: Buffer.concat(chunks).toString(), cut: true };
  }
}
const logged = (message: string) => until(() => lines.some(({ msg }) => msg.startsWith(message)), message);

describe('how many run at once', () => {
  let readings: ExportReading[];
  let goOn: () => void;
  beforeEach(async () => {
    await on.plant(['a', 'b']);
    await on.plant(['c'], { workspaceId: 'globex' });
    readings = [];
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await serve({
      slots: { caller: 2, workspace: 4, process: 6 },
      recordRead: (reading) => {
        readings.push(reading);
        return held;
      },
    });
  });
  /** Resolves once it has its place; what it comes to is told later. */
  const start = async (as: string, query: string, signal: AbortSignal | null = null) => {
    const before = readings.length;
    const answered = ask(as, query, signal).then(taken);
    answered.catch(() => undefined);
    await until(() => readings.length > before, `an export of ${as}`);
    return { answered };
  };
  const status = async (as: string, query: string) => (await refused(await ask(as, query))).slice(0, 2);

  test('two of a caller, four of a workspace, so many in all: nobody keeps other workspaces from theirs', async () => {
    const running = [await start('aud', 'workspace=acme'), await start('aud', 'workspace=acme')];
    const third = await ask('aud', 'workspace=acme');
    expect(third.headers.get('retry-after')).toBe('5');
    expect(await refused(third)).toEqual([429, 'RATE_LIMITED', expect.stringContaining('This caller')]);
    running.push(await start('ada', 'workspace=acme'), await start('ada', 'workspace=acme'));
    const [fifth, code, message] = await refused(await ask('bob', 'workspace=acme'));
    expect([fifth, code]).toEqual([429, 'RATE_LIMITED']);
    expect(message).toContain('As many exports of this');
    expect(await status('ada', 'workspace=globex')).toEqual([429, 'RATE_LIMITED']);
    running.push(await start('eve', 'workspace=globex'), await start('olga', ''));
    expect(await status('olga', '')).toEqual([503, 'UNAVAILABLE']);
    goOn();
    for (const { answered } of running) expect(await check((await answered).text)).toMatchObject({ kind: 'intact' });
    const after = await ask('aud', 'workspace=acme');
    expect([after.status, await check(await after.text())]).toEqual([200, expect.objectContaining({ kind: 'intact' })]);
  });

  test('who may export nothing, or asks for it wrongly, takes no place', async () => {
    const wrong = [
      ...[['vic', 'workspace=acme', 403] as const, ['nobody', 'workspace=acme', 401] as const],
      ...[['aud', 'workspace=globex', 403] as const, ['aud', '', 403] as const],
      ...[
        ['aud', 'workspace=acme&workspace=globex', 400] as const,
        ['aud', 'workspace=acme&checkpoint=9', 400] as const,
      ],
    ];
    for (let round = 0; round < 3; round++)
      for (const [as, query, code] of wrong) expect((await status(as, query))[0]).toBe(code);
    expect(readings).toEqual([]);
    const running = [await start('aud', 'workspace=acme'), await start('aud', 'workspace=acme')];
    goOn();
    for (const { answered } of running) expect((await answered).cut).toBe(false);
  });

  test('who leaves gives the place back, and is a line for debugging, without a stack', async () => {
    const leaving = new AbortController();
    const { answered } = await start('aud', 'workspace=acme', leaving.signal);
    const other = await start('aud', 'workspace=acme');
    expect(await status('aud', 'workspace=acme')).toEqual([429, 'RATE_LIMITED']);
    const open = await connections();
    leaving.abort();
    await expect(answered).rejects.toThrow();
    await until(async () => (await connections()) < open, 'it has left');
    goOn();
    await logged('the reader of an export has left');
    expect((await other.answered).cut).toBe(false);
    expect((await ask('aud', 'workspace=acme')).status).toBe(200);
    expect(lines).toEqual([expect.objectContaining({ level: 'debug' })]);
    expect(JSON.stringify(lines)).not.toContain('stack');
  });
});

const connections = () =>
  new Promise<number>((resolve) => front.server.server.getConnections((_, count) => resolve(count)));

test('a parameter that is given twice is refused by name, but for checkpoint', async () => {
  await on.plant(['a']);
  await serve();
  for (const name of ['workspace', 'from', 'to']) {
    const answer = await refused(await ask('olga', `${name}=acme&${name}=acme`));
    expect(answer).toEqual([400, 'BAD_USER_INPUT', `${name} is given more than once: only checkpoint may be.`]);
  }
  expect((await ask('olga', '')).status).toBe(200); // signs the first
  const twice = await ask('olga', 'checkpoint=1&checkpoint=1');
  expect(await check(await twice.text())).toMatchObject({ kind: 'intact' });
});

test('a parameter that there is none of is refused: a slip of the pen exports no more than was meant', async () => {
  await on.plant(['a']);
  await serve();
  const answer = await refused(await ask('olga', 'workspce=acme'));
  expect(answer).toEqual([400, 'BAD_USER_INPUT', 'Only workspace, from, to, checkpoint may be asked for.']);
});

describe('a slow reader', () => {
  /** More than the sockets' buffers take, while `swollen`. */
  let swollen: boolean;
  const swelling: ExportHttpOptions['dataKeys'] = {
    openSealed: async (rows) => {
      const parts = await testDataKeys(store).openSealed(rows);
      return swollen ? parts.map((part) => part && { ...part, description: 'x'.repeat(3_000_000) }) : parts;
    },
  };
  beforeEach(async () => {
    swollen = true;
    await on.plant(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  });
  const openSlow = async (): Promise<Socket> => {
    const socket = connect(front.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    const headers = ['host: x', 'authorization: Bearer aud', 'x-keyfold-csrf: 1'].join('\r\n');
    socket.write(`GET /v1/events/export?workspace=acme HTTP/1.1\r\n${headers}\r\n\r\n`);
    return socket;
  };

  test('is cut, and gives its place back; what it has is no bundle', async () => {
    const patience = { spareMs: 100, leastBytesPerSecond: 1e9, totalMs: 60_000 };
    await serve({ dataKeys: swelling, patience, slots: { caller: 1, workspace: 1, process: 1 } });
    const socket = await openSlow();
    await logged('an export was cut');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined); // a reset, as it may come
    socket.resume();
    if (!socket.closed) await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).not.toContain('"checkpoint@1"');
    expect(lines).toEqual([expect.objectContaining({ level: 'info' })]);
    expect(JSON.stringify(lines)).not.toContain('stack');
    swollen = false;
    const next = await taken(await ask('aud', 'workspace=acme'));
    expect([next.cut, await check(next.text)]).toEqual([false, expect.objectContaining({ kind: 'intact' })]);
  });

  test('is cut after the time for all, though it takes enough', async () => {
    await serve({ dataKeys: swelling, patience: { spareMs: 60_000, leastBytesPerSecond: 1, totalMs: 100 } });
    const socket = await openSlow();
    await logged('an export was cut');
    socket.destroy();
  });
});

describe('while one streams', () => {
  const KEYS = 250;
  /** Calls the export's reads wait for: the n-th read that streams. */
  const before = (n: number, happens: () => Promise<void>): void => {
    let reads = 0;
    store.beforeCall = async (name) => {
      // The first two are about who may export.
      if (name === 'read' && ++reads === n + 2) await happens();
    };
  };
  beforeEach(async () => {
    const ids = Array.from({ length: KEYS }, (_, n) => `key ${n}`);
    for (const id of ids) await on.log.append([encodeRecord(await on.author.next(on.author.keyId(id), created(id)))]);
    await on.settle();
  });
  const rebuild = async (): Promise<void> => {
    const { live } = await on.memory.control();
    await on.run(RebuildProjectionsDocument, { input: {} }, OPERATOR);
    await until(async () => {
      const control = await on.memory.control();
      return control.live !== live && control.generations.find(({ id }) => id === live)?.status === 'dropped';
    }, 'the other generation is live');
  };

  /** From the n-th read on, until `mend` is called. */
  const goesAway = (n: number): (() => void) => {
    before(n, () => {
      store.beforeCall = (name) => {
        if (name === 'read') throw new StoreUnavailableError('away');
      };
      return Promise.reject(new StoreUnavailableError('away'));
    });
    return () => (store.beforeCall = () => undefined);
  };

  test.each([1, 2])('a store that goes away before there is a line (read %i) makes it UNAVAILABLE', async (n) => {
    await serve();
    const mend = goesAway(n);
    expect((await refused(await ask('aud', 'workspace=acme'))).slice(0, 2)).toEqual([503, 'UNAVAILABLE']);
    mend();
    expect(await check((await taken(await ask('aud', 'workspace=acme'))).text)).toMatchObject({ kind: 'intact' });
  });

  test.each([3, 4])('a store that goes away before read %i cuts it: there is no last line', async (n) => {
    await serve();
    const mend = goesAway(n);
    const response = await ask('aud', 'workspace=acme');
    expect(response.status).toBe(200);
    const { text, cut } = await taken(response);
    expect(cut).toBe(true);
    expect(text).not.toContain('"checkpoint@1"');
    expect(await check(text)).not.toMatchObject({ kind: 'intact' });
    await logged('an export broke off');
    mend();
    expect(await check((await taken(await ask('aud', 'workspace=acme'))).text)).toMatchObject({ kind: 'intact' });
  });

  test.each([1, 2, 3, 4])('a rebuild that switches before read %i changes nothing of it', async (n) => {
    await serve();
    let switched = false;
    before(n, async () => {
      await rebuild();
      switched = true;
    });
    const { text, cut } = await taken(await ask('aud', 'workspace=acme'));
    expect([switched, cut]).toEqual([true, false]);
    expect(await check(text)).toMatchObject({ kind: 'intact', summary: { keys: KEYS, events: KEYS } });
  });

  test.each([1, 2, 3, 4])('a rebuild in the midst of read %i gives an honest bundle or none', async (n) => {
    let reads = 0;
    const within: ReadStore['read'] = (work) =>
      store.read(async (view) => {
        if (++reads === n + 2) await rebuild();
        return work(view);
      });
    await serve({ store: { ...on.memory, read: within } });
    const { text, cut } = await taken(await ask('aud', 'workspace=acme'));
    expect(reads).toBeGreaterThanOrEqual(n + 2);
    if (cut) expect(await check(text)).not.toMatchObject({ kind: 'intact' });
    else expect(await check(text)).toMatchObject({ kind: 'intact', summary: { keys: KEYS, events: KEYS } });
  });
});
