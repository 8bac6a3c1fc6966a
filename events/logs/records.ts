// What both adapters ask of a record and of a position before they touch the log.
// Guarantees that every adapter keeps the same records byte for byte, and refuses the same ones.
import { PositionOutOfRangeError, type NewRecord } from '../log.ts';
import type { Position } from '../position.ts';

/** Upper bound of one record, in bytes: Kafka's default `message.max.bytes` with room for its own framing. */
export const MAX_RECORD_BYTES = 1_000_000;

/**
 * Bytes that a record takes, near enough to cut groups by.
 *
 * @throws TypeError for a key or header with a NUL or a lone surrogate, RangeError for a record that is too large.
 */
export function measureRecord({ key, value, headers }: NewRecord): number {
  let bytes = value.byteLength + measureText(key, 'key');
  for (const [name, text] of Object.entries(headers)) {
    bytes += measureText(name, 'header name') + measureText(text, `header ${name}`);
  }
  if (bytes > MAX_RECORD_BYTES) throw new RangeError(`a record of ${bytes} bytes: at most ${MAX_RECORD_BYTES}`);
  return bytes;
}

function measureText(text: string, what: string): number {
  if (text.includes('\0')) throw new TypeError(`the record's ${what} contains a NUL character`);
  if (!text.isWellFormed()) throw new TypeError(`the record's ${what} contains a lone surrogate`);
  return Buffer.byteLength(text);
}

/** The offsets that a partition holds: the first one kept, and the next one to be written. */
export interface Marks {
  readonly low: number;
  readonly high: number;
}

/**
 * Where to start in a partition. // T
 *
 * @throws {@link PositionOutOfRangeError} if the position lies outside the marks: the log was truncated or is another one.
 */
export function startOffset(position: Position, partition: number, { low, high }: Marks): number {
  const offset = position[partition] ?? 0;
  if (!Number.isSafeInteger(offset) || offset < low || offset > high) {
    const kept = `the log holds ${low} to ${high} there`;
    throw new PositionOutOfRangeError(`position ${offset} of partition ${partition} lies outside the log: ${kept}`, {
      partition,
      offset,
      low,
      high,
    });
  }
  return offset;
}

/** Refuses a position that names partitions which the log does not have: it belongs to another log. */
export function checkPartitions(position: Position, partitions: number): void {
  const unknown = Object.keys(position).find((partition) => Number(partition) >= partitions);
  if (unknown === undefined) return;
  throw new PositionOutOfRangeError(`the position names partition ${unknown}, the log has ${partitions}`);
}
