// The snapshot's file: a header that says which format and whose byte order, then sections of bytes with their lengths, then
// the SHA-256 of all before. What was cut, changed or written otherwise is refused whole.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { replaceDurableFile } from '../shared/durable-file.ts';

/** Of this layout of the file and of all that lies in it; another number, another format. */
export const SNAPSHOT_FORMAT = 3;

const MAGIC = 'keyfold snapshot';
const BYTE_ORDER = 0x01020304;
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;
/** Small pieces are read and written together. */
const CHUNK_BYTES = 2 ** 20;

/** There is a file, and it cannot be used; the message says why. */
export class SnapshotRefusedError extends Error {
  readonly code = 'SNAPSHOT_REFUSED';
}

/** The words of this machine's byte order: the arrays behind them are written as they lie in memory. */
const words = (...values: readonly number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);

/** @param sections each asked for after the one before is written, so that others have their turn in between. */
export async function writeSections(file: string, sections: Iterable<Uint8Array>): Promise<void> {
  await replaceDurableFile(file, async (handle) => {
    const digest = createHash('sha256');
    let small: Uint8Array[] = [Buffer.from(MAGIC, 'latin1'), words(SNAPSHOT_FORMAT, BYTE_ORDER)];
    let bytes = 0;
    const put = async (piece: Uint8Array): Promise<void> => {
      digest.update(piece);
      await handle.writeFile(piece);
    };
    const flush = async (): Promise<void> => {
      const piece = Buffer.concat(small);
      small = [];
      bytes = 0;
      await put(piece);
    };
    for (const section of sections) {
      small.push(words(section.byteLength));
      if (section.byteLength < CHUNK_BYTES) small.push(section);
      bytes += section.byteLength;
      if (bytes < CHUNK_BYTES) continue;
      await flush();
      if (section.byteLength >= CHUNK_BYTES) await put(section);
    }
    await flush();
    await handle.writeFile(digest.digest());
  });
}

/**
 * The sections, each in memory of its own; `null`: there is no such file.
 *
 * @throws {@link SnapshotRefusedError}
 */
export async function readSections(file: string, signal: AbortSignal): Promise<readonly ArrayBuffer[] | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return await readAll(handle, signal);
  } finally {
    await handle.close();
  }
}

async function readAll(handle: FileHandle, signal: AbortSignal): Promise<readonly ArrayBuffer[]> {
  const { size } = await handle.stat();
  const end = size - DIGEST_BYTES;
  const digest = createHash('sha256');
  let at = 0;
  /** What was read and not yet taken. */
  let chunk = new Uint8Array(0);
  const take = async (length: number): Promise<ArrayBuffer> => {
    signal.throwIfAborted();
    if (at + length > end) throw new SnapshotRefusedError('it was cut');
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (chunk.length === 0 && length - filled >= CHUNK_BYTES) {
        await readInto(handle, taken.subarray(filled), at);
        at += length - filled;
        break;
      }
      if (chunk.length === 0) chunk = await readBytes(handle, at, Math.min(CHUNK_BYTES, end - at));
      const some = chunk.subarray(0, length - filled);
      taken.set(some, filled);
      chunk = chunk.subarray(some.length);
      filled += some.length;
      at += some.length;
    }
    digest.update(taken);
    return taken.buffer;
  };
  const magic = Buffer.from(await take(MAGIC.length)).toString('latin1');
  const [format, order] = new Uint32Array(await take(2 * LENGTH_BYTES));
  if (magic !== MAGIC || order !== BYTE_ORDER) throw new SnapshotRefusedError('it is none, or of another machine');
  if (format !== SNAPSHOT_FORMAT) throw new SnapshotRefusedError(`its format is ${format}, not ${SNAPSHOT_FORMAT}`);
  const sections: ArrayBuffer[] = [];
  while (at < end) {
    const [length = 0] = new Uint32Array(await take(LENGTH_BYTES));
    sections.push(await take(length));
  }
  const written = await readBytes(handle, end, DIGEST_BYTES);
  if (!digest.digest().equals(written)) throw new SnapshotRefusedError('it was changed, or cut');
  return sections;
}

async function readBytes(handle: FileHandle, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await readInto(handle, bytes, from);
  return bytes;
}

async function readInto(handle: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  let read = 0;
  while (read < bytes.length) {
    const { bytesRead } = await handle.read(bytes, read, bytes.length - read, from + read);
    if (bytesRead === 0) throw new SnapshotRefusedError('it was cut');
    read += bytesRead;
  }
}
