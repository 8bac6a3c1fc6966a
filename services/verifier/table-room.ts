// Room in the key table: past the bound rows leave that were not used of late, but those that have to stay.
import type { KeyedRecords } from './keyed-records.ts';
import { createSecondChance } from './second-chance.ts';

/** The share of the bound that rows which may leave have at least. */
const LEAST_SHARE = 1 / 8;
/** Rows that leave for one that came: those that had to stay and need not any more leave, too. */
const AT_ONCE = 2;

export interface TableRoomOptions {
  /** VERIFIER_MAX_KEYS. */
  readonly maxKeys: number;
  readonly rows: Pick<KeyedRecords, 'segment' | 'at' | 'limit' | 'size'>;
  readonly stays: (row: number) => boolean;
  readonly evict: (row: number) => void;
}

export interface TableRoom {
  /** Rows that have to stay; whoever writes rows keeps count of them. */
  staying: number;
  /** Rows that have left. */
  readonly evicted: number;
  /** @param newest stays. */
  make(newest: number): void;
}

export function createTableRoom({ maxKeys, rows, stays, evict }: TableRoomOptions): TableRoom {
  const hand = createSecondChance(rows, stays);
  let evicted = 0;
  const room: TableRoom = {
    staying: 0,
    get evicted() {
      return evicted;
    },
    make: (newest) => {
      const others = Math.max(maxKeys - room.staying, Math.ceil(maxKeys * LEAST_SHARE));
      for (let turn = 0; turn < AT_ONCE && rows.size - room.staying > others; turn++) {
        const row = hand.next(newest);
        if (row < 0) return;
        evict(row);
        evicted++;
      }
    },
  };
  return room;
}
