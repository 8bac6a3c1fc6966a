// A process that is killed while it makes a backup: its installation starts and has lost nothing, what it was writing is no
// backup or a whole one, and the next backup to the same place works and can be restored.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readManifest } from '../../services/backup/manifest.ts';
import { restoreFolder } from '../../services/backup/restore-command.ts';
import { openCore } from '../../services/core.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { cli } from '../support/cli.ts';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { createKey, type MadeKey } from '../support/keys.ts';

const MARK = '.keyfold-partial';
let root: string;
let folder: EmbeddedFolder;
let running: RunningFolder;
const made: MadeKey[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-killed-'));
  folder = await makeFolder();
  running = await folder.start();
});
afterAll(async () => {
  await running.process.stop();
  await folder.remove();
  await rm(root, { recursive: true, force: true });
});

const backUp = (directory: string) => cli(['backup', directory], { ...folder.env, KEYFOLD_URL: running.api.url });

/** Opens a folder as a start does; which of the keys it knows. */
async function keysIn(dataFolder: string): Promise<readonly string[]> {
  const loaded = loadSettings({ KEYFOLD_DATA: dataFolder, LOG_LEVEL: 'silent' });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  const core = await openCore(loaded.settings, createLogger({ level: 'silent' }));
  const rows = await core.store.read((view) => view.keys(made.map(({ keyId }) => keyId)));
  await core.close();
  return made.map(({ keyId }) => keyId).filter((keyId) => rows.has(keyId));
}

/** By what lies in the folder that is half written; the first that is seen, or a later one if that was too quick. */
const moments: readonly (readonly [string, (names: readonly string[]) => boolean])[] = [
  ['it is begun', (names) => names.includes(MARK)],
  ['the first database is copied', (names) => names.some((name) => name.endsWith('.db'))],
  ['the log is copied', (names) => names.includes('log.db')],
  ['all are held', (names) => names.includes('log.db-wal')],
  ['secrets are copied', (names) => names.includes('peppers')],
  ['the manifest is written', (names) => names.includes('manifest.json')],
  ['it is whole', () => false],
];

test.each(moments)(
  'killed with -9 when %s',
  async (moment, isReached) => {
    const directory = join(root, moment.replaceAll(' ', '-'));
    const partial = `${directory}${MARK}`;
    const key = await createKey(running.api);
    made.push(key);
    const asked = fetch(`${running.api.url}/v1/operations/backup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${running.api.token}` },
      body: JSON.stringify({ directory }),
    }).catch(() => undefined);
    while (!existsSync(directory) && !isReached(await readdir(partial).catch(() => []))) await turn();
    await running.process.kill();
    await asked;

    running = await folder.start();
    expect(await running.verifier.verify(key.secret)).toMatchObject({ code: 'VALID' });
    if (existsSync(directory)) {
      expect(existsSync(partial)).toBe(false);
      expect(await readdir(directory)).not.toContain(MARK);
      await readManifest(directory);
      await rename(directory, `${directory}-first`);
    } else if (!(await readdir(partial)).includes(MARK)) {
      // Whole, and killed in the moment before it got its name: nobody removes it.
      await readManifest(partial);
      await rename(partial, `${directory}-first`);
    }
    const again = await backUp(directory);
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining('TARGET')]);
    expect(existsSync(partial)).toBe(false);

    const data = join(root, `${moment.replaceAll(' ', '-')}-data`);
    await restoreFolder(directory, { KEYFOLD_DATA: data, LOG_LEVEL: 'silent' }, () => undefined);
    expect(await keysIn(data)).toEqual(made.map(({ keyId }) => keyId));
  },
  120_000,
);
