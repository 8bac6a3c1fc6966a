// Usage counts: how many checks of a key came to what, by which secret, hour by hour. Counting is on the path of every
// check: two look-ups and no text is built. As many rows as differ, however many checks there were.
import type { UsageCount } from '../../events/usage.ts';
import type { KeyRecord } from './key-table.ts';
import type { KnownCode, SecretUsed } from './verify.ts';

const HOUR_MS = 3_600_000;

/** A row; `hour` in hours since the epoch, `lastAt` in epoch milliseconds. */
interface Cell {
  readonly hour: number;
  readonly code: UsageCount['code'];
  readonly secret: SecretUsed;
  count: number;
  lastAt: number;
  readonly next: Cell | null;
}

interface Counted {
  readonly workspaceId: string;
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
    add: ({ keyId, workspaceId }, code, secret, now) => {
      const hour = Math.floor(now / HOUR_MS);
      let counted = keys.get(keyId);
      if (counted === undefined) keys.set(keyId, (counted = { workspaceId, first: null }));
      for (let cell = counted.first; cell !== null; cell = cell.next) {
        if (cell.code !== code || cell.secret !== secret || cell.hour !== hour) continue;
        cell.count++;
        cell.lastAt = now;
        return;
      }
      counted.first = { hour, code, secret, count: 1, lastAt: now, next: counted.first };
    },
    *rows() {
      for (const [keyId, { workspaceId, first }] of keys) {
        for (let cell = first; cell !== null; cell = cell.next) {
          const { hour, code, secret, count, lastAt } = cell;
          yield { keyId, workspaceId, hour: iso(hour * HOUR_MS), code, secret, count, lastAt: iso(lastAt) };
        }
      }
    },
  };
}
