// Rate limits on MongoDB: verifiers of several processes share a limit, and a server that is cut off or frozen holds
// nobody up.
import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, test } from 'vitest';
import type { ReadStore } from '../../projections/read-store.ts';
import { openMongoStore } from '../../projections/stores/mongodb.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import type { Taken } from '../../services/verifier/judge.ts';
import { createLimiter } from '../../services/verifier/limiter.ts';
import { startProxy } from '../projections/proxy.ts';
import { recordOf } from './limiter-world.ts';

const server = process.env.MONGODB_URL;
if (!server) throw new Error('MONGODB_URL must name a MongoDB server: npm run test:services');

let databases = 0;
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** The address of a database of its own. @param host instead of the server's. */
function database(): (host?: string) => string {
  const url = new URL(server ?? '');
  url.pathname = `/keyfold_limits_${process.pid}_${++databases}`;
  url.searchParams.set('directConnection', 'true');
  cleanups.push(async () => {
    const client = new MongoClient(url.href);
    await client.db().dropDatabase();
    await client.close();
  });
  return (host) => {
    const address = new URL(url);
    if (host !== undefined) address.host = host;
    return address.href;
  };
}

/** A limiter of a process of its own. */
async function verifier(url: string, name: string) {
  const store: ReadStore = await openMongoStore({ url, now: new Date().toISOString(), answerTimeoutMs: 2000 });
  const metrics = createMetrics({ defaults: false });
  const limiter = createLimiter({ limits: store.limits, verifier: name, metrics });
  cleanups.unshift(async () => {
    await limiter.close();
    await store.close();
  });
  return {
    limiter,
    check: async (limit: number, cost = 1, windowSeconds = 60): Promise<Taken> =>
      limiter.take(recordOf(limit, windowSeconds), cost, Date.now()),
    requests: async (): Promise<number> => {
      const { values } = await metrics.limiterRequests.get();
      return values.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

describe('limits on MongoDB', () => {
  test.each([1, 3])('600 offered at 50 at once under 60 a minute, to %i verifiers: exactly 60', async (count) => {
    const url = database();
    const verifiers = await Promise.all(Array.from({ length: count }, (_, i) => verifier(url(), `v${i}`)));
    const outcomes: Taken[] = [];
    let offered = 0;
    const client = async (): Promise<void> => {
      while (offered < 600) outcomes.push(await verifiers[offered++ % count]!.check(60));
    };
    await Promise.all(Array.from({ length: 50 }, client));
    expect(outcomes.filter(({ degraded }) => degraded)).toEqual([]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(60);
  });

  test('where there is plenty the server is asked once per lease', async () => {
    const { check, requests } = await verifier(database()(), 'v0');
    for (let i = 0; i < 5000; i++) {
      expect(await check(1_000_000)).toMatchObject({ ok: true, degraded: false });
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await requests()).toBeLessThan(500);
  });

  test('a token is free again when its window has passed', async () => {
    const { check } = await verifier(database()(), 'v0');
    const first = performance.now();
    expect(await check(1, 1, 1)).toMatchObject({ ok: true });
    const passes = async (): Promise<boolean> => (await check(1, 1, 1)).ok;
    expect(await passes()).toBe(false);
    await expect.poll(passes, { interval: 20, timeout: 5000 }).toBe(true);
    expect(performance.now() - first).toBeGreaterThanOrEqual(999);
    expect(performance.now() - first).toBeLessThan(1900);
  });

  test.each(['cut', 'freeze'] as const)(
    'protocol R7: a server that is gone (%s): the share, flagged; later it counts',
    async (how) => {
      const url = database();
      const proxy = await startProxy(new URL(url()));
      cleanups.push(() => proxy.close());
      const cutOff = await verifier(url(proxy.host), 'v0');
      const other = await verifier(url(), 'v1');
      expect(await cutOff.check(40)).toMatchObject({ ok: true, degraded: false });
      proxy[how]();
      const start = performance.now();
      const during = await Promise.all(Array.from({ length: 10 }, () => cutOff.check(40)));
      expect(performance.now() - start).toBeLessThan(2000);
      expect(during.filter(({ ok }) => ok)).toHaveLength(4);
      for (const taken of during) expect(taken.degraded).toBe(true);
      proxy.mend();
      const isBack = async (): Promise<boolean> => !(await cutOff.check(40)).degraded;
      await expect.poll(isBack, { interval: 100, timeout: 60_000 }).toBe(true);
      await cutOff.limiter.close();
      expect((await other.check(40)).remaining).toBe(40 - 1 - 4 - 1 - 1);
    },
  );
});
