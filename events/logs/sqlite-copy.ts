// A copy of an SQLite file that is in use. While it is made nothing is moved out of the write-ahead log, so the file itself
// stands still however long that takes, and all that is written lands behind what was copied of the log already.
import { execFile } from 'node:child_process';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BeginCopyOptions, CopySource, LiveCopy } from '../file-copies.ts';
import type { Sqlite } from './sqlite.ts';

const LOOK_MS = 200;
const CHUNK_BYTES = 1 << 20;
/**
 * In a process of its own: POSIX drops a process's lock on a file, the one that keeps others out of the folder, when it
 * closes any handle of it (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 */
const COPY = `const { copyFileSync, chmodSync, constants } = require('node:fs');
const [from, to] = process.argv.slice(1);
copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
chmodSync(to, 0o600);`;

export function sqliteCopySource(sqlite: Sqlite): CopySource {
  const name = basename(sqlite.file);
  const wal = `${sqlite.file}-wal`;
  return {
    name,
    size: async () => (await sizeOf(sqlite.file)) + (await sizeOf(wal)),
    async begin(options) {
      const target = join(options.folder, name);
      const before = await sqlite.get<{ wal_autocheckpoint: number }>('PRAGMA wal_autocheckpoint');
      const release = async (): Promise<void> => {
        await sqlite.all(`PRAGMA wal_autocheckpoint = ${before?.wal_autocheckpoint ?? 1000}`);
      };
      try {
        await sqlite.all('PRAGMA wal_autocheckpoint = 0');
        await sqlite.all('PRAGMA wal_checkpoint(TRUNCATE)'); // from here on it only grows
        await copyFile(sqlite.file, target, options);
        return await followWal(sqlite, { wal, target: `${target}-wal`, release, signal: options.signal });
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}

interface Following {
  readonly wal: string;
  readonly target: string;
  readonly release: () => Promise<void>;
  readonly signal: AbortSignal;
}

async function followWal(sqlite: Sqlite, { wal, target, release, signal }: Following): Promise<LiveCopy> {
  const from = await open(wal, 'r');
  const to = await open(target, 'wx', 0o600).catch(async (error: unknown) => {
    await from.close();
    throw error;
  });
  let copied = 0;
  const follow = async (): Promise<number> => {
    const { size } = await from.stat();
    const bytes = size - copied;
    while (copied < size) {
      signal.throwIfAborted();
      copied += await copyChunk(from, to, copied, Math.min(CHUNK_BYTES, size - copied));
    }
    return bytes;
  };
  return {
    follow,
    complete: (work) =>
      sqlite.transaction(async () => {
        await follow();
        return work();
      }),
    async end() {
      await from.close();
      await to.close();
      await release();
    },
  };
}

async function copyChunk(from: FileHandle, to: FileHandle, at: number, bytes: number): Promise<number> {
  const { buffer, bytesRead } = await from.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
  if (bytesRead === 0) throw new Error('the write-ahead log has become shorter while it was copied');
  await to.write(buffer, 0, bytesRead, at);
  return bytesRead;
}

async function copyFile(from: string, to: string, { signal, onBytes }: BeginCopyOptions): Promise<void> {
  const looking = setInterval(() => void sizeOf(to).then(onBytes), LOOK_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, ['-e', COPY, from, to], { signal, env: {} }, (error, _, stderr) => {
        if (error === null) resolve();
        else reject(systemError(stderr) ?? new Error(error.message, { cause: error }));
      });
    });
  } finally {
    clearInterval(looking);
  }
  onBytes(await sizeOf(to));
}

/** What the other process has failed with, by its code: `ENOSPC`, … */
function systemError(stderr: string): NodeJS.ErrnoException | null {
  const said = /Error: (([A-Z]+): .*)/.exec(stderr);
  return said ? Object.assign(new Error(said[1]), { code: said[2] ?? '' }) : null;
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
