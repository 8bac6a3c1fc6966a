// Yardsticks, measured beside a figure: how fast a machine is at this moment is seen by them, as the targets are of a machine
// where an HMAC took HMAC_US and an append APPEND_MS.
import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../events/logs/sqlite.ts';
import { inOnePiece } from '../services/verifier/one-piece.ts';
import { compare, median, round, type Row } from './report.ts';

/** Microseconds. */
export const HMAC_US = 0.7;
/** Milliseconds: 7,000 a second, one by one. */
export const APPEND_MS = 0.14;
const ROUNDS = 7;
const CALLS = 100_000;
const APPENDS = 1000;
const BLOCK = 64;
const TEXTS = Array.from({ length: 1000 }, (_, i) => inOnePiece(`kf_${String(i).padStart(36, '0')}`));
const inner = Buffer.alloc(BLOCK + 39, 'i');
const outer = Buffer.alloc(BLOCK + 32, 'o');
const digest = Buffer.alloc(32);
/** Short: each append writes one page. */
const ROW = 'x'.repeat(100);

/**
 * HMAC-SHA-256 of a key's text, as two `crypto.hash` calls over blocks that are there. It takes HMAC_US on a machine where one
 * such call takes 0.26 µs, `createHash` 0.69 and `createHmac` 1.65.
 */
function hmac(i: number): void {
  copy(TEXTS[i % TEXTS.length] ?? '', inner, BLOCK);
  copy(hash('sha256', inner, 'binary'), outer, BLOCK);
  copy(hash('sha256', outer, 'binary'), digest, 0);
}

function copy(text: string, into: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
}

/** Microseconds of CPU that a call takes. */
export function costOf(calls: number, call: (i: number) => unknown): number {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) call(i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** Microseconds of CPU that an HMAC alone takes. */
export const costOfHmac = (): number => costOf(CALLS, hmac);

/** A cost in microseconds, in turns with an HMAC alone: the ratio says whether it would keep its target where that was set. */
export function besideHmac(what: string, targetUs: number, cost: () => number): Row {
  const turns = Array.from({ length: ROUNDS }, () => ({ a: cost(), b: costOfHmac() }));
  const { a, b, ratio, rounds } = compare(turns, (each) => each, 2);
  return {
    what,
    measured: `${round(a)} µs CPU beside ${round(b)} µs of an HMAC alone`,
    ratio: round(ratio),
    target: `≤ ${targetUs} µs where an HMAC takes ${HMAC_US}: ≤ ${round(targetUs / HMAC_US)}`,
    rounds,
  };
}

/** Milliseconds until a row is on disk that is appended to a file of nothing else, one after the other. */
export async function appendMs(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-bench-'));
  const file = await openSqlite({ file: join(folder, 'floor.db'), schema: 'CREATE TABLE log (row TEXT) STRICT' });
  const times: number[] = [];
  for (let i = 0; i < APPENDS; i++) {
    const start = performance.now();
    await file.all('INSERT INTO log VALUES (?)', [ROW]);
    times.push(performance.now() - start);
  }
  await file.close();
  await rm(folder, { recursive: true });
  return median(times);
}
