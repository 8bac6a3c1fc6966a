// What lists must answer, said once more and plainly: every row looked at, sorted, cut. The measure of every store.
import { statusAt } from '../../events/key/state.ts';
import type { HistoryQuery, HistoryRow, KeyCursor, KeyOrder, KeyQuery, KeyRow } from '../../projections/rows.ts';

/** Text order of the port: by UTF-8 bytes. */
export const byText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export function keyMatches(
  { state, details, search, usage }: KeyRow,
  { workspaceId, keyspaces, filter, now }: KeyQuery,
): boolean {
  const { text, status, tags, owner, environment, type, scope, resource, keyspace, expiresBefore, unusedSince } =
    filter;
  const { granting } = filter;
  const current = statusAt(state, now);
  return (
    state.workspaceId === workspaceId &&
    (keyspaces?.includes(state.keyspace) ?? true) &&
    (text ?? []).every((prefix) => search.words.some((word) => word.startsWith(prefix))) &&
    (status ? status.includes(current) : current !== 'DELETED') &&
    (tags ?? []).every((tag) => details.tags.includes(tag)) &&
    (owner === undefined || state.ownerId === owner) &&
    (environment === undefined || state.environment === environment) &&
    (type === undefined || state.type === type) &&
    (scope === undefined || state.unrestricted || state.scopes.includes(scope)) &&
    (granting === undefined ||
      state.unrestricted ||
      granting.some((one) => one.keyspace === state.keyspace && one.scopes.some((s) => state.scopes.includes(s)))) &&
    (resource === undefined || state.resources.all || state.resources.ids.includes(resource)) &&
    (keyspace === undefined || state.keyspace === keyspace) &&
    (expiresBefore === undefined || (state.expiresAt !== null && state.expiresAt < expiresBefore)) &&
    (unusedSince === undefined || usage.lastUsedAt === null || usage.lastUsedAt < unusedSince)
  );
}

export function keyCursor({ state, search, usage }: KeyRow, { field }: Pick<KeyOrder, 'field'>): KeyCursor {
  const value = {
    CREATED_AT: state.createdAt,
    NAME: search.name,
    EXPIRES_AT: state.expiresAt,
    LAST_USED_AT: usage.lastUsedAt,
  }[field];
  return { value, id: state.keyId };
}

export function compareKeys(order: KeyOrder): (a: KeyRow, b: KeyRow) => number {
  const sign = order.direction === 'ASC' ? 1 : -1;
  return (rowA, rowB) => {
    const [a, b] = [keyCursor(rowA, order), keyCursor(rowB, order)];
    if ((a.value === null) !== (b.value === null)) return a.value === null ? 1 : -1;
    const byValue = a.value === null || b.value === null ? 0 : byText(a.value, b.value);
    return sign * (byValue || byText(a.id, b.id));
  };
}

export const keyList = (rows: readonly KeyRow[], query: KeyQuery, order: KeyOrder): KeyRow[] =>
  rows.filter((row) => keyMatches(row, query)).sort(compareKeys(order));

export function historyMatches(row: HistoryRow, { scope, types, actor, requestId, from, to }: HistoryQuery): boolean {
  return (
    (!('workspaceId' in scope) || row.workspaceId === scope.workspaceId) &&
    (scope.aggregateId === undefined || row.aggregateId === scope.aggregateId) &&
    (types?.includes(row.type) ?? true) &&
    (actor === undefined || row.actor === actor) &&
    (requestId === undefined || row.requestId === requestId) &&
    (from === undefined || row.time >= from) &&
    (to === undefined || row.time < to)
  );
}

export const compareHistory = (a: HistoryRow, b: HistoryRow): number =>
  byText(a.time, b.time) || byText(a.aggregateId, b.aggregateId) || a.version - b.version;

export const historyList = (rows: readonly HistoryRow[], query: HistoryQuery): HistoryRow[] =>
  rows
    .filter((row) => historyMatches(row, query))
    .sort(query.scope.aggregateId === undefined ? compareHistory : (a, b) => a.version - b.version);
