// Signing in to the console, put together: sessions, their cookie, and the ways in that this installation has.
import type { Core } from '../core.ts';
import type { AddressSource } from '../shared/client-address.ts';
import { randomBytes } from '../shared/random-bytes.ts';
import type { Settings } from '../shared/settings.ts';
import { createIdentityService, type IdentityService } from './identity.ts';
import { createLocalIssuer } from './local-issuer.ts';
import { createOidc } from './oidc.ts';
import { CALLBACK_PATH, createOidcHttp } from './oidc-http.ts';
import { firstOf, type Route } from './routes.ts';
import { createConsoleCookies } from './session-cookie.ts';
import { createSessionHttp } from './session-http.ts';
import { createSessionIdentity, type SessionIdentityService } from './session-identity.ts';
import { createConsoleSessions } from './sessions.ts';
import { createSignInCodes } from './sign-in-codes.ts';
import { createSignInLinks, OWNER, type SignInLink, type SignInLinks } from './sign-in-links.ts';

export interface SigningInOptions {
  readonly clientAddress: (request: AddressSource) => string | null;
  /** Where the API listens; known once it does. */
  readonly address: () => string;
  /** What access tokens are verified by. */
  readonly identity: Pick<IdentityService, 'authenticate'>;
}

export interface SigningIn {
  readonly identity: SessionIdentityService;
  readonly route: Route;
  /** A link for who runs this; `null`: nobody signs in by one here. */
  link(): SignInLink | null;
}

export function createSigningIn(core: Core, { clientAddress, address, identity }: SigningInOptions): SigningIn {
  const { settings, store, now, logger, metrics } = core;
  const { publicUrl } = settings;
  const cookies = createConsoleCookies({ publicUrl, port: () => Number(new URL(address()).port) });
  const sessions = createConsoleSessions({ sessions: store.sessions, randomBytes, now, logger });
  const codes = core.issuerKey === null ? null : createSignInCodes({ randomBytes });
  const links = codes && createLinks(core, { codes, clientAddress, address });
  const http = createSessionHttp({
    sessions,
    cookies,
    codes,
    oidc: settings.oidc !== null,
    publicUrl,
    logger,
    metrics,
  });
  const oidc = createOidcRoute(settings, { sessions, cookies, identity, clientAddress, logger, metrics });
  return {
    identity: createSessionIdentity({ sessions, cookies, publicUrl }),
    route: firstOf(http, ...(links ? [links.route] : []), ...(oidc ? [oidc] : [])),
    link: () => links?.issue(OWNER) ?? null,
  };
}

function createOidcRoute(
  { auth, oidc: client, publicUrl }: Settings,
  options: Omit<Parameters<typeof createOidcHttp>[0], 'oidc' | 'publicUrl'>,
): Route | null {
  if (auth === null || client === null || publicUrl === null) return null;
  const { issuer } = auth;
  const oidc = createOidc({ issuer, ...client, redirectUri: `${publicUrl}${CALLBACK_PATH}` });
  return createOidcHttp({ ...options, oidc, publicUrl });
}

function createLinks(
  { settings, issuerKey }: Core,
  options: Pick<Parameters<typeof createSignInLinks>[0], 'codes' | 'clientAddress' | 'address'>,
): SignInLinks | null {
  if (issuerKey === null) return null;
  const { authClaim: claim, maxTokenAgeMs, publicUrl } = settings;
  const identity = createIdentityService({
    issuers: [createLocalIssuer({ key: issuerKey, claim }).trusted],
    claim,
    maxTokenAgeMs,
  });
  return createSignInLinks({ ...options, identity, publicUrl });
}
