// Limits in the embedded store: no round trip, at most a second lost in a crash, nothing in a stop; and its clock.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../events/logs/sqlite.ts';
import type { LimitAnswer, LimitRequest } from '../../projections/limits.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { limitRequest } from '../contracts/limits.ts';
import { NOW } from '../contracts/read-store-fixture.ts';

const HOUR = 3_600_000;

describe('limits in the embedded store', () => {
  let root = '';
  let clock = { wall: 0, monotonic: 0 };
  const stores: ReadStore[] = [];
  const clocks = { wall: () => clock.wall, monotonic: () => clock.monotonic };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'keyfold-limits-'));
    clock = { wall: Date.parse(NOW), monotonic: 5 };
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await rm(root, { recursive: true });
  });

  async function open(folder = 'data'): Promise<ReadStore> {
    const store = await openEmbeddedStore({ directory: join(root, folder), now: NOW, clocks });
    stores.push(store);
    return store;
  }

  /** At once: no promise. */
  function take(store: ReadStore, more: Partial<LimitRequest> = {}): LimitAnswer {
    const answer = store.limits.take(limitRequest(more));
    if (answer instanceof Promise) throw new TypeError('it was waited for');
    return answer;
  }

  /** Uses so many of 60 a minute, and tells it. */
  function use(store: ReadStore, tokens: number): void {
    const perMinute = { limit: 60, windowMs: 60_000 };
    expect(take(store, { ...perMinute, want: tokens })).toMatchObject({ granted: tokens });
    const { turn } = limitRequest();
    take(store, { ...perMinute, want: 0, report: { number: turn, uses: [{ ago: 0, tokens }] } });
  }
  const free = (store: ReadStore): number =>
    take(store, { limit: 60, windowMs: 60_000, verifier: 'asks', want: 0 }).free;

  test('protocol R8: a stop forgets nothing', async () => {
    const store = await open();
    use(store, 23);
    await store.close();
    expect(free(await open())).toBe(37);
  });

  test('protocol R8: a crash forgets what was used in the last second, and no more', async () => {
    const store = await open();
    use(store, 20);
    let copies = 0;
    const afterCrash = async (): Promise<number> => {
      await cp(join(root, 'data'), join(root, `copy${++copies}`), { recursive: true });
      return free(await open(`copy${copies}`));
    };
    await expect.poll(afterCrash, { timeout: 5000, interval: 200 }).toBe(40);
    use(store, 7);
    expect(await afterCrash()).toBe(40);
    await expect.poll(afterCrash, { timeout: 5000, interval: 200 }).toBe(33);
  });

  test('protocol R8 L11: a wall clock that is set opens no window, nor does one that was set back before a start', async () => {
    const store = await open();
    use(store, 60);
    for (const step of [HOUR, -2 * HOUR]) {
      clock.wall += step;
      expect(free(store)).toBe(0);
    }
    clock.monotonic += 59_999;
    expect(free(store)).toBe(0);
    await store.close();
    const again = await open();
    expect(free(again)).toBe(0);
    clock.monotonic += 59_999;
    expect(free(again)).toBe(0);
    clock.monotonic += 1;
    expect(free(again)).toBe(60);
  });

  test('what counts no more is removed', async () => {
    const store = await open();
    use(store, 5);
    await store.close();
    const rows = async (): Promise<number> => {
      const file = await openSqlite({ file: join(root, 'data', 'kept.db') });
      const found = await file.all('SELECT keyId FROM limits');
      await file.close();
      return found.length;
    };
    expect(await rows()).toBe(1);
    clock.wall += 61_000;
    await (await open()).close();
    expect(await rows()).toBe(0);

    const running = await open();
    use(running, 5);
    clock.monotonic += 61_000;
    use(running, 0);
    await running.close();
    expect(await rows()).toBe(1);
  });
});
