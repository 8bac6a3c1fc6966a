// HMAC-SHA-256 of a key under a pepper, on the hot path: two `crypto.hash` calls over preallocated ipad and opad blocks.
// Equal to `hashSecret` (events/secret.ts, createHmac) for every text of at most MAX_SECRET_LENGTH Latin-1 characters.
import { hash as digest } from 'node:crypto';
import { MAX_SECRET_LENGTH, type Pepper } from '../../events/secret.ts';

const BLOCK = 64;
const DIGEST = 32;
/** Latin-1 under the name that is also a digest's: asking for a Buffer would cost three times as much. */
const LATIN1 = 'binary';

/** Hashes a well-formed key into 32 bytes. Not reentrant, and needs not be: it never awaits. */
export type SecretHash = (text: string, into: Uint8Array) => void;

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
  return (text, into) => {
    copy(text, inner, BLOCK);
    copy(digest('sha256', views[text.length] ?? inner, LATIN1), outer, BLOCK);
    copy(digest('sha256', outer, LATIN1), into, 0);
  };
}

/** For texts as short as these, writing them by themselves is faster than asking a Buffer to. */
function copy(text: string, into: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
}
