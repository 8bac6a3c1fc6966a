// The contract of the port's limits: what is counted, granted and handed back, under the store's own clock.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRANT_MS, SPARE_PART, type LimitAnswer, type LimitRequest } from '../../projections/limits.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { createLocalLimits } from '../../projections/stores/local-limits.ts';
import { keyIdOf } from './read-store-rows.ts';
import type { ContractOptions, OpenFixture } from './read-store-fixture.ts';

let turns = 0;
const KEY = keyIdOf(1);
const HOUR = 3_600_000;

/** One token of ten an hour, for a verifier that holds nothing. */
export const limitRequest = (more: Partial<LimitRequest> = {}): LimitRequest => ({
  ...{ keyId: KEY, limit: 10, windowMs: HOUR, verifier: 'v1', turn: ++turns },
  ...{ report: null, held: 0, want: 1, spare: 0 },
  ...more,
});

const used = (tokens: number, ago = 0, number = ++turns): LimitRequest['report'] => ({
  number,
  uses: [{ ago, tokens }],
});

/** Takes again and again until there is something. */
async function takeUntilGranted(store: ReadStore, request: () => LimitRequest): Promise<LimitAnswer> {
  for (;;) {
    const answer = await store.limits.take(request());
    if (answer.granted > 0) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function limitTests(open: OpenFixture, { runs }: ContractOptions): void {
  describe('limits', () => {
    test('protocol R2: of many who ask at once, through several handles, exactly the limit is granted', async () => {
      const { store, another } = await open();
      const stores = [store, await another(), await another()];
      const answers = await Promise.all(
        Array.from({ length: 45 }, async (_, i) => stores[i % 3]!.limits.take(limitRequest({ verifier: `v${i}` }))),
      );
      expect(answers.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
      const last = await store.limits.take(limitRequest({ verifier: 'late' }));
      expect(last).toMatchObject({ granted: 0, free: 0, used: [] });
      expect(last.held).toHaveLength(10);
      expect(await store.limits.take(limitRequest({ keyId: keyIdOf(2) }))).toMatchObject({ granted: 1, free: 9 });
    });

    test('what is left, what counts and since when is told', async () => {
      const { store } = await open();
      const first = await store.limits.take(limitRequest({ want: 4 }));
      expect(first).toMatchObject({ granted: 4, free: 6, oldest: null, used: [], held: [] });
      const second = await store.limits.take(limitRequest({ report: used(4), want: 2 }));
      expect(second).toMatchObject({ granted: 2, free: 4, used: [] });
      expect(second.oldest).toBe(second.now);
      const third = await store.limits.take(limitRequest({ verifier: 'v2', want: 9 }));
      expect(third).toMatchObject({ granted: 4, free: 0, oldest: second.now });
      expect(third.used).toEqual([{ at: second.now, tokens: 4 }]);
      expect(third.held).toEqual([{ at: second.now + GRANT_MS, tokens: 2 }]);
    });

    test('protocol R1: a token is free again when its window has passed since its use, and not before', async () => {
      const { store } = await open();
      const windowMs = 300;
      const request = (more: Partial<LimitRequest>) => limitRequest({ windowMs, limit: 2, ...more });
      await store.limits.take(request({ want: 2 }));
      const { now } = await store.limits.take(request({ report: used(2), want: 0 }));
      const again = await takeUntilGranted(store, () => request({ want: 2 }));
      expect(again.now - now).toBeGreaterThanOrEqual(windowMs);
      expect(again).toMatchObject({ granted: 2, free: 0 });
    });

    test('protocol R3: what nobody reports counts as used when its life ends; what is handed back is free at once', async () => {
      const { store } = await open();
      const windowMs = 200;
      const request = (more: Partial<LimitRequest>) => limitRequest({ windowMs, limit: 2, ...more });
      const { now } = await store.limits.take(request({ verifier: 'dead', want: 1 }));
      expect(await store.limits.take(request({ want: 2 }))).toMatchObject({ granted: 1, free: 0 });
      const back = await store.limits.take(request({ want: 0 }));
      expect(back).toMatchObject({ granted: 0, free: 1 });
      const whole = await takeUntilGranted(store, () => request({ verifier: 'v2', want: 2, held: 1 }));
      expect(whole.now - now).toBeGreaterThanOrEqual(GRANT_MS + windowMs);
    });

    test('protocol R4: spare tokens are a small part of what is free', async () => {
      const { store } = await open();
      const request = (more: Partial<LimitRequest>) => limitRequest({ limit: 10 * SPARE_PART, spare: 8, ...more });
      expect(await store.limits.take(request({ want: SPARE_PART }))).toMatchObject({ granted: SPARE_PART + 8 });
      expect(await store.limits.take(request({ want: 7.5 * SPARE_PART }))).toMatchObject({
        granted: 7.5 * SPARE_PART + 2,
      });
      const near = request({ want: 9 * SPARE_PART + 1 });
      expect(await store.limits.take(near)).toMatchObject({ granted: 9 * SPARE_PART + 1, free: SPARE_PART - 1 });
    });

    test('protocol R5: a report that comes again counts once, and a request that comes late changes nothing', async () => {
      const { store } = await open();
      const report = used(3);
      const late = limitRequest({ want: 5 });
      await store.limits.take(limitRequest({ want: 3 }));
      for (let i = 0; i < 3; i++)
        expect(await store.limits.take(limitRequest({ report, want: 0 }))).toMatchObject({ free: 7 });
      await store.limits.report([limitRequest({ report })]);
      expect(await store.limits.take(late)).toMatchObject({ granted: 0, free: 7 });
      await store.limits.report([late]);
      const twice = limitRequest({ want: 1, held: 0 });
      const first = await store.limits.take(twice);
      expect(await store.limits.take(twice)).toEqual({ ...first, now: expect.any(Number) as unknown });
      await store.limits.take(limitRequest({ want: 0 }));
      expect(await store.limits.take(limitRequest({ verifier: 'v2', want: 99 }))).toMatchObject({ granted: 7 });
    });

    test('protocol R6: where tokens are many, uses close together are one, counted at its end', async () => {
      const { store } = await open();
      const request = (more: Partial<LimitRequest>) =>
        limitRequest({ limit: 1_000_000, windowMs: 86_400_000, ...more });
      const grain = 86_400;
      const uses = Array.from({ length: 500 }, (_, i) => ({ ago: i * grain, tokens: 10 }));
      for (let number = 1; number <= 4; number++) {
        await store.limits.take(request({ want: 0, report: { number: ++turns, uses } }));
      }
      const full = await store.limits.take(request({ want: 1_000_000 }));
      expect(full.granted).toBe(980_000);
      expect(full.used.length).toBeLessThanOrEqual(502);
      for (const { at } of full.used) expect(at % grain).toBe(0);
      expect(full.used[0]!.at).toBeGreaterThanOrEqual(full.now - 500 * grain);
    });

    test('many keys are reported at once, known or not', async () => {
      const { store } = await open();
      await store.limits.take(limitRequest({ keyId: keyIdOf(1), want: 5 }));
      await store.limits.report([1, 2, 3].map((n) => limitRequest({ keyId: keyIdOf(n), report: used(n), want: 9 })));
      for (const n of [1, 2, 3]) {
        const answer = await store.limits.take(limitRequest({ keyId: keyIdOf(n), verifier: 'v2', want: 99 }));
        expect(answer).toMatchObject({ granted: 10 - n });
      }
    });

    test('a limit that changes counts at once, whatever was granted before', async () => {
      const { store } = await open();
      await store.limits.take(limitRequest({ want: 10 }));
      await store.limits.take(limitRequest({ want: 0, report: used(10) }));
      expect(await store.limits.take(limitRequest({ limit: 4 }))).toMatchObject({ granted: 0, free: -6 });
      expect(await store.limits.take(limitRequest({ limit: 15, want: 9 }))).toMatchObject({ granted: 5, free: 0 });
    });

    test('opened again it has counted everything', async () => {
      const { store, reopen } = await open();
      await store.limits.take(limitRequest({ want: 6 }));
      await store.limits.take(limitRequest({ held: 2, report: used(4), want: 0 }));
      const again = await reopen();
      expect(await again.limits.take(limitRequest({ verifier: 'v2', want: 10 }))).toMatchObject({
        granted: 4,
        free: 0,
      });
    });

    test('whatever is asked, the answers are those of the plain count', async () => {
      const { store } = await open();
      const verifiers = ['a', '$b', 'c'];
      const limits = fc.constantFrom([5, 2000], [40, 60], [3000, 40_000], [100, 250]);
      const steps = fc.record({
        verifier: fc.constantFrom(...verifiers),
        want: fc.nat({ max: 8 }),
        spare: fc.nat({ max: 4 }),
        held: fc.nat({ max: 3 }),
        late: fc.boolean(),
        told: fc.option(
          fc.record({ again: fc.boolean(), tokens: fc.uniqueArray(fc.nat({ max: 9 }), { maxLength: 4 }) }),
        ),
      });
      let keys = 100;
      await fc.assert(
        fc.asyncProperty(limits, fc.array(steps, { maxLength: 25 }), async ([limit, windowMs], all) => {
          const keyId = keyIdOf(++keys);
          const plain = createLocalLimits();
          for (const { verifier, want, spare, held, late, told } of all) {
            const number = told?.again === true ? turns - 1 : ++turns;
            const grain = limit > 2000 ? windowMs / 1000 : 1;
            const uses = told?.tokens.map((n) => ({ ago: n * grain, tokens: n + 1 })) ?? [];
            const request = limitRequest({
              ...{ keyId, limit: limit, windowMs: windowMs, verifier, want, spare, held },
              ...{ turn: late ? turns - 2 : ++turns, report: told === null ? null : { number, uses } },
            });
            const answer = await store.limits.take(request);
            expect(answer).toEqual(plain.take(request, answer.now));
          }
        }),
        { numRuns: runs * 3 },
      );
    });
  });
}
