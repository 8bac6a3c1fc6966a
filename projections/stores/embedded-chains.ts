// Chains of the embedded store, taken out of the rows where they lie: a row that is handed over and parsed costs this
// thread twenty times as much as what is wanted of it.
import type { ChainHead, ChainLink } from '../rows.ts';
import type { Chains } from './chains.ts';
import type { Condition, Sort } from './conditions.ts';
import { orderBy, toSql } from './embedded-conditions.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import type { TableNames } from './embedded-schema.ts';

const HEAD = ['keyId', 'version', 'head', 'workspaceId', 'createdAt'].map((name) => `'$.state.${name}'`);
const LINK = [
  ...['subject', 'version', 'prev', 'workspaceid'].map((name) => `'$.attributes.${name}'`),
  ...['partition', 'offset'].map((name) => `'$.position.${name}'`),
];

type StoredHead = [key: string, version: number, head: string, workspaceId: string, createdAt: string];
type StoredLink = [
  aggregateId: string,
  version: number,
  prev: string,
  workspaceId: string | null,
  partition: number,
  offset: number,
];

export function embeddedChains(db: EmbeddedFile, names: Pick<TableNames, 'keys' | 'history'>): Chains {
  /** All of them as one text: a row of its own costs as much as ten in here. */
  async function read<T extends readonly unknown[]>(
    table: keyof typeof names,
    members: readonly string[],
    find: { readonly condition: Condition; readonly sort: Sort; readonly limit: number },
  ): Promise<readonly T[]> {
    const { sql, params } = toSql(find.condition);
    const rows = `SELECT row FROM ${names[table]} WHERE ${sql} ORDER BY ${orderBy(find.sort)} LIMIT ?`;
    const taken = `CASE WHEN json_valid(row) THEN json_extract(row, ${members.join(', ')}) END`;
    const [found] = await db.all<{ taken: string }>(`SELECT json_group_array(json(${taken})) AS taken FROM (${rows})`, [
      ...params,
      find.limit,
    ]);
    const all = JSON.parse(found?.taken ?? '[]') as readonly (T | null)[];
    // The first three are never absent.
    return all.map((each) => {
      if (each === null || each.slice(0, 3).includes(null)) throw db.damaged(table);
      return each;
    });
  }

  return {
    heads: async (condition, sort, limit) =>
      (await read<StoredHead>('keys', HEAD, { condition, sort, limit })).map(
        ([key, version, head, workspaceId, createdAt]): ChainHead => ({ key, version, head, workspaceId, createdAt }),
      ),
    links: async (condition, sort, limit) =>
      (await read<StoredLink>('history', LINK, { condition, sort, limit })).map(
        ([aggregateId, version, prev, workspaceId, partition, offset]): ChainLink => ({
          ...{ aggregateId, version, prev, workspaceId },
          position: { partition, offset },
        }),
      ),
  };
}
