// Beside better-auth and its api-key plugin: the same check (is it a key, may it read orders?) over HTTP and in process,
// against its fastest configuration and the one that its documentation starts from. It has a folder of its own, with its
// packages, which are installed on first use.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Folder } from './environment.ts';
import {
  compare,
  load,
  posts,
  round,
  startProgram,
  startServer,
  takeTurns,
  type BenchServer,
  type Row,
} from './report.ts';
import { costOfCheck, withChecker } from './verify.ts';

// Not beside this file: what is compiled elsewhere are its TypeScript neighbours only.
const FOLDER = join(process.cwd(), 'bench', 'better-auth');
/** Of theirs. It keeps keys in a Map or behind an index, so that more would change little. */
const KEYS = 1000;
const SHOWN = 200;
const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 32;
const CALLS = 5000;

/** A server that checks keys, ours or theirs. */
interface Side {
  readonly url: string;
  readonly path: string;
  readonly secrets: readonly string[];
  /** The body that asks whether a key may do something with orders. */
  readonly body: (key: string, action: string) => string;
}

const CONFIGURATIONS = [
  { name: 'fastest', title: 'in its fastest configuration', overHttp: '≥ 10', inProcess: '≥ 100' },
  { name: 'documented', title: 'as documented', overHttp: '≥ 30', inProcess: '≥ 100' },
] as const;

export async function besideBetterAuth(folder: Folder, keys: number): Promise<readonly Row[]> {
  if (!install()) return [];
  const rows: Row[] = [];
  for (const { name, title, ...targets } of CONFIGURATIONS) {
    const theirs = await startProgram(join(FOLDER, 'server.js'), {
      BENCH_CONFIGURATION: name,
      BENCH_KEYS: String(KEYS),
    });
    const beside = `beside better-auth ${version()} ${title}`;
    rows.push(
      await overHttp(`POST /v1/verify, ${keys} keys, ${beside}`, folder, theirs, targets.overHttp),
      await inProcess(`verify in process, ${keys} keys, ${beside}`, folder, theirs, targets.inProcess),
    );
    await theirs.stop();
  }
  return rows;
}

async function overHttp(what: string, folder: Folder, { url }: BenchServer, target: string): Promise<Row> {
  const keyfold = await startServer('keyfold', { ...folder.environment, BENCH_SERVICE: 'verifier' });
  const ours: Side = {
    ...{ url: keyfold.url, path: '/v1/verify', secrets: folder.secrets.slice(0, SHOWN) },
    body: (key, action) => JSON.stringify({ key, scopes: [`orders:${action}`] }),
  };
  const theirs: Side = {
    ...{ url, path: '/verify', secrets: (await secretsOf(url)).slice(0, SHOWN) },
    body: (key, action) => JSON.stringify({ key, permissions: { orders: [action] } }),
  };
  const against = (side: Side) => () => {
    const requests = posts(
      side.path,
      side.secrets.map((key) => side.body(key, 'read')),
    );
    return load({ url: side.url, connections: CONNECTIONS, seconds: SECONDS, requests });
  };
  for (const side of [ours, theirs]) await expectChecks(side);
  const turns = await takeTurns(ROUNDS, against(ours), against(theirs));
  for (const side of [ours, theirs]) await expectChecks(side);
  await keyfold.stop();
  const { a, b, ratio, rounds } = compare(turns, ({ perSecond }) => perSecond);
  return { what, measured: `${round(a, 0)}/s beside ${round(b, 0)}/s`, ratio: round(ratio, 1), target, rounds };
}

async function inProcess(what: string, folder: Folder, { url }: BenchServer, target: string): Promise<Row> {
  return withChecker(folder, async (checker) => {
    const theirs = async (): Promise<number> => {
      const body = JSON.stringify({ calls: CALLS });
      const { microseconds } = await send<{ readonly microseconds: number }>(url, '/measure', body);
      return microseconds;
    };
    const ours = () => Promise.resolve(costOfCheck(checker, folder.secrets, 'VALID'));
    const { a, b, ratio, rounds } = compare(await takeTurns(ROUNDS, theirs, ours), (each) => each, 2);
    const measured = `${round(b)} µs CPU beside ${round(a)} µs CPU`;
    return { what, measured, ratio: round(ratio, 0), target, rounds: `theirs:ours ${rounds}` };
  });
}

/** What is measured is a check: a key that is none is refused, and one that may not. */
async function expectChecks(side: Side): Promise<void> {
  const [key = '', other = ''] = side.secrets;
  const valid = async (text: string, action: string): Promise<boolean> =>
    (await send<{ readonly valid: boolean }>(side.url, side.path, side.body(text, action))).valid;
  for (const secret of side.secrets)
    if (!(await valid(secret, 'read'))) throw new Error(`${side.url} refuses a good key`);
  if (await valid(key, 'write')) throw new Error(`${side.url} does not look at permissions`);
  // The end of another key: neither of them.
  if (await valid(`${key.slice(0, -12)}${other.slice(-12)}`, 'read')) throw new Error(`${side.url} accepts no key`);
}

const secretsOf = async (url: string): Promise<readonly string[]> =>
  (await (await fetch(`${url}/secrets`)).json()) as string[];

async function send<T>(url: string, path: string, body: string): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

function version(): string {
  const text = readFileSync(join(FOLDER, 'node_modules', 'better-auth', 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Installs what its lock file names; `false`, with a message, when that cannot be. */
function install(): boolean {
  // npm writes this file last.
  if (existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return true;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: FOLDER,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return true;
  } catch {
    console.error(`better-auth could not be installed (npm ci in ${FOLDER}): its rows are left out.`);
    return false;
  }
}
