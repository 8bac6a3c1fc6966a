// Stored JSON: texts of rows, read back. One that is not what was written is damage, named by its place: read models are
// never made up from what is left of a row, and no reader waits for it to mend itself.
import { StorageError } from '../../events/logs/sqlite-errors.ts';

/** What is thrown for a damaged row; `place` names its table. */
export type Damaged = (place: string, cause?: unknown) => Error;

/** For a store that has no file to name. */
export const damagedRow: Damaged = (place, cause) =>
  new StorageError('STORAGE_CORRUPT', `a row of ${place} in the read store is damaged`, cause);

/** Reads a text; it must hold an object with these members at least. */
export function readStored<T extends object>(
  text: string,
  members: readonly (keyof T)[],
  place: string,
  damaged: Damaged,
): T {
  const value = parse(text, (cause) => damaged(place, cause));
  if (typeof value !== 'object' || value === null || members.some((member) => !(member in value))) throw damaged(place);
  return value as T;
}

function parse(text: string, damaged: (cause: unknown) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Its message quotes the text.
    throw damaged(error instanceof Error ? error.name : undefined);
  }
}
