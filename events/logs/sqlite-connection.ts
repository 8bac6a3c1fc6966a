// A bare libsql connection: statements are prepared once, parameters pass bind(), all work runs off the main thread.
// The only file that knows libsql. It does not queue: its caller runs one statement at a time.
import Database from 'libsql/promise';
import { bind, countParameters, type SqlValue } from './sqlite-bind.ts';

/** A row as it was read: column → value. Integers beyond 2^53 lose precision. */
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>;

export interface Connection {
  all(sql: string, params?: readonly SqlValue[]): Promise<Row[]>;
  /** The first row, read on this thread: a fifth of the cost, where the answer is near. */
  get(sql: string, params?: readonly SqlValue[]): Promise<Row | undefined>;
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
  /** Several statements, without parameters and rows. */
  exec(sql: string): Promise<void>;
  inTransaction(): boolean;
  /** Moves what is in the write-ahead log into the file, and gives the file free for others. Never throws. */
  release(): Promise<void>;
  /** Closes without writing, so that a damaged file stays as it was found; its lock goes with the process at the latest. */
  abandon(): void;
}

/** The part of libsql's promise API that is used, as it behaves (its own types say `any`). */
interface Driver {
  prepare(sql: string): Promise<DriverStatement>;
  exec(sql: string): Promise<void>;
  close(): void;
  readonly inTransaction: boolean;
}

/** `all` steps the statement on a thread of its own, `get` on ours. */
interface DriverStatement {
  all(params: readonly SqlValue[]): Promise<Record<string, unknown>[]>;
  get(params: readonly SqlValue[]): Record<string, unknown> | undefined;
}

interface Prepared {
  readonly statement: DriverStatement;
  readonly parameters: number;
}

const MAX_PREPARED = 256;

/** Opens a connection to an absolute path. */
export function connect(file: string): Connection {
  const driver = new Database(file, {}) as unknown as Driver;
  const prepared = new Map<string, Prepared>();

  async function prepare(sql: string): Promise<Prepared> {
    const known = prepared.get(sql);
    if (known) {
      prepared.delete(sql); // the map is kept in order of last use
      prepared.set(sql, known);
      return known;
    }
    const entry = { parameters: countParameters(sql), statement: await driver.prepare(sql) };
    prepared.set(sql, entry);
    const [oldest] = prepared.keys();
    if (prepared.size > MAX_PREPARED && oldest !== undefined) prepared.delete(oldest);
    return entry;
  }

  async function all(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    const { statement, parameters } = await prepare(sql);
    return (await statement.all(bind(params, parameters))).map(toRow);
  }

  async function get(sql: string, params: readonly SqlValue[] = []): Promise<Row | undefined> {
    const { statement, parameters } = await prepare(sql);
    const row = statement.get(bind(params, parameters));
    delete row?._metadata; // how long it took, says libsql
    return row && toRow(row);
  }

  return {
    all,
    get,
    run: async (sql, params) => {
      await all(sql, params);
      return Number((await get('SELECT changes() AS changes'))?.changes);
    },
    exec: (sql) => driver.exec(sql),
    inTransaction: () => driver.inTransaction,
    release: async () => {
      // libsql keeps the file, and its lock, until every statement is garbage collected. Leaving WAL lets the lock go.
      try {
        for (const pragma of ['journal_mode = DELETE', 'locking_mode = NORMAL', 'schema_version']) {
          await (await driver.prepare(`PRAGMA ${pragma}`)).all([]);
        }
      } catch {
        // A file that cannot be written any more keeps its lock until the process ends.
      }
      prepared.clear();
      driver.close();
    },
    abandon: () => {
      prepared.clear();
      driver.close();
    },
  };
}

function toRow(row: Record<string, unknown>): Row {
  for (const column of Object.keys(row)) {
    const value = row[column];
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
    else if (value instanceof Uint8Array) row[column] = new Uint8Array(value); // a Buffer, says `get`
  }
  return row as Row;
}
