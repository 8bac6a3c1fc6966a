// The key table: a row for every held key under its id, and the secret index: verification hash → key, both in typed
// arrays. V3: which of a key's hashes are good is in the key. Past a bound the keys that were not used of late leave.
import { isAggregateId, KEYSPACES } from '../../events/ids.ts';
import type { KeyState } from '../../events/key/state.ts';
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import type { FoundKey, KeyRecord } from './found-key.ts';
import { createHolders } from './holders.ts';
import { createKeyedRecords } from './keyed-records.ts';
import { clearRow, HEAD_AT, markUsed, readChecked, readRow, ROW_WORDS, writeRow } from './key-row.ts';
import type { CheckedRow, Row } from './key-row.ts';
import { createOverlaps } from './overlaps.ts';
import { DIGEST_WORDS, ID_WORDS, packDigest, packId, unpackDigest, unpackId } from './packed.ts';
import { createPeppers } from './peppers.ts';
import { createPolicies, type Policies } from './policy.ts';
import { createPublicOrigins } from './public-origins.ts';
import { createTableRoom } from './table-room.ts';
import { createSecretIndex } from './secret-index.ts';
import type { FrozenTable, TableImage } from './table-image.ts';

export interface KeyTable {
  readonly size: number;
  /**
   * For the fold; `null` before a key's first event. What neither a verdict nor a later event of the fold depends on is
   * not held, and comes back blank: preview, predecessor, when and by whom it was made, rotated and revoked, and the number
   * of its data key.
   */
  get(keyId: string): KeyState | null;
  /** By a hash that is, or ever was, one of the key's. @param digest its words. */
  readonly bySecret: (digest: Uint32Array) => FoundKey | null;
  /** Holds a state; of the keys that are held by then, some may leave. */
  put(state: KeyState): void;
  /** Has one more hash lead to a key that is held: one that was its own once. */
  learn(keyId: string, hash: string): void;
  /** How many keys have left. */
  readonly evicted: number;
  /** Whether keys of this type are used in public. Those stay, whatever the bound, since preflights ask of all of them. */
  isPublic(key: Pick<KeyState, 'keyspace' | 'type'>): boolean;
  /** How many current and previous secrets of keys that are not deleted were hashed under each pepper. */
  readonly peppers: ReadonlyMap<string, number>;
  /** Peppers of keys that have left. */
  readonly formerPeppers: ReadonlySet<string>;
  readonly policies: Policies;
  /** The profiles that keys are judged by. Answers whether other types are public now. */
  setKeyspaces(profiles: Readonly<Record<string, KeyspaceEntry>>): boolean;
  /** The keys that are quarantined now, which count as not active below. */
  setShutOut(keyIds: ReadonlySet<string>): void;
  /** Whether an active public key of the keyspace works from an origin. @param now effective now (L11), epoch milliseconds. */
  allowsOrigin(keyspace: string, origin: string, now: number): boolean;
  /** Of the typed arrays. */
  readonly bytes: number;
  /** All that is held as it is now, to be read out bit by bit; `setKeyspaces` and `setShutOut` are not in it. */
  freeze(): FrozenTable;
}

export interface KeyTableOptions {
  /** VERIFIER_MAX_KEYS; default: no bound. */
  readonly maxKeys?: number;
  /** To go on from. */
  readonly image?: TableImage;
}

/** Of what is not held. */
const BLANK = {
  ...{ preview: '', predecessor: null, createdAt: '', createdBy: { kind: 'system', id: '' } },
  ...{ lastRotatedAt: null, revocation: null, dataKeyNumber: 0 },
} as const satisfies Partial<KeyState>;
const SCHEME = 'hmac-sha256';

const iso = (ms: number): string => new Date(ms).toISOString();
const isKeyId = (id: string): boolean => id !== KEYSPACES && isAggregateId(id);

export function createKeyTable({ maxKeys = Infinity, image }: KeyTableOptions = {}): KeyTable {
  const rows = createKeyedRecords(ROW_WORDS, ID_WORDS, undefined, image?.rows);
  const secrets = createSecretIndex(image?.secrets);
  const overlaps = createOverlaps(image?.overlaps);
  const policies = createPolicies(image?.policies);
  const holders = createHolders(image?.holders);
  const peppers = createPeppers(image?.peppers);
  const formerPeppers = new Set(image?.formerPeppers);
  // As in keyed-records.ts.
  const { segment: segmentOf, at: placeOf } = rows;
  const { find: secretBy, rowOf: rowBySecret } = secrets;
  const origins = createPublicOrigins();
  const room = createTableRoom({ maxKeys, rows, stays: (row) => stays(checkedAt(row)), evict });
  let shutOut: ReadonlySet<string> = new Set();
  const id = new Uint32Array(ID_WORDS);
  const head = new Uint32Array(DIGEST_WORDS);

  /** @param sibling a secret that the row had before; 0: none. */
  function write(row: number, state: KeyState, sibling: number): void {
    const { secret, previousSecret } = state;
    const segment = rows.writable(row);
    const at = placeOf(row);
    const current = secrets.add(secret.hash, row, sibling);
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
              previous: secrets.add(previousSecret.hash, row, current),
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
    const { words } = segmentOf(row);
    const at = placeOf(row);
    const found = rowAt(row);
    const { workspaceId, ownerId } = holders.read(found.holder);
    const overlap = found.overlaps ? overlaps.read(found.secret) : null;
    return {
      ...{ ...BLANK, ...policies.shared(found.policy), workspaceId, ownerId },
      keyId: unpackId(words, at),
      version: found.version,
      head: unpackDigest(words, at + HEAD_AT, 'hex'),
      time: iso(found.time),
      status: found.status,
      expiresAt: found.expiresAt === Infinity ? null : iso(found.expiresAt),
      secret: stored(overlap?.current ?? found.secret, found.pepper),
      previousSecret: overlap && { ...stored(overlap.previous, overlap.pepper), retiresAt: iso(overlap.retiresAt) },
    };
  }

  const rowAt = (row: number): Row => readRow(segmentOf(row), placeOf(row));
  const checkedAt = (row: number): CheckedRow => readChecked(segmentOf(row), placeOf(row));
  const secretOf = ({ secret, overlaps: overlapping }: CheckedRow): number =>
    overlapping ? overlaps.read(secret).current : secret;
  /** Public keys are what preflights are answered by, unless they are gone for ever. */
  const stays = ({ status, policy }: CheckedRow): boolean =>
    (status === 'ACTIVE' || status === 'DISABLED') && origins.isPublic(policies.shared(policy));

  function rowOf(keyId: string): number {
    if (!isKeyId(keyId)) return -1;
    packId(keyId, id);
    return rows.find(id);
  }

  function evict(row: number): void {
    const state = read(row);
    const found = rowAt(row);
    peppers.count(state, -1);
    if (state.status !== 'DELETED') formerPeppers.add(state.secret.pepperId);
    secrets.drop(secretOf(found), row);
    release(found);
    rows.remove(row);
    clearRow(rows.writable(row), placeOf(row));
  }

  function countOrigins({ status, policy, expiresAt }: CheckedRow, by: 1 | -1): void {
    if (status === 'ACTIVE') origins.count(policies.shared(policy), expiresAt, by);
  }

  function countOriginsOf(keyId: string, by: 1 | -1): void {
    const row = rowOf(keyId);
    if (row >= 0) countOrigins(checkedAt(row), by);
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
      if (!origins.setKeyspaces(profiles)) return false;
      room.staying = 0;
      for (let row = 0; row < rows.limit; row++) {
        const found = checkedAt(row);
        if (found.version === 0) continue;
        countOrigins(found, 1);
        if (stays(found)) room.staying++;
      }
      for (const keyId of shutOut) countOriginsOf(keyId, -1);
      return true;
    },
    setShutOut: (keyIds) => {
      const before = shutOut;
      shutOut = keyIds;
      for (const keyId of keyIds) if (!before.has(keyId)) countOriginsOf(keyId, -1);
      for (const keyId of before) if (!keyIds.has(keyId)) countOriginsOf(keyId, 1);
    },
    allowsOrigin: (keyspace, origin, now) => origins.allows(keyspace, origin, now),
    peppers: peppers.counts,
    formerPeppers,
    get evicted() {
      return room.evicted;
    },
    isPublic: (key) => origins.isPublic(key),
    learn: (keyId, hash) => {
      const row = rowOf(keyId);
      if (row >= 0) secrets.add(hash, row, secretOf(checkedAt(row)));
    },
    get: (keyId) => {
      const row = rowOf(keyId);
      return row < 0 ? null : read(row);
    },
    bySecret: (digest) => {
      const shown = secretBy(digest);
      if (shown === 0) return null;
      const row = rowBySecret(shown);
      const segment = segmentOf(row);
      const at = placeOf(row);
      const found = readChecked(segment, at);
      markUsed(segment, at);
      const { workspaceId, ownerId, ownerIsPlain } = holders.read(found.holder);
      // Named one by one: a spread costs as much as all checks.
      const record: KeyRecord = {
        keyId: unpackId(segment.words, at),
        workspaceId,
        version: found.version,
        status: found.status,
        ownerId,
        ownerIsPlain,
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
        write(row, state, 0);
        if (counts) countOrigins(checkedAt(row), 1);
        if (stays(checkedAt(row))) room.staying++;
        room.make(row);
        return;
      }
      const before = rowAt(known);
      const wasKept = stays(before);
      peppers.count(read(known), -1);
      write(known, state, secretOf(before));
      if (counts) {
        countOrigins(before, -1);
        countOrigins(checkedAt(known), 1);
      }
      const isKept = stays(checkedAt(known));
      room.staying += Number(isKept) - Number(wasKept);
      release(before);
      if (wasKept && !isKept) room.make(known);
    },
    freeze: () => ({
      ...{ rows: rows.freeze(), secrets: secrets.freeze(), overlaps: overlaps.freeze() },
      ...{ policies: policies.image(), holders: holders.image(), peppers: peppers.image() },
      formerPeppers: [...formerPeppers],
    }),
  };
}
