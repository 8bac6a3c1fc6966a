// Quarantine: which records are parked, whom they shut out, and what lets them back in (F1). Pure; projector and
// verifier follow it alike. A position that was parked is never folded again: a retry is a copy of it, further on.
import type { AnyEvent, KeyEvent, KeyspaceEvent } from './catalogue.ts';
import { sha256 } from './canonical.ts';
import { eventKind, type Verdict } from './fold.ts';
import { isAggregateId, type AggregateId } from './ids.ts';
import type { RecordedFact } from './key/facts.ts';
import type { LogRecord } from './log.ts';
import { decodeRecord, type Decoded } from './record.ts';
import { decodeRecordPosition, encodeRecordPosition, type RecordPosition } from './position.ts';

/** One parked record. */
export interface QuarantineEntry {
  readonly position: RecordPosition;
  /** SHA-256 of the record's bytes: copies are recognised by it. */
  readonly digest: string;
  /**
   * Who is shut out; `null` if the record's key is no aggregate's id, or if it lies in another partition than that
   * aggregate's: when it would begin to shut it out, and for whom, would depend on which partition a reader is further in.
   * `null` also for a fact that is none of its key (E6).
   */
  readonly aggregateId: AggregateId | null;
}

export interface Quarantine {
  /** By position token. */
  readonly open: ReadonlyMap<string, QuarantineEntry>;
  /** Tokens of positions that are settled: discarded ones, seen or not yet, retried ones, and copies of open ones. */
  readonly closed: ReadonlySet<string>;
}

/** How an entry is lifted. */
export interface Lifted {
  readonly position: RecordPosition;
  readonly status: 'DISCARDED' | 'RETRIED';
}

/** What one record did to the quarantine. */
export interface Change {
  readonly quarantine: Quarantine;
  /** `copyOf`: the same bytes are parked already; this position is settled and shuts nobody out a second time. */
  readonly parked: { readonly entry: QuarantineEntry; readonly copyOf: RecordPosition | null } | null;
  readonly lifted: readonly Lifted[];
}

export const NO_QUARANTINE: Quarantine = { open: new Map(), closed: new Set() };

/**
 * What a fold needs of a record: the event with its kind of aggregate, or why it cannot be folded at all. A fact is passed
 * over by every fold (E6); one that cannot be read is parked like anything else, as nobody knows what it was.
 */
export type Readable =
  | { readonly kind: 'key'; readonly event: KeyEvent }
  | { readonly kind: 'keyspaces'; readonly event: KeyspaceEvent }
  | { readonly kind: 'fact'; readonly fact: RecordedFact }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What was read of a record, as long as it is in memory: projector and verifier of one process are given the same ones. */
const known = new WeakMap<object, Readable>();

/** Reads a record for a fold. Total: whatever the bytes are, the answer is a value. */
export function readRecord(record: Pick<LogRecord, 'key' | 'value' | 'misplaced'>): Readable {
  // F1: whichever partition a reader is further in, it says the same.
  if (record.misplaced) return { kind: 'unreadable', reason: "not in its key's partition" };
  let read = known.get(record);
  if (!read) known.set(record, (read = decode(record)));
  return read;
}

function decode(record: Pick<LogRecord, 'key' | 'value'>): Readable {
  try {
    return readable(decodeRecord(record));
  } catch (error) {
    // Bytes that make a decoder itself give up: too deep for the stack, text that JSON cannot say.
    return { kind: 'unreadable', reason: `cannot be decoded: ${error instanceof Error ? error.name : 'unknown'}` };
  }
}

function readable(decoded: Decoded): Readable {
  if (!decoded.ok) return { kind: 'unreadable', reason: decoded.reason };
  if (decoded.fact) return { kind: 'fact', fact: decoded.fact };
  const { event } = decoded;
  if (!isAggregateId(event.attributes.subject))
    return { kind: 'unreadable', reason: 'subject is not the id of an aggregate' };
  return (
    eventKind(event) ?? { kind: 'unreadable', reason: `${event.type} does not belong to ${event.attributes.subject}` }
  );
}

/** Whether the record at a position was parked once, or discarded: folds pass over it. */
export function isSettled(quarantine: Quarantine, position: RecordPosition): boolean {
  if (quarantine.open.size === 0 && quarantine.closed.size === 0) return false;
  const token = encodeRecordPosition(position);
  return quarantine.open.has(token) || quarantine.closed.has(token);
}

/** The aggregates that are shut out. */
export function quarantined(quarantine: Quarantine): ReadonlySet<AggregateId> {
  return new Set([...quarantine.open.values()].flatMap(({ aggregateId }) => aggregateId ?? []));
}

/** Adds an entry as it is: what a reader starts with that loads the parked records. */
export function withEntry(quarantine: Quarantine, entry: QuarantineEntry): Quarantine {
  return { ...quarantine, open: new Map(quarantine.open).set(encodeRecordPosition(entry.position), entry) };
}

/** Adds a settled position as it is. */
export function withClosed(quarantine: Quarantine, position: RecordPosition): Quarantine {
  const token = encodeRecordPosition(position);
  const open = new Map(quarantine.open);
  open.delete(token);
  return { open, closed: new Set(quarantine.closed).add(token) };
}

const entryOf = (record: LogRecord, digest: string): QuarantineEntry => ({
  position: { partition: record.partition, offset: record.offset },
  digest,
  aggregateId: belongsTo(record),
});

/** Everything about one aggregate is in one partition: what lies elsewhere is not about it, whatever its key says. */
const belongsTo = ({ key, misplaced }: LogRecord): AggregateId | null =>
  key !== null && isAggregateId(key) && !misplaced ? key : null;

/** The same bytes for the same aggregate; under another key they are another's trouble and shut that one out. */
const isCopy = (a: QuarantineEntry, b: QuarantineEntry): boolean =>
  a.digest === b.digest && a.aggregateId === b.aggregateId && a.position.partition === b.position.partition;

/** Whether a record that folds settles an entry: it is a copy, or the entry shuts nobody out and its bytes lie where they belong now. */
const settles = (folded: QuarantineEntry, entry: QuarantineEntry): boolean =>
  isCopy(folded, entry) || (entry.aggregateId === null && folded.digest === entry.digest);

/**
 * What a record does to the quarantine once its fold is known; not to be asked for a settled position ({@link isSettled}).
 * `broken` stands for an unreadable record too; `groundless` for a fact that is none of its key (E6): it is parked and
 * shuts nobody out, as to a reader that folds states alone it is a fact like any other.
 */
export function quarantineAfter(
  before: Quarantine,
  record: LogRecord,
  verdict: Verdict<unknown>['kind'] | 'groundless',
  event: AnyEvent | null,
): Change {
  if (verdict === 'broken' || verdict === 'groundless') {
    const found = entryOf(record, sha256(record.value));
    const entry = verdict === 'broken' ? found : { ...found, aggregateId: null };
    const original = [...before.open.values()].find((other) => isCopy(entry, other));
    return original
      ? { quarantine: withClosed(before, entry.position), parked: { entry, copyOf: original.position }, lifted: [] }
      : { quarantine: withEntry(before, entry), parked: { entry, copyOf: null }, lifted: [] };
  }
  const lifted: Lifted[] = [];
  if (before.open.size > 0) {
    const folded = entryOf(record, sha256(record.value));
    for (const entry of before.open.values()) {
      if (settles(folded, entry)) lifted.push({ position: entry.position, status: 'RETRIED' });
    }
  }
  if (verdict === 'applied' && event?.type === 'RecordDiscarded') {
    const position = decodeRecordPosition(event.data.position);
    if (position) lifted.push({ position, status: 'DISCARDED' });
  }
  return {
    quarantine: lifted.reduce((after, { position }) => withClosed(after, position), before),
    parked: null,
    lifted,
  };
}
