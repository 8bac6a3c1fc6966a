// Priority: what can wait comes once what goes first is done, or after a while.
import { expect, test } from 'vitest';
import { createPriority } from '../../projections/stores/priority.ts';

const LONG = 60_000;

/** A promise and what resolves it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

test('does not wait where nothing goes first', async () => {
  await createPriority({ pieceMs: LONG, workMs: LONG }).after()();
});

test('waits until all that goes first is done, failed or not', async () => {
  const priority = createPriority({ pieceMs: LONG, workMs: LONG });
  const [one, other] = [gate(), gate()];
  const order: string[] = [];
  const first = priority.first(() => one.opened.then(() => 'answer'));
  const second = priority.first(() => other.opened.then(() => Promise.reject(new Error('away'))));
  const turns = [priority.after(), priority.after()].map((turn) => turn().then(() => order.push('turn')));
  one.open();
  expect(await first).toBe('answer');
  order.push('one');
  other.open();
  await expect(second).rejects.toThrow('away');
  await Promise.all(turns);
  expect(order).toEqual(['one', 'turn', 'turn']);
});

test('goes on after a while, however much goes first', async () => {
  const priority = createPriority({ pieceMs: 5, workMs: LONG });
  const never = gate();
  void priority.first(() => never.opened);
  const turn = priority.after();
  await turn();
  await turn();
});

test('all pieces of one work wait no longer than it may; the next work waits anew', async () => {
  const priority = createPriority({ pieceMs: LONG, workMs: 20 });
  const never = gate();
  void priority.first(() => never.opened);
  const turn = priority.after();
  await turn();
  for (let piece = 0; piece < 1000; piece++) await turn();
  let waited = false;
  const another = priority
    .after()()
    .then(() => (waited = true));
  await Promise.resolve();
  expect(waited).toBe(false);
  await another;
});
