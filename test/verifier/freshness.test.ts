// Freshness: what is proven, for how long, on two clocks that may each be wrong.
import { describe, expect, test } from 'vitest';
import { createFreshness } from '../../services/verifier/freshness.ts';
import { iso, NOW } from './support.ts';

const L = 30_000;

function setUp() {
  const time = { wall: NOW, monotonic: 5000 };
  const freshness = createFreshness(L, { wall: () => time.wall, monotonic: () => time.monotonic });
  const pass = (ms: number) => {
    time.wall += ms;
    time.monotonic += ms;
  };
  const prove = (end = { 0: 1 }) => freshness.answered(freshness.ask(), end, end);
  return { time, freshness, pass, prove, isFresh: () => freshness.now(freshness.proof()) !== null };
}

describe('freshness', () => {
  test('protocol L6: a start counts as unproven', () => {
    const { freshness, isFresh } = setUp();
    expect([isFresh(), freshness.asOf(), freshness.age()]).toEqual([false, null, Infinity]);
  });

  test('protocol L6: an end that was asked for proves nothing until the view has folded up to it', () => {
    const { freshness, isFresh } = setUp();
    freshness.answered(freshness.ask(), { 0: 10, 1: 5 }, { 0: 10, 1: 4 });
    expect(isFresh()).toBe(false);
    freshness.reached({ 0: 12, 1: 4 });
    expect(isFresh()).toBe(false);
    freshness.reached({ 0: 12, 1: 5 });
    expect(isFresh()).toBe(true);
  });

  test('protocol L6: cut off from the log, what was proven runs out, however often it is asked', () => {
    const { freshness, pass, prove, isFresh } = setUp();
    prove();
    for (let i = 0; i < 6; i++) {
      expect(isFresh()).toBe(true);
      pass(L / 6);
      freshness.reached({ 0: 1 });
    }
    expect(isFresh()).toBe(false);
  });

  test('protocol L3: a proof counts from the moment the end was asked for, not from the answer or the fold', () => {
    const { freshness, pass, isFresh } = setUp();
    const asked = freshness.ask();
    pass(20_000);
    freshness.answered(asked, { 0: 3 }, {});
    pass(5_000);
    freshness.reached({ 0: 3 });
    expect([freshness.age(), freshness.asOf()]).toEqual([25_000, iso(NOW)]);
    pass(4_999);
    expect(isFresh()).toBe(true);
    pass(1);
    expect(isFresh()).toBe(false);
  });

  test('protocol L3: an end that was reached too late proves nothing', () => {
    const { freshness, pass, isFresh } = setUp();
    const asked = freshness.ask();
    pass(L);
    freshness.answered(asked, { 0: 0 }, { 0: 0 });
    expect(isFresh()).toBe(false);
  });

  test('protocol L3: answers that overtake each other leave the later proof', () => {
    const { freshness, pass } = setUp();
    const first = freshness.ask();
    pass(1000);
    const second = freshness.ask();
    freshness.answered(second, { 0: 2 }, { 0: 2 });
    freshness.answered(first, { 0: 1 }, { 0: 2 });
    expect(freshness.age()).toBe(0);
    expect(freshness.asOf()).toBe(iso(NOW + 1000));
  });

  test('protocol L4: the monotonic clock ends it while the wall clock stands', () => {
    const { time, prove, isFresh } = setUp();
    prove();
    time.monotonic += L - 1;
    expect(isFresh()).toBe(true);
    time.monotonic += 1;
    expect(isFresh()).toBe(false);
  });

  test('protocol L4: the wall clock ends it while the monotonic one stands (a machine that was suspended)', () => {
    const { time, prove, isFresh } = setUp();
    prove();
    time.wall += L - 1;
    expect(isFresh()).toBe(true);
    time.wall += 1;
    expect(isFresh()).toBe(false);
  });

  test('protocol L4: a wall clock that was set back gives no more time', () => {
    const { time, pass, prove, isFresh } = setUp();
    prove();
    time.wall -= 3_600_000;
    pass(L - 1);
    expect(isFresh()).toBe(true);
    pass(1);
    expect(isFresh()).toBe(false);
  });

  test('it recovers with the next proof', () => {
    const { time, pass, prove, isFresh } = setUp();
    prove();
    pass(L);
    expect(isFresh()).toBe(false);
    prove();
    expect(isFresh()).toBe(true);
    time.wall -= 3_600_000;
    prove();
    expect(isFresh()).toBe(true);
  });

  test('protocol L11: effective now never decreases, and goes on while the wall clock stands behind it', () => {
    const { time, pass, freshness, prove } = setUp();
    prove();
    expect(freshness.now(freshness.proof())).toBe(NOW);
    time.wall -= 3_600_000;
    expect(freshness.now(freshness.proof())).toBe(NOW);
    pass(1000);
    expect(freshness.now(freshness.proof())).toBe(NOW + 1000);
    time.wall += 3_600_000;
    expect(freshness.now(freshness.proof())).toBe(NOW + 1000);
    pass(500);
    expect(freshness.now(freshness.proof())).toBe(NOW + 1500);
  });

  test('protocol L11: nothing revives when a clock that was set forward is set right', () => {
    const { time, pass, freshness, prove } = setUp();
    time.wall += 3_600_000;
    prove();
    expect(freshness.now(freshness.proof())).toBe(NOW + 3_600_000);
    time.wall -= 3_600_000;
    pass(10);
    prove();
    expect(freshness.now(freshness.proof())).toBe(NOW + 3_600_010);
  });

  test('ends that are never reached do not pile up', () => {
    const { freshness, pass, isFresh } = setUp();
    for (let i = 0; i < 10_000; i++) {
      freshness.answered(freshness.ask(), { 0: i + 1 }, { 0: 0 });
      pass(1);
    }
    freshness.reached({ 0: 10_000 });
    expect(isFresh()).toBe(true);
    expect(freshness.age()).toBe(1);
  });

  test('protocol T: once the log is known to be gone nothing is proven, by what was proven before and by what comes', () => {
    const { freshness, pass, prove, isFresh } = setUp();
    prove();
    freshness.lose();
    expect([isFresh(), freshness.age()]).toEqual([false, Infinity]);
    pass(1000);
    prove({ 0: 5 });
    expect([isFresh(), freshness.age()]).toEqual([false, Infinity]);
  });
});
