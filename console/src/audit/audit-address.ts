// What the page shows, as its address holds it: which part, how events are filtered, and which times are asked about.
import { useMemo } from 'react';
import type { HistoryFilter, KeyEventType } from '../api/generated/graphql.ts';
import { globalKeyId, isKeyId } from '../api/key-id.ts';
import { useAddress, type ChangeAddress } from '../app/address.ts';
import { dayStart } from '../key/key-address.ts';
import { keyTexts } from '../texts/key-texts.ts';

export const TABS = ['history', 'access', 'review', 'checkpoints'] as const;
export type AuditTab = (typeof TABS)[number];

/** Those of keys: what happens to keyspaces is in no workspace. */
export const TYPES = (Object.keys(keyTexts.events) as KeyEventType[]).filter((type) => !type.startsWith('KEYSPACE_'));

/** Texts of the form; empty: anything. */
export interface EventQuery {
  readonly actor: string;
  /** `key_…`. */
  readonly key: string;
  readonly type: string;
  readonly request: string;
  /** Days, `2030-01-31`. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTER: EventQuery = { actor: '', key: '', type: '', request: '', from: '', to: '' };
const FILTERS = Object.keys(NO_FILTER) as (keyof EventQuery)[];

export interface AuditAddress {
  readonly tab: AuditTab;
  readonly events: EventQuery;
  /** Who could: a time (RFC 3339), and what. */
  readonly at: string | null;
  readonly scope: string;
  readonly resource: string;
  /** The times of a review. */
  readonly since: string | null;
  readonly until: string | null;
}

export interface AuditAddressState {
  readonly address: AuditAddress;
  readonly change: ChangeAddress;
}

function read(params: URLSearchParams): AuditAddress {
  const text = (name: string): string => params.get(name) ?? '';
  const time = (name: string): string | null =>
    Number.isNaN(Date.parse(text(name))) ? null : new Date(text(name)).toISOString();
  const events = { ...NO_FILTER };
  for (const name of FILTERS) Object.assign(events, { [name]: text(name) });
  return {
    tab: TABS.find((tab) => tab === text('tab')) ?? 'history',
    events,
    at: time('at'),
    scope: text('scope'),
    resource: text('resource'),
    since: time('since'),
    until: time('until'),
  };
}

export function useAuditAddress(): AuditAddressState {
  const [params, change] = useAddress();
  const address = useMemo(() => read(params), [params]);
  return { address, change };
}

export function historyFilter({ actor, key, type, request, from, to }: EventQuery): HistoryFilter {
  const [who, which, id] = [actor.trim(), TYPES.find((each) => each === type), key.trim()];
  const start = from === '' ? null : dayStart(from);
  const end = to === '' ? null : dayStart(to, 1);
  return {
    // People are named most.
    ...(who === '' ? {} : { actor: who.includes(':') ? who : `user:${who}` }),
    ...(id === '' ? {} : { key: isKeyId(id) ? globalKeyId(id) : id }),
    ...(which ? { types: [which] } : {}),
    ...(request.trim() === '' ? {} : { requestId: request.trim() }),
    ...(start === null ? {} : { from: start }),
    ...(end === null ? {} : { to: end }),
  };
}

export const isFiltered = (query: EventQuery): boolean => FILTERS.some((name) => query[name].trim() !== '');

/** What a field of day and time says, as exact as it was before if it says the same; `null`: nothing. */
export function timeOf(field: string, before: string | null, localTime: (time: number) => string): string | null {
  if (before !== null && localTime(Date.parse(before)) === field) return before;
  const time = new Date(field).getTime();
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
