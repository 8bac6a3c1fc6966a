// Looks for damage in a write-ahead log that SQLite would take for its end, and so forget what was acknowledged after it.
// Format and checksum: https://www.sqlite.org/fileformat2.html#the_write_ahead_log

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC_LITTLE_ENDIAN = 0x377f0682;
const MAGIC_BIG_ENDIAN = 0x377f0683;

type Checksum = readonly [number, number];

/**
 * The number of the first damaged frame, if transactions that were complete follow it; `undefined` if there is none.
 *
 * A torn end is no damage: it is what a crash leaves of a transaction that was never acknowledged. But behind a commit
 * nothing is written before that commit is synced; so where frames follow a commit, all before it had been on the disk.
 */
export function findWalDamage(wal: Uint8Array): number | undefined {
  if (wal.byteLength < HEADER_BYTES + FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(wal.buffer, wal.byteOffset, wal.byteLength);
  const magic = view.getUint32(0);
  if (magic !== MAGIC_LITTLE_ENDIAN && magic !== MAGIC_BIG_ENDIAN) return 0;
  const little = magic === MAGIC_LITTLE_ENDIAN;
  const pageBytes = view.getUint32(8);
  const sum = checksum(view, 0, HEADER_BYTES - 8, little, [0, 0]);
  if (!equal(sum, readChecksum(view, HEADER_BYTES - 8))) return 0;

  let previous = sum;
  let damaged: number | undefined;
  let committedBehindDamage = false;
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  for (let frame = 1, at = HEADER_BYTES; at + frameBytes <= wal.byteLength; frame += 1, at += frameBytes) {
    // Frames with another salt are left from before the file was begun anew.
    const current = view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20);
    const head = checksum(view, at, 8, little, previous);
    const stored = readChecksum(view, at + 16);
    const valid = current && equal(checksum(view, at + FRAME_HEADER_BYTES, pageBytes, little, head), stored);
    if (!valid) damaged ??= frame;
    if (valid && committedBehindDamage) return damaged;
    if (damaged !== undefined && current && view.getUint32(at + 4) !== 0) committedBehindDamage = true;
    previous = stored;
  }
  return undefined;
}

function checksum(view: DataView, at: number, bytes: number, little: boolean, [first, second]: Checksum): Checksum {
  let a = first;
  let b = second;
  for (let offset = at; offset < at + bytes; offset += 8) {
    a = (a + view.getUint32(offset, little) + b) >>> 0;
    b = (b + view.getUint32(offset + 4, little) + a) >>> 0;
  }
  return [a, b];
}

function readChecksum(view: DataView, at: number): Checksum {
  return [view.getUint32(at), view.getUint32(at + 4)];
}

function equal(a: Checksum, b: Checksum): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
