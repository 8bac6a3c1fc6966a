// Limits of the embedded store: counted in this process, without a round trip. What has changed is written at most once a
// second, all of it at once, and when the store is closed; a crash forgets at most that second (R8).
import type { Limits } from '../limits.ts';
import { StoreUnavailableError } from '../read-store.ts';
import { createTokenLog } from '../token-log.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { createLocalLimits, type Holder, type KeyLimit } from './local-limits.ts';
import { readStored } from './stored-json.ts';

export interface EmbeddedLimits extends Limits {
  /** Writes what has changed. */
  flush(): Promise<void>;
  /** Writes what has changed; nothing is granted any more. */
  close(): Promise<void>;
}

/** The two clocks of the process, in milliseconds: since the epoch, and one that is never set. */
export interface LimitClocks {
  wall(): number;
  monotonic(): number;
}

const WRITE_MS = 1000;
const CLOCKS: LimitClocks = { wall: () => Date.now(), monotonic: () => performance.now() };

interface StoredRow {
  readonly keyId: string;
  readonly row: string;
}

/** `used`: moments, each but the first as the milliseconds since the one before, and tokens in turns. */
interface StoredLimit {
  readonly windowMs: number;
  readonly until: number;
  readonly used: readonly number[];
  readonly holders: readonly (readonly [verifier: string, Holder])[];
}

/** Reads what counts still, and removes the rest. */
export async function openEmbeddedLimits(db: EmbeddedFile, clocks: LimitClocks = CLOCKS): Promise<EmbeddedLimits> {
  // L11: within a process the store's clock goes on with the one that is never set.
  const start = { wall: clocks.wall(), monotonic: clocks.monotonic() };
  const now = (): number => Math.floor(start.wall + (clocks.monotonic() - start.monotonic));
  await db.run('DELETE FROM limits WHERE until <= ?', [now()]);
  const stored = await db.all<StoredRow>('SELECT keyId, row FROM limits');
  const limits = createLocalLimits(new Map(stored.map(({ keyId, row }) => [keyId, fromRow(db, row, now())])));
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  function change(keyId: string): void {
    changed.add(keyId);
    timer ??= setTimeout(() => void flush().catch(() => undefined), WRITE_MS).unref();
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    return (writing = writing.catch(() => undefined).then(write));
  }

  async function write(): Promise<void> {
    const gone = limits.sweep(now());
    const keyIds = [...changed].filter((keyId) => limits.keys.has(keyId));
    const rows = keyIds.flatMap((keyId) => {
      const key = limits.keys.get(keyId);
      return key === undefined ? [] : [[keyId, key.until, toRow(key)]];
    });
    changed.clear();
    if (rows.length + gone.length === 0) return;
    try {
      await db.transaction(async (tx) => {
        await tx.run(INSERT, [JSON.stringify(rows)]);
        await tx.run('DELETE FROM limits WHERE keyId IN (SELECT value FROM json_each(?))', [JSON.stringify(gone)]);
      });
    } catch (error) {
      // Not forgotten: the next time.
      if (!closed) for (const keyId of keyIds) change(keyId);
      throw error;
    }
  }

  function take(...[request]: Parameters<Limits['take']>) {
    if (closed) throw new StoreUnavailableError('the read store is closed');
    const answer = limits.take(request, now());
    change(request.keyId);
    return answer;
  }

  return {
    take,
    report: (requests) => {
      for (const request of requests) take({ ...request, want: 0, spare: 0 });
    },
    flush,
    close: async () => {
      closed = true;
      // What cannot be written now is forgotten, as in a crash.
      await flush().catch(() => undefined);
    },
  };
}

const INSERT = `INSERT INTO limits (keyId, until, row)
  SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
  ON CONFLICT (keyId) DO UPDATE SET until = excluded.until, row = excluded.row`;

function toRow({ used, holders, windowMs, until }: KeyLimit): string {
  let before = 0;
  const row: StoredLimit = {
    ...{ windowMs, until },
    used: used.entries().flatMap(({ at, tokens }) => {
      const since = at - before;
      before = at;
      return [since, tokens];
    }),
    holders: [...holders],
  };
  return JSON.stringify(row);
}

/** The wall clock may have been set back since: what would lie in the future was used by now. */
function fromRow(db: EmbeddedFile, text: string, now: number): KeyLimit {
  const members = ['windowMs', 'until', 'used', 'holders'] as const;
  const row = readStored<StoredLimit>(text, members, 'limits', db.damaged);
  const used = createTokenLog();
  let at = 0;
  for (let i = 0; i < row.used.length; i += 2) {
    at += row.used[i] ?? 0;
    used.add(Math.min(at, now), row.used[i + 1] ?? 0);
  }
  const holders = new Map(
    row.holders.map(([verifier, held]) => [verifier, { ...held, until: Math.min(held.until, now) }]),
  );
  return { used, holders, windowMs: row.windowMs, until: Math.min(row.until, now + row.windowMs) };
}
