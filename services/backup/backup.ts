// A backup of an embedded installation while it runs: all of its databases as they were at one moment, which opens as
// after a crash at that moment, and its secrets. Written under another name, checked, synced, and only then given its own.
import { chmod, copyFile, readdir, rename, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CopySource, LiveCopy } from '../../events/file-copies.ts';
import { openSqlite } from '../../events/logs/sqlite.ts';
import { encodePosition } from '../../events/position.ts';
import { TaskError } from '../api/long-task.ts';
import { createDurableFile, syncFile } from '../shared/durable-file.ts';
import { MANIFEST, measured, type BackupFile, type Manifest } from './manifest.ts';
import { checkTarget, completePartial, createPartial, explained, namesIn, removePartial } from './target.ts';

/** What is left to be copied is so little when everybody is held that nobody notices. */
const LITTLE_BYTES = 1 << 20;
const ROUNDS = 50;
/** Of databases, made anew at every start, or half written. */
const LEFT_OUT = /\.db(-wal|-shm|-journal)?$|\.tmp$|^verifier\.snapshot/;

export interface BackupProgress {
  readonly phase: 'COPYING' | 'CHECKING';
  /** Bytes that were copied, or checked. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface BackupOptions {
  /** In the order in which they may be held. */
  readonly sources: readonly CopySource[];
  readonly dataFolder: string;
  /** Must not exist, or be empty, and lie outside of the data folder. */
  readonly directory: string;
  readonly now: () => string;
  readonly signal: AbortSignal;
  readonly report: (progress: BackupProgress) => void;
  /** Called once most is copied: takes away what need not be in the backup, from what is in use. */
  readonly settle?: () => Promise<void>;
}

export interface BackupResult {
  readonly directory: string;
  readonly createdAt: string;
  readonly position: string;
  readonly files: number;
  readonly bytes: number;
}

export const BEGIN: BackupProgress = { phase: 'COPYING', bytes: 0, totalBytes: 0 };

/** @throws {@link TaskError} */
export async function backUp(options: BackupOptions): Promise<BackupResult> {
  const directory = resolve(options.directory);
  let partial: string | null = null;
  try {
    await checkTarget(directory, options.dataFolder);
    partial = await createPartial(directory);
    const totalBytes = await checkSpace(partial, options);
    const createdAt = await copyDatabases(partial, totalBytes, options);
    await copySecrets(partial, options.dataFolder);
    const manifest = await conclude(partial, createdAt, options);
    await completePartial(partial, directory);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    return { directory, createdAt, position: manifest.position, files: manifest.files.length, bytes };
  } catch (error) {
    if (partial !== null) await removePartial(partial).catch(() => undefined);
    throw explained(error, directory);
  }
}

/** Answers what will be copied, about. */
async function checkSpace(folder: string, { sources }: BackupOptions): Promise<number> {
  let [copied, largest] = [0, 0];
  for (const source of sources) {
    const size = await source.size();
    copied += size;
    if (source.name !== 'log.db') largest = Math.max(largest, size);
  }
  const needed = copied + largest; // each is there twice while it is made anew
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return copied;
  const [mb, free] = [needed, bavail * bsize].map((bytes) => Math.ceil(bytes / 1e6));
  throw new TaskError('STORAGE_FULL', `the backup takes about ${mb} MB, and ${free} MB are free for ${folder}`);
}

/** Answers the moment that the copies are of. */
async function copyDatabases(folder: string, totalBytes: number, options: BackupOptions): Promise<string> {
  const { sources, now, signal, report, settle = () => Promise.resolve() } = options;
  const copies: LiveCopy[] = [];
  try {
    let before = 0;
    for (const source of sources) {
      let own = 0;
      const onBytes = (bytes: number): void => {
        own = bytes;
        report({ phase: 'COPYING', bytes: before + bytes, totalBytes: Math.max(totalBytes, before + bytes) });
      };
      copies.push(await source.begin({ folder, signal, onBytes }));
      before += own;
    }
    await settle();
    for (let round = 0; round < ROUNDS; round++) {
      let bytes = 0;
      for (const copy of copies) bytes += await copy.follow();
      if (bytes < LITTLE_BYTES) break;
    }
    return await atOneMoment(copies, now);
  } finally {
    for (const copy of copies) await copy.end();
  }
}

/** Holds one after the other until all are held: then nothing moves anywhere, as in a crash. */
function atOneMoment([copy, ...rest]: readonly LiveCopy[], now: () => string): Promise<string> {
  return copy ? copy.complete(() => atOneMoment(rest, now)) : Promise.resolve(now());
}

/** Peppers, sealing keys, the issuer's key, and what else lies in the data folder by itself. */
async function copySecrets(folder: string, dataFolder: string): Promise<void> {
  for (const entry of await readdir(dataFolder, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.') || LEFT_OUT.test(entry.name)) continue;
    await copyFile(join(dataFolder, entry.name), join(folder, entry.name));
    await chmod(join(folder, entry.name), 0o600);
  }
}

/** Opens each copy, which checks it, and makes it anew or moves its write-ahead log into it; syncs all, the manifest last. */
async function conclude(folder: string, createdAt: string, options: BackupOptions): Promise<Manifest> {
  const { signal, report } = options;
  let position = '';
  for (const { name } of options.sources) {
    signal.throwIfAborted();
    // What is not synced where it is in use may have torn frames behind its last whole one.
    const sqlite = await openSqlite({ file: join(folder, name), synced: name !== 'read.db' });
    const anew = join(folder, `${name}.tmp`);
    if (name === 'log.db') position = await endOf(sqlite);
    // SQLite overwrites what is deleted, but not the scraps of it that it leaves where it joins pages. The log keeps all.
    else await sqlite.all('VACUUM INTO ?', [anew]);
    await sqlite.close();
    if (name === 'log.db') continue;
    await chmod(anew, 0o600);
    await rename(anew, join(folder, name));
  }
  const names = await namesIn(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  const files: BackupFile[] = [];
  let bytes = 0;
  for (const name of names) {
    const path = join(folder, name);
    const measure = await measured(path, signal, (chunk) => {
      report({ phase: 'CHECKING', bytes: (bytes += chunk.length), totalBytes });
      return Promise.resolve();
    });
    await syncFile(path);
    files.push({ name, ...measure });
  }
  const manifest: Manifest = { format: 'keyfold backup', version: 1, createdAt, position, files };
  await createDurableFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function endOf(log: Awaited<ReturnType<typeof openSqlite>>): Promise<string> {
  const found = await log.get<{ end: number | null }>('SELECT max(offset) + 1 AS end FROM log');
  return encodePosition({ 0: found?.end ?? 0 });
}
