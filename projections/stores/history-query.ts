// Which events a list of history asks for, and their order: once for all stores.
import type { HistoryCursor, HistoryQuery, PastQuery } from '../rows.ts';
import { and, compare, equal, oneOf, type Condition } from './conditions.ts';
import type { CursorValues, ListOrder } from './paging.ts';

export function historyCondition({ scope, types, actor, requestId, from, to }: HistoryQuery): Condition {
  return and(
    ...('workspaceId' in scope ? [equal('workspaceId', scope.workspaceId)] : []),
    ...(scope.aggregateId === undefined ? [] : [equal('aggregateId', scope.aggregateId)]),
    ...(types ? [oneOf('type', types)] : []),
    ...(actor === undefined ? [] : [equal('actor', actor)]),
    ...(requestId === undefined ? [] : [equal('requestId', requestId)]),
    ...(from === undefined ? [] : [compare('time', '>=', from)]),
    ...(to === undefined ? [] : [compare('time', '<', to)]),
  );
}

/** By time, then aggregate, then version. Within one aggregate time never runs back (E5): there versions say it all. */
export function historyOrder({ scope }: Pick<HistoryQuery, 'scope'>): ListOrder {
  const columns = scope.aggregateId === undefined ? ['time', 'aggregateId', 'version'] : ['version'];
  return { columns, nullable: false, descending: false };
}

export const historyCursorValues =
  ({ scope }: Pick<HistoryQuery, 'scope'>) =>
  ({ time, aggregateId, version }: HistoryCursor): CursorValues =>
    scope.aggregateId === undefined ? [time, aggregateId, version] : [version];

/** Only what was accepted has a version. */
export function pastCondition({ aggregateIds, until }: PastQuery): Condition {
  return and(oneOf('aggregateId', aggregateIds), compare('time', '<=', until), compare('version', '>=', 1));
}

export const PAST_ORDER: ListOrder = { columns: ['aggregateId', 'version'], nullable: false, descending: false };
