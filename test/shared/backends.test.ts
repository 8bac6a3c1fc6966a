// Opening log and store: what a missing half means is said loudly.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openBackends } from '../../services/backends.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings } from '../../services/shared/settings.ts';

it('a read store that was lost beside its log is not taken for a new one in silence: its data keys are gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-'));
  const loaded = loadSettings({ KEYFOLD_DATA: folder });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  const lines: string[] = [];
  const logger = createLogger({ level: 'error', destination: { write: (line) => void lines.push(line) } });
  const open = () => openBackends(loaded.settings, logger, new Date().toISOString());

  const first = await open();
  await first.log.append([{ key: 'keyspaces', value: Buffer.from('a record'), headers: {} }]);
  await first.store.writer('g1').apply({ history: [], secrets: [], keys: [], keyspaces: null }, { 0: 1 });
  await first.close();
  await (await open()).close();
  expect(lines).toEqual([]);

  for (const file of ['read.db', 'read.db-wal', 'read.db-shm']) await rm(join(folder, file), { force: true });
  await (await open()).close();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/data keys.*backup/);
  await rm(folder, { recursive: true });
});

it('what was opened is closed again when a later step fails, so that a start can be tried over and over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-'));
  const loaded = loadSettings({ KEYFOLD_DATA: folder });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  const quiet = createLogger({ level: 'silent' });
  const open = (logger: typeof quiet) => openBackends(loaded.settings, logger, new Date().toISOString());

  const first = await open(quiet);
  await first.log.append([{ key: 'keyspaces', value: Buffer.from('a record'), headers: {} }]);
  await first.close();
  // The last step of opening is to say that the store is empty beside its log.
  const failing = Object.assign(createLogger({ level: 'silent' }), {
    error() {
      throw new Error('the last step failed');
    },
  });
  await expect(open(failing)).rejects.toThrow('the last step failed');
  await (await open(quiet)).close();
  await rm(folder, { recursive: true });
});
