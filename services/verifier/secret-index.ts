// The secret index: verification hash → row of a key. V3: it only ever grows; which of its hashes are good is in the key.
import { createKeyedRecords } from './keyed-records.ts';
import { DIGEST_WORDS, packDigest, unpackDigest } from './packed.ts';

const ROW_AT = DIGEST_WORDS;
const WORDS = DIGEST_WORDS + 1;

/** Secrets have numbers; 0 is none's. */
export interface SecretIndex {
  /** The number of a stored hash, which leads to `row` unless it led somewhere before; 0 for what no text hashes to. */
  add(hash: string, row: number): number;
  /** @param digest its words; 0: there is none. */
  find(digest: Uint32Array): number;
  rowOf(secret: number): number;
  /** As it was added. */
  hashOf(secret: number): string;
  readonly size: number;
  readonly bytes: number;
}

export function createSecretIndex(): SecretIndex {
  const secrets = createKeyedRecords(WORDS, DIGEST_WORDS);
  return {
    add: (hash, row) => {
      const digest = packDigest(hash, 'base64url');
      if (digest === null) return 0;
      const known = secrets.find(digest);
      // The first key that has a hash keeps it, as in the read store.
      if (known >= 0) return known + 1;
      const secret = secrets.insert(digest);
      secrets.segment(secret).words[secrets.at(secret) + ROW_AT] = row;
      return secret + 1;
    },
    find: (digest) => secrets.find(digest) + 1,
    rowOf: (secret) => secrets.segment(secret - 1).words[secrets.at(secret - 1) + ROW_AT] ?? 0,
    hashOf: (secret) =>
      secret === 0 ? '' : unpackDigest(secrets.segment(secret - 1).words, secrets.at(secret - 1), 'base64url'),
    get size() {
      return secrets.size;
    },
    get bytes() {
      return secrets.bytes;
    },
  };
}
