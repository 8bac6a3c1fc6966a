// Records of reading: who has read what of a workspace's history. Outside generations: no log can give them back (P4). The
// port that the stores implement; a member of the read store. Nothing changes a record, and nothing but its age removes it.
import type { Rows, Window } from './rows.ts';

/** What is recorded when it is read. */
export const READ_KINDS = ['HISTORY', 'REQUESTS', 'DECISION', 'AS_OF', 'ACCESS_REVIEW', 'EXPORT', 'READS'] as const;
export type ReadKind = (typeof READ_KINDS)[number];

/** How long a record is kept. */
export const READS_KEPT_DAYS = 365;

/** A field that was read, with its arguments; without credentials and personal data of keys, all fields of a bounded size. */
export interface ReadField {
  /** `Workspace.history`, or the path of an HTTP resource. */
  readonly field: string;
  /** `[not kept]` in place of what may be personal; under `all`, of every one. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The keys that it was read of, the first of them; empty: of the workspace. */
  readonly keys: readonly string[];
  /** How often, all keys included. */
  readonly times: number;
}

/** One operation of one caller, as far as it has read one workspace. */
export interface ReadRow {
  readonly id: string;
  readonly workspaceId: string;
  /** ISO time at which it was asked. */
  readonly time: string;
  /** `user:ID`, `key:ID` or `system:NAME`. */
  readonly actor: string;
  /** What the caller was in the workspace: a role, `key`, or `operator`. */
  readonly role: string;
  readonly requestId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** At least one, in the order of {@link READ_KINDS}. */
  readonly kinds: readonly ReadKind[];
  readonly fields: readonly ReadField[];
  /** ISO time from which it is not shown any more, and goes. */
  readonly expiresAt: string;
}

export interface ReadFilter {
  readonly actor?: string;
  /** Among others. */
  readonly kind?: ReadKind;
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
}

export interface ReadQuery {
  readonly workspaceId: string;
  readonly filter: ReadFilter;
  /** ISO time: what has expired by then is not there. */
  readonly now: string;
}

/** Listed by time, newest first, then by id. */
export interface ReadCursor {
  readonly time: string;
  readonly id: string;
}

export interface ReadRecords {
  /** Durable before it is acknowledged; all or, where the store fails in between, some: each is whole. */
  add(rows: readonly ReadRow[]): Promise<void>;
  list(query: ReadQuery, window: Window<ReadCursor>): Promise<Rows<ReadRow>>;
  count(query: ReadQuery): Promise<number>;
  /** Removes some of what has expired; answers how much. 0 where the store does so by itself. */
  sweep(now: string): Promise<number>;
}
