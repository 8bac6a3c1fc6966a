// What benchmarks share: rows with a ratio, medians, rounds that take turns (A B A B …), loads and child processes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** Beside what it was measured, and the ratio; `null` for an absolute figure. */
  readonly ratio: string | null;
  readonly target: string;
  /** Every round's figure. */
  readonly rounds: string;
}

/** What a load sends, in turns, over keep-alive connections. */
export interface Load {
  readonly url: string;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: readonly string[];
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export const round = (value: number, digits = 2): string => value.toFixed(digits);

/** Runs A and B in turns and answers both rounds' figures and the median of the ratios A/B, round by round. */
export async function inTurns(rounds: number, a: () => Promise<number>, b: () => Promise<number>) {
  const figures: { readonly a: number; readonly b: number }[] = [];
  for (let i = 0; i < rounds; i++) figures.push({ a: await a(), b: await b() });
  return {
    a: median(figures.map((each) => each.a)),
    b: median(figures.map((each) => each.b)),
    ratio: median(figures.map((each) => each.a / each.b)),
    rounds: figures.map((each) => `${round(each.a, 0)}:${round(each.b, 0)}`).join(' '),
  };
}

/** Of this folder, as it was compiled: what is measured is what is published. */
const fileOf = (name: string): string => fileURLToPath(new URL(`${name}.js`, import.meta.url));

/** Sends a load from a process of its own. */
export async function load(options: Load): Promise<LoadResult> {
  const child = spawn(process.execPath, [fileOf('load')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(options));
  return JSON.parse(await text(child.stdout)) as LoadResult;
}

// An embedded server must not be pointed at the servers that other rows use.
const BACKENDS = ['KAFKA_BROKERS', 'MONGODB_URL'];
const withoutBackends = Object.fromEntries(Object.entries(process.env).filter(([name]) => !BACKENDS.includes(name)));

export interface BenchServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `bench/servers/<name>.ts` as a process of its own; it prints its address once it answers. */
export async function startServer(name: string, env: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const child = spawn(process.execPath, [fileOf(`servers/${name}`)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...withoutBackends, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
  });
  return { url: await firstLine(child, name), stop: () => stopChild(child) };
}

async function firstLine(child: ChildProcess, name: string): Promise<string> {
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('http://')) return line;
  throw new Error(`${name} ended before it was ready`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
