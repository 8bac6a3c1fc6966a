// Usage counts: how many checks of a key came to what, by which secret, hour by hour. Counting is on the path of every
// check: two look-ups and no text is built. As many cells as differ, however many checks there were.
import type { UsageCount } from '../../events/usage.ts';
import type { KeyRecord } from './found-key.ts';
import type { KnownCode, SecretUsed } from './verify.ts';

const HOUR_MS = 3_600_000;

/** A key that was checked. */
export interface CountedKey {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly keyspace: string;
}

/** Checks of a key that came to the same; `hour` in hours since the epoch, the other times in epoch milliseconds. */
export interface CountedChecks {
  readonly key: CountedKey;
  readonly hour: number;
  readonly code: UsageCount['code'];
  readonly secret: SecretUsed;
  /** Of the key, as it was decided on: whose secret was the current one. */
  readonly keyVersion: number;
  /** Of its profile; `null`: there was none. */
  readonly keyspaceVersion: number | null;
  readonly firstAt: number;
  readonly count: number;
  readonly lastAt: number;
}

interface Cell extends CountedChecks {
  count: number;
  lastAt: number;
  readonly next: Cell | null;
}

interface Counted extends CountedKey {
  first: Cell | null;
}

export interface UsageCounts {
  /** Answers what the check is counted with. @param now effective now (L11), epoch milliseconds. */
  add(record: KeyRecord, code: KnownCode | 'NOT_FOUND', secret: SecretUsed, now: number): CountedChecks;
  all(): Generator<CountedChecks>;
  isEmpty(): boolean;
}

export function createUsageCounts(): UsageCounts {
  const keys = new Map<string, Counted>();
  return {
    isEmpty: () => keys.size === 0,
    add: ({ keyId, workspaceId, version: keyVersion, policy: { keyspace, keyspaceVersion } }, code, secret, now) => {
      const hour = Math.floor(now / HOUR_MS);
      let key = keys.get(keyId);
      if (key === undefined) keys.set(keyId, (key = { keyId, workspaceId, keyspace, first: null }));
      for (let cell = key.first; cell !== null; cell = cell.next) {
        if (cell.code !== code || cell.secret !== secret || cell.hour !== hour) continue;
        if (cell.keyVersion !== keyVersion || cell.keyspaceVersion !== keyspaceVersion) continue;
        cell.count++;
        cell.lastAt = now;
        return cell;
      }
      const next = key.first;
      const times = { firstAt: now, count: 1, lastAt: now };
      return (key.first = { key, hour, code, secret, keyVersion, keyspaceVersion, ...times, next });
    },
    *all() {
      for (const { first } of keys.values()) for (let cell = first; cell !== null; cell = cell.next) yield cell;
    },
  };
}
