// What keeps `keyfold serve` from starting, by the real command: one plain message for a person, no stack, exit code 1.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../events/logs/embedded.ts';
import { LogFullError } from '../../events/log.ts';
import { openSqlite } from '../../events/logs/sqlite.ts';
import { StorageError } from '../../events/logs/sqlite-errors.ts';
import { openDataFolder } from '../../services/shared/data-folder.ts';
import { describeStartFailure } from '../../services/start-failure.ts';
import { runKeyfold, startKeyfold, type Environment } from '../support/processes.ts';

const TEST_MS = 120_000;
const RANDOM = Buffer.from(Array.from({ length: 9000 }, (_, byte) => (byte * 7919) % 251));

let root: string;
let data: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyfold-start-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(() => {
  data = join(root, `data-${(count += 1)}`);
});

const env = (more: Environment = {}): Environment => ({
  KEYFOLD_DATA: data,
  API_PORT: '0',
  VERIFIER_PORT: '0',
  LOG_LEVEL: 'warn',
  ...more,
});

/** The lines of the message, once it was seen that they are all there is. */
async function failure(more: Environment = {}): Promise<readonly string[]> {
  const { code, stdout, stderr } = await runKeyfold(['serve'], env(more));
  expect([code, stdout], stderr).toEqual([1, '']);
  const lines = stderr.trimEnd().split('\n');
  expect(lines.length, stderr).toBeLessThanOrEqual(2);
  expect(stderr).not.toMatch(/\{|\bat .+:\d+:\d+|node_modules|Error:/);
  return lines;
}

describe('a start that fails', { timeout: TEST_MS }, () => {
  test('for a port that is in use names the port, and the setting that gives it another one, set or not', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    try {
      for (const setting of ['API_PORT', 'VERIFIER_PORT']) {
        expect(await failure({ [setting]: port })).toEqual([
          `CANNOT_LISTEN: cannot listen on 127.0.0.1:${port}: it is in use by another process`,
          `  stop the process that holds it, or set ${setting} to another port than ${port}`,
        ]);
      }
    } finally {
      server.close();
    }
  });

  test('for an address that is not of this machine names HOST', async () => {
    const token = 'a'.repeat(32);
    expect(await failure({ HOST: '203.0.113.9', VERIFIER_TOKEN: token })).toEqual([
      'CANNOT_LISTEN: cannot listen on 203.0.113.9:0: 203.0.113.9 is no address of this machine',
      '  set HOST to one, such as 127.0.0.1',
    ]);
  });

  test('for a folder that another process holds names the folder and KEYFOLD_DATA', async () => {
    await openDataFolder(data);
    const holder = await openEmbeddedLog({ directory: data });
    const [line, ...rest] = await failure();
    expect(line).toMatch(/^STORAGE_IN_USE: The folder .* is in use by another process\. .*KEYFOLD_DATA/);
    expect([line?.includes(data), rest]).toEqual([true, []]);
    await holder.close();
  });

  test.each([
    ['log.db', 'Restore it from a backup.'],
    ['kept.db', 'Restore it from a backup.'],
    ['read.db', 'Remove it, and its -wal: it is made again from the log.'],
  ])('for a damaged %s names the file and what to do', async (name, advice) => {
    await openDataFolder(data);
    await writeFile(join(data, name), RANDOM);
    const [line] = await failure();
    expect(line).toMatch(/^(?:UNSAFE_LOG|STORAGE_CORRUPT): .* is damaged: /);
    expect(line?.endsWith(` ${advice}`)).toBe(true);
    expect(line).toContain(join(data, name));
  });

  test('for read models with a broken row stops, names the file and what to do, and starts again once it is gone', async () => {
    const start = async (): Promise<void> => {
      const process = startKeyfold(['serve'], env());
      await process.ready();
      expect(await process.stop()).toEqual({ code: 0, signal: null });
    };
    await start();
    const file = join(data, 'read.db');
    const sqlite = await openSqlite({ file });
    expect(await sqlite.run(`UPDATE keyspaces_g1 SET row = substr(row, 1, 100)`)).toBe(1);
    await sqlite.close();
    expect(await failure({ LOG_LEVEL: 'silent' })).toEqual([
      `STORAGE_CORRUPT: ${file} is damaged: a row of keyspaces. Remove it, and its -wal: it is made again from the log.`,
    ]);
    await rm(file);
    await rm(`${file}-wal`, { force: true });
    await start();
  });

  test('for a file that cannot be opened names it and KEYFOLD_DATA', async () => {
    await openDataFolder(data);
    await mkdir(join(data, 'log.db'));
    const [line, advice] = await failure();
    expect(line).toBe(`STORAGE_FAILED: ${join(data, 'log.db')} cannot be opened.`);
    expect(advice).toMatch(/KEYFOLD_DATA/);
  });

  test('for a folder that cannot be made names it and KEYFOLD_DATA', async () => {
    await writeFile(data, 'a file');
    expect(await failure({ KEYFOLD_DATA: join(data, 'below') })).toEqual([
      `DATA_FOLDER: ${join(data, 'below')} cannot be made (ENOTDIR)`,
      '  set KEYFOLD_DATA to a folder that can be read and written',
    ]);
  });

  test('for a key file that cannot be read, is damaged or is gone names the file and what to do', async () => {
    await openDataFolder(data);
    const file = join(data, 'peppers');
    await copyFile(file, join(root, 'kept'));
    await rm(file);
    await mkdir(file);
    expect((await failure())[0]).toBe(`DATA_FOLDER: ${file} cannot be read (EISDIR)`);
    await rm(file, { recursive: true });
    await writeFile(file, 'peppers:none');
    const restore = '  put it back from a backup; Keyfold never makes a new one in its place';
    expect(await failure()).toEqual([`DATA_FOLDER: ${file} is damaged`, restore]);
    await rm(file);
    await writeFile(join(data, 'log.db'), '');
    const gone = `DATA_FOLDER: ${file} is missing, but ${data} holds data that was made with it`;
    expect(await failure()).toEqual([gone, restore]);
  });

  test('for a secret file that cannot be read names the setting', async () => {
    const { code, stderr } = await runKeyfold(['serve'], env({ KEYFOLD_PEPPERS_FILE: join(root, 'nowhere') }));
    expect([code, stderr.split('\n')[1]]).toEqual([
      1,
      '  KEYFOLD_PEPPERS the file that KEYFOLD_PEPPERS_FILE names cannot be read (ENOENT)',
    ]);
  });

  test('for an address of MONGODB_URL that the driver does not take repeats nothing of it', async () => {
    const { code, stderr } = await runKeyfold(['serve'], env({ MONGODB_URL: 'mongodb://bob:canary@h:x/y' }));
    expect(code).toBe(1);
    expect(stderr).not.toContain('canary');
  });

  test('tells where it happened only at the log level debug', async () => {
    await writeFile(data, 'a file');
    const { code, stderr } = await runKeyfold(['serve'], env({ LOG_LEVEL: 'debug' }));
    const [log = '', ...message] = stderr.trimEnd().split('\n');
    expect(code).toBe(1);
    expect(JSON.parse(log)).toMatchObject({ level: 'debug', msg: 'cannot start', err: { code: 'DATA_FOLDER' } });
    expect(message[0]).toMatch(/^DATA_FOLDER: /);
  });

  test('because what only the store held is gone says so, and which setting goes on without it', async () => {
    const start = async (more: Environment = {}) => {
      const process = startKeyfold(['serve'], env(more));
      await process.ready();
      expect(await process.stop()).toEqual({ code: 0, signal: null });
    };
    await start();
    for (const name of ['read.db', 'read.db-wal']) await rm(join(data, name), { force: true });
    await start(); // the log gives it back
    for (const name of ['kept.db', 'kept.db-wal']) await rm(join(data, name), { force: true });
    const [line, advice] = await failure();
    expect(line).toMatch(/^DATA_LOST: the data keys are gone: /);
    expect(advice).toContain(join(data, 'kept.db'));
    expect(advice).toMatch(/backup.*KEYFOLD_ACCEPT_LOST_DATA_KEYS=true.*KEYFOLD_DATA/);
    await start({ KEYFOLD_ACCEPT_LOST_DATA_KEYS: 'true' });
    for (const name of ['log.db', 'log.db-wal']) await rm(join(data, name), { force: true });
    const [lost, restore] = await failure({ KEYFOLD_ACCEPT_LOST_DATA_KEYS: 'true' });
    expect(lost).toMatch(/^DATA_LOST: the log has lost events: it ends at p1_0-0/);
    expect(restore).toContain(join(data, 'log.db'));
  });
});

describe('what cannot be brought about here', () => {
  const named = (name: string, message: string, more: object = {}): Error =>
    Object.assign(new Error(message), { name, ...more });

  test.each([
    [new StorageError('STORAGE_FULL', 'No space left for /d/read.db.'), 'STORAGE_FULL', /make room.*KEYFOLD_DATA/],
    [new LogFullError('No space left for /d/log.db.'), 'STORAGE_FULL', /make room.*KEYFOLD_DATA/],
    [new StorageError('STORAGE_FAILED', '/d/log.db has failed (SQLITE_READONLY)'), 'STORAGE_FAILED', /KEYFOLD_DATA/],
    [
      named('KafkaJSProtocolError', 'Not authorized to access topics', { code: 29 }),
      'KAFKA_REFUSED',
      /KAFKA_SASL_USERNAME/,
    ],
    [
      named('Error', 'EACCES: …', { code: 'EACCES', syscall: 'open', path: '/d/log.db' }),
      'STORAGE_FAILED',
      /KEYFOLD_DATA/,
    ],
  ])('%s is told with what to do', (error, code, advice) => {
    const told = describeStartFailure(error);
    expect(told).toMatchObject({ code, advice: expect.stringMatching(advice) as string });
  });

  test('a defect is told as one, without what could be a password', () => {
    const told = describeStartFailure(new TypeError('no mongodb://bob:canary@h/ here'));
    expect(told).toEqual({
      code: 'UNEXPECTED',
      message: 'TypeError: no mongodb://[redacted]@h/ here',
      advice: 'LOG_LEVEL=debug tells where it happened; it may be a defect of Keyfold',
    });
    expect(describeStartFailure('thrown')).toEqual({ code: 'UNEXPECTED', message: 'it failed' });
  });
});
