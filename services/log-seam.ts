// The seam between log and read models: the last record that the read models have read of a partition is one that they
// know. A log that was put back from elsewhere, or was begun anew and has grown past the checkpoint, shows there. // T
import { z } from 'zod';
import { sha256 } from '../events/canonical.ts';
import { claimedFact, encodeFact } from '../events/fact-record.ts';
import { LogUnavailableError, PositionOutOfRangeError, type EventLog, type LogRecord } from '../events/log.ts';
import type { Position, RecordPosition } from '../events/position.ts';
import type { ReadStore } from '../projections/read-store.ts';

/** Where the read models end, and the log. */
export interface Seam {
  readonly checkpoint: Position;
  readonly end: Position;
  /** Whether records may have been parked that nobody remembers: they are passed over. */
  readonly parkedLost: boolean;
}

interface Backends {
  readonly log: EventLog;
  readonly store: ReadStore;
}

/** Offsets before a checkpoint that are looked at, and how many times more when they hold no record (Kafka's markers). */
const FIRST_LOOK = 1;
const WIDER = 16;
const READ_MS = 10_000;

/**
 * Where a record lies, just before a checkpoint, that the read models do not know, or ought to lie; `null` if there is none.
 *
 * @throws {@link LogUnavailableError} the log does not hand its records out.
 */
export async function unknownRecord({ log, store }: Backends, seam: Seam): Promise<RecordPosition | null> {
  const ends = Object.entries(seam.checkpoint).filter(([, offset]) => offset > 0);
  let open = new Map(ends.map(([partition, offset]) => [Number(partition), offset]));
  for (let depth = FIRST_LOOK; open.size > 0; depth *= WIDER) {
    const found = await lastRecords(log, seam.end, open, depth);
    for (const [partition, before] of open) {
      const standing = await standingOf(store, found.get(partition) ?? [], seam.parkedLost);
      if (typeof standing === 'object') return standing;
      if (standing === 'known') open = without(open, partition);
      else if (before <= depth) return { partition, offset: before - 1 };
    }
  }
  return null;
}

/**
 * Where a record is parked that the log does not hold; `null` if there is none. Whatever was appended there later, every
 * fold would pass over it.
 *
 * @param end asked for before.
 */
export async function parkedBeyond({ log, store }: Backends, end: Position): Promise<RecordPosition | null> {
  for (const [partition, from] of Object.entries(end)) {
    const to = Number.MAX_SAFE_INTEGER;
    const rows = await store.parked.among({ partition: Number(partition), from, to, digests: [] });
    if (rows.length === 0) continue;
    // What came and was parked since is in the log now.
    const now = await log.end();
    const beyond = rows.find(({ position }) => position.offset >= (now[position.partition] ?? 0));
    if (beyond) return beyond.position;
  }
  return null;
}

const without = (open: ReadonlyMap<number, number>, partition: number) =>
  new Map([...open].filter(([other]) => other !== partition));

/** Of records that end at a checkpoint; `open`: none of them tells for certain. Else the one that is not known. */
async function standingOf(
  store: ReadStore,
  records: readonly LogRecord[],
  parkedLost: boolean,
): Promise<'known' | 'open' | RecordPosition> {
  for (const record of records.toReversed()) {
    const { partition, offset } = record;
    switch (await recall(store, record)) {
      case 'known':
        return 'known';
      case 'ignored':
        break;
      case 'unknown':
        if (!parkedLost) return { partition, offset };
    }
  }
  return 'open';
}

/** The records of each partition in the `depth` offsets before `open`. */
async function lastRecords(
  log: EventLog,
  end: Position,
  open: ReadonlyMap<number, number>,
  depth: number,
): Promise<ReadonlyMap<number, readonly LogRecord[]>> {
  const starts = [...open].map(([partition, before]) => [partition, Math.max(0, before - depth)] as const);
  const from = { ...end, ...Object.fromEntries(starts) };
  const found = new Map<number, LogRecord[]>();
  const left = new Map(open);
  try {
    const signal = AbortSignal.timeout(READ_MS);
    for await (const { partition, records, next } of log.read({ from: () => from, signal })) {
      const before = left.get(partition);
      if (before === undefined) continue;
      const own = records.filter(({ offset }) => offset < before);
      found.set(partition, [...(found.get(partition) ?? []), ...own]);
      if (next >= before) left.delete(partition);
      if (left.size === 0) return found;
    }
  } catch (error) {
    // Deleted in front of the checkpoint: nothing there to know it by.
    if (error instanceof PositionOutOfRangeError) return found;
    throw error;
  }
  throw new LogUnavailableError('the log does not hand out what the read models have read last');
}

/**
 * What the read models know of a record that they have read: each was applied or parked, and lies where they say, or was
 * ignored (F1). An ignored one has left no trace but the other that had extended its head before: that is no proof.
 */
async function recall(
  store: ReadStore,
  { partition, offset, value }: LogRecord,
): Promise<'known' | 'ignored' | 'unknown'> {
  const parked = await store.parked.at({ partition, offset });
  if (parked?.digest === sha256(value)) return 'known';
  const json = parseJson(value);
  if (claimedFact(json) !== null) return recallFact(store, { partition, offset, value }, json);
  const written = name.safeParse(json);
  if (!written.success) return 'unknown';
  const { subject, version, hash } = written.data;
  const accepted = await store.read((view) => view.historyAt(subject, version));
  if (accepted?.position.partition !== partition || accepted.position.offset > offset) return 'unknown';
  if (accepted.position.offset < offset) return 'ignored';
  return accepted.attributes.hash === hash ? 'known' : 'unknown';
}

/** E6: the first record of an id is kept, with its place; later ones have left no trace. */
async function recallFact(
  store: ReadStore,
  { partition, offset, value }: Pick<LogRecord, 'partition' | 'offset' | 'value'>,
  json: unknown,
): Promise<'known' | 'ignored' | 'unknown'> {
  const read = factName.safeParse(json);
  if (!read.success) return 'unknown';
  const { id } = read.data;
  const first = (await store.read((view) => view.facts([id]))).get(id);
  if (first?.position.partition !== partition || first.position.offset > offset) return 'unknown';
  if (first.position.offset < offset) return 'ignored';
  return sha256(encodeFact(first).value) === sha256(value) ? 'known' : 'unknown';
}

const factName = z.object({ id: z.string() });

/** What an event is known by; no more, as a build that is older than the read models may not be able to read the rest. */
const name = z.object({ subject: z.string(), version: z.int(), hash: z.string() });

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
