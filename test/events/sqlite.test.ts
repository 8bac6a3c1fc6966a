// One SQLite file in one process: what may be bound, the one queue, transactions, and what ends a handle.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bind, countParameters, type SqlValue } from '../../events/logs/sqlite-bind.ts';
import { isUniqueViolation } from '../../events/logs/sqlite-errors.ts';
import { openSqlite, type Sqlite, type Statements } from '../../events/logs/sqlite.ts';

const disk = vi.hoisted(() => ({ commitFails: false }));

// libsql itself, but for a COMMIT that fails as on a disk with a bad sector.
vi.mock('libsql/promise', async (original) => {
  const { default: Database } = await original<{ default: new (file: string, options: object) => object }>();
  return {
    default: class extends Database {
      exec(sql: string): Promise<void> {
        if (disk.commitFails && sql === 'COMMIT') {
          return Promise.reject(Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' }));
        }
        const driver = Object.getPrototypeOf(Object.getPrototypeOf(this)) as { exec(sql: string): Promise<void> };
        return driver.exec.call(this, sql);
      }
    },
  };
});

describe('what may be bound', () => {
  test.each([
    ['text with a NUL', 'a\0b', /parameter 1: .*NUL/],
    ['a lone surrogate', 'a\ud800b', /parameter 1: .*surrogate/],
    ['not a number', NaN, /finite/],
    ['infinity', Infinity, /finite/],
    ['a boolean', true, /boolean/],
    ['a date', new Date(0), /Date/],
    ['undefined', undefined, /undefined/],
    ['an object', {}, /Object/],
    ['an array', [1], /Array/],
    ['an ArrayBuffer', new ArrayBuffer(1), /ArrayBuffer/],
    ['a typed array of other elements', new Int16Array(1), /Int16Array/],
    ['a bigint of more than 64 bits', 2n ** 63n, /64 bits/],
  ])('%s is refused with the reason', (_, value, reason) => {
    expect(() => bind([value as SqlValue], 1)).toThrow(TypeError);
    expect(() => bind([value as SqlValue], 1)).toThrow(reason);
  });

  test('too many and too few parameters are refused', () => {
    expect(() => bind([1], 2)).toThrow('takes 2 SQL parameters, 1 were given');
    expect(() => bind([1, 2], 1)).toThrow('takes 1 SQL parameters, 2 were given');
  });

  test('parameters are counted as SQLite does, outside text and comments', () => {
    expect(countParameters('SELECT ?, ?2, ? -- ?')).toBe(3);
    expect(countParameters(`SELECT '?', "?", [?], /* ? */ ?1, ?1`)).toBe(1);
    expect(countParameters(`SELECT a ->> '$.b', 'it''s ?' FROM t WHERE c = ?`)).toBe(1);
    expect(() => countParameters('SELECT :name')).toThrow('named');
    expect(() => countParameters('SELECT @name')).toThrow('named');
  });
});

describe('an SQLite file', () => {
  let directory = '';
  let sqlite: Sqlite;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyfold-sqlite-'));
    sqlite = await openSqlite({
      file: join(directory, 'sub', 'a.db'),
      schema: 'CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b)',
    });
  });

  afterEach(async () => {
    disk.commitFails = false;
    await sqlite.close();
    await rm(directory, { recursive: true });
  });

  const count = async (statements: Statements = sqlite): Promise<number> =>
    (await statements.get<{ n: number }>('SELECT count(*) AS n FROM t'))?.n ?? -1;

  test('values come back as they were given', async () => {
    const values = ['ü😀', '', 0, -1, 1.5, 1e300, 2 ** 53 - 1, null, Uint8Array.of(0, 255), new Uint8Array(0)];
    for (const value of values) {
      expect(await sqlite.get('SELECT ? AS value', [value])).toEqual({ value });
    }
    const view = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(await sqlite.get('SELECT ? AS a, ? AS b', [view, Buffer.from('hi')])).toEqual({
      a: Uint8Array.of(2, 3),
      b: Uint8Array.of(104, 105),
    });
    expect(await sqlite.get('SELECT typeof(?) AS a, typeof(?) AS b', [1, 1.5])).toEqual({ a: 'integer', b: 'real' });
  });

  test('is readable by its owner only', async () => {
    expect((await stat(sqlite.file)).mode & 0o077).toBe(0);
    expect((await stat(join(directory, 'sub'))).mode & 0o077).toBe(0);
  });

  test.each([
    ['a new file', false, 16_384],
    ['a file that was made for small ones', true, 4096],
  ])('large rows are moved into %s in small parts', async (_, wasMade, pageSize) => {
    const file = join(directory, 'large.db');
    const schema = 'CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b BLOB)';
    if (wasMade) await (await openSqlite({ file, schema })).close();
    const row = new Uint8Array(192_000).fill(7);
    const large = await openSqlite({ file, schema, largeRows: true });
    try {
      const waiting: number[] = [];
      for (let n = 0; n < 40; n += 1) {
        await large.run('INSERT INTO t (b) VALUES (?)', [row]);
        waiting.push((await stat(`${file}-wal`)).size);
      }
      expect(Math.max(...waiting)).toBeLessThan(1.5 * 2 ** 20);
      expect(await large.get('PRAGMA page_size')).toEqual({ page_size: pageSize });
    } finally {
      await large.close();
    }
    const again = await openSqlite({ file, largeRows: true });
    expect(await again.get('SELECT count(*) AS n FROM t WHERE b = ?', [row])).toEqual({ n: 40 });
    await again.close();
  });

  test('tells how many rows a statement changed, and which error was a duplicate', async () => {
    expect(await sqlite.run('INSERT INTO t (b) VALUES (?), (?)', [1, 1])).toBe(2);
    expect(await sqlite.run('UPDATE t SET b = 2 WHERE a = 1 AND b = 1')).toBe(1);
    expect(await sqlite.run('UPDATE t SET b = 2 WHERE a = 1 AND b = 1')).toBe(0);
    const error: unknown = await sqlite.run('INSERT INTO t (a) VALUES (1)').catch((reason: unknown) => reason);
    expect(isUniqueViolation(error)).toBe(true);
    expect(await count()).toBe(2);
  });

  test('protocol P4: nobody reads or writes between BEGIN and COMMIT', async () => {
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const order: string[] = [];
    const writing = sqlite.transaction(async (tx) => {
      await tx.run('INSERT INTO t (b) VALUES (1)');
      entered();
      for (let n = 0; n < 20; n += 1) await tx.get('SELECT 1');
      await tx.run('INSERT INTO t (b) VALUES (2)');
      order.push('transaction');
    });
    await inside;
    const reading = count().then((n) => {
      order.push('reader');
      return n;
    });
    await Promise.all([writing, reading]);
    expect(order).toEqual(['transaction', 'reader']);
    expect(await reading).toBe(2);
  });

  test("protocol P4: an acknowledged insert does not vanish with another's rollback", async () => {
    const failing = sqlite.transaction(async (tx) => {
      await tx.run('INSERT INTO t (b) VALUES (1)');
      throw new Error('on purpose');
    });
    const other = sqlite.run('INSERT INTO t (b) VALUES (2)');
    await expect(failing).rejects.toThrow('on purpose');
    await other;
    expect(await sqlite.all('SELECT b FROM t')).toEqual([{ b: 2 }]);
  });

  test('statements of a transaction run one after the other, and none after its end', async () => {
    let escaped: Statements | undefined;
    await sqlite.transaction(async (tx) => {
      escaped = tx;
      await Promise.all(Array.from({ length: 50 }, (_, n) => tx.run('INSERT INTO t (b) VALUES (?)', [n])));
      void tx.run('INSERT INTO t (b) VALUES (50)'); // not awaited: still part of it
    });
    expect(await count()).toBe(51);
    await expect(escaped?.run('INSERT INTO t (b) VALUES (51)')).rejects.toThrow('over');
    expect(await count()).toBe(51);
  });

  test('a full file rolls the whole transaction back, even if its error is swallowed', async () => {
    await sqlite.all('PRAGMA max_page_count = 20');
    const filling = sqlite.transaction(async (tx) => {
      await tx.run('INSERT INTO t (b) VALUES (1)');
      await tx.run('INSERT INTO t (b) VALUES (?)', ['x'.repeat(200_000)]).catch(() => undefined);
      await tx.run('INSERT INTO t (b) VALUES (2)').catch(() => undefined);
    });
    await expect(filling).rejects.toThrow('rolled back');
    expect(await count()).toBe(0);
    await expect(sqlite.run('INSERT INTO t (b) VALUES (?)', ['x'.repeat(200_000)])).rejects.toMatchObject({
      code: 'STORAGE_FULL',
    });
    await sqlite.all('PRAGMA max_page_count = 10000');
    await sqlite.run('INSERT INTO t (b) VALUES (?)', ['x'.repeat(200_000)]);
    expect(await count()).toBe(1);
  });

  test('a commit that failed ends the handle: nothing is read or acknowledged any more', async () => {
    await sqlite.run('INSERT INTO t (b) VALUES (1)');
    disk.commitFails = true;
    const failing = sqlite.transaction((tx) => tx.run('INSERT INTO t (b) VALUES (2)'));
    await expect(failing).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    disk.commitFails = false;
    await expect(sqlite.run('INSERT INTO t (b) VALUES (3)')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(count()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  test('a second handle is refused until the first is closed', async () => {
    await expect(openSqlite({ file: sqlite.file })).rejects.toMatchObject({ code: 'STORAGE_IN_USE' });
    await sqlite.close();
    const second = await openSqlite({ file: sqlite.file });
    expect(await count(second)).toBe(0);
    await second.close();
  });
});
