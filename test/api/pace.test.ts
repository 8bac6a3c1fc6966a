// The pace: so many pieces in one turn of the event loop, the others in order in those that follow.
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPace } from '../../services/api/pace.ts';

test('no more than so many go on in one turn of the event loop, in the order in which they came', async () => {
  const pace = createPace(3);
  const done: number[] = [];
  for (let n = 0; n < 8; n++) void pace().then(() => done.push(n));
  await Promise.resolve();
  expect(done).toEqual([0, 1, 2]);
  for (const count of [6, 8]) {
    await turnOfLoop();
    expect(done).toEqual(Array.from({ length: count }, (_, n) => n));
  }
});

test('one that never waits for anything else gives the event loop back again and again', async () => {
  const pace = createPace(3);
  let done = 0;
  const working = (async () => {
    for (; done < 30; done++) await pace();
  })();
  let before = 0;
  while (done < 30) {
    await turnOfLoop();
    expect(done - before).toBeLessThanOrEqual(6);
    before = done;
  }
  await working;
});
