// What an answer tells of a rate limit in its headers: the IETF's draft-ietf-httpapi-ratelimit-headers (structured fields,
// RFC 9651), and Retry-After (RFC 9110) where the limit refused.
import type { Allowance, Judged } from './judge.ts';
import type { FlatHeaders } from './responses.ts';
import { tellsOfKey } from './verify.ts';

const NONE: FlatHeaders = [];
/** As much may lie between readings of clocks that tell whole milliseconds. */
const ROUNDED_MS = 2;

/** Whole seconds until more is left, rounded up: whoever waits as long does not come too early. */
const secondsLeft = ({ resetAt }: Allowance, now: number): number =>
  Math.max(0, Math.ceil((resetAt - now - ROUNDED_MS) / 1000));

/** Of a check that was limited: when the same one passes at the earliest. */
export const retryAfterSeconds = ({ allowance, now }: Judged): number =>
  Math.max(1, allowance === null ? 1 : secondsLeft(allowance, now));

export function rateLimitHeaders(judged: Judged): FlatHeaders {
  const { verdict, allowance, now } = judged;
  if (allowance === null) return NONE;
  const { limit, windowSeconds, remaining } = allowance;
  const seconds = secondsLeft(allowance, now);
  // An address's limit is another policy than a key's.
  const policy = tellsOfKey(verdict) ? 'default' : 'invalid-keys';
  const headers = [
    ...['ratelimit-policy', `"${policy}";q=${limit};w=${windowSeconds}`],
    ...['ratelimit', `"${policy}";r=${remaining};t=${seconds}`],
  ];
  return verdict.code === 'RATE_LIMITED' ? [...headers, 'retry-after', String(retryAfterSeconds(judged))] : headers;
}
