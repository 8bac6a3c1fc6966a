// What a client is told whose request does not pass: a status, headers and JSON, stored nowhere.
import type { Refusal } from './outcome.ts';

/** An HTTP answer. */
export interface GuardAnswer {
  readonly status: number;
  /** Names in lower case; `cache-control: no-store` and a content type are added. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: unknown;
}

/** What it is told by. */
export interface Telling {
  readonly advice: string;
  readonly challenge: string;
  readonly requestId: string;
}

/** Seconds, where the verifier asked for no pause. */
const RETRY_AFTER = 1;

/** Those of the verifier's forward-auth. `null`: what is told depends on where the key belongs. */
const ANSWERS: Readonly<Record<Refusal['code'], readonly [status: number, message: string | null]>> = {
  MALFORMED: [401, null],
  NOT_FOUND: [401, 'this key is not known'],
  REVOKED: [401, 'this key was revoked'],
  QUARANTINED: [403, 'this key cannot be judged at present'],
  DISABLED: [403, 'this key is disabled'],
  EXPIRED: [401, 'this key has expired'],
  WRONG_KEYSPACE: [403, 'this key is not for this API'],
  WRONG_ENVIRONMENT: [403, 'this key is for another environment'],
  IP_NOT_ALLOWED: [403, 'this key may not be used from this address'],
  ORIGIN_NOT_ALLOWED: [403, 'this key may not be used from this origin'],
  INSUFFICIENT_SCOPE: [403, 'this key lacks a permission that is needed here'],
  RESOURCE_NOT_ALLOWED: [403, 'this key may not reach this'],
  RATE_LIMITED: [429, 'too many requests: try again later'],
  INVALID_INPUT: [400, 'this request cannot be checked'],
  UNAVAILABLE: [503, 'the key cannot be checked at present'],
};
/** By any code that a later verifier may send. */
const answers = new Map<string, readonly [status: number, message: string | null]>(Object.entries(ANSWERS));
const UNKNOWN = [403, 'this key may not do this'] as const;

export function answerTo(refusal: Refusal, { advice, challenge, requestId }: Telling): GuardAnswer {
  const [status, message] = answers.get(refusal.code) ?? UNKNOWN;
  const after = 'retryAfterSeconds' in refusal ? (refusal.retryAfterSeconds ?? RETRY_AFTER) : RETRY_AFTER;
  return {
    status,
    headers: {
      ...(status === 401 ? { 'www-authenticate': challenge } : {}),
      ...(status === 429 || status === 503 ? { 'retry-after': String(Math.max(RETRY_AFTER, after)) } : {}),
    },
    body: { code: refusal.code, message: message ?? advice, requestId },
  };
}

/** An answer on its way. */
export interface SentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export function sent({ status, headers, body }: GuardAnswer): SentAnswer {
  const own = { 'cache-control': 'no-store', 'content-type': 'application/json' };
  return { status, headers: { ...headers, ...own }, text: JSON.stringify(body) };
}
