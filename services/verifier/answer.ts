// The body of an answer, assembled by hand of few pieces: the shape is fixed, and most of it is text that was made before.
// A verdict that tells of no key (MALFORMED, NOT_FOUND, too many such) tells nothing about any, not even by its shape.
import type { Details } from './details.ts';
import type { KeyRecord } from './found-key.ts';
import type { Holder } from './holders.ts';
import { isoTime } from './iso-time.ts';
import type { Allowance } from './judge.ts';
import { inOnePiece } from './one-piece.ts';
import type { VerifyRequest } from './request.ts';
import { asciiJson } from './responses.ts';
import { CODES, tellsOfKey, type KnownCode, type Verdict, type VerifyCode } from './verify.ts';

/** What an answer says besides the verdict. */
export interface AnswerContext {
  /** RFC 3339; see {@link Freshness.asOf}. */
  readonly asOf: string;
  /** Letters, digits and . _ - only. */
  readonly requestId: string;
  readonly include?: VerifyRequest['include'];
  /** `null`: none, or the store is away. */
  readonly details?: Details | null;
  /** Of the key's rate limit; `null`: it has none, or the verdict was known without it. */
  readonly allowance?: Allowance | null;
}

const start = (code: VerifyCode): string => `{"valid":${code === 'VALID'},"code":"${code}","keyId":`;
const STARTS = new Map<VerifyCode, string>(CODES.map((code) => [code, inOnePiece(`${start(code)}"`)]));

const UNKNOWN =
  'null,"workspaceId":null,"keyspace":null,"keyspaceVersion":null,"type":null,"environment":null,' +
  '"scopes":[],"unrestricted":false,"resources":{"all":false,"ids":[]},"flags":[],"owner":null,"expiresAt":null,' +
  '"rateLimit":null,"version":null';

const NO_LIMIT = ',"rateLimit":null,"version":';
const NEVER = inOnePiece(`,"expiresAt":null${NO_LIMIT}`);
const EXPIRES = ',"expiresAt":"';

/** `expiresAt` and `rateLimit`. */
function bounds(expiresAt: number, allowance: Allowance | null): string {
  if (allowance === null) return expiresAt === Infinity ? NEVER : `${EXPIRES}${isoTime(expiresAt)}"${NO_LIMIT}`;
  const { limit, remaining, resetAt, degraded } = allowance;
  const expires = expiresAt === Infinity ? ',"expiresAt":null' : `${EXPIRES}${isoTime(expiresAt)}"`;
  const left = `"remaining":${remaining},"resetAt":"${isoTime(resetAt)}","degraded":${degraded}`;
  return `${expires},"rateLimit":{"limit":${limit},${left}},"version":`;
}

const ownerJson = ({ ownerId, ownerIsPlain }: Holder): string =>
  ownerId === null ? 'null' : ownerIsPlain ? `"${ownerId}"` : asciiJson(ownerId);

/** Ids and times need no escaping: their schemas let nothing through that would. */
function known(code: KnownCode, record: KeyRecord, allowance: Allowance | null): string {
  const { keyId, workspaceId, policy, expiresAt, version } = record;
  const key = `${STARTS.get(code) ?? ''}${keyId}","workspaceId":"${workspaceId}${policy.described}${ownerJson(record)}`;
  return `${key}${bounds(expiresAt, allowance)}${version}`;
}

let asOfBefore = '';
let endBefore = '';

/** What follows the key, up to the request's id: the same for as long as a proof is the newest. */
function endOf(asOf: string): string {
  if (asOf !== asOfBefore) {
    asOfBefore = asOf;
    endBefore = inOnePiece(`,"asOf":"${asOf}","requestId":"`);
  }
  return endBefore;
}

function included(include: VerifyRequest['include'], details: Details | null): string {
  if (include === undefined) return '"}';
  const members = [...new Set(include)].map((name) => `,"${name}":${asciiJson(details?.[name] ?? null)}`);
  return `"${members.join('')}}`;
}

/** JSON in ASCII, in the contract's order of members. */
export function answerBody(verdict: Verdict, context: AnswerContext): string {
  const { asOf, requestId, include, details = null, allowance = null } = context;
  const told = tellsOfKey(verdict);
  const key = told ? known(verdict.code, verdict.record, allowance) : start(verdict.code) + UNKNOWN;
  return key + endOf(asOf) + requestId + included(include, told ? details : null);
}
