// The limiter: never more than the limit in any window, whatever happens to requests and verifiers; never less for whoever
// keeps to it; and few requests where there is plenty.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Taken } from '../../services/verifier/judge.ts';
import { createWorld, type Network } from './limiter-world.ts';
import { createRandom, SEED } from './random.ts';

const MINUTE = 60_000;
/** From 0 up to 1. */
function randomOf(seed: number): () => number {
  const { below } = createRandom(seed);
  return () => below(1_000_000) / 1_000_000;
}

const AWAY: Network = () => [null, null];

/** A client that calls every so often, its verifiers in turns; answers what was refused, and the world. */
async function steady(perMinute: number, limit: number, verifiers: number, network?: Network) {
  const world = createWorld({ verifiers, limit, ...(network ? { network } : {}) });
  const refused: number[] = [];
  const calls = 5 * perMinute;
  for (let i = 0; i < calls; i++) {
    const when = (i * MINUTE) / perMinute;
    world.at(when, () => {
      void world.verifiers[i % verifiers]!.check().then(({ ok }) => {
        if (!ok) refused.push(when);
      });
    });
  }
  await world.run(5 * MINUTE + 1000);
  expect(world.uses.length + refused.length).toBe(calls);
  expect(world.uses.filter(({ degraded }) => degraded)).toEqual([]);
  return { world, refused };
}

describe('never more than the limit', () => {
  test(`protocol R1 R2 R3 R5: in any window, whatever is late, lost or dies (SEED=${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(1, 3, 10, 60, 400, 5000),
        fc.constantFrom(1, 2, 5),
        fc.constantFrom(0, 0.02, 0.3),
        async (rngSeed, verifiers, limit, windowSeconds, trouble) => {
          const random = randomOf(rngSeed);
          const way = () => (random() < trouble ? (random() < 0.5 ? null : random() * 3000) : random() * 20);
          const world = createWorld({ verifiers, limit, windowSeconds, network: () => [way(), way()] });
          const length = windowSeconds * 4000;
          for (let i = 0; i < 400; i++) {
            const verifier = world.verifiers[Math.floor(random() * verifiers)]!;
            // Bursts and pauses.
            const when = Math.floor(random() * 12) * (length / 12) + random() ** 3 * (length / 12);
            const cost = random() < 0.8 ? 1 : 1 + Math.floor(random() * Math.min(limit + 1, limit / 3 + 2));
            world.at(when, () => void verifier.check(cost));
          }
          if (verifiers > 1 && trouble > 0) world.at(random() * length, () => world.verifiers[0]!.kill());
          await world.run(length + 10_000);
          const share = Math.ceil(limit / 10);
          expect(world.most(undefined, ({ degraded }) => !degraded)).toBeLessThanOrEqual(limit);
          expect(world.most()).toBeLessThanOrEqual(limit + verifiers * share);
          for (let v = 0; v < verifiers; v++) {
            const own = world.most(undefined, ({ degraded, verifier }) => degraded && verifier === v);
            expect(own).toBeLessThanOrEqual(share);
          }
        },
      ),
      { seed: SEED, numRuns: 250 },
    );
  }, 120_000);

  test.each([1, 3])('600 offered at 50 at once under 60 a minute to %i verifiers: exactly 60', async (verifiers) => {
    const world = createWorld({ verifiers, network: () => [2, 3] });
    const outcomes: Taken[] = [];
    let offered = 0;
    const client = async (): Promise<void> => {
      while (offered < 600) outcomes.push(await world.verifiers[offered++ % verifiers]!.check());
    };
    const clients = Promise.all(Array.from({ length: 50 }, client));
    await world.run(10_000);
    await clients;
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(60);
    expect(outcomes.filter(({ degraded }) => degraded)).toEqual([]);
  });

  test('protocol R3: a wall clock that is set an hour forward or back opens no window', async () => {
    for (const step of [3_600_000, -3_600_000]) {
      const world = createWorld({ limit: 3 });
      const [verifier] = world.verifiers;
      for (let i = 0; i < 8; i++) world.at(i * 10, () => void verifier!.check());
      world.at(35, () => (verifier!.skew.wall += step));
      await world.run(59_000);
      expect(world.uses).toHaveLength(3);
    }
  });

  /** A verifier that has been granted more than it has used, and is cut off at that moment. */
  async function cutOff(windowSeconds: number) {
    const world = createWorld({ verifiers: 2, limit: 400, windowSeconds, network: () => [1, 1] });
    const [a, b] = world.verifiers;
    for (let asked = 0; (world.requests.at(-1)?.spare ?? 0) < 5 || world.requests.length === asked;) {
      asked = world.requests.length;
      void a!.check();
      await world.run(world.now() + 10);
    }
    world.setNetwork(AWAY);
    const cutAt = world.now();
    /** As much as there is, one by one. */
    const takeAll = async (of: NonNullable<typeof a>) => {
      const all = Array.from({ length: 500 }, () => of.check());
      await world.run(world.now() + 10);
      return Promise.all(all);
    };
    return { world, a: a!, b: b!, cutAt, takeAll };
  }

  test('protocol R3: a token that is not used within a second of its request is dead', async () => {
    const { world, a, cutAt } = await cutOff(60);
    await world.run(cutAt + 900);
    expect(await a.check()).toMatchObject({ ok: true, degraded: false });
    await world.run(cutAt + 1000);
    const late = a.check();
    await world.run(cutAt + 1300);
    expect(await late).toMatchObject({ ok: true, degraded: true });
  });

  test('protocol R3: what a verifier that dies has not told counts as used at the end of its life', async () => {
    const { world, a, b, cutAt, takeAll } = await cutOff(2);
    await world.run(cutAt + 900);
    for (let i = 0; i < 5; i++) expect(await a.check()).toMatchObject({ ok: true, degraded: false });
    a.kill();
    world.setNetwork(() => [1, 1]);
    for (let when = 1900; when < 4000; when += 20) {
      await world.run(cutAt + when);
      await takeAll(b);
    }
    expect(world.most(undefined, ({ degraded }) => !degraded)).toBe(400);
  });

  test('protocol R5: what was used since the report that is sent again is held, until it is told itself', async () => {
    const { world, a, b, cutAt, takeAll } = await cutOff(60);
    // Asked in vain: the report of this request is sent again, without what is used meanwhile.
    const asked = a.check(20);
    for (let i = 0; i < 5; i++) expect(await a.check()).toMatchObject({ ok: true, degraded: false });
    await world.run(cutAt + 300);
    expect(await asked).toMatchObject({ degraded: true });
    const already = world.requests.length;
    world.setNetwork(() => [1, 1]);
    while (world.requests.length === already) await world.run(world.now() + 1);
    await world.run(world.now() + 2);
    await takeAll(b);
    expect(world.most(undefined, ({ degraded }) => !degraded)).toBeLessThanOrEqual(400);
  });

  test('a cost over the limit is refused always, and takes none', async () => {
    const world = createWorld({ limit: 5 });
    const check = (cost: number) => world.verifiers[0]!.check(cost);
    expect(await check(6)).toMatchObject({ ok: false, limit: 5, windowSeconds: 60 });
    expect(world.requests).toEqual([]);
    const whole = check(5);
    await world.run(100);
    expect(await whole).toMatchObject({ ok: true, remaining: 0 });
    expect(await check(6)).toMatchObject({ ok: false });
  });
});

describe('never less for whoever keeps to it', () => {
  test.each([
    [59, 60, 1],
    [59, 60, 3],
    [599, 600, 1],
    [599, 600, 3],
  ])(
    '%i a minute under %i, over %i verifiers, for 5 minutes: none is refused',
    async (perMinute, limit, verifiers) => {
      const random = randomOf(SEED);
      const { refused, world } = await steady(perMinute, limit, verifiers, () => [random() * 10, random() * 10]);
      expect(refused, `SEED=${SEED}`).toEqual([]);
      expect(world.most()).toBeLessThanOrEqual(limit);
    },
    60_000,
  );

  test('protocol R6: nor where tokens are so many that they are counted in slices, but for half a percent', async () => {
    const limit = 3000;
    const { refused, world } = await steady(limit * 0.995, limit, 2);
    expect(refused).toEqual([]);
    for (const { used } of world.local.keys.values()) expect(used.size()).toBeLessThan(1100);
  }, 60_000);

  test('protocol R5: what a lease leaves over is handed back within about a second', async () => {
    const world = createWorld({ limit: 400 });
    const [verifier] = world.verifiers;
    for (let i = 0; i < 20; i++) world.at(i * 20, () => void verifier!.check());
    await world.run(3000);
    expect(world.requests.some(({ spare }) => spare > 0)).toBe(true);
    const [key] = world.local.keys.values();
    expect(key!.used.total()).toBe(20);
    expect([...key!.holders.values()].map(({ tokens }) => tokens)).toEqual([0]);
  });
});

describe('the store is asked once per lease', () => {
  test('protocol R2: who comes while a request is under way shares the next one', async () => {
    const world = createWorld({ network: () => [20, 20] });
    for (let i = 0; i < 50; i++) world.at(i / 2, () => void world.verifiers[0]!.check());
    await world.run(100);
    expect(world.uses).toHaveLength(50);
    expect(world.requests.map(({ want }) => want)).toEqual([1, 49]);
  });

  test('protocol R4: where there is plenty, far fewer requests than checks; near the limit no spare token', async () => {
    const world = createWorld({ limit: 100_000 });
    for (let i = 0; i < 10_000; i++) world.at(i, () => void world.verifiers[0]!.check());
    await world.run(12_000);
    expect(world.uses).toHaveLength(10_000);
    expect(world.requests.length).toBeLessThan(200);

    const near = createWorld({ limit: 100 });
    for (let i = 0; i < 150; i++) near.at(i * 5, () => void near.verifiers[0]!.check());
    await near.run(2000);
    expect(near.uses).toHaveLength(100);
    const [key] = near.local.keys.values();
    expect(key!.used.total()).toBe(100);
  });

  test('whoever is refused is refused again without asking, until something may be free', async () => {
    const world = createWorld({ limit: 2, windowSeconds: 10 });
    const [verifier] = world.verifiers;
    for (let i = 0; i < 9000; i++) world.at(i, () => void verifier!.check());
    await world.run(9500);
    expect(world.uses).toHaveLength(2);
    expect(world.requests.length).toBeLessThan(25);
  });

  test('protocol R9: a key that is idle is forgotten', async () => {
    const world = createWorld();
    const [verifier] = world.verifiers;
    world.at(0, () => void verifier!.check());
    await world.run(500);
    expect(verifier!.limiter.size()).toBe(1);
    await world.run(3000);
    expect(verifier!.limiter.size()).toBe(0);
  });
});

describe('what is told', () => {
  test('what is left, and from when on there is more; of a refusal, when the same check passes', async () => {
    const world = createWorld({ limit: 10, windowSeconds: 10 });
    const [verifier] = world.verifiers;
    const told: Record<string, Taken> = {};
    const check = (when: number, name: string, cost?: number) =>
      world.at(when, () => void verifier!.check(cost).then((taken) => (told[name] = taken)));
    check(0, 'first', 4);
    check(2000, 'second', 6);
    check(4000, 'one');
    check(4000, 'five', 5);
    await world.run(4500);
    const at = (ms: number) => ms + verifier!.skew.wall;
    expect(told.first).toMatchObject({ ok: true, limit: 10, windowSeconds: 10, remaining: 6, degraded: false });
    expect(told.second).toMatchObject({ ok: true, remaining: 0 });
    expect(told.one).toMatchObject({ ok: false, remaining: 0 });
    expect(Math.abs(told.one!.resetAt - at(10_000))).toBeLessThan(10);
    expect(Math.abs(told.five!.resetAt - at(12_000))).toBeLessThan(10);
    // Whoever waits as long passes.
    check(told.one!.resetAt - verifier!.skew.wall, 'waited');
    await world.run(11_000);
    expect(told.waited).toMatchObject({ ok: true });
  });

  test('a limit that is changed counts at once, both ways', async () => {
    const world = createWorld({ limit: 10 });
    const [verifier] = world.verifiers;
    const outcomes = async (count: number): Promise<number> => {
      const all = Array.from({ length: count }, () => verifier!.check());
      await world.run(world.now() + 50);
      return (await Promise.all(all)).filter(({ ok }) => ok).length;
    };
    expect(await outcomes(20)).toBe(10);
    world.setLimit(15);
    expect(await outcomes(20)).toBe(5);
    world.setLimit(4);
    expect(await outcomes(20)).toBe(0);
    await world.run(MINUTE + 1000);
    expect(await outcomes(20)).toBe(4);
  });
});

describe('while the store is away', () => {
  test('protocol R7: the own share is granted and flagged, nobody waits twice, and what was granted counts later', async () => {
    const world = createWorld({ verifiers: 2, limit: 40 });
    const [a, b] = world.verifiers;
    world.setNetwork(AWAY);
    const first = Array.from({ length: 3 }, () => a!.check());
    await world.run(249);
    expect(world.uses).toEqual([]);
    await world.run(251);
    expect(await Promise.all(first)).toMatchObject(Array.from({ length: 3 }, () => ({ ok: true, degraded: true })));
    expect((await a!.check()).remaining).toBe(0);
    expect(await a!.check()).toMatchObject({ ok: false, degraded: true, limit: 40 });
    expect(a!.limiter.size()).toBe(1);

    world.setNetwork(() => [1, 1]);
    await world.run(3000);
    const all = Array.from({ length: 60 }, () => b!.check());
    await world.run(4000);
    expect((await Promise.all(all)).filter(({ ok }) => ok)).toHaveLength(36);
    const again = a!.check();
    await world.run(5000);
    expect(await again).toMatchObject({ ok: false, degraded: false });
    expect(await a!.metrics.registry.metrics()).toContain('keyfold_limiter_degraded_total 4');
  });

  test('protocol R7: the share is one for any window, however often the store comes and goes', async () => {
    const world = createWorld({ limit: 50 });
    const [verifier] = world.verifiers;
    for (let i = 0; i < 60; i++) {
      world.at(i * 1000, () => world.setNetwork(i % 4 === 3 ? () => [1, 1] : AWAY));
      for (let j = 0; j < 4; j++) world.at(i * 1000 + j * 250 + 1, () => void verifier!.check(2));
    }
    await world.run(65_000);
    expect(world.most(undefined, ({ degraded }) => degraded)).toBeLessThanOrEqual(5);
    expect(world.most()).toBeLessThanOrEqual(55);
  });

  test('it is tried about once a second, not by every check', async () => {
    const world = createWorld({ limit: 1000, network: AWAY });
    for (let i = 0; i < 5000; i++) world.at(i, () => void world.verifiers[0]!.check());
    await world.run(10_000);
    expect(world.requests.length).toBeLessThan(15);
    expect(world.uses).toHaveLength(100);
  });
});

describe('a verifier that stops', () => {
  test('hands back what it holds and tells what it has used', async () => {
    const world = createWorld({ verifiers: 2, limit: 400 });
    const [a, b] = world.verifiers;
    for (let i = 0; i < 30; i++) world.at(i * 10, () => void a!.check());
    await world.run(300);
    const closed = a!.limiter.close();
    await world.run(400);
    await closed;
    const rest = b!.check(370);
    await world.run(500);
    expect(await rest).toMatchObject({ ok: true, remaining: 0 });
  });

  test('does not hang where the store is away', async () => {
    const world = createWorld();
    world.at(0, () => void world.verifiers[0]!.check());
    await world.run(100);
    world.setNetwork(AWAY);
    const closed = world.verifiers[0]!.limiter.close();
    await world.run(3000);
    await closed;
  });
});
