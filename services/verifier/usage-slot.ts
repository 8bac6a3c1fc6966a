// Slots of the usage spool: folders `1`, `2`, … of which each process holds one alone, so that no two send the same batches
// side by side (P6). The lock is a file's, and ends with the process that holds it, however that ends.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '../../events/logs/sqlite-errors.ts';
import { openSqlite } from '../../events/logs/sqlite.ts';
import { createPrivateFolder } from '../shared/durable-file.ts';
import { isUnfinished, readFileName, type BatchName } from './usage-file.ts';

export interface LeftOver extends BatchName {
  readonly path: string;
}

/** A folder that nobody else holds. */
export interface Slot {
  readonly path: string;
  /** What earlier processes have left in it, of each in order. */
  readonly leftOvers: readonly LeftOver[];
  release(): Promise<void>;
}

const LOCK = 'lock.db';
const SLOT = /^[1-9]\d{0,5}$/;

/** `null`: somebody holds it. @throws {@link StorageError}, what the file system says */
async function takeSlot(path: string): Promise<Slot | null> {
  try {
    await createPrivateFolder(path);
    const lock = await openSqlite({ file: join(path, LOCK) });
    return { path, leftOvers: await leftOversIn(path), release: () => lock.close() };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (error.code === 'STORAGE_IN_USE') return null;
    // Nothing is in it: whoever comes next makes a new one.
    if (error.code === 'STORAGE_CORRUPT')
      for (const end of ['', '-wal', '-shm']) await rm(join(path, LOCK + end), { force: true });
    throw error;
  }
}

async function leftOversIn(path: string): Promise<LeftOver[]> {
  const names = await readdir(path);
  for (const name of names.filter(isUnfinished)) await rm(join(path, name), { force: true });
  const found = names.flatMap((name) => {
    const batch = readFileName(name);
    return batch === null ? [] : [{ ...batch, path: join(path, name) }];
  });
  return found.sort((a, b) => (a.verifier === b.verifier ? order(a, b) : a.verifier < b.verifier ? -1 : 1));
}

/** Of one batch the one without calls comes first: it was written for the other one, which was to be removed. */
const order = (a: BatchName, b: BatchName): number => a.sequence - b.sequence || Number(b.thin) - Number(a.thin);

/**
 * Takes the first slot that is free, and all others that are free and hold something.
 *
 * @throws {@link StorageError}, what the file system says: there is no slot.
 */
export async function takeSlots(folder: string): Promise<{ readonly own: Slot; readonly others: readonly Slot[] }> {
  await createPrivateFolder(folder);
  let own: Slot | null = null;
  let number = 0;
  while (own === null) own = await takeSlot(join(folder, String(++number)));
  const others: Slot[] = [];
  for (const name of (await readdir(folder)).filter((each) => SLOT.test(each) && Number(each) > number)) {
    const path = join(folder, name);
    if (!(await readdir(path)).some((each) => readFileName(each) !== null)) continue;
    // Somebody else's folder must not keep this process from its own.
    const other = await takeSlot(path).catch(() => null);
    if (other !== null) others.push(other);
  }
  return { own, others };
}
