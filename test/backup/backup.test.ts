// A backup of a running embedded installation: of one moment, whatever goes on; whole or not at all; and what it says.
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CopySource } from '../../events/file-copies.ts';
import { backUp } from '../../services/backup/backup.ts';
import { readManifest } from '../../services/backup/manifest.ts';
import { restoreFolder } from '../../services/backup/restore-command.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';
import { cli } from '../support/cli.ts';
import { start, startEmbedded, type InProcess } from '../support/in-process.ts';
import type { Api } from '../support/api.ts';

let root: string;
let running: InProcess & { readonly folder: string };
let api: Api;
let env: Record<string, string>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-backup-'));
  running = await startEmbedded();
  api = await running.api();
  env = { KEYFOLD_DATA: join(running.folder, 'data'), KEYFOLD_URL: api.url };
});
afterAll(async () => {
  await running.stop();
  await rm(root, { recursive: true, force: true });
});

const restored = async (backup: string, name: string): Promise<InProcess> => {
  const data = join(root, name);
  await restoreFolder(backup, { KEYFOLD_DATA: data, LOG_LEVEL: 'silent' }, () => undefined);
  return start({ env: { KEYFOLD_DATA: data }, dispose: () => rm(data, { recursive: true }) });
};

describe('keyfold backup', () => {
  test('copies one moment while keys are made, changed and checked; each copy starts, serves, and knows the same secrets', async () => {
    let writing = true;
    const made: MadeKey[] = [];
    const checked: string[] = [];
    const verifier = running.verifiers[0]!;
    const writer = async (): Promise<void> => {
      while (writing) {
        const key = await createKey(api, { name: `Key ${made.length}`, tags: ['kept'] });
        made.push(key);
        await change(api, 'disableKey', key.keyId, { note: 'a while' });
        await change(api, 'enableKey', key.keyId);
        checked.push((await verifier.verify(key.secret, { scopes: ['orders:read'] })).code);
      }
    };
    const traffic = [writer(), writer()];
    const counts: number[] = [];
    for (let number = 0; number < 3; number++) {
      const before = made.length;
      counts.push(before);
      const ran = await cli(['backup', join(root, `b${number}`)], env);
      expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(/copied|checked/)]);
      expect(ran.stdout).toMatch(
        /^backup +\S+b\d\ntime +\S+Z\nposition +p1_0-\d+\nsize +[\d.]+ MB\n\nIt holds everything/,
      );
    }
    writing = false;
    await Promise.all(traffic);
    expect(made.length).toBeGreaterThan(counts.at(-1) ?? 0);

    for (const [number, count] of counts.entries()) {
      const copy = await restored(join(root, `b${number}`), `r${number}`);
      const theirs = await copy.api();
      const { position } = await readManifest(join(root, `b${number}`));
      for (const { keyId, secret, position: createdAt } of made.slice(0, count)) {
        const key = await theirs.key(keyId, position);
        expect(key).toMatchObject({ keyId, tags: ['kept'], name: expect.stringMatching(/^Key \d+$/) as string });
        const { code } = await copy.verifiers[0]!.verify(secret, { atLeast: createdAt });
        expect(code).toBe(key?.status === 'DISABLED' ? 'DISABLED' : 'VALID');
        expect((await theirs.history(keyId))[0]?.data).toMatchObject({ name: expect.any(String) as string });
      }
      // It goes on from there.
      const fresh = await createKey(theirs);
      expect((await copy.verifiers[0]!.verify(fresh.secret, { atLeast: fresh.position })).code).toBe('VALID');
      await copy.stop();
    }
  }, 240_000);

  test('is whole, private and named by digests', async () => {
    const directory = join(root, 'whole');
    await mkdir(directory); // empty is as good as absent
    expect((await cli(['backup', directory, '--json'], env)).code).toBe(0);
    const manifest = await readManifest(directory);
    const names = [
      'checkpoint-keys',
      'counts.db',
      'issuer.json',
      'kept.db',
      'log.db',
      'peppers',
      'read.db',
      'sealing-keys',
      'usage.db',
    ];
    expect(manifest.files.map(({ name }) => name)).toEqual(names);
    expect((await readdir(directory)).sort()).toEqual([...names, 'manifest.json'].sort());
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(directory)) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    expect((await readdir(root)).filter((name) => name.includes('partial'))).toEqual([]);
    expect(await readFile(join(directory, 'peppers'), 'utf8')).toBe(
      await readFile(join(running.folder, 'data', 'peppers'), 'utf8'),
    );
  });

  test('lets no other process into the folder by it', async () => {
    expect((await cli(['backup', join(root, 'lock')], env)).code).toBe(0);
    await expect(
      restoreFolder(join(root, 'lock'), { KEYFOLD_DATA: join(running.folder, 'data') }, () => undefined),
    ).rejects.toMatchObject({ code: 'STORAGE_IN_USE' });
    expect((await readdir(join(running.folder, 'data'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('is refused where something is, in the data folder, and for whom it is not', async () => {
    await mkdir(join(root, 'taken'));
    await writeFile(join(root, 'taken', 'mine'), 'x');
    for (const [directory, code] of [
      [join(root, 'taken'), 'TARGET_EXISTS'],
      [join(root, 'taken', 'mine'), 'TARGET_EXISTS'],
      [join(running.folder, 'data', 'backup'), 'TARGET_IN_DATA'],
    ] as const) {
      const ran = await cli(['backup', directory], env);
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([1, '', expect.stringContaining(`${code}: ${directory}`)]);
    }
    expect(await readdir(join(root, 'taken'))).toEqual(['mine']);
    const send = (token: string, body: string, type = 'application/json') =>
      fetch(`${api.url}/v1/operations/backup`, {
        ...{ method: 'POST', body, headers: { 'content-type': type, authorization: `Bearer ${token}` } },
      }).then(({ status }) => status);
    const { token } = await running.api({ operator: false });
    const directory = join(root, 'never');
    expect(await send(token, JSON.stringify({ directory }))).toBe(403);
    expect(await send('nobody', JSON.stringify({ directory }))).toBe(401);
    expect(await send(api.token, JSON.stringify({ directory }), 'text/plain')).toBe(415);
    for (const body of ['', 'x', '{}', '{"directory":"relative"}', `{"directory":"${directory}","more":1}`])
      expect(await send(api.token, body), body).toBe(400);
    expect(await readdir(root)).not.toContain('never');
  });

  const failing = (code: string): CopySource => ({
    name: 'log.db',
    size: () => Promise.resolve(1),
    begin: async ({ folder }) => {
      await appendFile(join(folder, 'log.db'), 'half');
      throw Object.assign(new Error(code), { code });
    },
  });
  test.each([
    ['ENOSPC', 'STORAGE_FULL'],
    ['EACCES', 'STORAGE_FAILED'],
  ])('that meets %s says so, and leaves nothing', async (code, told) => {
    const options = {
      dataFolder: join(running.folder, 'data'),
      now: () => '',
      signal: AbortSignal.timeout(10_000),
      report: () => undefined,
    };
    const directory = join(root, `no ${code}`);
    await expect(backUp({ ...options, directory, sources: [failing(code)] })).rejects.toMatchObject({ code: told });
    const large = { ...failing(code), size: () => Promise.resolve(1e18) };
    await expect(backUp({ ...options, directory, sources: [large] })).rejects.toThrow(
      /takes about \d+ MB, and \d+ MB are free/,
    );
    expect((await readdir(root)).filter((name) => name.includes(code))).toEqual([]);
  });
});
