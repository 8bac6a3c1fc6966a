// The key table: every key's state under its id, and the secret index: verification hash → key.
// V3: the index only ever grows; which of its hashes are good is in the key. All access goes through this interface.
import type { KeyState } from '../../events/key/state.ts';
import type { Policies, Policy, PolicyCell } from './policy.ts';

/** What a check reads of one key. Valid until the next `put`: never kept over an await. */
export interface KeyRecord {
  readonly state: KeyState;
  readonly policy: Policy;
  /** Epoch milliseconds from which the key is expired; `Infinity`: never. */
  readonly expiresAt: number;
  /** Epoch milliseconds from which the previous secret is retired; `-Infinity` without one. */
  readonly retiresAt: number;
}

export interface KeyTable {
  readonly size: number;
  /** For the fold; `null` before a key's first event. */
  get(keyId: string): KeyState | null;
  record(keyId: string): KeyRecord | null;
  /** By a hash that is, or ever was, one of the key's. */
  bySecret(hash: string): KeyRecord | null;
  put(state: KeyState): void;
  /** How many current and previous secrets of keys that are not deleted were hashed under each pepper. */
  readonly peppers: ReadonlyMap<string, number>;
}

interface Entry {
  state: KeyState;
  cell: PolicyCell;
  policy: Policy;
  expiresAt: number;
  retiresAt: number;
}

export function createKeyTable(policies: Policies): KeyTable {
  const byId = new Map<string, Entry>();
  const byHash = new Map<string, Entry>();
  const peppers = new Map<string, number>();

  function count({ status, secret, previousSecret }: KeyState, by: 1 | -1): void {
    if (status === 'DELETED') return;
    for (const pepperId of previousSecret ? [secret.pepperId, previousSecret.pepperId] : [secret.pepperId]) {
      const users = (peppers.get(pepperId) ?? 0) + by;
      if (users > 0) peppers.set(pepperId, users);
      else peppers.delete(pepperId);
    }
  }

  function index({ secret, previousSecret }: KeyState, entry: Entry): void {
    // The first key that has a hash keeps it, as in the read store.
    if (!byHash.has(secret.hash)) byHash.set(secret.hash, entry);
    if (previousSecret && !byHash.has(previousSecret.hash)) byHash.set(previousSecret.hash, entry);
  }

  /** An entry as it is read: its policy follows the keyspace's current profile. */
  function current(entry: Entry | undefined): KeyRecord | null {
    if (!entry) return null;
    entry.policy = policies.compiled(entry.cell);
    return entry;
  }

  return {
    get size() {
      return byId.size;
    },
    get: (keyId) => byId.get(keyId)?.state ?? null,
    record: (keyId) => current(byId.get(keyId)),
    bySecret: (hash) => current(byHash.get(hash)),
    put: (given) => {
      const cell = policies.acquire(given);
      // The shared arrays in place of this key's own.
      const state = { ...given, ...cell.content };
      const expiresAt = state.expiresAt === null ? Infinity : Date.parse(state.expiresAt);
      const retiresAt = state.previousSecret === null ? -Infinity : Date.parse(state.previousSecret.retiresAt);
      let entry = byId.get(state.keyId);
      if (entry) {
        count(entry.state, -1);
        policies.release(entry.cell);
        Object.assign(entry, { state, cell, expiresAt, retiresAt });
      } else {
        entry = { state, cell, policy: policies.compiled(cell), expiresAt, retiresAt };
        byId.set(state.keyId, entry);
      }
      count(state, 1);
      index(state, entry);
    },
    peppers,
  };
}
