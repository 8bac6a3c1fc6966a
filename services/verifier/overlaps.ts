// Overlaps: the two secrets of the keys that still have a previous one, and when that one is retired.
import { createRecords, type Records, type RecordsImage } from './records.ts';

const WORDS = 6;
const AT = { current: 0, previous: 1, pepper: 2, retiresAt: 4 } as const;

/** Numbers of the two in the secret index, and of the previous one's pepper; epoch milliseconds. */
export interface Overlap {
  readonly current: number;
  readonly previous: number;
  readonly pepper: number;
  readonly retiresAt: number;
}

export interface Overlaps extends Pick<Records, 'bytes' | 'freeze'> {
  add(overlap: Overlap): number;
  read(overlap: number): Overlap;
  drop(overlap: number): void;
}

/** @param image to go on from. */
export function createOverlaps(image?: RecordsImage): Overlaps {
  const records = createRecords(WORDS, image);
  return {
    add: ({ current, previous, pepper, retiresAt }) => {
      const record = records.allocate();
      const { words, numbers } = records.writable(record);
      const at = records.at(record);
      words[at + AT.current] = current;
      words[at + AT.previous] = previous;
      words[at + AT.pepper] = pepper;
      numbers[(at + AT.retiresAt) / 2] = retiresAt;
      return record;
    },
    read: (overlap) => {
      const { words, numbers } = records.segment(overlap);
      const at = records.at(overlap);
      return {
        current: words[at + AT.current] ?? 0,
        previous: words[at + AT.previous] ?? 0,
        pepper: words[at + AT.pepper] ?? 0,
        retiresAt: numbers[(at + AT.retiresAt) / 2] ?? 0,
      };
    },
    drop: (overlap) => records.free(overlap),
    get bytes() {
      return records.bytes;
    },
    freeze: () => records.freeze(),
  };
}
