// Events come in bursts; the questions that they lead to do not.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGathering } from '../../console/src/keys/gathering.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const gather = (take: (ids: readonly string[]) => Promise<void> | void) =>
  createGathering({
    quietMs: 100,
    longestMs: 500,
    take: async (ids) => {
      await take([...ids]);
    },
  });

test('a burst is one question, with everything once', async () => {
  const taken: (readonly string[])[] = [];
  const gathering = gather((ids) => void taken.push(ids));
  for (const id of ['a', 'b', 'a', 'c']) gathering.add(id);
  await vi.advanceTimersByTimeAsync(99);
  expect(taken).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(taken).toEqual([['a', 'b', 'c']]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(taken).toHaveLength(1);
});

test('what never rests is asked for all the same', async () => {
  const taken: (readonly string[])[] = [];
  const gathering = gather((ids) => void taken.push(ids));
  for (let at = 0; at < 20; at += 1) {
    gathering.add(String(at));
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(taken.length).toBeGreaterThanOrEqual(1);
  expect(taken.length).toBeLessThanOrEqual(3);
});

test('one question at a time: what comes meanwhile waits for its end, even where it failed', async () => {
  const taken: (readonly string[])[] = [];
  let fail: () => void = () => undefined;
  const gathering = gather((ids) => {
    taken.push(ids);
    return new Promise<void>((_, reject) => {
      fail = () => reject(new Error('away'));
    });
  });
  gathering.add('a');
  await vi.advanceTimersByTimeAsync(100);
  gathering.add('b');
  gathering.add('c');
  await vi.advanceTimersByTimeAsync(5000);
  expect(taken).toEqual([['a']]);
  fail();
  await vi.advanceTimersByTimeAsync(500);
  expect(taken).toEqual([['a'], ['b', 'c']]);
});

test('nothing is asked for once it is stopped', async () => {
  const taken: (readonly string[])[] = [];
  const gathering = gather((ids) => void taken.push(ids));
  gathering.add('a');
  gathering.stop();
  gathering.add('b');
  await vi.advanceTimersByTimeAsync(5000);
  expect(taken).toEqual([]);
});
