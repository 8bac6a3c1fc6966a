// The key table: a row for every key under its id, and the secret index: verification hash → key, both in typed arrays.
// V3: the index only ever grows; which of its hashes are good is in the key. All access goes through this interface.
import { isAggregateId, KEYSPACES } from '../../events/ids.ts';
import type { KeyState, StoredStatus } from '../../events/key/state.ts';
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import { createHolders } from './holders.ts';
import { createKeyedRecords } from './keyed-records.ts';
import { HEAD_AT, readRow, ROW_WORDS, writeRow, type Row } from './key-row.ts';
import { createOverlaps } from './overlaps.ts';
import { DIGEST_WORDS, ID_WORDS, packDigest, packId, unpackDigest, unpackId } from './packed.ts';
import { createPeppers } from './peppers.ts';
import { createPolicies, type KeyPolicy, type Policies } from './policy.ts';
import { createPublicOrigins } from './public-origins.ts';
import { createSecretIndex } from './secret-index.ts';

/** What a check reads of one key: a copy, as it is now. */
export interface KeyRecord {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly version: number;
  readonly status: StoredStatus;
  readonly ownerId: string | null;
  /** Epoch milliseconds from which the key is expired; `Infinity`: never. */
  readonly expiresAt: number;
  readonly policy: KeyPolicy;
}

/** A key, and what the hash by which it was found is to it. */
export interface FoundKey {
  readonly record: KeyRecord;
  readonly secret: 'CURRENT' | 'PREVIOUS' | 'RETIRED';
  /** Epoch milliseconds from which a previous secret is retired; `-Infinity` for others. */
  readonly retiresAt: number;
}

export interface KeyTable {
  readonly size: number;
  /**
   * For the fold; `null` before a key's first event. What neither a verdict nor a later event of the fold depends on is
   * not held, and comes back blank: preview, predecessor, when and by whom it was made, rotated and revoked, and the number
   * of its data key.
   */
  get(keyId: string): KeyState | null;
  /** By a hash that is, or ever was, one of the key's. @param digest its words. */
  bySecret(digest: Uint32Array): FoundKey | null;
  put(state: KeyState): void;
  /** How many current and previous secrets of keys that are not deleted were hashed under each pepper. */
  readonly peppers: ReadonlyMap<string, number>;
  readonly policies: Policies;
  /** The profiles that keys are judged by. */
  setKeyspaces(profiles: Readonly<Record<string, KeyspaceEntry>>): void;
  /** The keys that are quarantined now, which count as not active below. */
  setShutOut(keyIds: ReadonlySet<string>): void;
  /** Whether an active public key of the keyspace works from an origin. @param now effective now (L11), epoch milliseconds. */
  allowsOrigin(keyspace: string, origin: string, now: number): boolean;
  /** Of the typed arrays. */
  readonly bytes: number;
}

/** Of what is not held. */
const BLANK = {
  ...{ preview: '', predecessor: null, createdAt: '', createdBy: { kind: 'system', id: '' } },
  ...{ lastRotatedAt: null, revocation: null, dataKeyNumber: 0 },
} as const satisfies Partial<KeyState>;
const SCHEME = 'hmac-sha256';

const iso = (ms: number): string => new Date(ms).toISOString();
const isKeyId = (id: string): boolean => id !== KEYSPACES && isAggregateId(id);

export function createKeyTable(): KeyTable {
  const rows = createKeyedRecords(ROW_WORDS, ID_WORDS);
  const secrets = createSecretIndex();
  const overlaps = createOverlaps();
  const policies = createPolicies();
  const holders = createHolders();
  const peppers = createPeppers();
  const origins = createPublicOrigins();
  let shutOut: ReadonlySet<string> = new Set();
  const id = new Uint32Array(ID_WORDS);
  const head = new Uint32Array(DIGEST_WORDS);

  function write(row: number, state: KeyState): void {
    const { secret, previousSecret } = state;
    const segment = rows.segment(row);
    const at = rows.at(row);
    const current = secrets.add(secret.hash, row);
    peppers.count(state, 1);
    writeRow(segment, at, {
      status: state.status,
      pepper: peppers.acquire(secret.pepperId),
      version: state.version,
      policy: policies.acquire(state),
      holder: holders.acquire(state),
      secret:
        previousSecret === null
          ? current
          : overlaps.add({
              current,
              previous: secrets.add(previousSecret.hash, row),
              pepper: peppers.acquire(previousSecret.pepperId),
              retiresAt: Date.parse(previousSecret.retiresAt),
            }),
      overlaps: previousSecret !== null,
      expiresAt: state.expiresAt === null ? Infinity : Date.parse(state.expiresAt),
      time: Date.parse(state.time),
    });
    segment.words.set(head, at + HEAD_AT);
  }

  /** Gives back what a row shared with others before it was written anew. */
  function release({ pepper, policy, holder, secret, overlaps: overlapping }: Row): void {
    peppers.release(pepper);
    policies.release(policy);
    holders.release(holder);
    if (!overlapping) return;
    peppers.release(overlaps.read(secret).pepper);
    overlaps.drop(secret);
  }

  const stored = (secret: number, pepper: number) =>
    ({ scheme: SCHEME, pepperId: peppers.text(pepper), hash: secrets.hashOf(secret) }) as const;

  function read(row: number): KeyState {
    const segment = rows.segment(row);
    const at = rows.at(row);
    const found = readRow(segment, at);
    const overlap = found.overlaps ? overlaps.read(found.secret) : null;
    return {
      ...{ ...BLANK, ...policies.shared(found.policy), ...holders.read(found.holder) },
      keyId: unpackId(segment.words, at),
      version: found.version,
      head: unpackDigest(segment.words, at + HEAD_AT, 'hex'),
      time: iso(found.time),
      status: found.status,
      expiresAt: found.expiresAt === Infinity ? null : iso(found.expiresAt),
      secret: stored(overlap?.current ?? found.secret, found.pepper),
      previousSecret: overlap && { ...stored(overlap.previous, overlap.pepper), retiresAt: iso(overlap.retiresAt) },
    };
  }

  const rowAt = (row: number): Row => readRow(rows.segment(row), rows.at(row));

  function countOrigins({ status, policy, expiresAt }: Row, by: 1 | -1): void {
    if (status === 'ACTIVE') origins.count(policies.shared(policy), expiresAt, by);
  }

  function countOriginsOf(keyId: string, by: 1 | -1): void {
    if (!isKeyId(keyId)) return;
    packId(keyId, id);
    const row = rows.find(id);
    if (row >= 0) countOrigins(rowAt(row), by);
  }

  return {
    get size() {
      return rows.size;
    },
    get bytes() {
      return rows.bytes + secrets.bytes + overlaps.bytes;
    },
    policies,
    setKeyspaces: (profiles) => {
      policies.setKeyspaces(profiles);
      if (!origins.setKeyspaces(profiles)) return;
      for (let row = 0; row < rows.size; row++) countOrigins(rowAt(row), 1);
      for (const keyId of shutOut) countOriginsOf(keyId, -1);
    },
    setShutOut: (keyIds) => {
      const before = shutOut;
      shutOut = keyIds;
      for (const keyId of keyIds) if (!before.has(keyId)) countOriginsOf(keyId, -1);
      for (const keyId of before) if (!keyIds.has(keyId)) countOriginsOf(keyId, 1);
    },
    allowsOrigin: (keyspace, origin, now) => origins.allows(keyspace, origin, now),
    peppers: peppers.counts,
    get: (keyId) => {
      if (!isKeyId(keyId)) return null;
      packId(keyId, id);
      const row = rows.find(id);
      return row < 0 ? null : read(row);
    },
    bySecret: (digest) => {
      const shown = secrets.find(digest);
      if (shown === 0) return null;
      const row = secrets.rowOf(shown);
      const segment = rows.segment(row);
      const at = rows.at(row);
      const found = readRow(segment, at);
      const { workspaceId, ownerId } = holders.read(found.holder);
      // Named one by one: a spread costs as much as all checks.
      const record: KeyRecord = {
        keyId: unpackId(segment.words, at),
        workspaceId,
        version: found.version,
        status: found.status,
        ownerId,
        expiresAt: found.expiresAt,
        policy: policies.compiled(found.policy),
      };
      const overlap = found.overlaps ? overlaps.read(found.secret) : null;
      if (shown === (overlap?.current ?? found.secret)) return { record, secret: 'CURRENT', retiresAt: -Infinity };
      if (shown !== overlap?.previous) return { record, secret: 'RETIRED', retiresAt: -Infinity };
      return { record, secret: 'PREVIOUS', retiresAt: overlap.retiresAt };
    },
    put: (state) => {
      const digest = packDigest(state.head, 'hex');
      if (digest === null || !isKeyId(state.keyId)) throw new TypeError('this is the state of no key');
      head.set(digest);
      packId(state.keyId, id);
      const known = rows.find(id);
      const counts = !shutOut.has(state.keyId);
      if (known < 0) {
        const row = rows.insert(id);
        write(row, state);
        if (counts) countOrigins(rowAt(row), 1);
        return;
      }
      const before = rowAt(known);
      peppers.count(read(known), -1);
      write(known, state);
      if (counts) {
        countOrigins(before, -1);
        countOrigins(rowAt(known), 1);
      }
      release(before);
    },
  };
}
