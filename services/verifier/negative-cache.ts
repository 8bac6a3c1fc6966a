// The negative cache: hashes that no key has. Of a fixed size, whatever is asked: each hash has one place, and a later one
// takes it from an earlier. 128 bits of a hash stand for the whole.
const SLOT_BITS = 17;
const SLOTS = 1 << SLOT_BITS;
const WORDS = 4;

/** Hashes are given by their words. */
export interface NegativeCache {
  has(digest: Uint32Array): boolean;
  add(digest: Uint32Array): void;
  /** V3: an event has introduced it. */
  clear(digest: Uint32Array): void;
}

/** @param slots a power of two; fewer in tests. */
export function createNegativeCache(slots = SLOTS): NegativeCache {
  /** Made with the first entry: a verifier that holds all keys needs none. */
  let words: Uint32Array | null = null;
  const at = (digest: Uint32Array): number => ((digest[0] ?? 0) & (slots - 1)) * WORDS;

  function has(digest: Uint32Array): boolean {
    if (words === null) return false;
    const start = at(digest);
    for (let i = 0; i < WORDS; i++) if (words[start + i] !== digest[i]) return false;
    return true;
  }

  return {
    has,
    add: (digest) => (words ??= new Uint32Array(slots * WORDS)).set(digest.subarray(0, WORDS), at(digest)),
    clear: (digest) => {
      if (has(digest)) words?.fill(0, at(digest), at(digest) + WORDS);
    },
  };
}
