// The file's errors in the port's words: a full disk passes by itself, after anything else the file is of no use.
import type { Sqlite, Statements } from '../../events/logs/sqlite.ts';
import { damaged, StorageError } from '../../events/logs/sqlite-errors.ts';
import { StoreFullError, StoreUnavailableError } from '../read-store.ts';
import type { Damaged } from './stored-json.ts';

/** A file of the store, its errors those of the port. */
export interface EmbeddedFile extends Sqlite {
  /** The error for a row that is not what was written. */
  readonly damaged: Damaged;
}

export interface EmbeddedFileOptions {
  /** What to do about the file if it is damaged; a sentence. */
  readonly ifDamaged?: string | undefined;
  /** Called for every damage that is met: no statement mends it, so nobody need go on. */
  readonly onDamaged?: ((error: StorageError) => void) | undefined;
}

/** The same file, its errors those of the port. */
export function embeddedErrors(db: Sqlite, { ifDamaged, onDamaged }: EmbeddedFileOptions = {}): EmbeddedFile {
  function asPortError(error: StorageError): Error {
    const { code, message } = error;
    if (code === 'STORAGE_CORRUPT') onDamaged?.(error);
    return code === 'STORAGE_FULL'
      ? new StoreFullError(message, { cause: error })
      : new StoreUnavailableError(message, { cause: error });
  }

  async function translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof StorageError ? asPortError(error) : error;
    }
  }

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
    damaged: (place, cause) => asPortError(damaged(db.file, `a row of ${place}`, ifDamaged, cause)),
  };
}
