// Signing in at the organisation's identity provider: authorization code + PKCE, state and nonce, by openid-client. What comes
// of it is an access token for this API, which is then verified like any other.
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type ClientAuth,
  type Configuration,
} from 'openid-client';

export interface OidcOptions {
  /** AUTH_ISSUER: discovery tells the rest. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the authorization request says besides: scope, and for whom the access token is. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly redirectUri: string;
  /** Seconds; for tests. */
  readonly timeoutSeconds?: number;
  /** Monotonic milliseconds; for tests. */
  readonly clock?: () => number;
}

/** What a browser keeps until it comes back. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Why nobody was signed in; the sign-in page shows it. */
export type OidcFailure =
  /** By whoever wanted to sign in, or by the provider. */
  | 'access_denied'
  /** The browser has been away for too long, or did not begin here. */
  | 'expired'
  /** What the provider answered does not hold. */
  | 'refused'
  /** The access token is none for this installation. */
  | 'not_accepted'
  | 'unavailable';

export class OidcError extends Error {
  readonly failure: OidcFailure;

  constructor(failure: OidcFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
  }
}

/** @throws {@link OidcError} from both. */
export interface Oidc {
  start(): Promise<{ readonly url: URL; readonly pending: PendingSignIn }>;
  /** @param callback the address that the provider has sent the browser to. @returns the access token. */
  finish(callback: URL, pending: PendingSignIn): Promise<string>;
}

const TIMEOUT_S = 5;
const CLOCK_TOLERANCE_S = 45;
/** How long what discovery told is believed. */
const KNOWN_MS = 3_600_000;

export function createOidc(options: OidcOptions): Oidc {
  const { issuer, parameters, redirectUri, clock = () => performance.now() } = options;
  let known: { readonly configuration: Configuration; readonly until: number } | null = null;

  async function configuration(): Promise<Configuration> {
    if (known !== null && clock() < known.until) return known.configuration;
    try {
      const found = await discover(options);
      known = { configuration: found, until: clock() + KNOWN_MS };
      return found;
    } catch (error) {
      throw new OidcError('unavailable', 'the identity provider could not be discovered (AUTH_ISSUER)', error);
    }
  }

  return {
    async start() {
      const config = await configuration();
      const pending = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        ...parameters,
        redirect_uri: redirectUri,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      });
      if (url.origin !== new URL(issuer).origin && url.protocol !== 'https:')
        throw new OidcError('refused', 'the identity provider names an authorization endpoint that is not https');
      return { url, pending };
    },
    async finish(callback, { state, nonce, verifier }) {
      const config = await configuration();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      // RFC 8707: a token for this resource, of those that were asked for.
      const { resource } = parameters;
      try {
        const tokens = await authorizationCodeGrant(
          config,
          callback,
          checks,
          resource === undefined ? {} : { resource },
        );
        return tokens.access_token;
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}

function discover({ issuer, clientId, clientSecret, timeoutSeconds = TIMEOUT_S }: OidcOptions): Promise<Configuration> {
  const server = new URL(issuer);
  const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
  const byWhatIsTaken: ClientAuth = (as, ...rest) => {
    const { token_endpoint_auth_methods_supported: taken = ['client_secret_basic'] } = as;
    (taken.includes('client_secret_basic') ? basic : post)(as, ...rest);
  };
  const metadata = { client_secret: clientSecret, [clockTolerance]: CLOCK_TOLERANCE_S };
  return discovery(server, clientId, metadata, byWhatIsTaken, {
    timeout: timeoutSeconds,
    // On a loopback address of this machine alone: the settings take no other http.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated so that it is not used without need
    execute: server.protocol === 'http:' ? [allowInsecureRequests] : [],
  });
}

function failureOf(error: unknown): OidcError {
  if (error instanceof AuthorizationResponseError) {
    const failure = error.error === 'access_denied' ? 'access_denied' : 'refused';
    return new OidcError(failure, 'the identity provider has signed nobody in', error);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isAway = error instanceof TypeError || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT';
  return isAway
    ? new OidcError('unavailable', 'the identity provider did not answer', error)
    : new OidcError('refused', 'what the identity provider answered was refused', error);
}
