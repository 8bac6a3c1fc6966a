// reduce: a batch of records and the rows that it touches → what to write, what to park, what to lift. No I/O: the same
// batch gives the same answer; what was applied before is ignored, so a redelivery writes nothing (P1).
import type { AnyEvent, KeyEvent, Personal } from '../events/catalogue.ts';
import { foldKey, foldKeyspaces } from '../events/fold.ts';
import type { RecordedFact } from '../events/key/facts.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { LogRecord } from '../events/log.ts';
import { encodeRecordPosition } from '../events/position.ts';
import { isSettled, quarantineAfter, type Lifted, type Quarantine, type Readable } from '../events/quarantine.ts';
import { givesExpiry, isFactOf, type Expiries } from './expiries.ts';
import { factRow } from './facts.ts';
import { historyRow } from './history.ts';
import { keyRow } from './keys.ts';
import { keptOf } from './parked.ts';
import type { Writes } from './read-store.ts';
import type { FactRow, HistoryRow, KeyRow, ParkedRow, SecretRow } from './rows.ts';
import { secretRow } from './secrets.ts';

/** A record and what {@link readRecord} made of it. */
export interface ReadRecord {
  readonly record: LogRecord;
  readonly read: Readable;
}

/** What a batch is folded onto. */
export interface Loaded {
  readonly keys: ReadonlyMap<string, KeyRow>;
  readonly keyspaces: KeyspacesState;
  readonly quarantine: Quarantine;
  /** Of the keys that facts of the batch speak of (E6), as far as stores have them. */
  readonly expiries: Expiries;
  /** Opened personal parts, where the keys table shows them. `null`: erased. */
  readonly personal: (event: KeyEvent) => Personal<KeyEvent['type']> | null;
  /** ISO time at which records are parked. */
  readonly now: string;
}

/** What a batch adds up to. `parked` and `lifted` are written before `writes` (P5). */
export interface Reduction {
  readonly writes: Writes;
  readonly parked: readonly ParkedRow[];
  readonly lifted: readonly Lifted[];
  /** Events that extended a head. */
  readonly applied: number;
}

type Outcome =
  | { readonly kind: 'applied'; readonly event: AnyEvent }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'fact'; readonly fact: RecordedFact }
  | { readonly kind: 'broken' | 'groundless'; readonly reason: string };

/** E6: what its key's events do not lead to is no fact, whoever wrote it. */
const GROUNDLESS: Outcome = { kind: 'groundless', reason: 'no event before it gives its key this expiry' };

/** A reduction under way: records are added in their order. */
export interface Reducing {
  add(records: readonly ReadRecord[]): void;
  /** What all that was added comes to. */
  result(): Reduction;
}

export function reduce(batch: readonly ReadRecord[], loaded: Loaded): Reduction {
  const reducing = startReducing(loaded);
  reducing.add(batch);
  return reducing.result();
}

export function startReducing(loaded: Loaded): Reducing {
  const keys = new Map<string, { readonly from: number; readonly row: KeyRow }>();
  let keyspaces = loaded.keyspaces;
  let { quarantine } = loaded;
  const history: HistoryRow[] = [];
  const secrets: SecretRow[] = [];
  const expiries = new Map<string, HistoryRow[]>();
  const facts = new Map<string, FactRow>();
  const parked: ParkedRow[] = [];
  const lifted: Lifted[] = [];

  /** F1, onto what the batch has made of the aggregate so far. */
  function fold(read: Readable, record: LogRecord): Outcome {
    switch (read.kind) {
      case 'unreadable':
        return { kind: 'broken', reason: read.reason };
      case 'fact': {
        const id = read.fact.attributes.subject;
        const events = [...(loaded.expiries.get(id) ?? []), ...(expiries.get(id) ?? [])];
        return isFactOf(events, read.fact, record) ? read : GROUNDLESS;
      }
      case 'keyspaces': {
        const verdict = foldKeyspaces(keyspaces, read.event);
        if (verdict.kind !== 'applied') return verdict;
        keyspaces = verdict.state;
        return { kind: 'applied', event: read.event };
      }
      case 'key': {
        const { event } = read;
        const id = event.attributes.subject;
        const before = keys.get(id)?.row ?? loaded.keys.get(id) ?? null;
        const verdict = foldKey(before?.state ?? null, event);
        if (verdict.kind !== 'applied') return verdict;
        const row = keyRow(before, event, verdict.state, loaded.personal(event));
        // Coalesced: however many events of a key a batch holds, its row is written once, from the version loaded.
        keys.set(id, { from: keys.get(id)?.from ?? before?.state.version ?? 0, row });
        return { kind: 'applied', event };
      }
    }
  }

  function add({ record, read }: ReadRecord): void {
    if (isSettled(quarantine, record)) return;
    const outcome = fold(read, record);
    if (outcome.kind === 'applied') {
      const row = historyRow(outcome.event, record);
      history.push(row);
      if (givesExpiry(row)) expiries.set(row.aggregateId, [...(expiries.get(row.aggregateId) ?? []), row]);
      const secret = secretRow(outcome.event);
      if (secret) secrets.push(secret);
    }
    // E6: the first record of an id counts.
    if (outcome.kind === 'fact' && !facts.has(outcome.fact.attributes.id))
      facts.set(outcome.fact.attributes.id, factRow(outcome.fact, record));
    const verdict = outcome.kind === 'fact' ? 'ignored' : outcome.kind;
    const change = quarantineAfter(quarantine, record, verdict, outcome.kind === 'applied' ? outcome.event : null);
    quarantine = change.quarantine;
    lifted.push(...change.lifted);
    if (change.parked && 'reason' in outcome) parked.push(parkedRow(record, change.parked, outcome.reason, loaded.now));
  }

  return {
    add: (records) => {
      for (const each of records) add(each);
    },
    result: () => ({
      writes: {
        history,
        secrets,
        facts: [...facts.values()],
        keys: [...keys.values()],
        keyspaces: keyspaces === loaded.keyspaces ? null : { from: loaded.keyspaces.version, state: keyspaces },
      },
      parked,
      lifted,
      applied: history.length,
    }),
  };
}

function parkedRow(
  record: LogRecord,
  { entry, copyOf }: NonNullable<ReturnType<typeof quarantineAfter>['parked']>,
  reason: string,
  time: string,
): ParkedRow {
  const { position, digest, aggregateId } = entry;
  const kept = keptOf(record, reason);
  return copyOf === null
    ? { position, aggregateId, ...kept, digest, time, status: 'OPEN' }
    : // A retry that failed again: kept so that no later fold takes it, but it shuts nobody out by itself.
      {
        ...{ position, aggregateId, ...kept, digest, time, status: 'RETRIED' },
        reason: `a copy of ${encodeRecordPosition(copyOf)}, which was still parked: ${kept.reason}`,
      };
}
