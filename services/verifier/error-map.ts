// The error map: what a client is told whose key was refused, as its keyspace's profile says, else by default.
import type { Profile } from '../../events/keyspaces/profile.ts';
import type { VerifyCode } from './verify.ts';

export type RefusalCode = Exclude<VerifyCode, 'VALID'>;

/** How a check that was refused is answered. */
export interface MappedRefusal {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** MALFORMED is told by the keyspace's own headers. */
const DEFAULTS: Readonly<Record<RefusalCode, { readonly status: number; readonly message: string | null }>> = {
  MALFORMED: { status: 401, message: null },
  NOT_FOUND: { status: 401, message: 'this key is not known' },
  REVOKED: { status: 401, message: 'this key was revoked' },
  QUARANTINED: { status: 403, message: 'this key cannot be judged at present' },
  DISABLED: { status: 403, message: 'this key is disabled' },
  EXPIRED: { status: 401, message: 'this key has expired' },
  WRONG_KEYSPACE: { status: 403, message: 'this key is not for this API' },
  WRONG_ENVIRONMENT: { status: 403, message: 'this key is for another environment' },
  IP_NOT_ALLOWED: { status: 403, message: 'this key may not be used from this address' },
  ORIGIN_NOT_ALLOWED: { status: 403, message: 'this key may not be used from this origin' },
  INSUFFICIENT_SCOPE: { status: 403, message: 'this key lacks a permission that is needed here' },
  RESOURCE_NOT_ALLOWED: { status: 403, message: 'this key may not reach this' },
  RATE_LIMITED: { status: 429, message: 'too many requests: try again later' },
};

/**
 * A profile's entry decides over status, code and message, each where it is given; its `body` is the whole answer.
 *
 * @param advice which header the keyspace's keys are sent in; the message of `MALFORMED`.
 */
export function mapRefusal(
  code: RefusalCode,
  errors: Profile['errors'],
  { advice, requestId }: { readonly advice: string; readonly requestId: string },
): MappedRefusal {
  const byDefault = DEFAULTS[code];
  const mapped = errors[code];
  const told = {
    code: mapped?.code ?? code,
    message: mapped?.message ?? byDefault.message ?? advice,
    requestId,
  };
  return { status: mapped?.status ?? byDefault.status, body: JSON.stringify(mapped?.body ?? told) };
}
