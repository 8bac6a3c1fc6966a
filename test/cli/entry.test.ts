// The command as a process: what its surroundings do to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KEY, startStub, type Stub } from './command.ts';

const BIN = join(import.meta.dirname, '../../bin/keyfold.js');

it('a reader that goes away early is no error: `keyfold … | head` ends in silence', async () => {
  const child = spawn(process.execPath, [BIN, 'keys', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const exit = once(child, 'exit') as Promise<[number]>;
  expect({ said: await text(child.stderr), exit: await exit }).toEqual({ said: '', exit: [0, null] });
});

let api: Stub;
beforeAll(async () => {
  api = await startStub();
  const result = { __typename: 'CreateKeyPayload', key: KEY, position: 'p1_0-7', warnings: [], secret: 'kf_secret' };
  api.answer = () => ({ body: { data: { result } } });
});
afterAll(() => api.close());

/** One command line of bash, `keyfold` being the command. */
async function shell(line: string): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const script = `set -o pipefail; keyfold() { '${process.execPath}' '${BIN}' "$@"; }; ${line}`;
  const env = { ...process.env, KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'token-of-mine' };
  const child = spawn('bash', ['-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit') as Promise<[number]>;
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: (await exit)[0], out, err };
}

const CREATE = 'keyfold keys create --name x';
// What Node says when a stream fails, or a defect.
const TRACE = /\n\s+at |node:|Error:/;

it('a secret that nobody reads is no success: `keys create | true` ends with 1, in silence', async () => {
  expect(await shell(`${CREATE} --json | true`)).toEqual({
    code: 1,
    out: '',
    err: '',
  });
});

it('a full disk under the output ends with 1 and one plain line', async () => {
  const { code, err } = await shell(`${CREATE} --json > /dev/full`);
  expect([code, err.trimEnd().split('\n')]).toEqual([1, [expect.stringContaining('could not be written (ENOSPC)')]]);
  expect(err).not.toMatch(TRACE);
});

it('closed output is refused before anything is done, where a secret would be lost', async () => {
  const before = api.seen.length;
  const { code, err } = await shell(`${CREATE} >&-`);
  expect([code, err.trimEnd().split('\n')]).toEqual([1, [expect.stringMatching(/^NO_OUTPUT: .* nothing was done$/)]]);
  expect(api.seen).toHaveLength(before);
});

it('output that is thrown away on purpose, or that is read, is a success', async () => {
  expect((await shell(`${CREATE} > /dev/null`)).code).toBe(0);
  expect((await shell(`${CREATE} --json | cat`)).code).toBe(0);
});
