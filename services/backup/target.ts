// Where a backup is written: outside of the data folder, whatever links lead there, under another name until it is whole.
// Until then it carries a mark; of what lies there already only what carries the mark is ever removed.
import { chmod, lstat, mkdir, readdir, realpath, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { TaskError } from '../api/long-task.ts';
import { createPrivateFolder, syncFolder } from '../shared/durable-file.ts';

const PARTIAL = '.keyfold-partial';
/** In a folder while it is half written, first in and last out; never in a whole one, so in no data folder either. */
const MARK = PARTIAL;

/** @throws {@link TaskError} `TARGET_IN_DATA`, `TARGET_EXISTS` */
export async function checkTarget(directory: string, dataFolder: string): Promise<void> {
  const data = await realPath(resolve(dataFolder));
  if (isWithin(await realPath(directory), data))
    throw new TaskError('TARGET_IN_DATA', `${directory} lies in the data folder`, 'name a folder outside of it');
  const partial = await realPath(`${directory}${PARTIAL}`);
  if (isWithin(partial, data) || isWithin(data, partial)) {
    const what = `${directory}${PARTIAL}, where it is written at first, is the data folder, or one lies in the other`;
    throw new TaskError('TARGET_IN_DATA', what, 'name another folder');
  }
  const names = await readdir(directory).catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code !== 'ENOTDIR') throw error;
    throw new TaskError('TARGET_EXISTS', `${directory} is no folder`, 'name a folder that does not exist yet');
  });
  if (names.length === 0) return;
  throw new TaskError('TARGET_EXISTS', `${directory} is not empty`, 'name a folder that does not exist yet');
}

/** Makes the folder that is written at first, in the place of one that was left by a kill. */
export async function createPartial(directory: string): Promise<string> {
  const partial = `${directory}${PARTIAL}`;
  await removeLeft(partial);
  try {
    await createPrivateFolder(dirname(directory));
    await mkdir(partial, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const what = `no folder can be made in ${dirname(directory)}`; // as in /proc
    throw new TaskError('STORAGE_FAILED', what, 'name a folder on a disk', { cause: error });
  }
  await chmod(partial, 0o700); // whatever the umask is
  await writeFile(join(partial, MARK), '', { mode: 0o600, flag: 'wx' });
  return partial;
}

/** What belongs to a backup of what lies there, by name. */
export const namesIn = async (partial: string): Promise<readonly string[]> =>
  (await readdir(partial)).filter((name) => name !== MARK).sort();

/** Gives what is whole its own name. */
export async function completePartial(partial: string, directory: string): Promise<void> {
  await rm(join(partial, MARK));
  await syncFolder(partial);
  await rename(partial, directory);
  await syncFolder(dirname(directory));
}

/** Removes what carries the mark, which goes last: killed meanwhile, the rest carries it still. */
export async function removePartial(partial: string): Promise<void> {
  for (const name of await namesIn(partial)) await rm(join(partial, name), { recursive: true });
  await rm(partial, { recursive: true });
}

async function removeLeft(partial: string): Promise<void> {
  const found = await lstat(partial).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return;
  const names = found.isDirectory() ? await readdir(partial) : null;
  if (names?.includes(MARK)) return removePartial(partial);
  if (names?.length === 0) return rmdir(partial);
  const what = `${partial} is in the way, and nothing says that a backup has left it half written`;
  throw new TaskError('TARGET_EXISTS', what, 'name another folder, or move that one away');
}

/** Of what is not there yet: what it will be, by the nearest folder that is. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR'].includes(code) || dirname(path) === path) throw error;
    return join(await realPath(dirname(path)), basename(path));
  }
}

/** Whether a path is a folder, or lies in it. */
function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The error in words for the person who named the folder. */
export function explained(error: unknown, directory: string): unknown {
  if (error instanceof TaskError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (['ENOSPC', 'EDQUOT', 'STORAGE_FULL'].includes(code))
    return new TaskError('STORAGE_FULL', `no space is left for ${directory}: nothing of it was kept`, 'make room', {
      cause: error,
    });
  if (['EBUSY', 'EXDEV'].includes(code)) {
    const advice = `name a folder in it: ${join(directory, 'backup')}`;
    return new TaskError('STORAGE_FAILED', `${directory} is a disk of its own, which cannot be renamed`, advice);
  }
  if (['ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'].includes(code)) {
    const what = code === 'ERR_INVALID_ARG_VALUE' ? 'holds a NUL character' : `cannot be used (${code})`;
    const advice = 'name a folder by another, shorter path';
    return new TaskError('STORAGE_FAILED', `the path of the folder ${what}`, advice, { cause: error });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR', 'ENOTEMPTY', 'EIO'].includes(code)) {
    const advice = 'let the user that Keyfold runs as write there, or name another folder';
    const what = `${basename(directory)} cannot be written in ${dirname(directory)} (${code})`;
    return new TaskError('STORAGE_FAILED', what, advice, { cause: error });
  }
  return error;
}
