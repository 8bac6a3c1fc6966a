// What an answer tells of a rate limit in its headers: the IETF's draft-ietf-httpapi-ratelimit-headers (structured fields,
// RFC 9651), and Retry-After (RFC 9110) where the limit refused.
import type { Judged } from './judge.ts';
import type { FlatHeaders } from './responses.ts';

const NONE: FlatHeaders = [];
/** As much may lie between readings of clocks that tell whole milliseconds. */
const ROUNDED_MS = 2;

/** Seconds are rounded up: whoever waits as long does not come too early. */
export function rateLimitHeaders({ verdict, allowance, now }: Judged): FlatHeaders {
  if (allowance === null) return NONE;
  const { limit, windowSeconds, remaining, resetAt } = allowance;
  const seconds = Math.max(0, Math.ceil((resetAt - now - ROUNDED_MS) / 1000));
  const headers = [
    ...['ratelimit-policy', `"default";q=${limit};w=${windowSeconds}`],
    ...['ratelimit', `"default";r=${remaining};t=${seconds}`],
  ];
  return verdict.code === 'RATE_LIMITED' ? [...headers, 'retry-after', String(Math.max(1, seconds))] : headers;
}
