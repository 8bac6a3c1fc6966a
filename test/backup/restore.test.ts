// A restore: a damaged backup replaces nothing; killed at any step, the folder is the former one or the restored one, and the
// next start says which.
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreFolder } from '../../services/backup/restore-command.ts';
import { restore } from '../../services/backup/restore.ts';
import { settleRestore } from '../../services/backup/restoring.ts';
import { openCore } from '../../services/core.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { cli } from '../support/cli.ts';
import { makeFolder } from '../support/embedded-folder.ts';
import { startEmbedded } from '../support/in-process.ts';
import { createKey, type MadeKey } from '../support/keys.ts';
import { runKeyfold, startKeyfold } from '../support/processes.ts';
import { emptyLog } from './empty-log.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
let root: string;
let backup: string;
/** In the backup, and made after it: in what lay there before. */
let kept: MadeKey;
let late: MadeKey;
/** A stopped installation that holds both. */
let former: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-restore-'));
  backup = join(root, 'backup');
  former = join(root, 'former');
  const running = await startEmbedded();
  const api = await running.api();
  kept = await createKey(api);
  const data = join(running.folder, 'data');
  expect((await cli(['backup', backup], { KEYFOLD_DATA: data, KEYFOLD_URL: api.url })).code).toBe(0);
  late = await createKey(api);
  // What a process leaves is there once it has stopped; a restart stops it.
  const again = await running.restart();
  const copy = join(root, 'all');
  expect((await cli(['backup', copy], { KEYFOLD_DATA: data, KEYFOLD_URL: (await again.api()).url })).code).toBe(0);
  await restoreFolder(copy, { KEYFOLD_DATA: former }, silent);
  await again.stop();
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
async function copied(): Promise<string> {
  const data = join(root, `data${++folders}`);
  await cp(former, data, { recursive: true });
  return data;
}

/** Opens it as a start does; which of the two keys it knows. */
async function keysIn(dataFolder: string): Promise<readonly boolean[]> {
  const loaded = loadSettings({ KEYFOLD_DATA: dataFolder, LOG_LEVEL: 'silent' });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  const core = await openCore(loaded.settings, createLogger({ level: 'silent' }));
  try {
    const rows = await core.store.read((view) => view.keys([kept.keyId, late.keyId]));
    return [rows.has(kept.keyId), rows.has(late.keyId)];
  } finally {
    await core.close();
  }
}
const RESTORED = [true, false];
const FORMER = [true, true];
const silent = (): undefined => undefined;
const hidden = async (folder: string) => (await readdir(folder)).filter((name) => name.startsWith('.'));

describe('keyfold restore', () => {
  test('puts the backup in the place of the folder, keeps what was there, and says so; the same secrets work', async () => {
    const folder = await makeFolder();
    await cp(former, folder.path, { recursive: true });
    const ran = await runKeyfold(['restore', backup], folder.env);
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(/checking log\.db\n[^]*opening it/)]);
    expect(ran.stdout).toMatch(
      /^restored +\S+data\nfrom +\S+backup\ntime +\S+Z\nposition +p1_0-\d+\nformer +\S+\.before-restore-\S+\n\nStart Keyfold/,
    );
    const { process, api, verifier } = await folder.start();
    expect(await verifier.verify(kept.secret)).toMatchObject({ code: 'VALID' });
    expect(await verifier.verify(late.secret)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await api.key(kept.keyId)).toMatchObject({ name: 'Orders' });

    // Also after a backup: reading a file must not give the folder free.
    const url = { KEYFOLD_URL: api.url };
    expect((await runKeyfold(['backup', join(root, 'second')], { ...folder.env, ...url })).code).toBe(0);
    const refused = await runKeyfold(['restore', backup], folder.env);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/STORAGE_IN_USE: .* in use by another process/),
    ]);
    await process.stop();
    const [name = ''] = await hidden(folder.path);
    expect(await keysIn(join(folder.path, name))).toEqual(FORMER);
    await folder.remove();
  }, 120_000);

  test('fills a folder that is not there', async () => {
    const data = join(root, 'fresh', 'data');
    const done = await restoreFolder(backup, { KEYFOLD_DATA: data }, silent);
    expect(done).toMatchObject({ former: null, dataFolder: data });
    expect(await keysIn(data)).toEqual(RESTORED);
    expect(await hidden(data)).toEqual([]);
  });

  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const damages: readonly (readonly [string, (at: string) => Promise<unknown>, string, RegExp])[] = [
    [
      'a flipped bit',
      async (at) => {
        const bytes = await readFile(join(at, 'kept.db'));
        bytes[5000]! ^= 1;
        await writeFile(join(at, 'kept.db'), bytes);
      },
      'BACKUP_DAMAGED',
      /kept\.db is not what was backed up/,
    ],
    ['a cut file', (at) => truncate(join(at, 'log.db'), 4096), 'BACKUP_DAMAGED', /log\.db has 4096 bytes/],
    ['a file that is longer', (at) => appendFile(join(at, 'peppers'), 'x'), 'BACKUP_DAMAGED', /peppers has/],
    ['a missing file', (at) => rm(join(at, 'counts.db')), 'BACKUP_DAMAGED', /counts\.db is missing/],
    [
      'a link in the place of a file',
      async (at) => {
        await rm(join(at, 'issuer.json'));
        await symlink(join(former, 'issuer.json'), join(at, 'issuer.json'));
      },
      'BACKUP_DAMAGED',
      /issuer\.json is missing/,
    ],
    ['no manifest', (at) => rm(join(at, 'manifest.json')), 'NOT_A_BACKUP', /manifest\.json: there is none/],
    [
      'another format',
      async (at) => {
        const path = join(at, 'manifest.json');
        await writeFile(path, (await readFile(path, 'utf8')).replace('"version": 1', '"version": 2'));
      },
      'NOT_A_BACKUP',
      /is of format 2/,
    ],
    [
      'a manifest that leads elsewhere',
      async (at) => {
        const path = join(at, 'manifest.json');
        await writeFile(path, (await readFile(path, 'utf8')).replace('"peppers"', '"../peppers"'));
      },
      'NOT_A_BACKUP',
      /not as it was written/,
    ],
    // Whole by its digests, but no installation that could start: another one's peppers, or a log that is not its own.
    [
      'secrets of another installation',
      async (at) => {
        const path = join(at, 'manifest.json');
        const [before, after] = [
          await readFile(join(at, 'peppers')),
          Buffer.from(
            `${(await readFile(join(at, 'peppers'), 'utf8')).split(':')[0]}:${createHash('sha256').update('other').digest('base64')}\n`,
          ),
        ];
        await writeFile(join(at, 'peppers'), after);
        const text = (await readFile(path, 'utf8'))
          .replace(digest(before), digest(after))
          .replace(`"bytes": ${before.length},`, `"bytes": ${after.length},`);
        await writeFile(path, text);
      },
      'WRONG_SECRET',
      /is not the one that this installation was run with/,
    ],
    [
      'a log that ends before its read models',
      async (at) => {
        const path = join(at, 'manifest.json');
        const source = join(root, 'empty-log');
        const log = await emptyLog(source);
        const before = await readFile(join(at, 'log.db'));
        await writeFile(join(at, 'log.db'), log);
        const text = (await readFile(path, 'utf8'))
          .replace(digest(before), digest(log))
          .replace(
            `"name": "log.db",\n      "bytes": ${before.length}`,
            `"name": "log.db",\n      "bytes": ${log.length}`,
          );
        await writeFile(path, text);
      },
      'DATA_LOST',
      /the log has lost events/,
    ],
  ];
  test.each(damages)('of a backup with %s replaces nothing', async (_, damage, code, message) => {
    const [bad, data] = [join(root, `bad${folders}`), await copied()];
    await cp(backup, bad, { recursive: true });
    await damage(bad);
    const refused = await restoreFolder(bad, { KEYFOLD_DATA: data }, silent).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(await hidden(data)).toEqual([]);
    expect(await keysIn(data)).toEqual(FORMER);
  });

  test('replaces a folder whose log is damaged', async () => {
    const data = await copied();
    await writeFile(join(data, 'log.db'), 'no database at all'.repeat(1000));
    await restoreFolder(backup, { KEYFOLD_DATA: data }, silent);
    expect(await keysIn(data)).toEqual(RESTORED);
  });

  test('stopped at every one of its steps leaves the former data or goes on to the restored', async () => {
    const outcomes = new Map<string, string>();
    for (let fatal = 0; ; fatal++) {
      const data = await copied();
      let steps = 0;
      let at = '';
      const afterStep = (step: string): void => {
        if (steps++ !== fatal) return;
        at = step;
        throw new Error('killed');
      };
      const options = {
        directory: backup,
        dataFolder: data,
        now: () => '2030-01-01T00:00:00.000Z',
        signal: AbortSignal.timeout(60_000),
        openAll: () => Promise.resolve(),
        tell: silent,
      };
      const whole = await restore({ ...options, afterStep }).then(
        () => true,
        () => false,
      );
      if (whole) break;
      // Killed again while it goes on.
      await settleRestore(data, () => {
        throw new Error('killed');
      }).catch(() => undefined);
      const { outcome } = await settleRestore(data).catch(() => ({ outcome: 'failed' }));
      const keys = await keysIn(data);
      expect([FORMER, RESTORED], at).toContainEqual(keys);
      outcomes.set(at.split(' ')[0] ?? '', keys[1] === true ? 'former' : 'restored');
      expect(outcome, at).not.toBe('failed');
      expect(await hidden(data), at).not.toContain('.restoring');
      await rm(data, { recursive: true });
    }
    expect(Object.fromEntries(outcomes)).toEqual({
      copied: 'former',
      staged: 'former',
      ready: 'restored',
      former: 'restored',
      moved: 'restored',
      new: 'restored',
      done: 'restored',
    });
  }, 240_000);

  test('killed with -9 at any moment it is one of the two, and the next start says which', async () => {
    const seen = new Set<string>();
    let random = SEED;
    for (let round = 0; round < 6; round++) {
      const data = await copied();
      const env = { KEYFOLD_DATA: data, API_PORT: '0', VERIFIER_PORT: '0', LOG_LEVEL: 'info' };
      const restoring = startKeyfold(['restore', backup], env);
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      await restoring.printed(round < 3 ? /checking log\.db/ : /opening it/);
      await new Promise((resolve) => setTimeout(resolve, random % (round < 3 ? 100 : 400)));
      await restoring.kill();
      const server = startKeyfold(['serve'], env);
      await server.ready();
      const said = server.stdout() + server.stderr();
      const [copy, url] = [join(root, `after${round}`), { KEYFOLD_URL: server.urls().api ?? '' }];
      expect(await cli(['backup', copy], { ...env, ...url }), `SEED=${SEED}`).toMatchObject({ code: 0 });
      await server.stop();
      const keys = await keysIn(data);
      expect([FORMER, RESTORED], `SEED=${SEED}`).toContainEqual(keys);
      if (said.includes('before it replaced anything')) expect(keys, `SEED=${SEED}`).toEqual(FORMER);
      if (said.includes('has been completed')) expect(keys, `SEED=${SEED}`).toEqual(RESTORED);
      seen.add(keys[1] === true ? 'former' : 'restored');
      // What is there can be backed up and restored as ever.
      await restoreFolder(backup, { KEYFOLD_DATA: data }, silent);
      expect(await keysIn(data), `SEED=${SEED}`).toEqual(RESTORED);
      await restoreFolder(copy, { KEYFOLD_DATA: data }, silent);
      expect(await keysIn(data), `SEED=${SEED}`).toEqual(keys);
      await rm(data, { recursive: true });
    }
    expect(seen.size).toBeGreaterThan(0);
  }, 360_000);

  test('is not for Kafka and MongoDB, and says where to look', async () => {
    const ran = await cli(['restore', backup], { KAFKA_BROKERS: 'a:1', MONGODB_URL: 'mongodb://a' });
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/^NOT_ENABLED: [^]*docs\/operations\.md/)]);
  });

  test('one at a time', async () => {
    const data = await copied();
    await mkdir(join(data, '.restoring'));
    const { openSqlite } = await import('../../events/logs/sqlite.ts');
    const lock = await openSqlite({ file: join(data, '.restoring', 'lock.db') });
    for (const attempt of [() => restoreFolder(backup, { KEYFOLD_DATA: data }, silent), () => keysIn(data)])
      await expect(attempt()).rejects.toMatchObject({ code: 'RESTORE_UNDER_WAY' });
    await lock.close();
    expect(await keysIn(data)).toEqual(FORMER);
  });
});
