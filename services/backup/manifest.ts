// The manifest of a backup: what belongs to it, how large each file is, and its SHA-256. Without it a folder is no backup;
// it is written last. It shows damage, not forgery: whoever can write there can write it, too.
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TaskError } from '../api/long-task.ts';

export const MANIFEST = 'manifest.json';
const CHUNK_BYTES = 1 << 20;

/** What every backup has, besides the secrets. */
export const DATABASES = ['log.db', 'kept.db', 'counts.db', 'usage.db', 'read.db'] as const;

const file = z.object({
  /** In the folder itself. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const manifest = z
  .object({
    format: z.literal('keyfold backup'),
    version: z.literal(1),
    createdAt: z.iso.datetime(),
    /** Of the log: what a query may ask to be reached (`atLeast`). */
    position: z.string(),
    files: z.array(file).max(1000),
  })
  .refine(({ files }) => new Set(files.map(({ name }) => name)).size === files.length)
  .refine(({ files }) => DATABASES.every((name) => files.some((each) => each.name === name)));

export type Manifest = z.infer<typeof manifest>;
export type BackupFile = Manifest['files'][number];

/** @throws {@link TaskError} `NOT_A_BACKUP` */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is none' : `it cannot be read (${code})`;
    throw new TaskError('NOT_A_BACKUP', `${path}: ${why}`, 'name a folder that keyfold backup has made, whole');
  });
  const read = manifest.safeParse(parsed(text));
  if (read.success) return read.data;
  const other = z.object({ format: z.literal('keyfold backup'), version: z.int() }).safeParse(parsed(text));
  if (other.success && other.data.version !== 1)
    throw new TaskError('NOT_A_BACKUP', `${path} is of format ${other.data.version}, this Keyfold reads 1`);
  throw new TaskError('NOT_A_BACKUP', `${path} is not as it was written`, 'use another backup');
}

/** Size and digest of a file; `onChunk` gets what it holds, too. */
export async function measured(
  path: string,
  signal: AbortSignal,
  onChunk: (chunk: Buffer) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for (;;) {
      signal.throwIfAborted();
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await onChunk(chunk);
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
