// Cursors: opaque, and bound to the list that they come from: its kind, its workspace and its order. A cursor of another
// list is refused, never read as a place in this one.
import { z } from 'zod';
import * as fields from '../events/fields.ts';
import { KEYSPACES } from '../events/ids.ts';
import { MAX_REMINDER_DAYS } from '../events/key/facts.ts';
import { placeOf } from '../projections/facts.ts';
import type { HistoryCursor, KeyCursor, KeyOrder, KeyRow, LogEntry } from '../projections/rows.ts';
import type { SignedCheckpoint } from '../events/proof/checkpoint.ts';
import type { ReadCursor, ReadRow } from '../projections/reads.ts';
import type { RequestCursor, RequestRow } from '../projections/usage.ts';
import type { CursorCodec } from './paging.ts';

/** Where a checkpoint stands in the list of all. */
export interface CheckpointCursor {
  readonly number: number;
}

const MAX_LENGTH = 8192;

/** `name` says which list; `cursor` is a name and a place, built once: a schema costs more than what it reads. */
function codec<R, C>(name: string, cursor: z.ZodType<[string, C]>, placeOf: (row: R) => C): CursorCodec<R, C> {
  const list = JSON.stringify(name);
  return {
    encode: (row) => Buffer.from(`[${list},${JSON.stringify(placeOf(row))}]`).toString('base64url'),
    decode(text) {
      if (text.length > MAX_LENGTH) return null;
      try {
        const read = cursor.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
        return read.success && read.data[0] === name ? read.data[1] : null;
      } catch {
        return null;
      }
    },
  };
}

const value = fields.text(4096);
const keyCursor = z.tuple([z.string(), z.strictObject({ value, id: fields.keyId })]);
const keyCursorOrNull = z.tuple([z.string(), z.strictObject({ value: value.nullable(), id: fields.keyId })]);
const historyCursor = z.tuple([
  z.string(),
  z.strictObject({
    time: fields.instant,
    aggregateId: fields.keyId.or(z.literal(KEYSPACES)),
    version: z.int().min(-MAX_REMINDER_DAYS),
  }),
]);

interface Ordering {
  readonly valueOf: (row: KeyRow) => string | null;
  readonly cursor: z.ZodType<[string, KeyCursor]>;
}
const ORDERED_BY: Record<KeyOrder['field'], Ordering> = {
  CREATED_AT: { valueOf: ({ state }) => state.createdAt, cursor: keyCursor },
  NAME: { valueOf: ({ search }) => search.name, cursor: keyCursor },
  EXPIRES_AT: { valueOf: ({ state }) => state.expiresAt, cursor: keyCursorOrNull },
  LAST_USED_AT: { valueOf: ({ usage }) => usage.lastUsedAt, cursor: keyCursorOrNull },
};

/** `asOf`: of the list as it was then. */
export function keyCursors(
  workspaceId: string,
  { field, direction }: KeyOrder,
  asOf: string | null = null,
): CursorCodec<KeyRow, KeyCursor> {
  const { valueOf, cursor } = ORDERED_BY[field];
  const list = ['keys', workspaceId, field, direction, ...(asOf === null ? [] : [asOf])];
  return codec(list.join(' '), cursor, (row) => ({ value: valueOf(row), id: row.state.keyId }));
}

export function reviewCursors(workspaceId: string, from: string, to: string): CursorCodec<KeyRow, KeyCursor> {
  return codec(['access review', workspaceId, from, to].join(' '), keyCursor, ({ state }) => ({
    value: state.createdAt,
    id: state.keyId,
  }));
}

const requestCursor = z.tuple([z.string(), z.strictObject({ time: fields.instant, id: fields.text(300) })]);

const checkpointCursor = z.tuple([z.string(), z.strictObject({ number: z.int().min(1) })]);

export const checkpointCursors: CursorCodec<SignedCheckpoint, CheckpointCursor> = codec(
  'checkpoints',
  checkpointCursor,
  ({ checkpoint: { number } }) => ({ number }),
);

/** `of`: the workspace or the key whose requests it lists. */
export function requestCursors(...of: readonly string[]): CursorCodec<RequestRow, RequestCursor> {
  return codec(['requests', ...of].join(' '), requestCursor, ({ time, id }) => ({ time, id }));
}

/** Who has read what of a workspace. */
export function readCursors(workspaceId: string): CursorCodec<ReadRow, ReadCursor> {
  return codec(`reads ${workspaceId}`, requestCursor, ({ time, id }) => ({ time, id }));
}

/** `of`: the workspace, the key or the keyspace whose history it is. */
export function historyCursors(...of: readonly string[]): CursorCodec<LogEntry, HistoryCursor> {
  return codec(['history', ...of].join(' '), historyCursor, placeOf);
}
