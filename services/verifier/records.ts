// Records of a fixed width in segments of typed arrays: one record lies in one place, nothing of it is an object. Growth
// adds a segment and moves none of those that are full, so that it never stops the process for long.
import { createCopyOnWrite, type FrozenBlocks } from './copy-on-write.ts';

/** Records of a segment that is full. */
const FULL_BITS = 14;
const FULL = 1 << FULL_BITS;
const FIRST = 1 << 6;

/** The same memory, as 32-bit words and as numbers of two words each. */
export interface Segment {
  readonly words: Uint32Array;
  readonly numbers: Float64Array;
}

export interface Records {
  /** Zeroed, or as it was when it was freed last. */
  allocate(): number;
  /** Its number is given out again. */
  free(record: number): void;
  /** Where a record lies, to be read; valid until the next {@link Records.allocate}. */
  readonly segment: (record: number) => Segment;
  /** The same, to be written to. */
  readonly writable: (record: number) => Segment;
  /** Its first word in the segment. */
  readonly at: (record: number) => number;
  /** Above every number that was ever given out. */
  readonly limit: number;
  /** Of memory that is held. */
  readonly bytes: number;
  freeze(): FrozenRecords;
}

/** Records as they are read back: the segments, then the numbers that are free. */
export interface RecordsImage {
  readonly limit: number;
  readonly blocks: readonly Uint32Array<ArrayBuffer>[];
}

/** Records as they were at one moment. */
export interface FrozenRecords {
  readonly limit: number;
  readonly blocks: FrozenBlocks;
}

const segmentOn = (words: Uint32Array<ArrayBuffer>): Segment => ({
  words,
  numbers: new Float64Array(words.buffer, words.byteOffset, Math.floor(words.length / 2)),
});

/** @param width in words of 4 bytes; even, where numbers are kept. @param image to go on from. */
export function createRecords(width: number, image?: RecordsImage): Records {
  const segments: Segment[] = image?.blocks.slice(0, -1).map(segmentOn) ?? [];
  const free: number[] = [...(image?.blocks.at(-1) ?? [])];
  const copyOnWrite = createCopyOnWrite();
  let capacity = segments.reduce((sum, { words }) => sum + words.length / width, 0);
  let next = image?.limit ?? 0;

  function grow(): void {
    const last = segments.at(-1);
    if (last === undefined || capacity >= FULL) {
      // Most views are large, but those of tests and of small installations are not.
      const more = last === undefined ? FIRST : FULL;
      segments.push(segmentOn(new Uint32Array(more * width)));
      capacity += more;
      return;
    }
    const wider = segmentOn(new Uint32Array(capacity * 2 * width));
    wider.words.set(last.words);
    segments[0] = wider;
    capacity *= 2;
  }

  function segment(record: number): Segment {
    const found = segments[record >>> FULL_BITS];
    if (found === undefined) throw new RangeError(`there is no record ${record}`);
    return found;
  }

  return {
    allocate: () => {
      const freed = free.pop();
      if (freed !== undefined) return freed;
      if (next === capacity) grow();
      return next++;
    },
    free: (record) => void free.push(record),
    segment,
    writable: (record) => {
      copyOnWrite.touch(record >>> FULL_BITS);
      return segment(record);
    },
    at: (record) => (record & (FULL - 1)) * width,
    get limit() {
      return next;
    },
    get bytes() {
      return segments.reduce((sum, { words }) => sum + words.byteLength, 0);
    },
    freeze: () => ({
      limit: next,
      blocks: copyOnWrite.freeze([...segments.map(({ words }) => words), Uint32Array.from(free)]),
    }),
  };
}
