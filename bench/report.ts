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

/** A request of a load. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a load sends, in turns, over keep-alive connections. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, all together; absent: as many as are answered. */
  readonly rate?: number;
  readonly requests: readonly LoadRequest[];
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @param percent 0 up to, but not, 100. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length * percent) / 100)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

export const round = (value: number, digits = 2): string => value.toFixed(digits);

/** One round of each. */
export interface Turn<T> {
  readonly a: T;
  readonly b: T;
}

/** Runs A and B in turns. */
export async function takeTurns<T>(rounds: number, a: () => Promise<T>, b: () => Promise<T>) {
  const turns: Turn<T>[] = [];
  for (let i = 0; i < rounds; i++) turns.push({ a: await a(), b: await b() });
  return turns;
}

/** The medians of a figure, the median of the ratios A/B, round by round, and every round. */
export function compare<T>(turns: readonly Turn<T>[], figure: (each: T) => number, digits = 0) {
  const figures = turns.map((turn) => ({ a: figure(turn.a), b: figure(turn.b) }));
  return {
    a: median(figures.map((each) => each.a)),
    b: median(figures.map((each) => each.b)),
    ratio: median(figures.map((each) => each.a / each.b)),
    rounds: figures.map((each) => `${round(each.a, digits)}:${round(each.b, digits)}`).join(' '),
  };
}

/** Of this folder, as it was compiled: what is measured is what is published. */
const fileOf = (name: string): string => fileURLToPath(new URL(`${name}.js`, import.meta.url));

/** JSON bodies as requests of a load. */
export const posts = (path: string, bodies: readonly string[], headers: LoadRequest['headers'] = {}): LoadRequest[] =>
  bodies.map((body) => ({
    ...{ method: 'POST', path, body },
    headers: { 'content-type': 'application/json', ...headers },
  }));

/** Sends a load from a process of its own. */
export const load = (options: Load): Promise<LoadResult> => startLoad(options).result;

/** The rows that a program of this folder measures in a process of its own. */
export async function rowsOf(name: string): Promise<readonly Row[]> {
  const child = spawn(process.execPath, [fileOf(name)], { stdio: ['ignore', 'pipe', 'inherit'] });
  killAtExit(child);
  return JSON.parse(await text(child.stdout)) as readonly Row[];
}

/** Nothing outlives the benchmark, whatever ends it. */
function killAtExit(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}

/** The same, to be ended by `stop`, at the latest after its seconds. */
export function startLoad(options: Load) {
  const child = spawn(process.execPath, [fileOf('load')], { stdio: ['pipe', 'pipe', 'inherit'] });
  killAtExit(child);
  child.stdin.end(JSON.stringify(options));
  const result = text(child.stdout).then((printed) => JSON.parse(printed) as LoadResult);
  return {
    result,
    stop: () => {
      child.kill('SIGTERM');
      return result;
    },
  };
}

// An embedded server must not be pointed at the servers that other rows use.
const BACKENDS = ['KAFKA_BROKERS', 'MONGODB_URL'];
const withoutBackends = Object.fromEntries(Object.entries(process.env).filter(([name]) => !BACKENDS.includes(name)));

export interface BenchServer {
  readonly url: string;
  /** All that it listens on, if it is more than one address. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

type ServerEnvironment = Readonly<Record<string, string>>;

/** Starts `bench/servers/<name>.ts` as a process of its own; it prints its address once it answers. */
export const startServer = (name: string, env: ServerEnvironment = {}): Promise<BenchServer> =>
  startProgram(fileOf(`servers/${name}`), env);

/** The same of any file. It prints its addresses in one line, with spaces between. */
export async function startProgram(file: string, env: ServerEnvironment = {}): Promise<BenchServer> {
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...withoutBackends, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
  });
  killAtExit(child);
  const urls = (await firstLine(child, file)).split(' ');
  return { url: urls[0] ?? '', urls, stop: () => stopChild(child) };
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
