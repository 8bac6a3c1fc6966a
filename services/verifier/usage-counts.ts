// Usage counts: how many checks of a key came to what, by which secret, hour by hour. Counting is on the path of every
// check: two look-ups and no text is built. As many rows as differ, however many checks there were.
import type { UsageCount } from '../../events/usage.ts';
import type { KeyRecord } from './key-table.ts';
import type { KnownCode, SecretUsed } from './verify.ts';

const HOUR_MS = 3_600_000;

/** A row; `hour` in hours since the epoch, the other times in epoch milliseconds. */
interface Cell {
  readonly hour: number;
  readonly code: UsageCount['code'];
  readonly secret: SecretUsed;
  /** Of the key, as it was decided on: whose secret was the current one. */
  readonly keyVersion: number;
  readonly firstAt: number;
  count: number;
  lastAt: number;
  readonly next: Cell | null;
}

interface Counted {
  readonly workspaceId: string;
  readonly keyspace: string;
  first: Cell | null;
}

export interface UsageCounts {
  /** @param now effective now (L11), epoch milliseconds. */
  add(record: KeyRecord, code: KnownCode | 'NOT_FOUND', secret: SecretUsed, now: number): void;
  /** Rows, times as they go into a batch. */
  rows(): Generator<UsageCount>;
  readonly isEmpty: boolean;
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function createUsageCounts(): UsageCounts {
  const keys = new Map<string, Counted>();
  return {
    get isEmpty() {
      return keys.size === 0;
    },
    add: ({ keyId, workspaceId, version, policy }, code, secret, now) => {
      const hour = Math.floor(now / HOUR_MS);
      let counted = keys.get(keyId);
      if (counted === undefined) keys.set(keyId, (counted = { workspaceId, keyspace: policy.keyspace, first: null }));
      for (let cell = counted.first; cell !== null; cell = cell.next) {
        if (cell.code !== code || cell.secret !== secret || cell.hour !== hour || cell.keyVersion !== version) continue;
        cell.count++;
        cell.lastAt = now;
        return;
      }
      const next = counted.first;
      counted.first = { hour, code, secret, keyVersion: version, firstAt: now, count: 1, lastAt: now, next };
    },
    *rows() {
      for (const [keyId, { workspaceId, keyspace, first }] of keys) {
        for (let cell = first; cell !== null; cell = cell.next) {
          const { hour, code, secret, keyVersion, count } = cell;
          const times = { hour: iso(hour * HOUR_MS), firstAt: iso(cell.firstAt), lastAt: iso(cell.lastAt) };
          yield { keyId, workspaceId, keyspace, keyVersion, code, secret, count, ...times };
        }
      }
    },
  };
}
