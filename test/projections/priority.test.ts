// Priority: what can wait comes once what goes first is done, or after a while.
import { expect, test } from 'vitest';
import { createPriority } from '../../projections/stores/priority.ts';

/** A promise and what resolves it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

test('does not wait where nothing goes first', async () => {
  await createPriority(60_000).quiet();
});

test('waits until all that goes first is done, failed or not', async () => {
  const priority = createPriority(60_000);
  const [one, other] = [gate(), gate()];
  const order: string[] = [];
  const first = priority.first(() => one.opened.then(() => 'answer'));
  const second = priority.first(() => other.opened.then(() => Promise.reject(new Error('away'))));
  const quiet = [priority.quiet(), priority.quiet()].map((each) => each.then(() => order.push('quiet')));
  one.open();
  expect(await first).toBe('answer');
  order.push('one');
  other.open();
  await expect(second).rejects.toThrow('away');
  await Promise.all(quiet);
  expect(order).toEqual(['one', 'quiet', 'quiet']);
});

test('goes on after a while, however much goes first', async () => {
  const priority = createPriority(5);
  const never = gate();
  const first = priority.first(() => never.opened);
  await priority.quiet();
  never.open();
  await first;
});
