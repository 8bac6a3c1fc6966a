// Usage as it is read: look-ups and lists, once for all stores; and which checks a list of requests asks for.
import type {
  RequestCursor,
  RequestQuery,
  RequestRow,
  UsageQuery,
  UsageReads,
  UsageStore,
  UsageSum,
} from '../usage.ts';
import type { Window } from '../rows.ts';
import { and, compare, equal, oneOf, type Condition, type Table } from './conditions.ts';
import { readWindow, type CursorValues, type ListOrder } from './paging.ts';
import { afterPrefix } from './prefix.ts';
import type { Damaged } from './stored-json.ts';
import { withoutCaller, type Erasures } from './usage-erasure.ts';
import {
  fromStoredRequest,
  toSecretUse,
  totalId,
  toTotal,
  type StoredCounter,
  type StoredRequest,
} from './usage-record.ts';

/** The tables of usage, as a store reads them. */
export interface UsageTables {
  readonly counters: Table<StoredCounter>;
  readonly requests: Table<StoredRequest>;
  /** Counts of hours, added up by the length of the beginning of their time that buckets have in common. */
  readonly sums: (condition: Condition, startLength: number) => Promise<readonly UsageSum[]>;
  readonly erasures: (keyIds: readonly string[]) => Promise<Erasures>;
  readonly damaged: Damaged;
}

const BY_ID = { columns: ['id'], descending: false };
const BY_VERSION = { columns: ['scope', 'keyVersion'], descending: false };
const NEWEST_FIRST: ListOrder = { columns: ['time', 'id'], nullable: false, descending: true };

/** `2026-03-01T09` and `2026-03-01`. */
const START_LENGTH = { HOUR: 13, DAY: 10 } as const;

export function usageReads({
  counters,
  requests,
  sums,
  erasures,
  damaged,
}: UsageTables): UsageReads & Pick<UsageStore, 'totals'> {
  /** What is erased is blank here, whether it is blanked in the table yet or not. */
  async function toRows(found: readonly StoredRequest[]): Promise<readonly RequestRow[]> {
    const rows = found.map((stored) => fromStoredRequest(stored, damaged));
    const erased = await erasures(rows.map(({ keyId }) => keyId));
    return rows.map((row) => withoutCaller(row, erased));
  }

  return {
    totals: async (keyIds) => {
      if (keyIds.length === 0) return new Map();
      const found = await counters.find(oneOf('id', [...new Set(keyIds)].map(totalId)), BY_ID);
      return new Map(found.map((counter) => [counter.scope, toTotal(counter)]));
    },
    secretUses: async (keyIds) => {
      const ids = [...new Set(keyIds)];
      if (ids.length === 0) return new Map();
      const found = await counters.find(and(equal('kind', 'SECRET'), oneOf('scope', ids)), BY_VERSION);
      return new Map(ids.map((id) => [id, found.filter(({ scope }) => scope === id).map(toSecretUse)]));
    },
    sums: async (query) => (query.scopes.length === 0 ? [] : sums(hoursCondition(query), START_LENGTH[query.bucket])),
    listRequests: async (query, window) => {
      const cursors = inValues(window);
      const { rows, more } = await readWindow(requests.find, requestCondition(query), NEWEST_FIRST, cursors);
      const shown = await toRows(rows);
      // One that was found by an address that is erased would tell it.
      return { rows: query.filter.ip === undefined ? shown : shown.filter(({ ip }) => ip !== null), more };
    },
    countRequests: (query) => requests.count(requestCondition(query)),
    requests: async (ids, now) => {
      if (ids.length === 0) return new Map();
      const there = and(oneOf('id', [...new Set(ids)]), compare('expiresAt', '>', now));
      const found = await requests.find(there, BY_ID);
      return new Map((await toRows(found)).map((row) => [row.id, row]));
    },
  };
}

/** The beginning of a bucket, out of what its hours have in common. */
export const bucketStart = (start: string): string =>
  start.length === START_LENGTH.DAY ? `${start}T00:00:00.000Z` : `${start}:00:00.000Z`;

const hoursCondition = ({ scopes, from, to }: UsageQuery): Condition =>
  and(equal('kind', 'HOUR'), oneOf('scope', scopes), compare('hour', '>=', from), compare('hour', '<', to));

function requestCondition({ workspaceId, keyId, keyspaces, filter, now }: RequestQuery): Condition {
  const { requestId, codes, ip, path, secret, from, to } = filter;
  const equals = Object.entries({ keyId, requestId, ip, secret });
  return and(
    equal('workspaceId', workspaceId),
    ...equals.flatMap(([column, value]) => (value === undefined ? [] : [equal(column, value)])),
    ...(keyspaces ? [oneOf('keyspace', keyspaces)] : []),
    ...(codes ? [oneOf('code', codes)] : []),
    ...(path === undefined ? [] : pathConditions(path)),
    ...(from === undefined ? [] : [compare('time', '>=', from)]),
    ...(to === undefined ? [] : [compare('time', '<', to)]),
    compare('expiresAt', '>', now),
  );
}

function pathConditions(prefix: string): Condition[] {
  const next = afterPrefix(prefix);
  return [compare('path', '>=', prefix), ...(next === null ? [] : [compare('path', '<', next)])];
}

function inValues(window: Window<RequestCursor>): Window<CursorValues> {
  const values = (cursor: RequestCursor | null) => cursor && [cursor.time, cursor.id];
  return { ...window, after: values(window.after), before: values(window.before) };
}
