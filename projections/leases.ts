// Leases: which verifiers may answer now, and how far each has folded; outside generations. A receipt is read from them.
import type { Position } from '../events/position.ts';

/** A verifier's lease as it was last written. */
export interface LeaseRow {
  /** Random per joining (L2). */
  readonly id: string;
  /** One more with each write; whoever sees it unchanged for long enough may end the lease (L2). */
  readonly n: number;
  /** Folded, and nothing that was decided on less is on its way any more (L8). */
  readonly position: Position;
  /** RFC 3339: everything that was acknowledged before is folded; `null` before the first proof. */
  readonly asOf: string | null;
  /** RFC 3339, by the verifier's clock: when this was written. */
  readonly reportedAt: string;
  /** L, the length of the lease in milliseconds: the verifier's MAX_STALENESS_MS. */
  readonly lengthMs: number;
}

/**
 * The rows of all leases, and the barriers that joining verifiers fold up to. Majority concern; each call is one causally
 * consistent session (L9). The embedded store has none when it is opened (L7).
 */
export interface Leases {
  /** Inserts the row, then reads the barriers: what must be folded before the first answer (L1). Throws where the id is taken. */
  join(row: LeaseRow): Promise<Position>;
  /** Writes a row that is there; `false`: it is not, the lease was declared over. Never inserts (L2). */
  renew(row: LeaseRow): Promise<boolean>;
  /** Deletes the row if it is still at `n`; answers whether it did (L2). */
  end(id: string, n: number): Promise<boolean>;
  /** Deletes the verifier's own row, whatever its `n`. */
  leave(id: string): Promise<void>;
  /** Raises the barriers ($max), then reads the rows (L1). */
  raise(position: Position): Promise<readonly LeaseRow[]>;
  all(): Promise<readonly LeaseRow[]>;
}
