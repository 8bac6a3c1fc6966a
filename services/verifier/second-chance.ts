// Second chance: which row leaves next, near enough the one that was used least recently (Corbató, 1968). A hand goes round
// all rows; one that was used since it came by last stays, a bit in the row says so, and the next one that was not leaves.
import { isCleared, takeUsed } from './key-row.ts';
import type { KeyedRecords } from './keyed-records.ts';

/** How many rows may have their chance before one leaves, used or not … */
const CHANCES = 64;
/** … and how many are looked at for it, those that stay too: no search is long. The next one goes on from there. */
const LOOKS = 4096;

export interface SecondChance {
  /** The row that leaves; −1: none may of those that were looked at. @param newest stays. */
  next(newest: number): number;
}

/** @param stays rows that never leave. */
export function createSecondChance(
  rows: Pick<KeyedRecords, 'segment' | 'at' | 'limit'>,
  stays: (row: number) => boolean,
): SecondChance {
  let hand = 0;
  return {
    next: (newest) => {
      for (let looks = 0, chances = 0; looks < Math.min(LOOKS, 2 * rows.limit); looks++) {
        hand = (hand + 1) % rows.limit;
        const segment = rows.segment(hand);
        const at = rows.at(hand);
        if (hand === newest || isCleared(segment, at) || stays(hand)) continue;
        if (!takeUsed(segment, at) || ++chances > CHANCES) return hand;
      }
      return -1;
    },
  };
}
