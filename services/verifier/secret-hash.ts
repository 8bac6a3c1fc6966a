// HMAC-SHA-256 of a key under a pepper, on the hot path: two `crypto.hash` calls over preallocated ipad and opad blocks.
// Equal to `hashSecret` (events/secret.ts, createHmac) for every text of at most MAX_SECRET_LENGTH Latin-1 characters.
import { hash as digest, type BinaryToTextEncoding } from 'node:crypto';
import { MAX_SECRET_LENGTH, type Pepper } from '../../events/secret.ts';
import { codesOf } from './credential.ts';
import { DIGEST_WORDS } from './packed.ts';

const BLOCK = 64;
const DIGEST = 32;
/**
 * Two bytes a character, the lower one first: the fewest to be read. `crypto.hash` takes every encoding of a Buffer, whatever
 * its types say; asking for a Buffer would cost three times as much.
 */
const PAIRS = 'utf16le' as BinaryToTextEncoding;

/** The words of a well-formed key's hash, as they are packed; valid until the next call. */
export type SecretHash = (text: string) => Uint32Array;

export function createSecretHash({ key }: Pepper): SecretHash {
  const secret = Buffer.alloc(BLOCK);
  // FIPS 198-1: a key longer than a block is hashed first.
  if (key.byteLength > BLOCK) secret.write(digest('sha256', key, 'hex'), 'hex');
  else secret.set(key);
  const inner = Buffer.alloc(BLOCK + MAX_SECRET_LENGTH);
  const outer = Buffer.alloc(BLOCK + DIGEST);
  secret.forEach((byte, i) => {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  });
  const views = Array.from({ length: MAX_SECRET_LENGTH + 1 }, (_, length) => inner.subarray(0, BLOCK + length));
  const innerText = new Uint32Array(inner.buffer, inner.byteOffset + BLOCK, MAX_SECRET_LENGTH / 4);
  const outerDigest = new DataView(outer.buffer, outer.byteOffset + BLOCK, DIGEST);
  const words = new Uint32Array(DIGEST_WORDS);
  return (text) => {
    const codes = codesOf(text);
    for (let i = 0; 4 * i < text.length; i++) innerText[i] = codes[i] ?? 0;
    const first = digest('sha256', views[text.length] ?? inner, PAIRS);
    for (let i = 0; i < first.length; i++) outerDigest.setUint16(2 * i, first.charCodeAt(i), true);
    const second = digest('sha256', outer, PAIRS);
    for (let i = 0; i < DIGEST_WORDS; i++) words[i] = second.charCodeAt(2 * i) | (second.charCodeAt(2 * i + 1) << 16);
    return words;
  };
}
