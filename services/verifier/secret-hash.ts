// HMAC-SHA-256 of a key under a pepper, on the hot path: two `crypto.hash` calls over preallocated ipad and opad blocks.
// Equal to `hashSecret` (events/secret.ts, createHmac) for every text of at most MAX_SECRET_LENGTH Latin-1 characters.
import { hash as digest } from 'node:crypto';
import { MAX_SECRET_LENGTH, type Pepper } from '../../events/secret.ts';

const BLOCK = 64;
const DIGEST = 32;
/** Latin-1 under the name that is also a digest's: asking for a Buffer would cost three times as much. */
const LATIN1 = 'binary';

/** Hashes a well-formed key; base64url, 43 characters. Not reentrant, and needs not be: it never awaits. */
export type SecretHash = (text: string) => string;

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
  return (text) => {
    const view = views[inner.write(text, BLOCK, LATIN1)] ?? inner;
    outer.write(digest('sha256', view, LATIN1), BLOCK, LATIN1);
    return digest('sha256', outer, 'base64url');
  };
}
