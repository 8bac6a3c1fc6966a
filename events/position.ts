// Positions: how far a log has been read, per partition, and the opaque token that stands for one outside.
// A position names the next offset of each partition that it speaks of; a partition it does not name, it says nothing about.

/** Partition number → next offset to read there. Plain data, so that it can be stored and compared as it is. */
export type Position = Readonly<Record<number, number>>;

/** Where one record lies: its partition and its own offset. */
export interface RecordPosition {
  readonly partition: number;
  readonly offset: number;
}

const TOKEN_VERSION = 'p1';
const TOKEN = /^p1(?:_(?:0|[1-9]\d{0,5})-(?:0|[1-9]\d{0,15}))+$/;
const MAX_TOKEN_LENGTH = 16_384;

/** The position just behind a record: the one that a mutation's payload carries. */
export function positionAfter(record: RecordPosition): Position {
  return { [record.partition]: record.offset + 1 };
}

/** The token of a position: opaque to callers, safe in URLs, shells and JSON. */
export function encodePosition(position: Position): string {
  const parts = Object.entries(position)
    .map(([partition, offset]) => [Number(partition), offset] as const)
    .sort(([a], [b]) => a - b)
    .map(([partition, offset]) => `_${partition}-${offset}`);
  return TOKEN_VERSION + parts.join('');
}

/** Reads a token; `null` for anything that {@link encodePosition} would not have written. */
export function decodePosition(token: string): Position | null {
  if (token.length > MAX_TOKEN_LENGTH || !TOKEN.test(token)) return null;
  const position: Record<number, number> = {};
  for (const part of token.slice(TOKEN_VERSION.length + 1).split('_')) {
    const [partition, offset] = part.split('-').map(Number) as [number, number];
    if (partition in position || !Number.isSafeInteger(offset)) return null;
    position[partition] = offset;
  }
  return position;
}

/** The token of the record itself, as parked records and `discardRecord` name it. */
export function encodeRecordPosition(record: RecordPosition): string {
  return encodePosition({ [record.partition]: record.offset });
}

/** Reads {@link encodeRecordPosition}; `null` unless the token names exactly one partition. */
export function decodeRecordPosition(token: string): RecordPosition | null {
  const entries = Object.entries(decodePosition(token) ?? {});
  const [only] = entries;
  return only && entries.length === 1 ? { partition: Number(only[0]), offset: only[1] } : null;
}

/** Whether `reached` is at or past `wanted` in every partition that `wanted` names. */
export function covers(reached: Position, wanted: Position): boolean {
  return Object.entries(wanted).every(([partition, offset]) => (reached[Number(partition)] ?? 0) >= offset);
}

/** Whether `reached` is past `wanted` in a partition that `wanted` names. */
export function isBeyond(reached: Position, wanted: Position): boolean {
  return Object.entries(wanted).some(([partition, offset]) => (reached[Number(partition)] ?? 0) > offset);
}

/** The further of two positions, partition by partition. */
export function furthest(a: Position, b: Position): Position {
  const result: Record<number, number> = { ...a };
  for (const [partition, offset] of Object.entries(b)) {
    result[Number(partition)] = Math.max(result[Number(partition)] ?? 0, offset);
  }
  return result;
}
