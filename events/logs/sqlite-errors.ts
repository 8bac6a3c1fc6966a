// What can go wrong with an SQLite file as a whole; a statement's own errors (syntax, constraints) pass as they are.

/** `STORAGE_FULL` passes by itself once there is space; after the others the handle, or the file, is of no use. */
export type StorageErrorCode = 'STORAGE_FULL' | 'STORAGE_IN_USE' | 'STORAGE_CORRUPT' | 'STORAGE_FAILED';

/** An SQLite file cannot be used; `code` says why. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** libsql's code of an error, such as `SQLITE_CONSTRAINT_PRIMARYKEY`; an empty string if it has none. */
export function sqliteCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Whether a row was refused because its primary key or a unique index holds that value already. */
export function isUniqueViolation(error: unknown): boolean {
  return /^SQLITE_CONSTRAINT_(?:PRIMARYKEY|UNIQUE|ROWID)$/.test(sqliteCode(error));
}

/** What to do about a damaged file that holds what nothing else does. */
const RESTORE = 'Restore it from a backup.';

export function damaged(file: string, place: string, ifDamaged = RESTORE, cause?: unknown): StorageError {
  return new StorageError('STORAGE_CORRUPT', `${file} is damaged: ${place}. ${ifDamaged}`, cause);
}

/** Turns an error that speaks of the file into a {@link StorageError}; any other comes back as it is. */
export function asStorageError(error: unknown, file: string, ifDamaged = RESTORE): unknown {
  if (error instanceof StorageError) return error;
  const code = sqliteCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_FULL')) return new StorageError('STORAGE_FULL', `No space left for ${file}.`, error);
  if (/^SQLITE_(?:CORRUPT|NOTADB)/.test(code)) {
    return damaged(file, message, ifDamaged, error);
  }
  if (/^SQLITE_(?:IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL|BUSY)/.test(code)) {
    return new StorageError('STORAGE_FAILED', `${file} has failed (${code}): ${message}`, error);
  }
  return error;
}
