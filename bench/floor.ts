// The floor of a check in process: HMAC-SHA-256 of a key, as two `crypto.hash` calls over blocks that are there. How fast a
// machine is at this moment is seen by it: where the targets were set it took FLOOR_US.
import { hash } from 'node:crypto';
import { compare, round, type Row } from './report.ts';

/** Microseconds. */
const FLOOR_US = 0.7;
const ROUNDS = 7;
const CALLS = 100_000;
const BLOCK = 64;
const inner = Buffer.alloc(BLOCK + 40, 'i');
const outer = Buffer.alloc(BLOCK + 32, 'o');

function hmac(i: number): number {
  inner[BLOCK] = i & 0xff;
  outer.write(hash('sha256', inner, 'binary'), BLOCK, 'latin1');
  return hash('sha256', outer, 'binary').length;
}

/** Microseconds of CPU that a call takes. */
export function costOf(calls: number, call: (i: number) => unknown): number {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) call(i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** A cost in microseconds, in turns with the floor: the ratio says whether it would keep its target where that was set. */
export function besideFloor(what: string, targetUs: number, cost: () => number): Row {
  const turns = Array.from({ length: ROUNDS }, () => ({ a: cost(), b: costOf(CALLS, hmac) }));
  const { a, b, ratio, rounds } = compare(turns, (each) => each, 2);
  return {
    what,
    measured: `${round(a)} µs CPU beside ${round(b)} µs of an HMAC alone`,
    ratio: round(ratio),
    target: `≤ ${targetUs} µs where an HMAC takes ${FLOOR_US}: ≤ ${round(targetUs / FLOOR_US)}`,
    rounds,
  };
}
