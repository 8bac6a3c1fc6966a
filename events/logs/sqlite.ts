// One SQLite file, held by one process: a connection (libsql), one queue for all statements, and transactions.
// What is acknowledged is on disk (WAL, synchronous=FULL) unless asked otherwise; after a failed commit the handle
// acknowledges nothing more.
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { connect, type Connection, type Row } from './sqlite-connection.ts';
import type { SqlValue } from './sqlite-bind.ts';
import { asStorageError, damaged, sqliteCode, StorageError } from './sqlite-errors.ts';
import { findWalDamage } from './sqlite-wal.ts';

export type { Row } from './sqlite-connection.ts';

/** Statements on one file. Parameters are `?` or `?1`; see {@link SqlValue} for what may be bound. */
export interface Statements {
  /** All rows. `R` is the caller's knowledge of the columns that it selects. */
  all<R = Row>(sql: string, params?: readonly SqlValue[]): Promise<R[]>;
  /** The first row, if any; read on this thread, in microseconds: for what is looked up by a key. */
  get<R = Row>(sql: string, params?: readonly SqlValue[]): Promise<R | undefined>;
  /** Runs a statement and answers how many rows it inserted, updated or deleted. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
}

/** An open file. */
export interface Sqlite extends Statements {
  /** The file's absolute path. */
  readonly file: string;
  /**
   * Runs `work` between BEGIN IMMEDIATE and COMMIT; everybody else waits until then, readers included (P4). If `work`
   * throws, all of it is rolled back. Inside use `tx` only: a statement on the file itself would wait for ever.
   */
  transaction<T>(work: (tx: Statements) => Promise<T>): Promise<T>;
  /** Rejects with what every statement would fail with: an earlier failure, or that the file is closed. */
  check(): Promise<void>;
  /** Waits for what is queued, releases the file. Safe to call twice. */
  close(): Promise<void>;
}

export interface OpenSqliteOptions {
  readonly file: string;
  /** Statements that create what is missing (`CREATE TABLE IF NOT EXISTS …`), run in one transaction at open. */
  readonly schema?: string;
  /** An upper bound of the file, in its pages: of 4 KiB, unless its rows are large. */
  readonly maxPageCount?: number;
  /**
   * Whether rows have tens of kilobytes and come all the time; `false`. Then they lie in pages of 16 KiB, and the write-ahead
   * log is moved into the file in small parts: whoever shares the processor is not kept waiting. A file that is there
   * keeps its pages.
   */
  readonly largeRows?: boolean;
  /**
   * Whether each commit is synced before it is acknowledged; `true`. If not, a machine that loses its power may lose the
   * last commits, all from some point on: for what can be made again from where it stands. A killed process loses none.
   */
  readonly synced?: boolean;
  /** What to do about the file if it is damaged; a sentence. */
  readonly ifDamaged?: string;
}

const LOCK_WAIT_MS = 500; // two processes that open at the same moment: one of them gets the file
const LARGE_PAGE = 16_384;
/** Of the write-ahead log, at which a file of large rows takes it in. */
const LARGE_ROWS_WAL = 2 ** 20;
const MAX_CHECKED_BYTES = 2 ** 30; // half a second; what is damaged in a larger file shows when it is read
const APPLICATION_ID = 0x6b65_7966; // "keyf"

/**
 * Opens a file, creating it (mode 0600) and its folder when absent.
 *
 * @throws {@link StorageError} `STORAGE_IN_USE` (another process holds it), `STORAGE_CORRUPT`, `STORAGE_FULL`, `STORAGE_FAILED`.
 */
export async function openSqlite(options: OpenSqliteOptions): Promise<Sqlite> {
  const file = resolve(options.file);
  await createFile(file);
  const connection = connectTo(file);
  try {
    await prepareFile(connection, options);
  } catch (error) {
    const judged = sqliteCode(error).startsWith('SQLITE_BUSY')
      ? inUse(file)
      : asStorageError(error, file, options.ifDamaged);
    if (judged instanceof StorageError && judged.code === 'STORAGE_CORRUPT') connection.abandon();
    else await connection.release();
    throw judged;
  }
  return serve(file, connection, options.ifDamaged);
}

function connectTo(file: string): Connection {
  try {
    return connect(file);
  } catch (cause) {
    throw new StorageError('STORAGE_FAILED', `${file} cannot be opened.`, cause);
  }
}

async function createFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) await (await open(file, 'a', 0o600)).close();
}

async function prepareFile(connection: Connection, options: OpenSqliteOptions): Promise<void> {
  const { schema, maxPageCount, largeRows = false, synced = true } = options;
  await connection.all(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
  await connection.all('PRAGMA locking_mode = EXCLUSIVE'); // before WAL is entered: no shared memory, the lock is kept
  if (largeRows) await connection.all(`PRAGMA page_size = ${LARGE_PAGE}`); // of a file that is made now
  await connection.all('PRAGMA journal_mode = WAL');
  await connection.all(`PRAGMA synchronous = ${synced ? 'FULL' : 'NORMAL'}`);
  await connection.all('PRAGMA trusted_schema = OFF');
  await connection.all('PRAGMA secure_delete = ON'); // what is erased is overwritten, not only let go
  await checkIntegrity(connection, options);
  if (largeRows) {
    const pages = Math.ceil(LARGE_ROWS_WAL / (await pageBytes(connection)));
    await connection.all(`PRAGMA wal_autocheckpoint = ${pages}`);
  }
  if (maxPageCount !== undefined) await connection.all(`PRAGMA max_page_count = ${Math.trunc(maxPageCount)}`);
  // The first write: whoever holds the file refuses us here at the latest, not at the first append.
  await connection.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; ${schema ?? ''}; COMMIT`);
}

async function checkIntegrity(connection: Connection, options: OpenSqliteOptions): Promise<void> {
  const { file, synced = true, ifDamaged } = options;
  await connection.all('PRAGMA schema_version'); // reads: from here on the file is ours, and what the last process left
  const frame = synced ? findWalDamage(await readFile(`${file}-wal`)) : undefined; // unsynced frames may be torn anywhere
  if (frame !== undefined) throw damaged(`${file}-wal`, `frame ${frame}`, ifDamaged);
  const { size } = await stat(file);
  // SQLite fills up the last page with zeros. Only a write-ahead log that is still to be moved into the file may mend it.
  const settled = !synced || (await stat(`${file}-wal`)).size === 0;
  if (settled && size % (await pageBytes(connection)) !== 0) throw damaged(file, 'its last page is cut', ifDamaged);
  if (size > MAX_CHECKED_BYTES) return;
  const verdict = (await connection.all('PRAGMA quick_check(1)'))[0]?.quick_check;
  if (verdict !== 'ok')
    throw damaged(file, typeof verdict === 'string' ? verdict.replace(/\s+/g, ' ') : 'unreadable', ifDamaged);
}

async function pageBytes(connection: Connection): Promise<number> {
  const [page] = await connection.all('PRAGMA page_size');
  return Number(page?.page_size);
}

function inUse(file: string): StorageError {
  const advice = 'Stop that process, or give this one a folder of its own (KEYFOLD_DATA).';
  return new StorageError('STORAGE_IN_USE', `The folder ${dirname(file)} is in use by another process. ${advice}`);
}

function serve(file: string, connection: Connection, ifDamaged?: string): Sqlite {
  const enqueue = createQueue();
  let failed: StorageError | undefined;
  let closing: Promise<void> | undefined;

  /** An error of the file itself ends the handle: what the disk holds is no longer known. Only a full disk passes. */
  function judge(error: unknown): unknown {
    const judged = asStorageError(error, file, ifDamaged);
    if (judged instanceof StorageError && judged.code !== 'STORAGE_FULL') failed ??= judged;
    return judged;
  }

  async function guarded<T>(step: () => Promise<T>): Promise<T> {
    if (failed) throw new StorageError(failed.code, `${failed.message} (earlier failure)`, failed);
    try {
      return await step();
    } catch (error) {
      throw judge(error);
    }
  }

  function statements(schedule: Queue): Statements {
    const all = (sql: string, params?: readonly SqlValue[]) =>
      schedule(() => guarded(() => connection.all(sql, params)));
    return {
      all: async <R>(sql: string, params?: readonly SqlValue[]) => (await all(sql, params)) as R[],
      get: async <R>(sql: string, params?: readonly SqlValue[]) =>
        (await schedule(() => guarded(() => connection.get(sql, params)))) as R | undefined,
      run: (sql, params) => schedule(() => guarded(() => connection.run(sql, params))),
    };
  }

  async function commit(): Promise<void> {
    try {
      await connection.exec('COMMIT');
    } catch (error) {
      const judged = judge(error);
      if (!(judged instanceof StorageError))
        failed ??= new StorageError('STORAGE_FAILED', `${file}: COMMIT failed`, error);
      throw judged;
    }
  }

  async function rollback(): Promise<void> {
    if (failed || !connection.inTransaction()) return; // SQLITE_FULL has rolled back by itself
    await connection.exec('ROLLBACK').catch((error: unknown) => {
      failed ??= new StorageError('STORAGE_FAILED', `${file}: ROLLBACK failed`, error);
    });
  }

  async function inTransaction<T>(work: (tx: Statements) => Promise<T>): Promise<T> {
    await guarded(() => connection.exec('BEGIN IMMEDIATE'));
    const inner = createQueue();
    let over = false;
    const schedule: Queue = (step) =>
      inner(() => {
        // Statements after the end, or after SQLite rolled back by itself, would commit one by one.
        if (over || !connection.inTransaction()) throw new Error('this transaction is over');
        return step();
      });
    try {
      const result = await work(statements(schedule));
      await inner(() => Promise.resolve());
      over = true;
      if (!connection.inTransaction()) throw new Error('this transaction was rolled back');
      await commit();
      return result;
    } catch (error) {
      over = true;
      await inner(() => rollback());
      throw error;
    }
  }

  return {
    file,
    ...statements(enqueue),
    transaction: (work) => enqueue(() => inTransaction(work)),
    check: () => guarded(() => Promise.resolve()),
    close: () =>
      (closing ??= enqueue(async () => {
        await connection.release();
        failed ??= new StorageError('STORAGE_FAILED', `${file} is closed`);
      })),
  };
}

type Queue = <T>(step: () => Promise<T>) => Promise<T>;

/** Runs steps one after the other, in the order in which they were given. */
function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (step) => {
    const result = last.then(step);
    last = result.catch(() => undefined);
    return result;
  };
}
