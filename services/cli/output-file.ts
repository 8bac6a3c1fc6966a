// Files that a command writes: for their owner alone, and there under their name only once they are whole.
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { CliError, EXIT } from './io.ts';

/** @throws {@link CliError} `CANNOT_WRITE`; whatever is thrown, what was there under this name stays. */
export async function writeFileAtomic(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  const file = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  try {
    await write(file);
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw isFileError(error) ? cannotWrite(path, error) : error;
  }
}

const isFileError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

function cannotWrite(path: string, cause: unknown): CliError {
  const { code = 'it failed' } = cause as NodeJS.ErrnoException;
  return new CliError('CANNOT_WRITE', `${path} cannot be written (${code})`, { exitCode: EXIT.unknown, cause });
}
