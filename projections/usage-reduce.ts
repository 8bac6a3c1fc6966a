// Reducing usage: records of one partition of the usage log → what is to be written. Pure. A batch counts once, however
// often it was sent or is read; one that cannot be read is passed, and told of (P5, P6).
import { parseAddress } from '../events/addresses.ts';
import type { LogBatch } from '../events/log.ts';
import { readUsageBatch } from '../events/usage-format.ts';
import { loggedRequestId, type LoggedRequest, type UsageBatch, type UsageCount } from '../events/usage.ts';
import {
  addTallies,
  counterId,
  keyspaceScope,
  type CounterOf,
  type CounterStep,
  type CounterWrite,
  type RequestRow,
  type Tally,
  type UsageCheckpoint,
  type UsageWrites,
  type VerifierMark,
} from './usage.ts';

const DAY_MS = 86_400_000;
/** How long hours are kept: longer than any list of them that can be asked for. */
export const HOURS_KEPT_DAYS = 401;

export interface UsageLoaded {
  readonly checkpoint: UsageCheckpoint;
  /** How many days the checks of a keyspace's keys are kept in the request log. */
  readonly logDays: (keyspace: string) => number;
  /** Verifiers that were not seen for so long are forgotten: longer than the log keeps what they might have sent. */
  readonly forgetAfterMs: number;
  /** ISO time; no verifier was seen later, whatever its clock says. */
  readonly now: string;
}

export interface UsageReduction {
  readonly writes: UsageWrites;
  /** Batches that counted. */
  readonly folded: number;
  /** Batches that had been sent before. */
  readonly repeated: number;
  /** Records that are none. */
  readonly unreadable: readonly { readonly offset: number; readonly reason: string }[];
}

export const NOTHING_FOLDED: UsageCheckpoint = { offset: 0, verifiers: new Map() };

/** Requests that are made ready in one step. */
const ROWS_A_STEP = 100;

export function reduceUsage(loaded: UsageLoaded, batch: LogBatch): UsageReduction {
  const steps = reduceUsageInSteps(loaded, batch);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of a millisecond or so: a verifier under load records tens of thousands of calls a second. */
export function* reduceUsageInSteps(
  loaded: UsageLoaded,
  { partition, records, next }: LogBatch,
): Generator<undefined, UsageReduction, undefined> {
  const { checkpoint, logDays, forgetAfterMs, now } = loaded;
  const verifiers = new Map(checkpoint.verifiers);
  const counters = startCounting();
  const requests: RequestRow[] = [];
  /** In their normal form; reading one costs more than all else of a request. */
  const addresses = new Map<string, string>();
  const unreadable: { offset: number; reason: string }[] = [];
  let folded = 0;
  let repeated = 0;

  for (const record of records) {
    if (record.offset < checkpoint.offset) continue; // folded already
    const read = readUsageBatch(record.value);
    if ('reason' in read) {
      unreadable.push({ offset: record.offset, reason: read.reason });
      continue;
    }
    const { verifier, sequence } = read.batch;
    const before = verifiers.get(verifier);
    if (before && sequence <= before.sequence) {
      repeated += 1;
      continue;
    }
    folded += 1;
    verifiers.set(verifier, { sequence, seenAt: seenAt(read.batch, before, now) });
    for (const count of read.batch.counts) counters.add(record.offset, count);
    yield;
    for (const [index, request] of read.batch.requests.entries()) {
      const made = row(read.batch, request, index);
      if (made.expiresAt > now) requests.push(made);
      if (index % ROWS_A_STEP === ROWS_A_STEP - 1) yield;
    }
  }

  function normal(ip: string): string {
    let known = addresses.get(ip);
    if (known === undefined) addresses.set(ip, (known = parseAddress(ip)?.toString() ?? ip));
    return known;
  }

  function row(batch: UsageBatch, request: LoggedRequest, index: number): RequestRow {
    const expiresAt = later(request.time, logDays(request.keyspace) * DAY_MS);
    const ip = request.ip === null ? null : normal(request.ip);
    return { ...request, ip, id: loggedRequestId(batch, index), expiresAt };
  }

  forget(verifiers, forgetAfterMs);
  const offset = Math.max(checkpoint.offset, next);
  return {
    writes: {
      partition,
      from: checkpoint.offset,
      checkpoint: { offset, verifiers },
      counters: counters.writes(),
      requests,
    },
    folded,
    repeated,
    unreadable,
  };
}

/** Moves a checkpoint on to where the log begins now: what was before it is lost. */
export function skipLost(checkpoint: UsageCheckpoint, partition: number, low: number): UsageWrites {
  const { offset: from, verifiers } = checkpoint;
  return { partition, from, checkpoint: { offset: low, verifiers }, counters: [], requests: [] };
}

/** The time of a batch is that of its last check. */
function seenAt({ counts, requests }: UsageBatch, before: VerifierMark | undefined, now: string): string {
  const times = [...counts.map(({ lastAt }) => lastAt), ...requests.map(({ time }) => time)];
  const last = times.reduce((a, b) => (a > b ? a : b), before?.seenAt ?? '');
  return last === '' || last > now ? now : last;
}

/** Judged by what the log says alone, so that all who fold it forget the same ones. */
function forget(verifiers: Map<string, VerifierMark>, afterMs: number): void {
  const newest = [...verifiers.values()].reduce((a, { seenAt: b }) => (a > b ? a : b), '');
  if (newest === '') return;
  const bound = later(newest, -afterMs);
  for (const [id, mark] of verifiers) if (mark.seenAt < bound) verifiers.delete(id);
}

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

/** Adds up what each record adds to each counter. */
function startCounting() {
  const found = new Map<string, { of: CounterOf; steps: CounterStep[]; expiresAt: string | null }>();

  function addTo(of: CounterOf, offset: number, tally: Tally, expiresAt: string | null): void {
    const id = counterId(of);
    const counter = found.get(id) ?? { of, steps: [], expiresAt };
    found.set(id, counter);
    const last = counter.steps.at(-1);
    if (last?.offset === offset) counter.steps[counter.steps.length - 1] = { offset, ...addTallies(last, tally) };
    else counter.steps.push({ offset, ...tally });
  }

  return {
    add(offset: number, count: UsageCount): void {
      const { keyId, workspaceId, keyspace = '', keyVersion = 0, code, secret } = count;
      const hour = `${count.hour.slice(0, 13)}:00:00.000Z`;
      const { firstAt = count.lastAt, lastAt } = count;
      const used = code === 'VALID';
      const tally: Tally = {
        count: count.count,
        firstUsedAt: used ? firstAt : null,
        lastUsedAt: used ? lastAt : null,
        lastSeenAt: lastAt,
      };
      const ends = later(hour, HOURS_KEPT_DAYS * DAY_MS);
      addTo({ kind: 'TOTAL', scope: keyId }, offset, tally, null);
      addTo({ kind: 'SECRET', scope: keyId, keyVersion, secret }, offset, tally, null);
      for (const scope of [keyId, keyspaceScope(workspaceId, keyspace)])
        addTo({ kind: 'HOUR', scope, hour, code, secret }, offset, tally, ends);
    },
    writes: (): readonly CounterWrite[] => [...found.values()],
  };
}
