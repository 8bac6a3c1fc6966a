// What the list is asked for, as the address holds it: reading it, changing it, and the filter that it is to the API.
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { KeyFilter, KeyOrder, KeyStatus } from '../api/generated/graphql.ts';
import { DAY } from '../texts/format.ts';
import { texts } from '../texts/texts.ts';

export type OrderName = keyof typeof texts.keys.orders;
export const ORDERS = Object.keys(texts.keys.orders) as OrderName[];
const DEFAULT_ORDER: OrderName = 'CREATED_AT-DESC';
export const STATUSES = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED', 'DELETED'] as const satisfies readonly KeyStatus[];
/** What may still come to its end. */
const LIVING = ['ACTIVE', 'DISABLED'] as const satisfies readonly KeyStatus[];

export interface KeyQuery {
  readonly text: string;
  readonly tag: string;
  readonly owner: string;
  readonly type: string;
  readonly environment: string;
  readonly scope: string;
  readonly status: KeyStatus | '';
  /** In 30 days. */
  readonly expiring: boolean;
  /** For 90 days. */
  readonly unused: boolean;
  readonly order: OrderName;
  /** RFC 3339: the list as it was then. Empty: as it is. */
  readonly at: string;
}

/** All that narrows the list beside the text. */
const FILTERS = ['status', 'tag', 'owner', 'type', 'environment', 'scope', 'expiring', 'unused'] as const;

const EXPIRING_DAYS = 30;
const UNUSED_DAYS = 90;

function read(params: URLSearchParams): KeyQuery {
  const text = (name: string): string => params.get(name) ?? '';
  const at = text('at');
  return {
    text: text('text'),
    tag: text('tag'),
    owner: text('owner'),
    type: text('type'),
    environment: text('environment'),
    scope: text('scope'),
    status: STATUSES.find((status) => status === text('status')) ?? '',
    expiring: params.has('expiring'),
    unused: params.has('unused'),
    order: ORDERS.find((order) => order === text('order')) ?? DEFAULT_ORDER,
    at: Number.isNaN(Date.parse(at)) ? '' : at,
  };
}

const written = (value: string | boolean): string => (typeof value === 'string' ? value : value ? '1' : '');

export interface KeyQueryState {
  readonly query: KeyQuery;
  readonly change: (change: Partial<KeyQuery>) => void;
  /** All that narrows the list. */
  readonly clear: () => void;
}

export function useKeyQuery(): KeyQueryState {
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => read(params), [params]);
  const change = useCallback(
    (changed: Partial<KeyQuery>) =>
      setParams(
        (before) => {
          for (const [name, value] of Object.entries(changed)) {
            const next = written(value);
            if (next === '' || (name === 'order' && next === DEFAULT_ORDER)) before.delete(name);
            else before.set(name, next);
          }
          return before;
        },
        // Letters that are typed are no pages to go back through.
        { replace: 'text' in changed || 'tag' in changed || 'owner' in changed },
      ),
    [setParams],
  );
  const clear = useCallback(
    () =>
      setParams((before) => {
        for (const name of ['text', ...FILTERS]) before.delete(name);
        return before;
      }),
    [setParams],
  );
  return { query, change, clear };
}

/** How many filters there are beside the text that is searched for. */
export const filterCount = (query: KeyQuery): number => FILTERS.filter((name) => written(query[name]) !== '').length;

export const isNarrowed = (query: KeyQuery): boolean => query.text.trim() !== '' || filterCount(query) > 0;

/** @param now milliseconds; of the page, not of the moment, so that the question stays the same. */
export function filterOf(query: KeyQuery, keyspace: string, now: number): KeyFilter {
  const { text, status, tag, owner, type, environment, scope, expiring, unused } = query;
  const day = (days: number): string => new Date(now + days * DAY).toISOString();
  return {
    keyspace,
    ...(text.trim() === '' ? {} : { text }),
    ...(status === '' ? (expiring ? { status: [...LIVING] } : {}) : { status: [status] }),
    ...(tag.trim() === '' ? {} : { tags: [tag.trim()] }),
    ...(owner.trim() === '' ? {} : { owner: owner.trim() }),
    ...(type === '' ? {} : { type }),
    ...(environment === '' ? {} : { environment }),
    ...(scope === '' ? {} : { scope }),
    ...(expiring ? { expiresBefore: day(EXPIRING_DAYS) } : {}),
    ...(unused ? { unusedSince: day(-UNUSED_DAYS) } : {}),
  };
}

export function orderOf({ order }: KeyQuery): KeyOrder {
  const [field, direction] = order.split('-') as [KeyOrder['field'], NonNullable<KeyOrder['direction']>];
  return { field, direction };
}
