// Which events a list of history asks for, and their order: once for all stores.
import type { HistoryCursor, HistoryQuery } from '../rows.ts';
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

export const HISTORY_ORDER: ListOrder = {
  columns: ['time', 'aggregateId', 'version'],
  nullable: false,
  descending: false,
};

export const historyCursorValues = ({ time, aggregateId, version }: HistoryCursor): CursorValues => [
  time,
  aggregateId,
  version,
];
