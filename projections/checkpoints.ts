// Signed checkpoints as they are kept, outside generations: one row a number, written once and never changed, with what the
// tree of workspaces was made of. The unique number is what makes forks impossible; the lease only saves work.
import type { PublicJwk, SignedCheckpoint } from '../events/proof/checkpoint.ts';
import type { Subtree } from '../events/proof/tree.ts';

/** The id of the subtree that the aggregate `keyspaces` is alone in. */
export const INSTALLATION = '';

/** Which rows of a list: `below` and `above` are exclusive numbers. */
export interface CheckpointRange {
  readonly below?: number;
  readonly above?: number;
  /** Newest first, or oldest first. */
  readonly newestFirst: boolean;
  readonly limit: number;
}

/** What readers of checkpoints are given. */
export interface CheckpointReads {
  newest(): Promise<SignedCheckpoint | null>;
  /** The row of a number. */
  at(number: number): Promise<SignedCheckpoint | null>;
  list(range: CheckpointRange): Promise<readonly SignedCheckpoint[]>;
  /** All subtrees as the checkpoint of that number has signed them, in no order. */
  subtrees(number: number): Promise<readonly Subtree[]>;
  /** Public keys that sign or have ever signed, by key id. */
  keys(): Promise<ReadonlyMap<string, PublicJwk>>;
}

export interface Checkpoints extends CheckpointReads {
  /**
   * Writes a row unless there is one with this number, with the subtrees that are not as the number before has them.
   * Answers whether it did: of several that sign a number one does, and of the others nothing is ever read.
   */
  add(row: SignedCheckpoint, changed: readonly Subtree[]): Promise<boolean>;
  /** Inserts unless there is a key under this id; answers the one that is there then. */
  addKey(kid: string, key: PublicJwk): Promise<PublicJwk>;
  /** Takes or renews the checkpointer's lease for the next `lengthMs`, by the store's clock; `false`: somebody else's. */
  lead(id: string, lengthMs: number): Promise<boolean>;
  /** Gives the lease back, if this is who holds it. */
  leave(id: string): Promise<void>;
  /** The last number that was published to subscribers; 0 before the first. */
  published(): Promise<number>;
  /** Raises it ($max). */
  setPublished(number: number): Promise<void>;
}
