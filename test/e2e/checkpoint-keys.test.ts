// Checkpoint keys rotate: the newest one signs, what others have signed stays provable, online and offline, by keys that were
// fetched before and after, and with the old ones gone from the installation.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkpointDigest, signedCheckpoint, verifyCheckpoint } from '../../events/proof/checkpoint.ts';
import { cli } from '../support/cli.ts';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { createKey } from '../support/keys.ts';
import type { Environment } from '../support/processes.ts';

const key = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const [second, third, slip] = [key('c-two'), key('c-three'), key('c-three')];
let folder: EmbeddedFolder;
let running: RunningFolder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(async () => {
  await running.process.kill();
  await folder.remove();
});

const place = (name: string): string => join(folder.path, '..', name);
const keyfold = (...args: readonly string[]) => cli(args, { ...folder.env, KEYFOLD_URL: running.api.url });

async function start(env: Environment = {}): Promise<void> {
  running = await folder.start(env);
  await createKey(running.api);
}

async function checkpoint(name: string) {
  const path = place(name);
  const { code, stderr } = await keyfold('audit', 'checkpoint', '--out', path);
  expect([code, stderr]).toEqual([0, expect.stringContaining('checkpoint@')]);
  const row = signedCheckpoint.parse(JSON.parse(await readFile(path, 'utf8')));
  const { kid } = (await verifyCheckpoint(row)) as { kid: string };
  return { path, row, kid };
}

async function bundle(name: string, ...args: readonly string[]): Promise<string> {
  const path = place(name);
  const { code, stderr } = await keyfold('events', 'export', '--quiet', '--out', path, ...args);
  expect([code, stderr]).toEqual([0, '']);
  return path;
}

/** The key file as anybody fetches it; waits until it names as many keys. */
async function keysOf(name: string, kids: readonly string[]): Promise<string> {
  let text = '';
  const found = async (): Promise<readonly string[]> => {
    text = await (await fetch(`${running.api.url}/.well-known/keyfold/checkpoint-keys`)).text();
    return (JSON.parse(text) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid).toSorted();
  };
  await expect.poll(found, { timeout: 30_000 }).toEqual(kids.toSorted());
  expect(text).not.toContain('"d"');
  await writeFile(place(name), text);
  return place(name);
}

/** What both checkers say of a bundle, and of nothing else: no server is asked. */
async function verify(file: string, ...args: readonly string[]) {
  const ours = await cli(['audit', 'verify', file, ...args], {});
  const theirs = await new Promise<number>((resolve) => {
    execFile('python3', [join(import.meta.dirname, '../../docs/verify.py'), file, ...args], (error) =>
      resolve(error ? Number(error.code) : 0),
    );
  });
  expect(theirs).toBe(ours.code);
  return { code: ours.code, told: ours.stdout + ours.stderr };
}
const INTACT = { code: 0, told: expect.stringContaining('intact') as string };

test('keys rotate: the newest one signs, and what the older ones have signed goes on being proven', async () => {
  await start();
  const own = join(folder.path, 'checkpoint-keys');
  const first = (await readFile(own, 'utf8')).trim();
  const [kid = ''] = first.split(':');
  const one = await checkpoint('one.json');
  expect(one.kid).toBe(kid);
  const oldKeys = await keysOf('keys-1.json', [kid]);
  const old = await bundle('one.ndjson');
  expect(await verify(old, '--keys', oldKeys)).toMatchObject(INTACT);
  await running.process.stop();

  // In the data folder's own file.
  await writeFile(own, `${second},${first}\n`);
  await start();
  const two = await checkpoint('two.json');
  expect(two.kid).toBe('c-two');
  expect(two.row.checkpoint.previous).toBe(checkpointDigest(one.row.checkpoint));
  const bothKeys = await keysOf('keys-2.json', [kid, 'c-two']);
  const newer = await bundle('two.ndjson', '--checkpoint', one.path);
  for (const file of [old, newer])
    expect(await verify(file, '--keys', bothKeys, '--checkpoint', one.path)).toMatchObject(INTACT);
  // Whoever has only the keys of before is not told that it is intact.
  expect(await verify(newer, '--keys', oldKeys)).toMatchObject({
    code: 1,
    told: expect.stringMatching(/key/) as string,
  });
  expect(await verify(old, '--keys', oldKeys)).toMatchObject(INTACT);
  await running.process.stop();

  // From a file that the setting names, the first key gone for good.
  const file = place('keys-of-the-setting');
  await writeFile(file, `${third},${second}\n`, { mode: 0o600 });
  await start({ KEYFOLD_CHECKPOINT_KEYS_FILE: file });
  const three = await checkpoint('three.json');
  expect([three.kid, three.row.checkpoint.previous]).toEqual(['c-three', checkpointDigest(two.row.checkpoint)]);
  const allKeys = await keysOf('keys-3.json', [kid, 'c-two', 'c-three']);
  const newest = await bundle('three.ndjson', '--checkpoint', one.path, '--checkpoint', two.path);
  for (const kept of [one, two, three])
    expect(await verify(newest, '--keys', allKeys, '--checkpoint', kept.path)).toMatchObject(INTACT);
  // A range that begins where the first key had signed.
  const range = await bundle('range.ndjson', '--from', one.row.checkpoint.position);
  expect(await verify(range, '--keys', allKeys, '--checkpoint', one.path)).toMatchObject(INTACT);
  expect(await verify(range, '--keys', bothKeys)).toMatchObject({ code: 1 });
  await running.process.stop();

  // Other bytes under a name that has signed: nobody could tell the two apart.
  const mistaken = folder.launch({ KEYFOLD_CHECKPOINT_KEYS: `${slip},${second}` });
  expect((await mistaken.exited).code).toBe(1);
  expect(mistaken.stderr()).toMatch(/checkpoint key "c-three" is not the one/);
  await start({ KEYFOLD_CHECKPOINT_KEYS: third });
  expect((await checkpoint('four.json')).kid).toBe('c-three');
  await keysOf('keys-4.json', [kid, 'c-two', 'c-three']);
}, 300_000);
