// Usage: what verifiers have decided, added up, and the log of single checks. Outside generations: `keyfold.log` cannot give
// them back (P4). The port that the stores implement; a member of the read store.
import type { LoggedRequest, UsageCount } from '../events/usage.ts';
import type { Position } from '../events/position.ts';
import type { KeyRow, Rows, Window } from './rows.ts';

export type CheckCode = UsageCount['code'];
export type SecretUsed = UsageCount['secret'];

/** What a verifier has sent: its last sequence that was folded, and the time of its last check. */
export interface VerifierMark {
  readonly sequence: number;
  readonly seenAt: string;
}

/** How far a partition of the usage log is folded, and what was folded of each verifier there: one document (P6). */
export interface UsageCheckpoint {
  /** The next offset to read. */
  readonly offset: number;
  /** By verifier id. */
  readonly verifiers: ReadonlyMap<string, VerifierMark>;
}

/** What a counter counts. */
export type CounterOf =
  /** A key, over its whole life. */
  | { readonly kind: 'TOTAL'; readonly scope: string }
  /** A key's secret, as it was told at one version of the key (0: not told). */
  | { readonly kind: 'SECRET'; readonly scope: string; readonly keyVersion: number; readonly secret: SecretUsed }
  /** An hour of a key, or of a keyspace in a workspace ({@link keyspaceScope}). */
  | {
      readonly kind: 'HOUR';
      readonly scope: string;
      readonly hour: string;
      readonly code: CheckCode;
      readonly secret: SecretUsed;
    };

export interface Tally {
  readonly count: number;
  /** Of successful checks; `null`: there was none. */
  readonly firstUsedAt: string | null;
  readonly lastUsedAt: string | null;
  /** Of all checks. */
  readonly lastSeenAt: string;
}

/** What one record adds to a counter. */
export interface CounterStep extends Tally {
  readonly offset: number;
}

/** What records of one partition add to one counter, in their order. */
export interface CounterWrite {
  readonly of: CounterOf;
  readonly steps: readonly CounterStep[];
  /** ISO time from which it may go; `null`: never. */
  readonly expiresAt: string | null;
}

/** One check in the request log. */
export interface RequestRow extends LoggedRequest {
  /** `loggedRequestId` of events/usage.ts. */
  readonly id: string;
  /** ISO time from which it is not shown any more, and goes. */
  readonly expiresAt: string;
}

/** What records of one partition add up to. */
export interface UsageWrites {
  readonly partition: number;
  /** The offset of the checkpoint that they were folded onto. */
  readonly from: number;
  /** The checkpoint with them. */
  readonly checkpoint: UsageCheckpoint;
  readonly counters: readonly CounterWrite[];
  readonly requests: readonly RequestRow[];
}

/** What was done with a secret of a key. */
export interface SecretUse extends Tally {
  /** 0: not told. */
  readonly keyVersion: number;
  readonly secret: SecretUsed;
}

export type UsageBucketSize = 'HOUR' | 'DAY';

export interface UsageQuery {
  /** Key ids, or {@link keyspaceScope}s; all are added up. */
  readonly scopes: readonly string[];
  /** The beginning of a bucket, UTC. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly bucket: UsageBucketSize;
}

export interface UsageSum {
  /** The beginning of the bucket, UTC. */
  readonly start: string;
  readonly code: CheckCode;
  readonly secret: SecretUsed;
  readonly count: number;
}

export interface RequestFilter {
  readonly requestId?: string;
  readonly codes?: readonly CheckCode[];
  readonly ip?: string;
  /** What the path begins with. */
  readonly path?: string;
  readonly secret?: SecretUsed;
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
}

export interface RequestQuery {
  readonly workspaceId: string;
  /** Only of this key. */
  readonly keyId?: string;
  /** Only of these keyspaces; absent: of all. */
  readonly keyspaces?: readonly string[];
  readonly filter: RequestFilter;
  /** ISO time: what has expired by then is not there. */
  readonly now: string;
}

/** Requests are listed by time, newest first, then by id. */
export interface RequestCursor {
  readonly time: string;
  readonly id: string;
}

export interface UsageReads {
  /** By key id; what was done with each of the key's secrets, by the version at which that was told. */
  secretUses(keyIds: readonly string[]): Promise<ReadonlyMap<string, readonly SecretUse[]>>;
  /** Buckets with nothing in them are left out; in no order. */
  sums(query: UsageQuery): Promise<readonly UsageSum[]>;
  listRequests(query: RequestQuery, window: Window<RequestCursor>): Promise<Rows<RequestRow>>;
  countRequests(query: RequestQuery): Promise<number>;
  /** By id; without those that have expired at `now`. */
  requests(ids: readonly string[], now: string): Promise<ReadonlyMap<string, RequestRow>>;
}

export interface UsageStore extends UsageReads {
  /** By partition; one that nothing was folded of is absent. */
  checkpoints(): Promise<ReadonlyMap<number, UsageCheckpoint>>;
  /**
   * Adds records up, copies what keys are listed by onto their rows in every generation that is live or building, and
   * moves the checkpoint on, each record once, whatever was written of it before (P6). `conflict`: nothing was written,
   * the checkpoint is another one; fold again.
   */
  apply(writes: UsageWrites): Promise<'applied' | 'conflict'>;
  /** By key id; what a key's row shows of its usage. Keys that were never seen are absent. */
  totals(keyIds: readonly string[]): Promise<ReadonlyMap<string, KeyRow['usage']>>;
  /**
   * Erases who called with a key up to `until`, itself included (addresses and user agents): in what is stored, and in what
   * is folded later of calls before it. No answer shows it once this resolves; what it could not blank yet, sweeps will.
   *
   * @param until ISO time; the latest one counts.
   */
  erase(keyId: string, until: string): Promise<void>;
  /** Removes some of what has expired, and goes on with what is erased; answers how much. 0: there is nothing left to do. */
  sweep(now: string): Promise<number>;
}

/** What the hours of a keyspace in a workspace are counted under; no key id looks like it. */
export const keyspaceScope = (workspaceId: string, keyspace: string): string => `${workspaceId}/${keyspace}`;

/** Where to read on: in partitions that nothing was folded of at 0. */
export function usagePosition(checkpoints: ReadonlyMap<number, UsageCheckpoint>): Position {
  return Object.fromEntries([...checkpoints].map(([partition, { offset }]) => [partition, offset]));
}

/** The id of a counter: one for each thing that is counted. */
export function counterId(of: CounterOf): string {
  switch (of.kind) {
    case 'TOTAL':
      return `total ${of.scope}`;
    case 'SECRET':
      return `secret ${of.scope} ${of.keyVersion} ${of.secret}`;
    case 'HOUR':
      return `hour ${of.scope} ${of.hour} ${of.code} ${of.secret}`;
  }
}

/** Two tallies of the same thing, one after the other or the other way round. */
export function addTallies(a: Tally, b: Tally): Tally {
  return {
    count: a.count + b.count,
    firstUsedAt: least(a.firstUsedAt, b.firstUsedAt),
    lastUsedAt: greatest(a.lastUsedAt, b.lastUsedAt),
    lastSeenAt: a.lastSeenAt > b.lastSeenAt ? a.lastSeenAt : b.lastSeenAt,
  };
}

const least = (a: string | null, b: string | null) => (a === null || (b !== null && b < a) ? b : a);
const greatest = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a);

/** The tally of some steps, at least one. */
export function tallyOf([first, ...rest]: readonly CounterStep[]): Tally {
  if (!first) throw new TypeError('a counter is written with a step at least');
  const { count, firstUsedAt, lastUsedAt, lastSeenAt } = first;
  return rest.reduce<Tally>(addTallies, { count, firstUsedAt, lastUsedAt, lastSeenAt });
}
