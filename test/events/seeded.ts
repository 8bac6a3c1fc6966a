// Seeded randomness for tests: the same seed gives the same bytes, on every machine.
import { createCipheriv, createHash } from 'node:crypto';
import type { RandomBytes } from '../../events/secret.ts';

/** A source of bytes like `crypto.randomBytes`: the key stream of AES-CTR under the seed. */
export function seededBytes(seed: string | number): RandomBytes {
  const stream = createCipheriv('aes-256-ctr', createHash('sha256').update(String(seed)).digest(), Buffer.alloc(16));
  return (size) => stream.update(Buffer.alloc(size));
}
