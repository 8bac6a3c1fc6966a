// Packed ids and digests: the words that stand for a text of fixed form, and the text again.

/** Of a key's id. */
export const ID_WORDS = 5;
/** Of 32 bytes. */
export const DIGEST_WORDS = 8;

const PREFIX = 'key_';
const ID_DIGITS = 22;
const DIGITS_PER_WORD = 5;
const DIGIT_BITS = 6;
const DIGIT_CODES = Uint8Array.from(
  Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz--', 'latin1'),
);
const VALUES = new Uint8Array(128);
DIGIT_CODES.forEach((code, value) => {
  VALUES[code] = value;
});

/** Packs `key_` and 22 base62 digits: five digits of 6 bits a word, the first one lowest. */
export function packId(keyId: string, into: Uint32Array): void {
  for (let word = 0, i = PREFIX.length; word < ID_WORDS; word++) {
    let value = 0;
    for (let bits = 0; bits < DIGITS_PER_WORD * DIGIT_BITS && i < keyId.length; bits += DIGIT_BITS, i++)
      value |= (VALUES[keyId.charCodeAt(i)] ?? 0) << bits;
    into[word] = value;
  }
}

const idText = Buffer.alloc(PREFIX.length + ID_DIGITS);
idText.write(PREFIX, 'latin1');

export function unpackId(words: Uint32Array, at: number): string {
  for (let word = 0, i = PREFIX.length; word < ID_WORDS; word++) {
    let value = words[at + word] ?? 0;
    for (let digit = 0; digit < DIGITS_PER_WORD && i < idText.length; digit++, i++) {
      idText[i] = DIGIT_CODES[value & 63] ?? 0;
      value >>>= DIGIT_BITS;
    }
  }
  return idText.toString('latin1');
}

/** 32 bytes and the words of the same memory. */
export interface Digest {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
}

export function createDigest(): Digest {
  const bytes = Buffer.alloc(DIGEST_WORDS * 4);
  return { bytes, words: new Uint32Array(bytes.buffer, bytes.byteOffset, DIGEST_WORDS) };
}

const scratch = createDigest();

/** The words of a digest's text, valid until the next call; `null`: the text is no digest as it is written. */
export function packDigest(digest: string, encoding: 'hex' | 'base64url'): Uint32Array | null {
  scratch.bytes.fill(0);
  scratch.bytes.write(digest, encoding);
  return scratch.bytes.toString(encoding) === digest ? scratch.words : null;
}

export function unpackDigest(words: Uint32Array, at: number, encoding: 'hex' | 'base64url'): string {
  scratch.words.set(words.subarray(at, at + DIGEST_WORDS));
  return scratch.bytes.toString(encoding);
}
