// Turns: never more at once than may be, callers one after the other, and nothing that is given up is waited for.
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from '../../projections/turns.ts';

/** Takes a turn for each of the names as they stand; `granted` has those that have been let go, in order. */
function line(options: Parameters<typeof createTurns>[0], names: readonly string[]) {
  const turns = createTurns(options);
  const granted: string[] = [];
  const all = names.map((name) => ({ name, turn: turns.of(name.charAt(0)) }));
  for (const { name, turn } of all) void turn.take().then(() => granted.push(name));
  return { granted, release: (name: string) => all.find((one) => one.name === name)?.turn.release() };
}

test('as many as may be have a turn, fewer of one caller, each caller’s in the order in which they asked', async () => {
  const { granted, release } = line({ atOnce: 3, perCaller: 2 }, ['a1', 'a2', 'a3', 'a4', 'b1', 'b2']);
  expect(granted).toEqual([]);
  await turnOfLoop();
  expect(granted).toEqual(['a1', 'b1', 'a2']);
  release('a1');
  expect(granted).toHaveLength(3); // not before the event loop has gone round
  await turnOfLoop();
  expect(granted[3]).toBe('b2');
  release('b1');
  await turnOfLoop();
  expect(granted[4]).toBe('a3');
  release('b2');
  await turnOfLoop();
  expect(granted).toHaveLength(5);
});

test('callers take turns, however many one of them has in the line', async () => {
  const names = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'];
  const { granted, release } = line({ atOnce: 1, perCaller: 1 }, names);
  for (let n = 0; n < names.length; n++) {
    await turnOfLoop();
    expect(granted).toHaveLength(n + 1);
    release(granted[n]!);
  }
  expect(granted).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('who gives up in the line is passed over, and giving back twice makes no room for two', async () => {
  const { granted, release } = line({ atOnce: 1, perCaller: 1 }, ['a1', 'b1', 'c1', 'd1']);
  await turnOfLoop();
  expect([release('b1'), release('a1'), release('a1')]).toEqual([false, true, false]);
  await turnOfLoop();
  expect(granted).toEqual(['a1', 'c1']);
});

test('who has a turn has no second one', async () => {
  const turn = createTurns({ atOnce: 2, perCaller: 2 }).of('a');
  await Promise.all([turn.take(), turn.take()]);
  await turn.take();
  expect([turn.release(), turn.release()]).toEqual([true, false]);
});
