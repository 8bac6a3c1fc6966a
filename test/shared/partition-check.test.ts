// The number of partitions that a log was made with: recorded once, and compared at every start.
import { describe, expect, test } from 'vitest';
import { checkPartitionCount, WrongPartitionsError } from '../../services/partition-check.ts';
import { describeStartFailure } from '../../services/start-failure.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

describe('protocol T: the number of partitions', () => {
  test('protocol T: is recorded at the first start, and another one is refused for ever, with the setting and what to do', async () => {
    const store = createMemoryStore();
    await checkPartitionCount(store, 6);
    await checkPartitionCount(store, 6);
    for (const other of [12, 3]) {
      const refused: unknown = await checkPartitionCount(store, other).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WrongPartitionsError);
      const { code, message, advice } = describeStartFailure(refused);
      expect([code, message]).toEqual([
        'WRONG_PARTITIONS',
        `the log was made with 6 partitions, and KAFKA_PARTITIONS is ${other}: the events of a key would be parted`,
      ]);
      expect(advice).toMatch(/^set KAFKA_PARTITIONS to 6; /);
    }
    await checkPartitionCount(store, 6);
  });

  test('of two processes that start at once with different ones, one is refused', async () => {
    const store = createMemoryStore();
    const both = await Promise.allSettled([checkPartitionCount(store, 6), checkPartitionCount(store.connect(), 12)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
