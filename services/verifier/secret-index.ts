// The secret index: verification hash → row of a key. V3: while a key is held it only ever grows; which of its hashes are
// good is in the key. All hashes of a key that leaves leave with it: they stand in a ring.
import { createKeyedRecords, type KeyedRecords, type KeyedRecordsImage } from './keyed-records.ts';
import { DIGEST_WORDS, packDigest, unpackDigest } from './packed.ts';

const ROW_AT = DIGEST_WORDS;
/** The next secret of the same row. */
const NEXT_AT = ROW_AT + 1;
export const SECRET_WORDS = NEXT_AT + 1;

/** Secrets have numbers; 0 is none's. */
export interface SecretIndex extends Pick<KeyedRecords, 'size' | 'bytes' | 'freeze'> {
  /**
   * The number of a stored hash, which leads to `row` unless it led somewhere before; 0 for what no text hashes to.
   *
   * @param sibling any other secret of the row; 0: there is none.
   */
  add(hash: string, row: number, sibling: number): number;
  /** Forgets a secret of the row and all its siblings. */
  drop(secret: number, row: number): void;
  /** @param digest its words; 0: there is none. */
  readonly find: (digest: Uint32Array) => number;
  readonly rowOf: (secret: number) => number;
  /** As it was added. */
  hashOf(secret: number): string;
}

/** @param image to go on from. */
export function createSecretIndex(image?: KeyedRecordsImage): SecretIndex {
  const secrets = createKeyedRecords(SECRET_WORDS, DIGEST_WORDS, undefined, image);

  const { find, segment, writable, at } = secrets; // as in keyed-records.ts
  const read = (secret: number, what: number): number => segment(secret - 1).words[at(secret - 1) + what] ?? 0;
  const write = (secret: number, what: number, value: number): void => {
    writable(secret - 1).words[at(secret - 1) + what] = value;
  };
  const isOf = (secret: number, row: number): boolean => secret !== 0 && read(secret, ROW_AT) === row;

  return {
    add: (hash, row, sibling) => {
      const digest = packDigest(hash, 'base64url');
      if (digest === null) return 0;
      const known = find(digest);
      // The first key that has a hash keeps it, as in the read store.
      if (known >= 0) return known + 1;
      const secret = secrets.insert(digest) + 1;
      write(secret, ROW_AT, row);
      write(secret, NEXT_AT, isOf(sibling, row) ? read(sibling, NEXT_AT) : secret);
      if (isOf(sibling, row)) write(sibling, NEXT_AT, secret);
      return secret;
    },
    drop: (secret, row) => {
      if (!isOf(secret, row)) return;
      for (let each = secret; ;) {
        const next = read(each, NEXT_AT);
        secrets.remove(each - 1);
        if (next === secret) return;
        each = next;
      }
    },
    find: (digest) => find(digest) + 1,
    rowOf: (secret) => read(secret, ROW_AT),
    hashOf: (secret) => (secret === 0 ? '' : unpackDigest(segment(secret - 1).words, at(secret - 1), 'base64url')),
    get size() {
      return secrets.size;
    },
    get bytes() {
      return secrets.bytes;
    },
    freeze: () => secrets.freeze(),
  };
}
