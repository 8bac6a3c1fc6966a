// From the start of the process to ready: on an empty folder, and with many keys.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment, Folder } from './environment.ts';
import { median, round, startServer, type Row } from './report.ts';

const ROUNDS = 5;

export async function startTimes({ environment }: Folder, keys: number): Promise<readonly Row[]> {
  const empty: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const folder = await mkdtemp(join(tmpdir(), 'keyfold-bench-'));
    empty.push(await secondsToReady({ ...environment, KEYFOLD_DATA: folder }));
    await rm(folder, { recursive: true });
  }
  const full: number[] = [];
  for (let i = 0; i < ROUNDS; i++) full.push(await secondsToReady(environment));
  return [row('start to ready, empty folder', empty, '≤ 3 s'), row(`start to ready, ${keys} keys`, full, '≤ 5 s')];
}

async function secondsToReady(environment: Environment): Promise<number> {
  const start = performance.now();
  const server = await startServer('keyfold', { ...environment, BENCH_SERVICE: 'api' });
  const seconds = (performance.now() - start) / 1000;
  await server.stop();
  return seconds;
}

function row(what: string, seconds: readonly number[], target: string): Row {
  const rounds = seconds.map((each) => round(each)).join(' ');
  return { what, measured: `${round(median(seconds))} s`, ratio: null, target, rounds };
}
