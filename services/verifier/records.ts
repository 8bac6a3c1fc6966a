// Records of a fixed width in segments of typed arrays: one record lies in one place, nothing of it is an object. Growth
// adds a segment and moves none of those that are full, so that it never stops the process for long.

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
  /** Where a record lies; valid until the next {@link Records.allocate}. */
  segment(record: number): Segment;
  /** Its first word in the segment. */
  at(record: number): number;
  /** Of memory that is held. */
  readonly bytes: number;
}

const segmentOf = (records: number, width: number): Segment => {
  const buffer = new ArrayBuffer(records * width * 4);
  return { words: new Uint32Array(buffer), numbers: new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8)) };
};

/** @param width in words of 4 bytes; even, where numbers are kept. */
export function createRecords(width: number): Records {
  const segments: Segment[] = [];
  const free: number[] = [];
  let capacity = 0;
  let next = 0;

  function grow(): void {
    const last = segments.at(-1);
    if (last === undefined || capacity >= FULL) {
      // Most views are large, but those of tests and of small installations are not.
      const more = last === undefined ? FIRST : FULL;
      segments.push(segmentOf(more, width));
      capacity += more;
      return;
    }
    const wider = segmentOf(capacity * 2, width);
    wider.words.set(last.words);
    segments[0] = wider;
    capacity *= 2;
  }

  return {
    allocate: () => {
      const freed = free.pop();
      if (freed !== undefined) return freed;
      if (next === capacity) grow();
      return next++;
    },
    free: (record) => void free.push(record),
    segment: (record) => {
      const segment = segments[record >>> FULL_BITS];
      if (segment === undefined) throw new RangeError(`there is no record ${record}`);
      return segment;
    },
    at: (record) => (record & (FULL - 1)) * width,
    get bytes() {
      return segments.reduce((sum, { words }) => sum + words.byteLength, 0);
    },
  };
}
