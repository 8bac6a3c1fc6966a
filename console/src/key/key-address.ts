// What the page shows, as its address holds it: which part, as of which time, what is to be done, and how calls are
// filtered.
import { useMemo } from 'react';
import type { RequestFilter, SecretUsed, VerifyCode } from '../api/generated/graphql.ts';
import { useAddress, type ChangeAddress } from '../app/address.ts';
import { keyTexts } from '../texts/key-texts.ts';

export const TABS = ['overview', 'requests', 'history', 'secrets'] as const;
export type KeyTab = (typeof TABS)[number];

export const CODES = Object.keys(keyTexts.outcomes) as VerifyCode[];
export const SECRETS = Object.keys(keyTexts.requests.secrets) as SecretUsed[];

/** Texts of the form; empty: anything. */
export interface RequestQuery {
  readonly outcome: string;
  readonly path: string;
  readonly ip: string;
  readonly request: string;
  readonly secret: string;
  /** Days, `2030-01-31`. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTER: RequestQuery = { outcome: '', path: '', ip: '', request: '', secret: '', from: '', to: '' };
const FILTERS = Object.keys(NO_FILTER) as (keyof RequestQuery)[];

export interface KeyAddress {
  readonly tab: KeyTab;
  /** RFC 3339; `null`: now. */
  readonly at: string | null;
  /** What is to be done here, by the name of an action. */
  readonly action: string | null;
  readonly requests: RequestQuery;
}

export interface KeyAddressState {
  readonly address: KeyAddress;
  readonly change: ChangeAddress;
}

function read(params: URLSearchParams): KeyAddress {
  const at = params.get('at') ?? '';
  const requests = { ...NO_FILTER };
  for (const name of FILTERS) Object.assign(requests, { [name]: params.get(name) ?? '' });
  return {
    tab: TABS.find((tab) => tab === params.get('tab')) ?? 'overview',
    at: Number.isNaN(Date.parse(at)) ? null : new Date(at).toISOString(),
    action: params.get('action'),
    requests,
  };
}

export function useKeyAddress(): KeyAddressState {
  const [params, change] = useAddress();
  const address = useMemo(() => read(params), [params]);
  return { address, change };
}

/** The first moment of a day of the reader's, or of the one behind it. */
export function dayStart(day: string, later = 0): string | null {
  const date = new Date(`${day}T00:00:00`);
  if (Number.isNaN(date.getTime())) return null;
  date.setDate(date.getDate() + later);
  return date.toISOString();
}

export function requestFilter({ outcome, path, ip, request, secret, from, to }: RequestQuery): RequestFilter {
  const code = CODES.find((each) => each === outcome);
  const used = SECRETS.find((each) => each === secret);
  const start = from === '' ? null : dayStart(from);
  const end = to === '' ? null : dayStart(to, 1);
  return {
    ...(code ? { codes: [code] } : {}),
    ...(path.trim() === '' ? {} : { path: path.trim() }),
    ...(ip.trim() === '' ? {} : { ip: ip.trim() }),
    ...(request.trim() === '' ? {} : { requestId: request.trim() }),
    ...(used ? { secret: used } : {}),
    ...(start === null ? {} : { from: start }),
    ...(end === null ? {} : { to: end }),
  };
}

export const isFiltered = (query: RequestQuery): boolean => FILTERS.some((name) => query[name].trim() !== '');
