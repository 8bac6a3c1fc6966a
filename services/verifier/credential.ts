// Credentials: whether a text has the form and the checksum of a key, judged in one pass before any hash or look-up.
// Depends on the text alone; agrees with `parseSecret` (events/secret.ts) on every text of the form. What was read of a good
// one is kept for its hash: reading a text's characters costs as much as its checksum.
import { CHECKSUM_LENGTH, MAX_SECRET_LENGTH, RANDOM_LENGTH } from '../../events/secret.ts';

const TAIL = RANDOM_LENGTH + CHECKSUM_LENGTH;
const UNDERSCORE = 0x5f;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

const NOT_A_DIGIT = 255;
/** The value of a base62 digit by its char code. */
const DIGITS = new Uint8Array(128).fill(NOT_A_DIGIT);
/** What may stand in the part before the last `_`: lower-case letters, digits, `_` and `-`. */
const IN_PREFIX = new Uint8Array(128);
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
for (let value = 0; value < BASE62.length; value++) DIGITS[BASE62.charCodeAt(value)] = value;
for (const character of 'abcdefghijklmnopqrstuvwxyz0123456789_-') IN_PREFIX[character.charCodeAt(0)] = 1;

/** Of the characters of one text, four a word. */
const codes = new Uint8Array(MAX_SECRET_LENGTH);
const words = new Uint32Array(codes.buffer);
/** Whose codes they are; `null`: nobody's. */
let read: string | null = null;

/** The codes of the characters of a text of Latin-1 of at most MAX_SECRET_LENGTH, four a word, valid until the next text is read. */
export function codesOf(text: string): Uint32Array {
  if (text !== read) {
    for (let i = 0; i < text.length; i++) codes[i] = text.charCodeAt(i);
    read = text;
  }
  return words;
}

/** Whether `text` is `{prefix}_{random}{checksum}` with a checksum that fits; ≤ 0.3 µs. */
export function isWellFormed(text: string): boolean {
  const at = text.length - TAIL - 1;
  if (at < 1 || text.length > MAX_SECRET_LENGTH || text.charCodeAt(at) !== UNDERSCORE) return false;
  read = null;
  for (let i = 0; i < at; i++) {
    const code = (codes[i] = text.charCodeAt(i));
    // A code beyond ASCII reads past the table: undefined is not 1.
    if (IN_PREFIX[code] !== 1) return false;
  }
  codes[at] = UNDERSCORE;
  let crc = -1;
  const checksumAt = text.length - CHECKSUM_LENGTH;
  for (let i = at + 1; i < checksumAt; i++) {
    const code = (codes[i] = text.charCodeAt(i));
    if ((DIGITS[code] ?? NOT_A_DIGIT) === NOT_A_DIGIT) return false;
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ code) & 0xff] ?? 0);
  }
  let stated = 0;
  for (let i = checksumAt; i < text.length; i++) {
    const code = (codes[i] = text.charCodeAt(i));
    const digit = DIGITS[code] ?? NOT_A_DIGIT;
    if (digit === NOT_A_DIGIT) return false;
    stated = stated * 62 + digit;
  }
  if (stated !== (crc ^ -1) >>> 0) return false;
  read = text;
  return true;
}
