// An issuer of our own, Ed25519: the embedded installation's, and the one for trying the split processes. Its tokens
// live for an hour and say who may do what; whoever can read its key can be anybody, so the key's file is private.
import { createLocalJWKSet, importJWK, SignJWT, type JWK } from 'jose';
import type { IssuerKey } from '../shared/data-folder.ts';
import type { AccessClaim } from './claim.ts';
import type { TrustedIssuer } from './identity.ts';

export interface LocalIssuerOptions {
  readonly key: IssuerKey;
  /** `iss`; default: a name that follows from the key. */
  readonly issuer?: string;
  readonly audience?: string;
  readonly typ?: string;
  /** AUTH_CLAIM */
  readonly claim: string;
  /** Milliseconds. */
  readonly clock?: () => number;
}

/** Whom a token speaks for. */
export interface MintedCaller extends AccessClaim {
  readonly subject: string;
  /** Absent: the token names none. */
  readonly email?: string;
  /** How long it lives; default: an hour. */
  readonly seconds?: number;
}

export interface LocalIssuer {
  readonly trusted: TrustedIssuer;
  /** The public half, as a JWKS serves it. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** A signed-in caller's token. */
  mint(caller: MintedCaller): Promise<string>;
}

const ALGORITHM = 'EdDSA';
export const TOKEN_SECONDS = 3600;

export function createLocalIssuer(options: LocalIssuerOptions): LocalIssuer {
  const { key, claim, clock = Date.now } = options;
  const { issuer = `urn:keyfold:local:${key.kid}`, audience = 'keyfold', typ = 'at+jwt' } = options;
  const { kty, crv, x, kid } = key;
  const jwks = { keys: [{ kty, crv, x, kid, alg: ALGORITHM, use: 'sig' }] };
  return {
    jwks,
    trusted: { issuer, audience, typ, keys: createLocalJWKSet(jwks) },
    async mint({ subject, email, seconds = TOKEN_SECONDS, workspaces, operator }) {
      const now = Math.floor(clock() / 1000);
      return new SignJWT({ [claim]: { workspaces, operator }, ...(email === undefined ? {} : { email }) })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(now)
        .setExpirationTime(now + seconds)
        .sign(await importJWK(key, ALGORITHM));
    },
  };
}
