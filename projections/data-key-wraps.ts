// What data keys are wrapped by, and wrapping them anew: for the rotation of sealing keys; outside generations.
import type { DataKeyRow } from './rows.ts';

/** A data key as it was read, and as it is to be stored. */
export interface Rewrap {
  readonly from: DataKeyRow;
  readonly to: DataKeyRow;
}

export interface DataKeyWraps {
  /** All data keys that are not destroyed by id, behind `after`, at most `limit`. */
  scan(after: string | null, limit: number): Promise<readonly DataKeyRow[]>;
  /** Whether any data key is wrapped by this sealing key. */
  uses(sealingKeyId: string): Promise<boolean>;
  /**
   * Writes each where what is stored is still what was read: one that was destroyed or wrapped anew meanwhile stays as it
   * is. Answers how many were written.
   */
  replace(rewraps: readonly Rewrap[]): Promise<number>;
}
