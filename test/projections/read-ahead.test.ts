// Reading ahead: a few items at most, in order, and no error before its turn.
import { describe, expect, test } from 'vitest';
import { readAheadOf } from '../../projections/read-ahead.ts';
import { until } from '../fakes/running.ts';

async function* upTo(count: number, taken: number[], error?: Error): AsyncGenerator<number, void, undefined> {
  for (let item = 0; item < count; item++) {
    taken.push(item);
    yield item;
    await Promise.resolve();
  }
  if (error) throw error;
}

const double = (item: number) => Promise.resolve(item * 2);
const running = (): AbortSignal => new AbortController().signal;

describe('reading ahead', () => {
  test('answers every item once, in order, and then the end', async () => {
    const reading = readAheadOf(upTo(50, []), double, running());
    const seen: number[] = [];
    for (let item = await reading.next(); item !== undefined; item = await reading.next()) seen.push(item);
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
    expect(await reading.next()).toBeUndefined();
  });

  test('makes two ready and no more, until one is taken', async () => {
    const taken: number[] = [];
    const reading = readAheadOf(upTo(10, taken), double, running());
    await until(() => taken.length === 2, 'two items');
    expect(reading.peek()).toBe(0);
    expect(await reading.next()).toBe(0);
    await until(() => taken.length === 3, 'the third');
    expect(reading.peek()).toBe(2);
  });

  test('fails behind what was made ready before it failed', async () => {
    const reading = readAheadOf(upTo(2, [], new Error('the log broke')), double, running());
    expect(await reading.next()).toBe(0);
    expect(await reading.next()).toBe(2);
    await expect(reading.next()).rejects.toThrow('the log broke');
    await expect(reading.next()).rejects.toThrow('the log broke');
  });

  test('ends when it is told to, though nobody takes what is ready, and leaves the stream', async () => {
    const stopping = new AbortController();
    let left = false;
    async function* endless(): AsyncGenerator<number, void, undefined> {
      try {
        for (;;) yield await Promise.resolve(1);
      } finally {
        left = true;
      }
    }
    const reading = readAheadOf(endless(), double, stopping.signal);
    await until(() => reading.peek() !== undefined, 'an item');
    stopping.abort();
    await until(() => left, 'the stream to be left');
  });
});
