// The moment of a restore, so made that a kill at any time leaves the former data whole or goes on to the restored: what is
// new lies complete and checked beside it, a mark says so, and from then on whoever comes next moves on, never back.
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StorageError } from '../../events/logs/sqlite-errors.ts';
import { openSqlite, type Sqlite } from '../../events/logs/sqlite.ts';
import { TaskError } from '../api/long-task.ts';
import { createDurableFile, syncFolder } from '../shared/durable-file.ts';

/** In the data folder, so that it lies on the same disk, whatever is mounted there. */
const RESTORING = '.restoring';
export const FORMER = '.before-restore-';
const STAYING = /^(?:\.restoring|lost\+found|\.before-restore-.*)$/;

const ready = z.object({
  directory: z.string(),
  createdAt: z.string(),
  position: z.string(),
  /** The name, in the data folder, under which the former data is kept. */
  former: z.string().startsWith(FORMER),
});
/** What is being restored. */
export type Ready = z.infer<typeof ready>;

const placeOf = (folder: string) => ({
  all: join(folder, RESTORING),
  files: join(folder, RESTORING, 'files'),
  lock: join(folder, RESTORING, 'lock.db'),
  ready: join(folder, RESTORING, 'ready'),
  moved: join(folder, RESTORING, 'moved'),
});

/** Called after each step; for tests of crashes. */
export type AfterStep = (step: string) => void;

/**
 * Ends what a restore has begun that was killed: `completed`, it is in its place now; `dropped`, it had replaced nothing.
 *
 * @throws {@link TaskError} `RESTORE_UNDER_WAY`
 */
export async function settleRestore(
  folder: string,
  afterStep: AfterStep = () => undefined,
): Promise<{ readonly outcome: 'none' | 'dropped' } | { readonly outcome: 'completed'; readonly ready: Ready }> {
  const place = placeOf(folder);
  if (!(await exists(place.all))) return { outcome: 'none' };
  const lock = await takeLock(folder);
  try {
    const found = await readReady(place.ready);
    if (found) {
      await rollForward(folder, found, afterStep);
      await rm(place.all, { recursive: true });
      return { outcome: 'completed', ready: found };
    }
    const wasDone = await exists(place.moved); // only this was left to be removed
    await rm(place.all, { recursive: true });
    return { outcome: wasDone ? 'none' : 'dropped' };
  } finally {
    await lock.close();
  }
}

/**
 * Takes the folder for a restore, has `stage` write what is new into an empty folder, and puts it in the place of all that
 * lies there.
 *
 * @throws {@link TaskError} `RESTORE_UNDER_WAY`, or the folder is in use; nothing was changed then.
 */
export async function replaceFolder(
  folder: string,
  stage: (files: string) => Promise<Ready>,
  afterStep: AfterStep = () => undefined,
): Promise<Ready> {
  const place = placeOf(folder);
  const lock = await takeLock(folder);
  let hold: Sqlite | null = null;
  try {
    hold = await holdLog(folder);
    await mkdir(place.files, { mode: 0o700 });
    const staged = await stage(place.files);
    afterStep('staged');
    hold ??= await holdLog(folder);
    await createDurableFile(place.ready, JSON.stringify(staged));
    afterStep('ready');
    await hold?.close(); // whoever starts from here on finds the mark
    hold = null;
    await rollForward(folder, staged, afterStep);
    return staged;
  } finally {
    await hold?.close();
    // Marked it will be completed by whoever comes next.
    if (!(await exists(place.ready))) await rm(place.all, { recursive: true, force: true });
    await lock.close();
  }
}

async function rollForward(folder: string, { former }: Ready, afterStep: AfterStep): Promise<void> {
  const place = placeOf(folder);
  if (!(await exists(place.moved))) {
    const old = (await readdir(folder)).filter((name) => !STAYING.test(name));
    const kept = join(folder, former);
    if (old.length > 0) await mkdir(kept, { recursive: true, mode: 0o700 });
    for (const name of old) {
      await rename(join(folder, name), join(kept, name));
      afterStep(`former ${name}`);
    }
    if (await exists(kept)) await syncFolder(kept);
    await syncFolder(folder);
    await createDurableFile(place.moved, '');
    afterStep('moved');
  }
  for (const name of await readdir(place.files)) {
    await rename(join(place.files, name), join(folder, name));
    afterStep(`new ${name}`);
  }
  await syncFolder(folder);
  await rm(place.ready); // the mark first: without it nothing is moved again
  await syncFolder(place.all);
  afterStep('done');
}

async function takeLock(folder: string): Promise<Sqlite> {
  try {
    return await openSqlite({ file: placeOf(folder).lock });
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'STORAGE_IN_USE') throw error;
    throw new TaskError('RESTORE_UNDER_WAY', `a backup is being restored into ${folder}`, 'wait until that has ended');
  }
}

/** The lock that every process on the folder takes first; `null`: there is no log, or it is damaged, so nobody has it. */
async function holdLog(folder: string): Promise<Sqlite | null> {
  const file = join(folder, 'log.db');
  if (!(await exists(file))) return null;
  try {
    return await openSqlite({ file });
  } catch (error) {
    if (error instanceof StorageError && error.code === 'STORAGE_CORRUPT') return null;
    throw error;
  }
}

async function readReady(file: string): Promise<Ready | null> {
  if (!(await exists(file))) return null;
  return ready.parse(JSON.parse(await readFile(file, 'utf8')));
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    },
  );
