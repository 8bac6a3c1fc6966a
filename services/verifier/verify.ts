// verify: what a key may do now. Pure: the request, what is known of keys, and the moment go in, the verdict comes out.
// Codes are tried in the contract's order, and the first that applies is the answer.
import { isWellFormed } from './credential.ts';
import type { FoundKey, KeyRecord } from './found-key.ts';
import { compilePermission } from './permission.ts';
import type { VerifyRequest } from './request.ts';

/** The outcomes of a check that tell of a key. */
export const CODES = [
  'REVOKED',
  'QUARANTINED',
  'DISABLED',
  'EXPIRED',
  'WRONG_KEYSPACE',
  'WRONG_ENVIRONMENT',
  'IP_NOT_ALLOWED',
  'ORIGIN_NOT_ALLOWED',
  'INSUFFICIENT_SCOPE',
  'RESOURCE_NOT_ALLOWED',
  'RATE_LIMITED',
  'VALID',
] as const;
export type KnownCode = (typeof CODES)[number];
export type VerifyCode = 'MALFORMED' | 'NOT_FOUND' | KnownCode;

/** Which of a key's secrets was shown. */
export type SecretUsed = 'CURRENT' | 'PREVIOUS' | 'RETIRED';

/** What a check asks for. */
export type Check = Pick<
  VerifyRequest,
  'key' | 'keyspace' | 'scopes' | 'permission' | 'resource' | 'flags' | 'origin' | 'ip' | 'environment'
>;

/** What is asked of a key, whichever it is. */
export type Ask = Omit<Check, 'key'>;

/** What a check asks of the view. */
export interface Lookup {
  /** By the text of a well-formed key; `null`: no key has, or ever had, this secret. */
  find(text: string): FoundKey | null;
  isQuarantined(keyId: string): boolean;
}

export type Verdict =
  | { readonly code: 'MALFORMED' }
  /** Whose key it was before it was deleted or its secret retired, and by which secret; for the log, never for an answer. */
  | { readonly code: 'NOT_FOUND'; readonly record: KeyRecord | null; readonly secret: SecretUsed | null }
  /** In place of the two above, where an address has sent too many such keys: nothing is told of any key either. */
  | {
      readonly code: 'RATE_LIMITED';
      readonly record: KeyRecord | null;
      readonly secret: SecretUsed | null;
      readonly untold: true;
    }
  | ToldVerdict;

/** A verdict that tells of a key. */
export interface ToldVerdict {
  readonly code: KnownCode;
  readonly record: KeyRecord;
  readonly secret: SecretUsed;
  readonly untold?: never;
}

export const tellsOfKey = (verdict: Verdict): verdict is ToldVerdict =>
  verdict.code !== 'MALFORMED' && verdict.code !== 'NOT_FOUND' && verdict.untold !== true;

const MALFORMED: Verdict = { code: 'MALFORMED' };
const UNKNOWN: Verdict = { code: 'NOT_FOUND', record: null, secret: null };

/**
 * All that needs no count of calls: `RATE_LIMITED` is the judge's.
 *
 * @param now effective now (L11), epoch milliseconds.
 */
export function verify(check: Check, lookup: Lookup, now: number): Verdict {
  if (!isWellFormed(check.key)) return MALFORMED;
  const found = lookup.find(check.key);
  return found === null ? UNKNOWN : verdictOn(found, check, lookup, now);
}

/** {@link verify} of a key that is found: what recomputing a verdict begins with, since no log holds the text of a key. */
export function verdictOn(found: FoundKey, check: Ask, lookup: Pick<Lookup, 'isQuarantined'>, now: number): Verdict {
  const { record } = found;
  const secret = secretUsed(found, now);
  if (record.status === 'DELETED' || secret === 'RETIRED') return { code: 'NOT_FOUND', record, secret };
  return { code: judge(check, record, lookup, now), record, secret };
}

// V3: the index leads from every hash to its key; only the key says which of them are good.
function secretUsed({ secret, retiresAt }: FoundKey, now: number): SecretUsed {
  return secret === 'PREVIOUS' && now >= retiresAt ? 'RETIRED' : secret;
}

function judge(
  check: Ask,
  { keyId, status, policy, expiresAt }: KeyRecord,
  lookup: Pick<Lookup, 'isQuarantined'>,
  now: number,
): KnownCode {
  const { keyspace, environment, origin, resource } = check;
  if (status === 'REVOKED') return 'REVOKED';
  if (lookup.isQuarantined(keyId)) return 'QUARANTINED';
  if (status === 'DISABLED') return 'DISABLED';
  if (expiresAt <= now) return 'EXPIRED';
  if (keyspace !== undefined && keyspace !== policy.keyspace) return 'WRONG_KEYSPACE';
  if (environment !== undefined && environment !== policy.environment) return 'WRONG_ENVIRONMENT';
  // A key that is restricted by address or origin is refused when the caller's is not told.
  if (policy.fromAddress !== null && !isFrom(policy.fromAddress, check)) return 'IP_NOT_ALLOWED';
  if (policy.fromOrigin !== null && (origin === undefined || !policy.fromOrigin(origin))) return 'ORIGIN_NOT_ALLOWED';
  if (!hasPermissions(check, policy)) return 'INSUFFICIENT_SCOPE';
  if (resource !== undefined && !mayReach(resource, policy)) return 'RESOURCE_NOT_ALLOWED';
  return 'VALID';
}

/** Asks for the address only here: for some callers finding it is work. */
function isFrom(allowed: (address: string) => boolean, { ip }: Ask): boolean {
  return ip !== undefined && allowed(ip);
}

function hasPermissions({ scopes, permission, flags, resource }: Ask, policy: KeyRecord['policy']): boolean {
  if (scopes?.every(policy.grants) === false) return false;
  if (permission !== undefined && !compilePermission(permission)(policy.grants)) return false;
  if (flags?.every(policy.hasFlag) === false) return false;
  // A resource is reached only under its own type's scope, listed or not.
  const needed = resource === undefined ? null : policy.neededScope(resource.type);
  return needed === null || needed === undefined || policy.grants(needed);
}

function mayReach({ type, id }: { readonly type: string; readonly id: string }, policy: KeyRecord['policy']): boolean {
  return policy.neededScope(type) !== undefined && policy.reaches(id);
}
