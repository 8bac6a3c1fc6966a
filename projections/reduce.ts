// reduce: a batch of records and the rows that it touches → what to write, what to park, what to lift. No I/O: the same
// batch gives the same answer; what was applied before is ignored, so a redelivery writes nothing (P1).
import type { AnyEvent, KeyEvent, Personal } from '../events/catalogue.ts';
import { foldKey, foldKeyspaces } from '../events/fold.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { LogRecord } from '../events/log.ts';
import { encodeRecordPosition } from '../events/position.ts';
import { isSettled, quarantineAfter, type Lifted, type Quarantine, type Readable } from '../events/quarantine.ts';
import { historyRow } from './history.ts';
import { keyRow } from './keys.ts';
import { keptOf } from './parked.ts';
import type { Writes } from './read-store.ts';
import type { HistoryRow, KeyRow, ParkedRow, SecretRow } from './rows.ts';
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
  | { readonly kind: 'broken'; readonly reason: string };

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
  const parked: ParkedRow[] = [];
  const lifted: Lifted[] = [];

  /** F1, onto what the batch has made of the aggregate so far. */
  function fold(read: Readable): Outcome {
    switch (read.kind) {
      case 'unreadable':
        return { kind: 'broken', reason: read.reason };
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
    const outcome = fold(read);
    if (outcome.kind === 'applied') {
      history.push(historyRow(outcome.event, record));
      const secret = secretRow(outcome.event);
      if (secret) secrets.push(secret);
    }
    const change = quarantineAfter(quarantine, record, outcome.kind, outcome.kind === 'applied' ? outcome.event : null);
    quarantine = change.quarantine;
    lifted.push(...change.lifted);
    if (change.parked && outcome.kind === 'broken')
      parked.push(parkedRow(record, change.parked, outcome.reason, loaded.now));
  }

  return {
    add: (records) => {
      for (const each of records) add(each);
    },
    result: () => ({
      writes: {
        history,
        secrets,
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
