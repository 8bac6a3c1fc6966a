// What the embedded store answers on this thread, a page of an index away: which rows a list has, at which versions.
// Rows themselves, and whatever may have to look further, are read off this thread.
import { NO_KEYSPACES } from '../../events/keyspaces/state.ts';
import type { SqlValue } from '../../events/logs/sqlite-bind.ts';
import type { Statements } from '../../events/logs/sqlite.ts';
import type { Condition, Sort } from './conditions.ts';
import { orderBy, toSql } from './embedded-conditions.ts';
import type { TableNames } from './embedded-schema.ts';
import { createKeptKeys, type KeyHead } from './kept-keys.ts';
import type { AtHand } from './view.ts';

/** How many records are looked at, of which `limit` must meet the condition: what this thread is held up by at most. */
const LOOK = 256;
/** Columns of a head; the count is stored as a real, which JSON would round. And those that a list without a filter asks for. */
const HEAD = 'id, version, lastUsedAt, lastSeenAt, CAST(requestCount AS INTEGER)';
const LOOKED_AT = 'id, version, lastUsedAt, lastSeenAt, requestCount, workspaceId, keyspace, status';

type StoredHead = [id: string, version: number, lastUsedAt: string | null, lastSeenAt: string | null, count: number];

export function embeddedAtHand(db: Statements, { keys, keyspaces }: Pick<TableNames, 'keys' | 'keyspaces'>): AtHand {
  async function heads(
    bounds: Condition,
    condition: Condition,
    sort: Sort,
    limit: number,
  ): Promise<readonly KeyHead[] | null> {
    const within = toSql(bounds);
    const meets = toSql(condition);
    // One text for all of them: a row of its own costs as much as ten in here. LIMITs keep the order.
    const look = `SELECT ${LOOKED_AT} FROM ${keys} WHERE ${within.sql} ORDER BY ${orderBy(sort)} LIMIT ${LOOK}`;
    const list = `SELECT ${LOOKED_AT} FROM (${look}) WHERE ${meets.sql} LIMIT ?`;
    const found = await db.get<{ heads: string }>(
      `SELECT json_group_array(json_array(${HEAD})) AS heads FROM (${list})`,
      [...within.params, ...meets.params, limit],
    );
    const read = JSON.parse(found?.heads ?? '[]') as StoredHead[];
    if (read.length < limit && !(await isWhole(within.sql, within.params))) return null;
    return read.map(([id, version, lastUsedAt, lastSeenAt, requestCount]) => ({
      id,
      version,
      usage: { lastUsedAt, lastSeenAt, requestCount },
    }));
  }

  /** Whether all there is has been looked at. Keys are never taken away, so there was not more of them before. */
  async function isWhole(within: string, params: readonly SqlValue[]): Promise<boolean> {
    const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${keys} WHERE ${within} LIMIT ${LOOK})`;
    return ((await db.get<{ count: number }>(sql, params))?.count ?? LOOK) < LOOK;
  }

  return {
    heads,
    keptKeys: createKeptKeys(),
    keyspacesVersion: async () => (await db.get<{ version: number }>(`SELECT version FROM ${keyspaces}`))?.version ?? 0,
    keyspaces: NO_KEYSPACES,
  };
}
