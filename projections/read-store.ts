// The read store: the port that both adapters implement (projections/stores/). Read models live in generations; data
// keys and parked records live outside them. No multi-document transactions are needed: P1's order and guards are enough.
import type { CopySource } from '../events/file-copies.ts';
import type { KeyState } from '../events/key/state.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { Position, RecordPosition } from '../events/position.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { DataKeyWraps } from './data-key-wraps.ts';
import type { Leases } from './leases.ts';
import type { Limits } from './limits.ts';
import type { Publication } from './publication.ts';
import type { ReadRecords } from './reads.ts';
import type { Sessions } from './sessions.ts';
import type { UsageStore } from './usage.ts';
import type {
  ChainHead,
  ChainLink,
  DataKeyRow,
  EventsQuery,
  FactRow,
  HistoryCursor,
  HistoryQuery,
  HistoryRow,
  KeyCursor,
  KeyOrder,
  KeyQuery,
  KeyRow,
  LogEntry,
  LogRange,
  MadeQuery,
  OperationOutcome,
  OperationRow,
  ParkedRow,
  PastQuery,
  Rows,
  SecretRow,
  TimelineQuery,
  Window,
} from './rows.ts';

/** Names a generation of the read models: `g1`, `g2`, … */
export type GenerationId = string;

export interface Generation {
  readonly id: GenerationId;
  /** `dropped` is written before anything is deleted, so that a reader can tell an empty answer from a dropped one (P3). */
  readonly status: 'building' | 'live' | 'failed' | 'dropped';
  readonly checkpoint: Position;
  readonly createdAt: string;
  /** Why a rebuild was given up: what differed from the live generation. */
  readonly failure: string | null;
  /** Of the command that had it made; `null` for the first one. */
  readonly commandId: string | null;
}

/** The pointer and all generations: one document, read and written as one (P4). */
export interface Control {
  readonly live: GenerationId;
  readonly generations: readonly Generation[];
}

/**
 * What a batch of events adds up to, per table. A store writes them in this order: history, secrets, then the guarded
 * rows, then the checkpoint; every step is idempotent, so a crash between two of them is mended by doing it again (P1).
 */
export interface Writes {
  /** Inserted if absent. */
  readonly history: readonly HistoryRow[];
  /** E6: inserted if absent; of two records of one id the one that lies first in the log stays, whichever was written first. */
  readonly facts?: readonly FactRow[];
  /** Inserted if absent. */
  readonly secrets: readonly SecretRow[];
  /** Written only where the stored version is `from` (0: there is none). At most one per key. */
  readonly keys: readonly { readonly from: number; readonly row: KeyRow }[];
  readonly keyspaces: { readonly from: number; readonly state: KeyspacesState } | null;
}

/** A key that was looked at for facts about time (E6), as it was read, and when it is to be looked at next. */
export interface Noticed {
  readonly keyId: string;
  readonly version: number;
  readonly noticeAt: string;
  readonly next: string | null;
}

/** One generation as the projector writes it. */
export interface GenerationWriter {
  readonly id: GenerationId;
  checkpoint(): Promise<Position>;
  keys(ids: readonly string[]): Promise<ReadonlyMap<string, KeyRow>>;
  keyspaces(): Promise<KeyspacesState>;
  /**
   * Writes a batch and then its checkpoint ($max per partition, P2). `conflict`: a guard did not hold, because another
   * projector was here first; the checkpoint is unwritten; load the rows and fold the batch again.
   */
  apply(writes: Writes, checkpoint: Position): Promise<'applied' | 'conflict'>;
  /** Moves keys on to when they are looked at next: those that are still as they were read; the others are left as they are. */
  notice(keys: readonly Noticed[]): Promise<void>;
}

/** One generation as it is read: everything asked of one view comes from the same generation. */
export interface GenerationView {
  readonly generation: GenerationId;
  /** Read before any row: what the rows hold at least (P3, V4). */
  readonly checkpoint: Position;
  key(id: string): Promise<KeyRow | null>;
  keys(ids: readonly string[]): Promise<ReadonlyMap<string, KeyRow>>;
  successors(keyIds: readonly string[]): Promise<ReadonlyMap<string, readonly KeyRow[]>>;
  keyspaces(): Promise<KeyspacesState>;
  /** W2: the event that a command made; `null` if it made none yet. */
  historyByCommand(aggregateId: string, commandId: string): Promise<HistoryRow | null>;
  /** W2: the same for operators' commands, whose scope is the installation. */
  historyByOperatorCommand(commandId: string): Promise<HistoryRow | null>;
  /** W1: the accepted event at a version. */
  historyAt(aggregateId: string, version: number): Promise<HistoryRow | null>;
  /** The first event of each of these aggregates. */
  creations(aggregateIds: readonly string[]): Promise<ReadonlyMap<string, HistoryRow>>;
  listKeys(query: KeyQuery, order: KeyOrder, window: Window<KeyCursor>): Promise<Rows<KeyRow>>;
  countKeys(query: KeyQuery): Promise<number>;
  /** Accepted events alone: what is decided from, looked up and compared. Facts about time are in {@link listTimeline}. */
  listHistory(query: HistoryQuery, window: Window<HistoryCursor>): Promise<Rows<HistoryRow>>;
  countHistory(query: HistoryQuery): Promise<number>;
  /** Keys in the order in which they were made, deleted ones too. */
  listMade(query: MadeQuery, direction: KeyOrder['direction'], window: Window<KeyCursor>): Promise<Rows<KeyRow>>;
  /** What a state of the past is folded from. */
  pastEvents(query: PastQuery): Promise<Rows<HistoryRow>>;
  /** What history shows: accepted events and facts about time, by time, a fact before the events of its time. */
  listTimeline(query: TimelineQuery, window: Window<HistoryCursor>): Promise<Rows<LogEntry>>;
  countTimeline(query: TimelineQuery): Promise<number>;
  /** Those of these facts that are known, by id. */
  facts(ids: readonly string[]): Promise<ReadonlyMap<string, FactRow>>;
  /**
   * Accepted events and facts of a stretch of the log, in its order. All of them, as far as the view's checkpoint reaches;
   * beyond it a batch may be on its way: there are gaps that are filled later.
   */
  listEntries(range: LogRange, limit: number): Promise<readonly LogEntry[]>;
  /** Of those the ids of the ones that lists would find under something else than what they are: nobody has filed them so. */
  misfiled(range: Omit<LogRange, 'workspaceId'>, limit: number): Promise<readonly string[]>;
  /** Accepted events of some aggregates within a stretch of each partition, by aggregate and version. */
  eventsOf(query: EventsQuery, limit: number): Promise<Rows<HistoryRow>>;
  /** All keys by id, `limit` at a time, deleted ones too: what a verifier loads (V4) and a comparison walks. */
  scanKeys(after: string | null, limit: number): Promise<readonly KeyRow[]>;
  /** Of all keys by id, or of a workspace's oldest first, `limit` at a time, deleted ones too. @param after the last one */
  scanHeads(workspaceId: string | null, after: ChainHead | null, limit: number): Promise<readonly ChainHead[]>;
  /** The accepted events of a stretch of the log, as {@link listEntries} has them. */
  listLinks(range: LogRange, limit: number): Promise<readonly ChainLink[]>;
  keyBySecret(hash: string): Promise<KeyState | null>;
  /** Keys whose previous secret retires at or before `until`, soonest first: the projector retires them in the log. */
  retiring(until: string, limit: number): Promise<readonly KeyRow[]>;
  /** Keys that are to be looked at for facts about time at or before `until` (E6), soonest first. */
  noticing(until: string, limit: number): Promise<readonly KeyRow[]>;
}

/** Data keys, wrapped; outside generations. Destroying one is forgetting (a tombstone stays, so that it never comes back). */
export interface DataKeys {
  /** Inserts unless a row (or a tombstone) with this id exists; answers what is stored then, `null` for a tombstone. */
  insert(row: DataKeyRow): Promise<DataKeyRow | null>;
  load(ids: readonly string[]): Promise<ReadonlyMap<string, DataKeyRow>>;
  /** Which of these there never was a row of, nor a tombstone: where something is sealed under one, it was lost. */
  unknown(ids: readonly string[]): Promise<readonly string[]>;
  /**
   * Destroys one for ever, whether there is a row of it or not; again it changes nothing.
   *
   * @param at ISO time of the event that says so; the first one stays.
   */
  destroy(id: string, at: string): Promise<void>;
  /** When each of these was destroyed; the others are absent. */
  destroyed(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Whether there is any, tombstones included: a log that holds events has had at least one written before it (E2). */
  any(): Promise<boolean>;
}

/** Records that no fold could take; outside generations. */
export interface ParkedRecords {
  /** Inserts unless a row at this position exists. */
  park(row: ParkedRow): Promise<void>;
  open(filter?: { readonly aggregateIds?: readonly string[] }): Promise<readonly ParkedRow[]>;
  at(position: RecordPosition): Promise<ParkedRow | null>;
  /**
   * What a projector must know before it folds a batch: rows of any status at offsets `from` ≤ … < `to` of a partition
   * (a parked position is never folded again, after a rebuild neither), and open ones that have one of the digests.
   */
  among(batch: {
    readonly partition: number;
    readonly from: number;
    readonly to: number;
    readonly digests: readonly string[];
  }): Promise<readonly ParkedRow[]>;
  resolve(positions: readonly RecordPosition[], status: 'DISCARDED' | 'RETRIED'): Promise<void>;
}

/** What operators had done that makes no event, by commandId (scope: the installation); outside generations. */
export interface OperationRecords {
  load(commandId: string): Promise<OperationRow | null>;
  /** Inserts unless a row with this commandId exists; answers what is stored then, and whether it is this one. */
  begin(row: OperationRow): Promise<{ readonly row: OperationRow; readonly begun: boolean }>;
  /** Writes the outcome of a row that has none; answers the one that stays: the first. */
  finish(commandId: string, outcome: OperationOutcome): Promise<OperationOutcome>;
}

/** What secrets of the settings are recognised by, by name; outside generations. */
export interface SecretChecks {
  all(): Promise<ReadonlyMap<string, string>>;
  /** Inserts unless there is one under this name. */
  add(name: string, value: string): Promise<void>;
}

/** The read store's port. Adapters: embedded (libsql) and MongoDB. Every write is durable before it is acknowledged (P2). */
export interface ReadStore {
  control(): Promise<Control>;
  /**
   * P3: reads the pointer, that generation's checkpoint, then runs `work`; begins again if the generation was dropped
   * meanwhile, so `work` may run more than once. On the primary, in one causally consistent session (W2).
   */
  read<T>(work: (view: GenerationView) => Promise<T>): Promise<T>;
  /** One generation, live or not, for comparisons. No check for being dropped. */
  view(id: GenerationId): Promise<GenerationView>;
  writer(id: GenerationId): GenerationWriter;
  /**
   * Adds an empty generation in status `building`; its number is one above the highest so far. With a commandId that
   * made one already nothing is added, and that one is answered.
   */
  createGeneration(now: string, commandId?: string | null): Promise<GenerationId>;
  /**
   * Points readers at `to` if `from` is live, `to` is being built and its checkpoint covers `from`'s at that moment: no
   * reader goes back in time. Answers whether it did. `from` is marked dropped in the same write.
   */
  switchGeneration(from: GenerationId, to: GenerationId): Promise<boolean>;
  failGeneration(id: GenerationId, failure: string): Promise<void>;
  /** Marks a generation dropped, then deletes its rows. Not the live one. */
  dropGeneration(id: GenerationId): Promise<void>;
  readonly dataKeys: DataKeys;
  readonly wraps: DataKeyWraps;
  readonly parked: ParkedRecords;
  readonly operations: OperationRecords;
  readonly checks: SecretChecks;
  /** What was signed; outside generations, and never changed. */
  readonly checkpoints: Checkpoints;
  readonly leases: Leases;
  /** What keys have used of their rate limits; outside generations. Not durable at once on the embedded store (R8). */
  readonly limits: Limits;
  readonly usage: UsageStore;
  /** How far the public topic is; outside generations. */
  readonly publication: Publication;
  /** Who has read what; outside generations. */
  readonly reads: ReadRecords;
  /** Who is signed in to the console; outside generations, and no part of a backup. */
  readonly sessions: Sessions;
  /** Its files, where it lies in some that can be copied while they are in use; in the order in which they may be held. */
  readonly copies?: readonly CopySource[];
  /** Calls back after each `apply` made through this very object: lets waiters in the same process answer at once (W6). */
  onApply(listener: () => void): () => void;
  close(): Promise<void>;
}

/** The store is away or has failed; nothing is known of writes under way. */
export class StoreUnavailableError extends Error {
  readonly code = 'STORE_UNAVAILABLE';
}

/** No space is left; nothing was written. */
export class StoreFullError extends Error {
  readonly code = 'STORAGE_FULL';
}
