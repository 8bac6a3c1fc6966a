// What a verifier holds: bytes a key, pauses while its table fills, and the whole check on it, with a million keys of many
// workspaces, owners and policies. A process of its own, as a verifier is: prints its rows as JSON.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keyIdFor } from '../events/ids.ts';
import { NO_KEYSPACES } from '../events/keyspaces/state.ts';
import type { KeyState } from '../events/key/state.ts';
import { generateSecret, hashSecret } from '../events/secret.ts';
import { NO_QUARANTINE } from '../events/quarantine.ts';
import { answerBody } from '../services/verifier/answer.ts';
import { createKeyTable, type KeyTable } from '../services/verifier/key-table.ts';
import { verify } from '../services/verifier/verify.ts';
import { createLogger } from '../services/shared/logger.ts';
import { inOnePiece } from '../services/verifier/one-piece.ts';
import { createSnapshots } from '../services/verifier/snapshots.ts';
import { createView, type View } from '../services/verifier/view.ts';
import { besideHmac, costOf } from './floor.ts';
import { median, round, type Row } from './report.ts';

const KEYS = 1_000_000;
const SHOWN = 20_000;
const AT_ONCE = 1000;
const CALLS = 100_000;
const ROUNDS = 7;
const PEPPER = { id: 'bench', key: randomBytes(32) };
const SCOPES = ['orders:read', 'orders:write', 'users:read', 'users:write'];
const TIME = '2026-01-01T00:00:00.000Z';

function newState(i: number, shown: string[]): KeyState {
  const secret = shown.length < SHOWN ? generateSecret('kf', randomBytes) : null;
  if (secret) shown.push(inOnePiece(secret.reveal()));
  const hash = secret
    ? hashSecret(secret, PEPPER)
    : ({ scheme: 'hmac-sha256', pepperId: PEPPER.id, hash: randomBytes(32).toString('base64url') } as const);
  return {
    keyId: keyIdFor('bench', `c${i}`),
    workspaceId: `workspace-${i % 5000}`,
    version: 1 + (i % 5),
    head: createHash('sha256').update(`head ${i}`).digest('hex'),
    time: TIME,
    keyspace: 'default',
    keyspaceVersion: 1,
    status: 'ACTIVE',
    type: 'secret',
    environment: i % 3 === 0 ? null : 'live',
    scopes: SCOPES.slice(0, 1 + (i % SCOPES.length)),
    unrestricted: false,
    resources: { all: i % 7 !== 0, ids: [] },
    flags: [],
    origins: [],
    ipRanges: i % 11 === 0 ? ['10.0.0.0/8'] : [],
    rateLimit: { limit: 60 * (1 + (i % 10)), windowSeconds: 60 },
    expiresAt: i % 2 === 0 ? null : '2099-01-01T00:00:00.000Z',
    preview: 'kf_…abcd',
    ownerId: `owner-${i % 25_000}`,
    predecessor: null,
    createdAt: TIME,
    createdBy: { kind: 'user', id: 'bench' },
    lastRotatedAt: null,
    revocation: null,
    secret: hash,
    previousSecret: null,
    dataKeyNumber: 1,
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function heapUsed(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Fills a table as a start does, a page at a time; the longest garbage collection meanwhile, in milliseconds. */
async function fillTable(keys: KeyTable, shown: string[]): Promise<number> {
  const pauses: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.push(duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let made = 0; made < KEYS; made += AT_ONCE) {
    const page = Array.from({ length: AT_ONCE }, (_, i) => newState(made + i, shown));
    for (const state of page) keys.put(state);
    await new Promise(setImmediate);
  }
  observer.disconnect();
  return Math.max(...pauses);
}

/** Seconds from nothing to the first verdict, and the longest turn of the event loop while the file is written, in milliseconds. */
async function snapshotTimes(view: View, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-bench-'));
  const log = { partitions: 1, end: () => Promise.resolve({}), read: () => nothing() };
  const store = { checks: { all: () => Promise.resolve(new Map()) }, parked: { among: () => Promise.resolve([]) } };
  const logger = createLogger({ level: 'error' });
  const options = { log, store, peppers: [PEPPER], maxKeys: KEYS, logger, file: join(folder, 'verifier.snapshot') };
  const turns = monitorEventLoopDelay({ resolution: 1 });
  turns.enable();
  await createSnapshots(options).close(view);
  turns.disable();
  const starts: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now();
    const read = await createSnapshots(options).read(new AbortController().signal);
    if (read === null || verify({ key: text, ip: '10.0.0.1' }, read, Date.now()).code !== 'VALID')
      throw new Error('not ready');
    starts.push((performance.now() - start) / 1000);
  }
  await rm(folder, { recursive: true });
  return { starts, stall: turns.max / 1e6 };
}

// eslint-disable-next-line @typescript-eslint/require-await -- nothing is tailed
async function* nothing(): AsyncGenerator<never> {
  yield* [];
}

async function heldKeys(): Promise<readonly Row[]> {
  const shown: string[] = [];
  const keys = createKeyTable();
  const before = heapUsed();
  const pause = await fillTable(keys, shown);
  const interned = heapUsed() - before;
  const view = createView({ position: {}, keys, keyspaces: NO_KEYSPACES, quarantine: NO_QUARANTINE }, [PEPPER]);
  const now = Date.now();
  const scopes = ['orders:read'];
  const check = (i: number): boolean => {
    const verdict = verify({ key: shown[i % SHOWN] ?? '', scopes, ip: '10.0.0.1' }, view, now);
    return answerBody(verdict, { asOf: TIME, requestId: 'bench' }).startsWith('{"valid":true');
  };
  const costOfCheck = (): number => {
    let right = 0;
    const cost = costOf(CALLS, (i) => (right += Number(check(i))));
    if (right !== CALLS) throw new Error(`${CALLS - right} answers were not VALID`);
    return cost;
  };
  const checked = besideHmac(`verify in process to the answer, ${KEYS} keys`, 2, costOfCheck);
  const { starts, stall } = await snapshotTimes(view, shown[0] ?? '');
  const absolute = (what: string, measured: string, target: string, figures = ''): Row => ({
    ...{ what: `${what}, ${KEYS} keys`, measured, ratio: null, target, rounds: figures },
  });
  return [
    absolute(
      'hot data a key',
      `${round((keys.bytes + interned) / KEYS, 0)} bytes`,
      '≤ 150 bytes',
      `${keys.bytes} in arrays, ${interned} shared`,
    ),
    absolute(
      'verifier ready from its snapshot',
      `${round(median(starts))} s`,
      '< 1 s',
      starts.map((each) => round(each)).join(' '),
    ),
    absolute('longest pause while it is written', `${round(stall, 1)} ms`, '≤ 10 ms'),
    absolute('longest GC pause while loading', `${round(pause, 1)} ms`, '≤ 20 ms'),
    checked,
  ];
}

console.log(JSON.stringify(await heldKeys()));
