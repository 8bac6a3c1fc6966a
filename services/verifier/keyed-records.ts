// Keyed records: records that begin with their key, found by it. The index is an open-addressing table in parts, each of
// which grows by itself, so that no growth touches more than a part. Keys are digests or derived from some.
import { createCopyOnWrite, type FrozenBlocks } from './copy-on-write.ts';
import { createRecords, type FrozenRecords, type Records, type RecordsImage } from './records.ts';

/** By the high bits of a key's hash. */
const PARTS = 256;
const PART_SHIFT = 24;
const FIRST_CAPACITY = 8;
const MAX_LOAD = 0.8;
const GROWTH = 1.5;
/** A slot: 8 bits of the hash, by which most others are told apart without a look at them, and the record's number + 1. */
const TAG = 0xff000000;
const TAG_SHIFT = 24;
const NUMBER = 0x00ffffff;

export interface KeyedRecords extends Pick<Records, 'segment' | 'writable' | 'at' | 'limit' | 'bytes'> {
  readonly size: number;
  /** −1: there is none. */
  readonly find: (key: Uint32Array) => number;
  /**
   * Of a key that is not there yet; all but the key is zero, or as it was in a record that was removed.
   *
   * @throws RangeError beyond 16,777,215 records
   */
  insert(key: Uint32Array): number;
  /** Of a record that is there; its number is given out again. */
  remove(record: number): void;
  freeze(): FrozenKeyedRecords;
}

/** Keyed records as they are read back. */
export interface KeyedRecordsImage {
  readonly size: number;
  readonly records: RecordsImage;
  /** The slots of each part. */
  readonly slots: readonly Uint32Array<ArrayBuffer>[];
}

/** Keyed records as they were at one moment. */
export interface FrozenKeyedRecords {
  readonly size: number;
  readonly records: FrozenRecords;
  readonly slots: FrozenBlocks;
}

interface Part {
  slots: Uint32Array;
  count: number;
}

function partOn(slots: Uint32Array): Part {
  let count = 0;
  for (const slot of slots) if (slot !== 0) count++;
  return { slots, count };
}

/** Places by words 1 and 2: the first digits of an id are not evenly spread. */
function mix(first: number, second: number): number {
  let hash = Math.imul(first, 0x85ebca6b) ^ second;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Where in a part the search begins: the hash's low bits, scaled to any capacity. */
const startOf = (hash: number, capacity: number): number => Math.floor(((hash & NUMBER) * capacity) / (NUMBER + 1));

/**
 * @param width of a record, in words.
 * @param keyWords of its key, at least 3.
 * @param hashOf a key's hash, by its words 1 and 2; another one in tests.
 * @param image to go on from.
 */
export function createKeyedRecords(
  width: number,
  keyWords: number,
  hashOf = mix,
  image?: KeyedRecordsImage,
): KeyedRecords {
  const records = createRecords(width, image?.records);
  // To V8 an object with getters is a hash table: what each search calls is taken out of it once.
  const { segment, writable, at: placeOf } = records;
  const parts = Array.from({ length: PARTS }, (_, part) => partOn(image?.slots[part] ?? new Uint32Array(0)));
  const copyOnWrite = createCopyOnWrite();
  let size = image?.size ?? 0;

  const partOf = (hash: number): Part => {
    const part = parts[hash >>> PART_SHIFT];
    if (part === undefined) throw new RangeError('a hash has 32 bits');
    return part;
  };
  const tagOf = (hash: number): number => hash << TAG_SHIFT;

  function hasKey(record: number, key: Uint32Array): boolean {
    const { words } = segment(record);
    const at = placeOf(record);
    for (let i = 0; i < keyWords; i++) if (words[at + i] !== key[i]) return false;
    return true;
  }

  function find(key: Uint32Array): number {
    const hash = hashOf(key[1] ?? 0, key[2] ?? 0);
    const { slots } = partOf(hash);
    const tag = tagOf(hash);
    const capacity = slots.length;
    if (capacity === 0) return -1;
    for (let i = startOf(hash, capacity); ;) {
      const slot = slots[i] ?? 0;
      if (slot === 0) return -1;
      if (((slot ^ tag) & TAG) === 0 && hasKey((slot & NUMBER) - 1, key)) return (slot & NUMBER) - 1;
      if (++i === capacity) i = 0;
    }
  }

  function put(slots: Uint32Array, hash: number, record: number): void {
    let i = startOf(hash, slots.length);
    while (slots[i] !== 0) if (++i === slots.length) i = 0;
    slots[i] = (tagOf(hash) | (record + 1)) >>> 0;
  }

  function hashOfRecord(record: number): number {
    const { words } = segment(record);
    const at = placeOf(record);
    return hashOf(words[at + 1] ?? 0, words[at + 2] ?? 0);
  }

  function grow(part: Part): void {
    const { slots } = part;
    part.slots = new Uint32Array(Math.max(FIRST_CAPACITY, Math.ceil(slots.length * GROWTH)));
    for (const slot of slots) {
      if (slot !== 0) put(part.slots, hashOfRecord((slot & NUMBER) - 1), (slot & NUMBER) - 1);
    }
  }

  /** Empties a slot, and moves those behind it up that would not be found across a gap. */
  function close(slots: Uint32Array, slot: number): void {
    const capacity = slots.length;
    const behind = (from: number, to: number): number => (to - from + capacity) % capacity;
    let hole = slot;
    for (let i = (slot + 1) % capacity; slots[i] !== 0; i = (i + 1) % capacity) {
      const other = slots[i] ?? 0;
      const start = startOf(hashOfRecord((other & NUMBER) - 1), capacity);
      if (behind(start, i) < behind(hole, i)) continue;
      slots[hole] = other;
      hole = i;
    }
    slots[hole] = 0;
  }

  return {
    segment,
    writable,
    at: placeOf,
    get limit() {
      return records.limit;
    },
    get bytes() {
      return records.bytes + parts.reduce((sum, { slots }) => sum + slots.byteLength, 0);
    },
    get size() {
      return size;
    },
    find,
    insert: (key) => {
      if (size === NUMBER) throw new RangeError('a view holds at most 16777215 keys and as many secrets');
      const record = records.allocate();
      writable(record).words.set(key.subarray(0, keyWords), placeOf(record));
      const hash = hashOf(key[1] ?? 0, key[2] ?? 0);
      const part = partOf(hash);
      copyOnWrite.touch(hash >>> PART_SHIFT);
      if (part.count + 1 > part.slots.length * MAX_LOAD) grow(part);
      put(part.slots, hash, record);
      part.count++;
      size++;
      return record;
    },
    remove: (record) => {
      const hash = hashOfRecord(record);
      const part = partOf(hash);
      copyOnWrite.touch(hash >>> PART_SHIFT);
      const { slots } = part;
      let i = startOf(hash, slots.length);
      while (((slots[i] ?? 0) & NUMBER) !== record + 1) if (++i === slots.length) i = 0;
      close(slots, i);
      part.count--;
      size--;
      records.free(record);
    },
    freeze: () => ({ size, records: records.freeze(), slots: copyOnWrite.freeze(parts.map(({ slots }) => slots)) }),
  };
}
