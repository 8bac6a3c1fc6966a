// A restore: a backup is checked file by file while it is copied, opened as a start opens it, and only then put in the
// place of the data folder, whose former content is kept beside it.
import { lstat, open, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TaskError } from '../api/long-task.ts';
import { createPrivateFolder, syncFolder } from '../shared/durable-file.ts';
import { measured, readManifest, type BackupFile, type Manifest } from './manifest.ts';
import { FORMER, replaceFolder, settleRestore, type AfterStep } from './restoring.ts';

export interface RestoreOptions {
  /** Of the backup. */
  readonly directory: string;
  readonly dataFolder: string;
  /** ISO time. */
  readonly now: () => string;
  readonly signal: AbortSignal;
  /** Opens what was copied as a start opens it; throws what a start would be refused with. */
  readonly openAll: (folder: string) => Promise<void>;
  /** What is being done, for a person. */
  readonly tell: (line: string) => void;
  readonly afterStep?: AfterStep;
}

export interface RestoreResult {
  readonly directory: string;
  readonly dataFolder: string;
  readonly createdAt: string;
  readonly position: string;
  /** Where the former data lies; `null`: there was none. */
  readonly former: string | null;
}

/** @throws {@link TaskError}, or what a start would be refused with; the data folder is as it was then. */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { directory, now, openAll, tell, afterStep } = options;
  const dataFolder = resolve(options.dataFolder);
  const manifest = await readManifest(directory);
  await checkFiles(directory, manifest);
  await createPrivateFolder(dataFolder);
  const before = await settleRestore(dataFolder);
  if (before.outcome === 'dropped')
    tell('a restore was broken off before it replaced anything; its files were removed');
  if (before.outcome === 'completed')
    tell(`a restore of ${before.ready.directory} that was broken off has been completed`);
  await checkSpace(dataFolder, manifest);
  const { createdAt, position } = manifest;
  const former = `${FORMER}${now().replace(/[:.]/g, '-')}`;
  await replaceFolder(
    dataFolder,
    async (files) => {
      for (const file of manifest.files) {
        tell(`checking ${file.name}`);
        await copyChecked(directory, files, file, options);
        afterStep?.(`copied ${file.name}`);
      }
      tell('opening it');
      await openAll(files);
      await syncFolder(files);
      return { directory, createdAt, position, former };
    },
    afterStep,
  );
  const kept = join(dataFolder, former);
  const hasFormer = await lstat(kept).then(
    () => true,
    () => false,
  );
  return { directory, dataFolder, createdAt, position, former: hasFormer ? kept : null };
}

/** Before anything is written: whatever is missing or has another size is named. */
async function checkFiles(directory: string, { files }: Manifest): Promise<void> {
  for (const { name, bytes } of files) {
    const found = await lstat(join(directory, name)).catch(() => null);
    if (!found?.isFile()) throw damaged(directory, name, 'is missing');
    if (found.size !== bytes) throw damaged(directory, name, `has ${found.size} bytes, not ${bytes}`);
  }
}

async function checkSpace(folder: string, { files }: Manifest): Promise<void> {
  const needed = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  const [mb, free] = [needed, bavail * bsize].map((bytes) => Math.ceil(bytes / 1e6));
  throw new TaskError('STORAGE_FULL', `the backup has ${mb} MB, and ${free} MB are free for ${folder}`);
}

async function copyChecked(
  from: string,
  to: string,
  { name, bytes, sha256 }: BackupFile,
  { signal }: RestoreOptions,
): Promise<void> {
  const target = await open(join(to, name), 'wx', 0o600);
  try {
    await target.chmod(0o600); // whatever the umask is
    const copied = await measured(join(from, name), signal, async (chunk) => {
      await target.writeFile(chunk);
    });
    if (copied.bytes !== bytes || copied.sha256 !== sha256)
      throw damaged(from, name, 'is not what was backed up: its SHA-256 is another');
    await target.sync();
  } finally {
    await target.close();
  }
}

function damaged(directory: string, name: string, what: string): TaskError {
  return new TaskError(
    'BACKUP_DAMAGED',
    `${join(directory, name)} ${what}`,
    'use another backup; nothing was replaced',
  );
}
