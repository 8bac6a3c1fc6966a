// How long an export waits for its reader, by a clock of the test's, on an answer that is taken when the test says so.
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPatientWriter, OutOfPatienceError } from '../../services/api/export-patience.ts';

const LIMITS = { spareMs: 60_000, leastBytesPerSecond: 10, totalMs: 15 * 60_000 };
const TEN_SECONDS = 'x'.repeat(100);

class Answer extends EventEmitter {
  destroyed = false;
  full = true;
  write = () => !this.full;
  end = () => undefined;
  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

let answer: Answer;
let writer: ReturnType<typeof createPatientWriter>;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  answer = new Answer();
  writer = createPatientWriter(answer as unknown as ServerResponse, LIMITS);
});
afterEach(() => {
  expect(answer.listenerCount('drain') + answer.listenerCount('finish') + answer.listenerCount('close')).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** What becomes of a write that is taken after so many seconds. */
async function takenAfter(seconds: number, text = TEN_SECONDS): Promise<boolean | 'cut'> {
  const written = writer.write(text).catch((error: unknown) => {
    expect(error).toBeInstanceOf(OutOfPatienceError);
    return 'cut' as const;
  });
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  answer.emit('drain');
  return written;
}

test('a reader is waited for as long as what it is given takes at the least rate, and a minute besides', async () => {
  expect(await takenAfter(69)).toBe(true);
  // That was 59 of the 60 seconds to spare.
  expect(await takenAfter(10)).toBe(true);
  expect(await takenAfter(12)).toBe('cut');
});

test('who takes more than the least rate gets back what was to spare, and never more than that', async () => {
  expect(await takenAfter(60)).toBe(true);
  for (let n = 0; n < 20; n++) expect(await takenAfter(1)).toBe(true);
  expect(await takenAfter(71)).toBe('cut');
});

test('nobody reads for longer than the time for all, however fast', async () => {
  for (let n = 0; n < 89; n++) expect(await takenAfter(10)).toBe(true);
  expect(await takenAfter(11)).toBe('cut');
  answer.full = false;
  expect(await takenAfter(0)).toBe('cut');
});

test('the end waits until all is taken, too', async () => {
  const ended = writer.end();
  const late = expect(ended).rejects.toThrow(OutOfPatienceError);
  await vi.advanceTimersByTimeAsync(60_001);
  await late;
  const again = writer.end();
  answer.emit('finish');
  expect(await again).toBe(true);
});

test('a reader who leaves ends it at once', async () => {
  const written = writer.write(TEN_SECONDS);
  answer.leave();
  expect(await written).toBe(false);
  expect(await writer.write(TEN_SECONDS)).toBe(false);
  expect(await writer.end()).toBe(false);
});
