// Reading the verifier's answer. Nothing is taken on trust: an answer that is not wholly of the contract's shape is none,
// and only the members that the contract names are handed on.
import { unavailable, type KeyFacts, type Outcome, type RateLimit, type Refused, type Verified } from './outcome.ts';

/** What came over the wire. */
export interface Received {
  readonly status: number;
  /** The header, if any. */
  readonly retryAfter: string | null;
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const MAX_SECONDS = 3600;
const MAX_MESSAGE = 300;
const CODE = /^[A-Z_]{1,64}$/;
const MEMBER = /^[A-Za-z0-9]{1,64}$/;
/** What a request may be called (the verifier makes no other ids). */
export const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const isRateLimit = (value: unknown): value is RateLimit =>
  isObject(value) &&
  isNumber(value.limit) &&
  isNumber(value.remaining) &&
  isText(value.resetAt) &&
  isBoolean(value.degraded);

const FACTS: Readonly<Record<keyof KeyFacts, Check>> = {
  keyId: isText,
  workspaceId: isText,
  keyspace: isText,
  keyspaceVersion: isNumber,
  type: isText,
  environment: orNull(isText),
  scopes: isTexts,
  unrestricted: isBoolean,
  resources: (value) => isObject(value) && isBoolean(value.all) && isTexts(value.ids),
  flags: isTexts,
  owner: orNull(isText),
  expiresAt: orNull(isText),
  rateLimit: orNull(isRateLimit),
  version: isNumber,
};
const facts = Object.entries(FACTS);

/** Of a refusal: what is there and of its shape; else `null`. */
export const told = (json: Json): Pick<Refused, keyof KeyFacts> =>
  Object.fromEntries(facts.map(([name, check]) => [name, check(json[name]) ? json[name] : null])) as unknown as Pick<
    Refused,
    keyof KeyFacts
  >;

const included = (json: Json): Pick<Verified, 'name' | 'metadata'> => ({
  ...(typeof json.name === 'string' || json.name === null ? { name: json.name } : {}),
  ...(isObject(json.metadata) || json.metadata === null ? { metadata: json.metadata } : {}),
});

/** A `Retry-After` in seconds, which the verifier sends, not as a date. */
function secondsOf(retryAfter: string | null): number | null {
  return retryAfter !== null && /^\d{1,9}$/.test(retryAfter) ? Math.min(MAX_SECONDS, Number(retryAfter)) : null;
}

function secondsUntil(time: string, now: number): number {
  const ms = Date.parse(time) - now;
  return Number.isNaN(ms) ? 1 : Math.min(MAX_SECONDS, Math.max(1, Math.ceil(ms / 1000)));
}

function parse(text: string): Json {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

function readVerdict(json: Json, requestId: string | null, retryAfter: number | null): Outcome {
  const { valid, code, asOf } = json;
  const isVerdict = typeof code === 'string' && CODE.test(code) && valid === (code === 'VALID');
  if (!isVerdict) return unavailable('UNREADABLE', requestId);
  if (code === 'STALE') return unavailable('STALE', requestId, retryAfter);
  if (code !== 'VALID') {
    const about = told(json);
    const limited = code === 'RATE_LIMITED';
    const reset = isRateLimit(about.rateLimit) ? secondsUntil(about.rateLimit.resetAt, Date.now()) : 1;
    const moment = typeof asOf === 'string' ? { asOf } : {};
    const again = limited ? (retryAfter ?? reset) : null;
    const refused = { valid: false as const, code: code as Refused['code'], ...about, ...moment, ...included(json) };
    return { ...refused, requestId, retryAfterSeconds: again };
  }
  if (typeof asOf !== 'string' || !facts.every(([name, check]) => check(json[name]))) {
    return unavailable('UNREADABLE', requestId);
  }
  return { valid: true, code, ...(told(json) as KeyFacts), asOf, requestId, ...included(json) };
}

/** @param key never in what is handed back, whatever the answer holds. */
export function readAnswer({ status, retryAfter, text }: Received, key: string): Outcome {
  const json = parse(text);
  const after = secondsOf(retryAfter);
  const id = json.requestId;
  const holdsKey = (text: string): boolean => key !== '' && text.includes(key);
  const requestId = typeof id === 'string' && REQUEST_ID.test(id) && !holdsKey(id) ? id : null;
  if (status === 200) return readVerdict(json, requestId, after);
  // Whoever sends a request that is too large must not be taken for an outage: that may be asked to let him pass.
  if (status === 400 || status === 413) {
    const { path, message } = json;
    const member = Array.isArray(path) ? path.filter((part) => typeof part === 'string' && MEMBER.test(part)) : [];
    const isQuotable = typeof message === 'string' && message.length <= MAX_MESSAGE && !holdsKey(message);
    const said = isQuotable ? message : 'the verifier does not take this request';
    return { valid: false, code: 'INVALID_INPUT', path: member as string[], message: said, requestId };
  }
  if (status === 401) return unavailable('UNAUTHENTICATED', requestId);
  if (status === 503 && json.code === 'STALE') return unavailable('STALE', requestId, after);
  return unavailable(status >= 500 ? 'FAILED' : 'UNREADABLE', requestId, after);
}
