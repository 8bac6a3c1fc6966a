// A load by wrk (a Debian package), where it is installed: autocannon, which is JavaScript as the servers are, is itself the
// limit of what a bare server answers.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Load, LoadRequest, LoadResult } from './report.ts';

export const hasWrk = (): boolean => spawnSync('wrk', ['--version']).error === undefined;

interface Summary {
  readonly requests: number;
  readonly microseconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

/** @throws if a request fails, or is answered by another status than 2xx or 3xx. */
export async function loadByWrk({ url, connections, seconds, requests }: Load): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-wrk-'));
  try {
    const script = join(folder, 'load.lua');
    await writeFile(script, luaOf(requests));
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url];
    const wrk = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [json] = (await text(wrk.stdout)).split('\n').filter((line) => line.startsWith('{'));
    if (json === undefined) throw new Error('wrk printed no figures');
    const { requests: done, microseconds, p50, p99, failures } = JSON.parse(json) as Summary;
    if (failures > 0) throw new Error(`${failures} errors or refusals`);
    return { perSecond: done / (microseconds / 1e6), p50Ms: p50 / 1000, p99Ms: p99 / 1000 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A script that sends the requests in turns, each formatted once, and prints the figures as JSON. */
function luaOf(requests: readonly LoadRequest[]): string {
  const formatted = requests.map(({ method, path, headers, body }) => {
    const fields = Object.entries(headers).map(([name, value]) => `[${quoted(name)}] = ${quoted(value)}`);
    const args = [quoted(method), quoted(path), `{ ${fields.join(', ')} }`, body === undefined ? 'nil' : quoted(body)];
    return `all[#all + 1] = wrk.format(${args.join(', ')})`;
  });
  return `
local all, turn = {}, 0
function init()
${formatted.join('\n')}
end
function request()
  turn = turn % #all + 1
  return all[turn]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failures":%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end`;
}

/** A string as Lua writes it: every byte that is not a letter, a digit or a blank by its number. */
const quoted = (value: string): string =>
  `"${[...Buffer.from(value)].map((byte) => (/[A-Za-z0-9 ]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`)).join('')}"`;
