// Peppers are in no event's hash: bundles stay honest, and consistent with what was kept before, while peppers rotate and the
// process is started again, by both checkers.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { cli } from '../support/cli.ts';
import { start, type InProcess } from '../support/in-process.ts';
import { change, createKey, regenerate } from '../support/keys.ts';

const START_MS = 240_000;
const [first, second, third] = ['p-one', 'p-two', 'p-three'].map((id) => `${id}:${randomBytes(32).toString('base64')}`);

let folder: string;
let system: InProcess | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-export-peppers-'));
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
}, START_MS);

/** Starts it anew with these peppers, newest first. */
async function withPeppers(...peppers: readonly (string | undefined)[]): Promise<InProcess> {
  await system?.stop();
  const env = { KEYFOLD_DATA: join(folder, 'data'), KEYFOLD_PEPPERS: peppers.join(',') };
  return (system = await start({ env, dispose: () => Promise.resolve() }));
}

async function envOf({ core, addresses }: InProcess) {
  const issuer = createLocalIssuer({ key: core.issuerKey!, claim: 'keyfold' });
  const token = await issuer.mint({ subject: 'olga', workspaces: {}, operator: true });
  return { KEYFOLD_URL: addresses.api, KEYFOLD_TOKEN: token };
}

/** Exit codes of both checkers. */
async function verified(path: string, ...args: readonly string[]): Promise<readonly [number, number]> {
  const { code } = await cli(['audit', 'verify', path, '--json', ...args], {});
  const script = join(import.meta.dirname, '../../docs/verify.py');
  const foreign = await new Promise<number>((resolve) => {
    execFile('python3', [script, path, ...args], (error) => resolve(error ? Number(error.code ?? -1) : 0));
  });
  return [code, foreign];
}

test('bundles are honest before and after peppers rotate, whole, of a workspace and of a range', async () => {
  const kept: { readonly file: string; readonly position: string }[] = [];
  const keep = async (on: InProcess): Promise<void> => {
    const { code, stdout } = await cli(['audit', 'checkpoint'], await envOf(on));
    expect(code).toBe(0);
    const file = join(folder, `checkpoint-${kept.length}.json`);
    await writeFile(file, stdout);
    kept.push({ file, position: (JSON.parse(stdout) as { checkpoint: { position: string } }).checkpoint.position });
  };
  const expectHonest = async (on: InProcess): Promise<void> => {
    const behind = kept.flatMap(({ file }) => ['--checkpoint', file]);
    const [oldest] = kept;
    for (const scope of [[], ['--workspace', 'acme'], ['--from', oldest!.position]]) {
      const path = join(folder, 'bundle.ndjson');
      const args = ['events', 'export', '--quiet', '--out', path, ...scope, ...behind];
      expect(await cli(args, await envOf(on))).toMatchObject({ code: 0, stderr: '' });
      for (const { file } of kept) expect(await verified(path, '--checkpoint', file)).toEqual([0, 0]);
    }
  };

  let on = await withPeppers(first);
  let api = await on.api();
  const keys = [await createKey(api), await createKey(api)];
  await keep(on);

  on = await withPeppers(second, first);
  api = await on.api();
  await regenerate(api, keys[0]!.keyId);
  keys.push(await createKey(api));
  await expectHonest(on);
  await keep(on);

  on = await withPeppers(third, second);
  api = await on.api();
  await change(api, 'disableKey', keys[1]!.keyId);
  await regenerate(api, keys[2]!.keyId);
  await expectHonest(on);
}, 300_000);
