// Cursors: opaque, and bound to the list that they come from: its kind, its workspace and its order. A cursor of another
// list is refused, never read as a place in this one.
import { z } from 'zod';
import * as fields from '../events/fields.ts';
import { KEYSPACES } from '../events/ids.ts';
import type { HistoryCursor, HistoryRow, KeyCursor, KeyOrder, KeyRow } from '../projections/rows.ts';
import type { CursorCodec } from './paging.ts';

const MAX_LENGTH = 8192;

function codec<R, C>(list: readonly string[], schema: z.ZodType<C>, placeOf: (row: R) => C): CursorCodec<R, C> {
  const bound = z.tuple([z.literal(list.join(' ')), schema]);
  return {
    encode: (row) => Buffer.from(JSON.stringify([list.join(' '), placeOf(row)])).toString('base64url'),
    decode(cursor) {
      if (cursor.length > MAX_LENGTH) return null;
      try {
        const read = bound.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
        return read.success ? read.data[1] : null;
      } catch {
        return null;
      }
    },
  };
}

const keyPlace: z.ZodType<KeyCursor> = z.strictObject({ value: fields.text(4096).nullable(), id: fields.keyId });
const historyPlace: z.ZodType<HistoryCursor> = z.strictObject({
  time: fields.instant,
  aggregateId: fields.keyId.or(z.literal(KEYSPACES)),
  version: z.int().min(1),
});

const ORDERED_BY: Record<KeyOrder['field'], (row: KeyRow) => string | null> = {
  CREATED_AT: ({ state }) => state.createdAt,
  NAME: ({ search }) => search.name,
  EXPIRES_AT: ({ state }) => state.expiresAt,
  LAST_USED_AT: ({ usage }) => usage.lastUsedAt,
};

export function keyCursors(workspaceId: string, { field, direction }: KeyOrder): CursorCodec<KeyRow, KeyCursor> {
  return codec(['keys', workspaceId, field, direction], keyPlace, (row) => ({
    value: ORDERED_BY[field](row),
    id: row.state.keyId,
  }));
}

/** `of`: the workspace, the key or the keyspace whose history it is. */
export function historyCursors(...of: readonly string[]): CursorCodec<HistoryRow, HistoryCursor> {
  return codec(['history', ...of], historyPlace, ({ time, aggregateId, version }) => ({ time, aggregateId, version }));
}
