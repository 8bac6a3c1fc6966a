// Long work on the event loop: all of it, in order, and others have their turn in between.
import { describe, expect, test } from 'vitest';
import { inTurns, stepInTurns } from '../../projections/in-turns.ts';
import { NOTHING_FOLDED, reduceUsage, reduceUsageInSteps } from '../../projections/usage-reduce.ts';
import { batchOf, partitionOf } from '../support/usage.ts';

/** How often another piece of work had its turn until `work` was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let over = false;
  const other = (): void => {
    turns++;
    if (!over) setImmediate(other);
  };
  setImmediate(other);
  await work();
  over = true;
  return turns;
}

describe('work in turns', () => {
  test('takes all items once and in order, however many at a time', async () => {
    const items = Array.from({ length: 103 }, (_, index) => index);
    for (const atOnce of [1, 25, 103, 1000]) {
      const taken: number[] = [];
      await inTurns(items, (some) => taken.push(...some), atOnce);
      expect(taken).toEqual(items);
    }
    await inTurns([], () => expect.unreachable());
  });

  test('lets others go on in between', async () => {
    expect(await turnsDuring(() => inTurns(Array<number>(100).fill(0), () => undefined, 10))).toBeGreaterThanOrEqual(9);
  });

  test('ends with what the work fails with', async () => {
    const failing = inTurns(
      [1, 2],
      ([item]) => {
        if (item === 2) throw new Error('no');
      },
      1,
    );
    await expect(failing).rejects.toThrow('no');
  });

  test('the calls of a busy second are added up in steps, and come to what they come to at once', async () => {
    const calls = Array.from({ length: 1000 }, (_, index) => ({
      keyId: `key_${String(index % 7).repeat(22)}`,
      time: new Date(Date.parse('2026-03-01T09:00:00.000Z') + index).toISOString(),
    }));
    const batch = partitionOf([batchOf('v1', 1, calls), batchOf('v1', 2, calls)]);
    const loaded = {
      checkpoint: NOTHING_FOLDED,
      logDays: () => 30,
      forgetAfterMs: 86_400_000,
      now: '2026-03-02T00:00:00.000Z',
    };
    let reduction: unknown;
    const turns = await turnsDuring(async () => {
      reduction = await stepInTurns(reduceUsageInSteps(loaded, batch));
    });
    expect(turns).toBeGreaterThanOrEqual(20);
    expect(reduction).toEqual(reduceUsage(loaded, batch));
    expect(reduceUsage(loaded, batch).writes.requests).toHaveLength(2000);
  });
});
