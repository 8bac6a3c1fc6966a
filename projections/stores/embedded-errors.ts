// The file's errors in the port's words: a full disk passes by itself, after anything else the file is of no use.
import type { Sqlite, Statements } from '../../events/logs/sqlite.ts';
import { StorageError } from '../../events/logs/sqlite-errors.ts';
import { StoreFullError, StoreUnavailableError } from '../read-store.ts';

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { message } = error;
    throw error.code === 'STORAGE_FULL'
      ? new StoreFullError(message, { cause: error })
      : new StoreUnavailableError(message, { cause: error });
  }
}

/** The same file, its errors those of the port. */
export function embeddedErrors(db: Sqlite): Sqlite {
  const statements = (of: Statements): Statements => ({
    all: (sql, params) => translated(() => of.all(sql, params)),
    get: (sql, params) => translated(() => of.get(sql, params)),
    run: (sql, params) => translated(() => of.run(sql, params)),
  });
  return {
    file: db.file,
    ...statements(db),
    transaction: (work) => translated(() => db.transaction(work)),
    check: () => translated(() => db.check()),
    close: () => db.close(),
  };
}
