// The embedded log: the port's contract, and what is its own: one process per folder, group commit, full disk, damage.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  AppendUnknownError,
  LogFullError,
  LogGoneError,
  LogUnavailableError,
  PositionOutOfRangeError,
  UnsafeLogError,
  type EventLog,
} from '../../events/log.ts';
import { insertRecords, LOG_SCHEMA } from '../../events/logs/embedded-table.ts';
import { createEmbeddedLog, openEmbeddedLog, type EmbeddedLogOptions } from '../../events/logs/embedded.ts';
import { StorageError } from '../../events/logs/sqlite-errors.ts';
import { openSqlite, type Sqlite } from '../../events/logs/sqlite.ts';
import { eventLogContract, readToEnd, record, text, type LogFixture } from '../contracts/event-log.ts';

const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'keyfold-log-'));

async function fixtureOf(options: Omit<EmbeddedLogOptions, 'directory'>): Promise<LogFixture> {
  const directory = await temporaryFolder();
  let log = await openEmbeddedLog({ directory, ...options });
  return {
    log,
    reopen: async () => {
      await log.close();
      log = await openEmbeddedLog({ directory, ...options });
      return log;
    },
    appendByHand: async ({ key, value }) => {
      await log.close();
      const file = await openSqlite({ file: join(directory, options.file ?? 'log.db') });
      const end = await file.get<{ end: number }>('SELECT max(offset) + 1 AS end FROM log');
      await insertRecords(file, end?.end ?? 0, [{ key: key!, value, headers: {} }]);
      await file.close();
    },
    dispose: async () => {
      await log.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Bytes of buffers that something holds, once garbage is collected. */
function held(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}

eventLogContract('the embedded log', () => fixtureOf({}));
eventLogContract('the embedded log of usage', () => fixtureOf({ file: 'usage.db', trims: true, largeRecords: true }));

describe('an embedded log that is not kept for ever', () => {
  let fixture: LogFixture;
  const offsets = (records: readonly { readonly offset: number }[]) => records.map(({ offset }) => offset);
  const append = (count: number): Promise<unknown> =>
    fixture.log.append(Array.from({ length: count }, (_, n) => record('a', String(n))));
  beforeEach(async () => {
    fixture = await fixtureOf({ file: 'usage.db', trims: true, largeRecords: true });
  });
  afterEach(() => fixture.dispose());

  test('removes what lies before a position, and goes on where it was, opened again, too', async () => {
    await append(300);
    await fixture.log.trim?.({ 0: 200 });
    expect(offsets(await readToEnd(fixture.log, { 0: 200 }))).toEqual(Array.from({ length: 100 }, (_, n) => 200 + n));
    const again = await fixture.reopen();
    expect(offsets(await readToEnd(again, { 0: 200 }))).toHaveLength(100);
    expect(await again.append([record('a')])).toEqual([{ partition: 0, offset: 300 }]);
  });

  test('never forgets how far it went, though all of it was removed', async () => {
    await append(3);
    await fixture.log.trim?.({ 0: 3 });
    const again = await fixture.reopen();
    expect(await again.end()).toEqual({ 0: 3 });
    expect(await again.append([record('a')])).toEqual([{ partition: 0, offset: 3 }]);
  });

  test('protocol T: a reader of what was removed is told so, opened again, too, and while it reads', async () => {
    await append(4000);
    const batches = fixture.log.read({ from: () => ({}), signal: new AbortController().signal });
    const reading = batches[Symbol.asyncIterator]();
    expect((await reading.next()).done).toBe(false);
    await fixture.log.trim?.({ 0: 3900 });
    await expect(reading.next()).rejects.toThrow(PositionOutOfRangeError);
    await expect(readToEnd(fixture.log, { 0: 3899 })).rejects.toThrow(PositionOutOfRangeError);
    await expect(readToEnd(await fixture.reopen())).rejects.toThrow(PositionOutOfRangeError);
  });

  test('the log of events has no such thing', async () => {
    const kept = await fixtureOf({});
    expect('trim' in kept.log).toBe(false);
    await kept.dispose();
  });
});

describe('the embedded log', () => {
  let directory = '';
  let open: EventLog[] = [];
  const file = (): string => join(directory, 'log.db');
  const openLog = async (): Promise<EventLog> => {
    const log = await openEmbeddedLog({ directory });
    open.push(log);
    return log;
  };
  const logOn = async (sqlite: Sqlite): Promise<EventLog> => {
    const log = await createEmbeddedLog(sqlite);
    open.push(log);
    return log;
  };

  const refusedAs = async (place: string, folder = ''): Promise<void> => {
    const opened = openEmbeddedLog({ directory: join(directory, folder) });
    const error: unknown = await opened.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsafeLogError);
    expect((error as Error).message).toContain(place);
  };
  const plant = async (folder: string, database: Uint8Array, wal: Uint8Array): Promise<void> => {
    await mkdir(join(directory, folder));
    await writeFile(join(directory, folder, 'log.db'), database);
    await writeFile(join(directory, folder, 'log.db-wal'), wal);
  };

  beforeEach(async () => {
    directory = await temporaryFolder();
  });

  afterEach(async () => {
    await Promise.all(open.map((log) => log.close()));
    open = [];
    await rm(directory, { recursive: true });
  });

  test.each([
    ['removed', () => rm(file())],
    ['moved away', () => rename(file(), join(directory, 'elsewhere.db'))],
    [
      'replaced by a copy of itself',
      async () => {
        await copyFile(file(), join(directory, 'copy.db'));
        await rename(join(directory, 'copy.db'), file());
      },
    ],
    ['left without its write-ahead log', () => rm(`${file()}-wal`)],
  ])('that was %s while it was in use acknowledges nothing more, and says so', async (_, act) => {
    const log = await openLog();
    await log.append([record('a', '1')]);
    await act();
    await expect(log.append([record('a', '2')])).rejects.toThrow(AppendUnknownError);
    await expect(log.append([record('a', '3')])).rejects.toThrow(LogGoneError);
    await expect(log.end()).rejects.toThrow(/^.*log\.db was removed or replaced while it was in use/);
  });

  test('that was removed is noticed by whoever asks for its end, without an append', async () => {
    const log = await openLog();
    await log.append([record('a', '1')]);
    expect(await log.end()).toEqual({ 0: 1 });
    await rm(file());
    await expect(log.end()).rejects.toThrow(LogGoneError);
    await expect(log.append([record('a', '2')])).rejects.toThrow(LogGoneError);
  });

  test('numbers its records 0, 1, 2, … in partition 0, without a gap, across restarts', async () => {
    for (let round = 0; round < 3; round += 1) {
      const log = await openEmbeddedLog({ directory });
      const positions = await log.append(Array.from({ length: 70 }, () => record('a')));
      expect(positions).toEqual(Array.from({ length: 70 }, (_, n) => ({ partition: 0, offset: round * 70 + n })));
      await log.close();
    }
  });

  test('keeps little of what it wrote in memory, however large its records: they are read, whole and in order', async () => {
    const log = await openLog();
    const before = held();
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
    for (const letter of letters) await log.append([record(letter, letter.repeat(900_000))]);
    expect(held() - before).toBeLessThan((letters.length * 900_000) / 2);
    const found = await readToEnd(log);
    expect(found.map(({ value }) => [value.length, value[0], value.at(-1)])).toEqual(
      letters.split('').map((letter) => [900_000, letter.charCodeAt(0), letter.charCodeAt(0)]),
    );
  });

  test('a reader that is behind gets large records a few at a time, small ones many', async () => {
    const log = await openLog();
    for (let n = 0; n < 12; n++) await log.append([record(`large ${n}`, 'x'.repeat(900_000))]);
    for (let n = 0; n < 40; n++) await log.append(Array.from({ length: 64 }, () => record('small')));
    const stop = new AbortController();
    const batches: number[] = [];
    let read = 0;
    for await (const { records } of log.read({ from: () => Promise.resolve({}), signal: stop.signal })) {
      batches.push(records.length);
      if ((read += records.length) === 12 + 40 * 64) stop.abort();
    }
    expect(batches.slice(0, 5)).toEqual([2, 2, 2, 2, 2]);
    expect(Math.max(...batches)).toBe(512);
  });

  test('what a caller does to his bytes after an append changes nothing that is read', async () => {
    const log = await openLog();
    for (const value of [Buffer.from('original'), text('original')]) {
      await log.append([{ key: 'a', value, headers: {} }]);
      value.fill(0x78);
    }
    expect((await readToEnd(log)).map(({ value }) => Buffer.from(value).toString())).toEqual(['original', 'original']);
  });

  test('a second process on the folder is refused, and told which folder and what to do', async () => {
    await openLog();
    const child = startWriter(directory, 'second');
    let message = '';
    child.stderr.on('data', (chunk: Buffer) => (message += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(3);
    expect(message).toContain(directory);
    expect(message).toMatch(/in use by another process.*KEYFOLD_DATA/);
  });

  test('kill -9 frees the folder at once and loses no acknowledged record', async () => {
    for (const [round, count] of [60, 400, 1100, 250, 900].entries()) {
      const acknowledged = await writeUntilKilled(directory, `run${round}`, count);
      const log = await openEmbeddedLog({ directory });
      const found = new Map((await readToEnd(log)).map((entry) => [entry.offset, entry]));
      for (const [offset, name] of acknowledged) {
        const entry = found.get(offset);
        expect([entry?.key, entry?.headers.name]).toEqual([name, name]);
        expect(Buffer.compare(entry!.value, text(name.repeat(30)))).toBe(0);
      }
      await log.close();
    }
  });

  test('appends that arrive while a commit is under way go into the next one: many appends, few commits', async () => {
    const sqlite = await openSqlite({ file: file(), schema: LOG_SCHEMA });
    let commits = 0;
    const counted: Sqlite = {
      ...sqlite,
      all: (sql, params) => {
        if (sql.startsWith('INSERT')) commits += 1;
        return sqlite.all(sql, params);
      },
      transaction: (work) => {
        commits += 1;
        return sqlite.transaction(work);
      },
    };
    const log = await logOn(counted);
    await Promise.all(Array.from({ length: 500 }, () => log.append([record('a')])));
    expect(commits).toBe(1);
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (let n = 0; n < 10; n += 1) await log.append([record('a')]);
      }),
    );
    expect(commits).toBeLessThanOrEqual(1 + 20);
    expect(await log.end()).toEqual({ 0: 1140 });
  });

  test('a full disk refuses appends, keeps what it has, and takes appends again once there is space', async () => {
    const sqlite = await openSqlite({ file: file(), schema: LOG_SCHEMA, maxPageCount: 20 });
    const log = await logOn(sqlite);
    const large = { key: 'a', value: new Uint8Array(10_000), headers: {} };
    const appendUntilFull = async (): Promise<number> => {
      for (let written = 0; ; written += 1) {
        try {
          await log.append([large]);
        } catch (error) {
          expect(error).toBeInstanceOf(LogFullError);
          return written;
        }
      }
    };
    const written = await appendUntilFull();
    expect(written).toBeGreaterThan(0);
    await expect(log.append(Array.from({ length: 100 }, () => large))).rejects.toThrow(LogFullError);
    expect(await log.end()).toEqual({ 0: written });
    expect(await readToEnd(log)).toHaveLength(written);
    await sqlite.all('PRAGMA max_page_count = 100000');
    const [position] = await log.append([large]);
    expect(position).toEqual({ partition: 0, offset: written });
    await log.close();
    expect(await readToEnd(await openLog())).toHaveLength(written + 1);
  });

  test('after a failed commit it acknowledges no more, even if the disk would take it', async () => {
    const sqlite = await openSqlite({ file: file(), schema: LOG_SCHEMA });
    let failing = false;
    const flaky: Sqlite = {
      ...sqlite,
      all: async (sql, params) => {
        if (failing) throw new StorageError('STORAGE_FAILED', 'the sync failed');
        return sqlite.all(sql, params);
      },
    };
    const log = await logOn(flaky);
    await log.append([record('a', 'kept')]);
    failing = true;
    await expect(log.append([record('a', 'unknown')])).rejects.toThrow(AppendUnknownError);
    failing = false;
    await expect(log.append([record('a', 'refused')])).rejects.toThrow(LogUnavailableError);
    await expect(log.end()).rejects.toThrow(LogUnavailableError);
    await log.close();
    const again = await openLog();
    await again.append([record('a', 'after')]);
    expect((await readToEnd(again)).map(({ value }) => Buffer.from(value).toString())).toEqual(['kept', 'after']);
  });

  test('an append that passed its deadline unwritten is not written later; one under way is unknown', async () => {
    const sqlite = await openSqlite({ file: file(), schema: LOG_SCHEMA });
    let proceed = (): void => undefined;
    let entered = (): void => undefined;
    const held = new Promise<void>((resolve) => (proceed = resolve));
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const slow: Sqlite = {
      ...sqlite,
      all: async (sql, params) => {
        if (sql.startsWith('INSERT')) {
          entered();
          await held;
        }
        return sqlite.all(sql, params);
      },
    };
    const log = await logOn(slow);
    const first = log.append([record('a', 'under way')], { deadlineMs: 50 });
    const refused = expect(first).rejects.toThrow(AppendUnknownError);
    await inside;
    await expect(log.append([record('a', 'waiting')], { deadlineMs: 10 })).rejects.toThrow(LogUnavailableError);
    await refused;
    proceed();
    await log.append([record('a', 'last')]);
    expect((await readToEnd(log)).map(({ value }) => Buffer.from(value).toString())).toEqual(['under way', 'last']);
  });

  test('a damaged page is refused at the start, and the file named', async () => {
    const log = await openEmbeddedLog({ directory });
    await log.append(Array.from({ length: 200 }, (_, n) => record(`key-${n}`, 'x'.repeat(1000))));
    await log.close();
    const bytes = await readFile(file());
    bytes.fill(0xff, 8 * 4096, 8 * 4096 + 64); // the header of a page of the table
    await writeFile(file(), bytes);
    await refusedAs(file());
  });

  test('a file that is no database is refused, and named', async () => {
    await writeFile(file(), 'this is not a database, and long enough to be looked at as one. '.repeat(100));
    await refusedAs(file());
  });

  test('a damaged record is named: at the start if it is one of the last, else when it is read', async () => {
    const log = await openEmbeddedLog({ directory });
    for (let n = 0; n < 1000; n += 50) {
      await log.append(Array.from({ length: 50 }, (_, m) => record('a', `marker-${n + m};`)));
    }
    await log.close();
    const intact = await readFile(file());
    const damage = async (marker: string): Promise<void> => {
      const bytes = Buffer.from(intact);
      for (let at = bytes.indexOf(marker); at !== -1; at = bytes.indexOf(marker)) bytes.write('X', at);
      await writeFile(file(), bytes);
    };
    await damage('marker-900;');
    await refusedAs('record 900');
    await damage('marker-123;');
    const opened = await openLog();
    await expect(readToEnd(opened)).rejects.toThrow(UnsafeLogError);
    await expect(readToEnd(opened, { 0: 100 })).rejects.toThrow('record 123');
    expect(await readToEnd(opened, { 0: 124 })).toHaveLength(876);
  });

  test('damage in the write-ahead log of a killed process is refused, not taken for its end; a torn end is no damage', async () => {
    await writeUntilKilled(directory, 'wal', 300);
    const [database, wal] = [await readFile(file()), await readFile(`${file()}-wal`)];
    const frame = 24 + 4096;
    const damages = [
      { at: 10, place: 'log.db-wal is damaged: frame 0' },
      { at: 32 + 5 * frame + 17, place: 'log.db-wal is damaged: frame 6' },
      { at: 32 + 5 * frame + 2000, place: 'log.db-wal is damaged: frame 6' },
    ];
    for (const [n, { at, place }] of damages.entries()) {
      const damaged = Buffer.from(wal);
      damaged[at]! ^= 1;
      await plant(`damaged-${n}`, database, damaged);
      await refusedAs(place, `damaged-${n}`);
      const found = await readFile(join(directory, `damaged-${n}`, 'log.db-wal'));
      expect(found.equals(damaged)).toBe(true); // left as it was found
    }
    await plant('torn', database, wal.subarray(0, wal.length - 1000));
    const log = await openEmbeddedLog({ directory: join(directory, 'torn') });
    open.push(log);
    expect((await readToEnd(log)).length).toBeGreaterThan(0);
  });

  test('a missing record is named', async () => {
    const log = await openEmbeddedLog({ directory });
    await log.append(Array.from({ length: 100 }, () => record('a')));
    await log.close();
    const sqlite = await openSqlite({ file: file() });
    await sqlite.run('DELETE FROM log WHERE offset = 42');
    await sqlite.close();
    await expect(openEmbeddedLog({ directory })).rejects.toThrow('record 42');
  });
});

function startWriter(directory: string, run: string): ChildProcessByStdio<null, Readable, Readable> {
  const script = join(import.meta.dirname, 'embedded-writer.ts');
  return spawn(process.execPath, ['--import', 'tsx', script, directory, run], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A process that appends, killed with -9 once it has told so many acknowledged records: offset → name. */
async function writeUntilKilled(directory: string, run: string, count: number): Promise<Map<number, string>> {
  const child = startWriter(directory, run);
  const acknowledged = new Map<number, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [offset, name] = line.split(' ');
    if (name === undefined) continue;
    acknowledged.set(Number(offset), name);
    if (acknowledged.size === count) child.kill('SIGKILL');
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(count);
  return acknowledged;
}
