// Who asks: a JWT of a trusted issuer, with everything pinned that jose leaves open when it is called plainly, an API key,
// or who is signed in to the console. A credential that fails any check is nobody's, and one that cannot be checked now is refused with another answer.
import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Caller } from '../../schema/context.ts';
import { onlyHeader } from '../shared/headers.ts';
import { accessClaim, email, subject } from './claim.ts';
import { credentialOf } from './credential.ts';
import { createIdentityCache } from './identity-cache.ts';
import type { CheckedCall, KeyIdentityService } from './key-identity.ts';
import { KeysUnavailableError } from './remote-keys.ts';
import type { SessionIdentityService } from './session-identity.ts';

/** An issuer whose tokens are accepted. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** The header `typ` that its access tokens carry. */
  readonly typ: string;
  readonly keys: JWTVerifyGetKey;
}

/** Who a credential speaks for. */
export type Identity = Omit<Caller, 'ip' | 'userAgent'>;

export type Authentication =
  | { readonly ok: true; readonly identity: Identity }
  /** `UNAVAILABLE`: the credential cannot be checked now. */
  /** `FORBIDDEN`: with the console's cookie, but not from one of its pages. */
  /** `CONFLICT`: the cookie is somebody else's than the page's that asks. */
  | { readonly ok: false; readonly code: 'UNAUTHENTICATED' | 'UNAVAILABLE' | 'FORBIDDEN' | 'CONFLICT' }
  | { readonly ok: false; readonly code: 'RATE_LIMITED'; readonly retryAfterSeconds: number };

export interface IdentityOptions {
  readonly issuers: readonly TrustedIssuer[];
  /** AUTH_CLAIM */
  readonly claim: string;
  /** AUTH_MAX_TOKEN_AGE, in milliseconds. */
  readonly maxTokenAgeMs: number;
  /** Absent: no key is a caller. */
  readonly keys?: KeyIdentityService;
  /** Absent: nobody is signed in to a console. */
  readonly sessions?: SessionIdentityService;
  /** Milliseconds; for tests. */
  readonly clock?: () => number;
}

export interface IdentityService {
  /**
   * Never throws, never lets anybody in whom it is not sure of.
   *
   * @param ip the client's address; absent: not known.
   * @param call what the credential is used for; absent: it is looked at again, which no session counts as use of it.
   */
  authenticate(
    rawHeaders: readonly string[],
    query: URLSearchParams | null,
    ip?: string | null,
    call?: CheckedCall,
  ): Promise<Authentication>;
}

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** A clock that is 30 s off passes, one that is 61 s off does not. */
const CLOCK_TOLERANCE_S = 45;
const REFUSED = { ok: false, code: 'UNAUTHENTICATED' } as const;

export function createIdentityService(options: IdentityOptions): IdentityService {
  const { issuers, claim, maxTokenAgeMs, keys, sessions, clock = Date.now } = options;
  const known = createIdentityCache(clock);

  const verify = async (token: string): Promise<JWTPayload | null> => {
    // Which issuer to ask is read before anything is verified; jwtVerify then pins that very issuer.
    const named = decodeJwt(token).iss;
    const trusted = issuers.find(({ issuer }) => issuer === named);
    if (trusted === undefined) return null;
    const keyById: JWTVerifyGetKey = (header, jws) => {
      if (typeof header.kid !== 'string' || header.kid === '') throw new errors.JWSInvalid('a kid is needed');
      return trusted.keys(header, jws);
    };
    const { payload } = await jwtVerify(token, keyById, {
      issuer: trusted.issuer,
      audience: trusted.audience,
      typ: trusted.typ,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'iat', 'sub'],
      maxTokenAge: maxTokenAgeMs / 1000,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock()),
    });
    return payload;
  };

  return {
    async authenticate(rawHeaders, query, ip = null, call) {
      const credential = credentialOf(rawHeaders, query, sessions?.secretOf);
      if (credential === null) return REFUSED;
      if (credential.kind === 'key')
        return (
          keys?.authenticate(credential, { ip, origin: onlyHeader(rawHeaders, 'origin'), call: call ?? {} }) ?? REFUSED
        );
      if (credential.kind === 'session')
        return sessions?.authenticate(credential.secret, rawHeaders, call !== undefined) ?? REFUSED;
      const { token } = credential;
      const remembered = known.get(token);
      if (remembered !== null) return { ok: true, identity: remembered };
      try {
        const payload = await verify(token);
        const identity = payload === null ? null : readIdentity(payload, claim);
        if (payload === null || identity === null) return REFUSED;
        known.set(token, identity, refusedFrom(payload, maxTokenAgeMs));
        return { ok: true, identity };
      } catch (error) {
        return error instanceof KeysUnavailableError ? { ok: false, code: 'UNAVAILABLE' } : REFUSED;
      }
    },
  };
}

/** When a token that is good now is over: its end or its age, whichever comes first. */
function refusedFrom({ exp = 0, iat = 0 }: JWTPayload, maxTokenAgeMs: number): number {
  return Math.min(exp * 1000, iat * 1000 + maxTokenAgeMs) + CLOCK_TOLERANCE_S * 1000;
}

function readIdentity(payload: JWTPayload, claim: string): Identity | null {
  const sub = subject.safeParse(payload.sub);
  const access = accessClaim.safeParse(Object.hasOwn(payload, claim) ? payload[claim] : undefined);
  if (!sub.success || !access.success) return null;
  const mail = email.safeParse(payload.email);
  return {
    actor: { kind: 'user', id: sub.data },
    workspaces: new Map(Object.entries(access.data.workspaces)),
    operator: access.data.operator,
    email: mail.success ? mail.data : null,
  };
}
