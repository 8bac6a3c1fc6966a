// Random bytes and choices that a seed repeats.
import { seededBytes } from '../events/seeded.ts';

export { seededBytes };

/** Choices from {@link seededBytes}. */
export function createRandom(seed: number) {
  const bytes = seededBytes(seed);
  const below = (limit: number): number => Buffer.from(bytes(4)).readUInt32BE() % limit;
  return {
    below,
    pick: <T>(items: readonly T[]): T => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    /** Each item with a chance of one half. */
    some: <T>(items: readonly T[]): T[] => items.filter(() => below(2) === 0),
    chance: (percent: number): boolean => below(100) < percent,
  };
}

/** The seed of this run: `SEED`, or one of the clock; printed with every failure through the test's name. */
export const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
