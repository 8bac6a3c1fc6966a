// Rows: the documents of the read models, as every store keeps them and every reader gets them.
import type { AnyEvent, EventType } from '../events/catalogue.ts';
import type { FactAttributes, FactData, FactType } from '../events/key/facts.ts';
import type { KeyDetails, KeyState, KeyStatus } from '../events/key/state.ts';
import type { Position, RecordPosition } from '../events/position.ts';
import type { WrappedKey } from '../events/sealing.ts';

/** One key: its folded state, its personal details, and what lists search and sort by. */
export interface KeyRow {
  readonly state: KeyState;
  readonly details: KeyDetails;
  readonly search: {
    /** The name as it is ordered by: NFKC, lower case. */
    readonly name: string;
    /** What a text filter matches the beginnings of: words of name, preview, key id and owner, NFKC, lower case, distinct. */
    readonly words: readonly string[];
  };
  /** When there may be something to say of its expiry (E6); `null`: never. Moved on outside the version guard, once it was said. */
  readonly noticeAt: string | null;
  /** From the usage projection; kept outside the version guard (P6). */
  readonly usage: {
    readonly lastUsedAt: string | null;
    readonly lastSeenAt: string | null;
    readonly requestCount: number;
  };
}

/** One accepted event: everything but the private part, of which only the fingerprint stays (W1). */
export interface HistoryRow {
  /** `aggregate@version`. */
  readonly id: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly type: EventType;
  readonly workspaceId: string | null;
  readonly time: string;
  readonly actor: string;
  readonly commandId: string;
  readonly requestId: string;
  readonly fingerprint: string;
  readonly position: RecordPosition;
  readonly attributes: AnyEvent['attributes'];
  readonly data: AnyEvent['data'];
  /** The data as the log has it, where it was written otherwise, by an older version: what the hash covers. */
  readonly written?: Readonly<Record<string, unknown>>;
  /** The personal part, still sealed: destroying its data key erases it here too. */
  readonly sealed: string;
}

/** One fact about time (E6): the first record of its id. */
export interface FactRow {
  /** `keyId@fact@time`. */
  readonly id: string;
  readonly aggregateId: string;
  readonly type: FactType;
  readonly workspaceId: string;
  readonly time: string;
  readonly position: RecordPosition;
  readonly attributes: FactAttributes;
  readonly data: FactData;
}

/** What can be followed: accepted events and facts, in the order of the log. */
export type LogEntry = HistoryRow | FactRow;

/** What an entry can be. */
export type EntryType = EventType | FactType;

export function isFact(entry: LogEntry): entry is FactRow {
  return !('version' in entry);
}

/** A stretch of one partition: offsets `from` ≤ … < `before`; of one workspace, where one is named. */
export interface LogRange {
  readonly partition: number;
  readonly from: number;
  readonly before: number;
  readonly workspaceId?: string;
}

/** Where a key's chain stands. */
export interface ChainHead {
  readonly key: string;
  readonly version: number;
  readonly head: string;
  readonly workspaceId: string;
  readonly createdAt: string;
}

/** An accepted event as a link of its chain. */
export interface ChainLink {
  readonly aggregateId: string;
  readonly version: number;
  /** The head that it extends. */
  readonly prev: string;
  readonly workspaceId: string | null;
  readonly position: RecordPosition;
}

/** Events of some aggregates: in each partition at offsets `from` ≤ … < `before`, which both name all of them. */
export interface EventsQuery {
  readonly aggregateIds: readonly string[];
  readonly from: Position;
  readonly before: Position;
  readonly after: { readonly aggregateId: string; readonly version: number } | null;
}

/** Verification hash → key. Rows are only ever added (V3). */
export interface SecretRow {
  readonly hash: string;
  readonly keyId: string;
}

/** A record that no fold could take (F1), with its bytes, so that it can be looked at and retried. */
export interface ParkedRow {
  readonly position: RecordPosition;
  /** Whom it shuts out: the record's key; `null` if that is no aggregate's id, or belongs in another partition. */
  readonly aggregateId: string | null;
  readonly key: string | null;
  /** Of one that is too large for an event only the beginning; the reason says so. */
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the whole value: copies of a parked record are recognised by it. */
  readonly digest: string;
  readonly reason: string;
  /** When it was parked. */
  readonly time: string;
  /** OPEN quarantines the aggregate; a discarded or retried one stays as a record of what was done. */
  readonly status: 'OPEN' | 'DISCARDED' | 'RETRIED';
}

/** An operator's command that makes no event: what was decided when it began, and what it came to. */
export interface OperationRow {
  readonly commandId: string;
  /** Tells a retry from another command under the same commandId. */
  readonly fingerprint: string;
  /** The parked records that are retried; none for a rebuild. */
  readonly records: readonly RecordPosition[];
  /** `null`: it was begun, and what became of it is not known yet. */
  readonly outcome: OperationOutcome | null;
}

export interface OperationOutcome {
  /** What is to be projected before its effects show. */
  readonly position: Position;
  /** Of a rebuild. */
  readonly generation: string | null;
}

export interface DataKeyRow extends WrappedKey {
  readonly id: string;
}

export interface KeyFilter {
  /** Words that must each begin a word of the row; already NFKC and lower case. */
  readonly text?: readonly string[];
  /** Any of these, judged at `now`; absent: all but DELETED. */
  readonly status?: readonly KeyStatus[];
  /** All of these. */
  readonly tags?: readonly string[];
  readonly owner?: string;
  readonly environment?: string;
  readonly type?: string;
  /** Listed among the key's scopes, or the key is unrestricted. */
  readonly scope?: string;
  /** Of one of these keyspaces and with one of the scopes beside it, or the key is unrestricted. */
  readonly granting?: readonly { readonly keyspace: string; readonly scopes: readonly string[] }[];
  /** Listed among the key's resources, or the key may reach all. */
  readonly resource?: string;
  readonly keyspace?: string;
  readonly expiresBefore?: string;
  /** Not used successfully since then, or never. */
  readonly unusedSince?: string;
}

export type KeyOrderField = 'CREATED_AT' | 'NAME' | 'EXPIRES_AT' | 'LAST_USED_AT';

/** Where a row stands in an ordered list: the value it is ordered by, then its id. */
export interface KeyCursor {
  readonly value: string | null;
  readonly id: string;
}

/** A window of an ordered list: forward from `after`, or backward from `before`; both bound it. Rows come in list order. */
export interface Window<C> {
  readonly limit: number;
  readonly backward: boolean;
  readonly after: C | null;
  readonly before: C | null;
}

export interface KeyQuery {
  readonly workspaceId: string;
  /** Only keys of these keyspaces; absent: of all. */
  readonly keyspaces?: readonly string[];
  readonly filter: KeyFilter;
  /** ISO time at which statuses are judged. */
  readonly now: string;
}

/** Keys of a workspace that were made by a time, whatever became of them: what never changes of a key, and no more. */
export interface MadeQuery extends Pick<KeyQuery, 'workspaceId' | 'keyspaces'> {
  readonly filter: Pick<KeyFilter, 'keyspace' | 'environment' | 'type'>;
  /** ISO time, inclusive. */
  readonly until: string;
}

/** Nulls come last in both directions; the key id breaks ties, in the same direction. */
export interface KeyOrder {
  readonly field: KeyOrderField;
  readonly direction: 'ASC' | 'DESC';
}

/** History is listed by time, then aggregate, then version; one aggregate's by version alone, which is the same (E5). */
export interface HistoryCursor {
  readonly time: string;
  readonly aggregateId: string;
  /** Of a fact, which stands before the events of its time: none is above 0. */
  readonly version: number;
}

export interface HistoryQuery {
  /** Exactly one of the two: a workspace's history, or one aggregate's. */
  readonly scope: { readonly workspaceId: string; readonly aggregateId?: string } | { readonly aggregateId: string };
  readonly types?: readonly EventType[];
  readonly actor?: string;
  readonly requestId?: string;
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
}

/** Accepted events of some aggregates, aggregate by aggregate, each in its order. */
export interface PastQuery {
  readonly aggregateIds: readonly string[];
  /** ISO time, inclusive. */
  readonly until: string;
  /** Behind this one; `null`: from the first. */
  readonly after: Pick<HistoryCursor, 'aggregateId' | 'version'> | null;
  readonly limit: number;
}

/** The same of a timeline, which has facts about time between the events. Nobody is the actor of a fact, nor requested it. */
export interface TimelineQuery extends Omit<HistoryQuery, 'types'> {
  readonly types?: readonly EntryType[];
}

/** A window's rows, and whether more lie beyond it in the direction that was read. */
export interface Rows<R> {
  readonly rows: readonly R[];
  readonly more: boolean;
}
