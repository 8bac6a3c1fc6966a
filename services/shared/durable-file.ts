// Small files that must be there whole or not at all: written aside, synced, then given their name in one step.
// Of several processes that make the same file at the same moment one wins, and all of them go on with its content.
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Makes a folder that only its owner may enter, and those above it; leaves what is there as it is. */
export async function createPrivateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: PRIVATE_FOLDER }); // not `recursive`: in /proc that never ends
    await chmod(folder, PRIVATE_FOLDER); // whatever the umask is
  } catch (error) {
    if (await isFolder(folder)) return;
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await isFolder(above))) throw error;
    await createPrivateFolder(above);
    await createPrivateFolder(folder);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Makes a file (mode 0600) unless there is one of this name; answers whether it did. */
export async function createDurableFile(file: string, content: string | Uint8Array): Promise<boolean> {
  const aside = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    const handle = await open(aside, 'wx', PRIVATE_FILE);
    try {
      await handle.chmod(PRIVATE_FILE); // whatever the umask is
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(aside, file); // unlike rename, it never takes the name from somebody else's file
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
    await syncFolder(dirname(file));
  }
}

/**
 * Puts a file (mode 0600) in the place of one of the same name: whoever reads finds the former one or this one, whole. By
 * one process at a time.
 */
export async function replaceDurableFile(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const aside = `${file}.tmp`; // always the same: what a kill has left is written over
  try {
    const handle = await open(aside, 'w', PRIVATE_FILE);
    try {
      await handle.chmod(PRIVATE_FILE);
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}

/** What was made, renamed or removed in a folder is so after a loss of power, too. */
export const syncFolder = (folder: string): Promise<void> => sync(folder, 'r');

/** What was written to a file is there after a loss of power, too. */
export const syncFile = (file: string): Promise<void> => sync(file, 'r+');

async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
