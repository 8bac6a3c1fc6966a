// An organisation's identity provider (oidc-provider) on a loopback port, for tests: everybody who comes is signed in at
// once, as whom the test says, or turned away.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export const AUDIENCE = 'https://keys.example.com/api';
export const CLIENT = { id: 'keyfold-console', secret: 'a-client-secret-that-only-tests-know' } as const;

/** Whom the provider signs in next, and what its access tokens say. */
export interface Person {
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly jwksUrl: string;
  person: Person | 'denied';
  /** Of access tokens. */
  format: 'jwt' | 'opaque';
  /** Answers in the provider's place; `false`: it answers itself. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Paths that were asked for, so far. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** @param method how the client shows its secret. */
export async function startIdentityProvider(
  redirectUri: string,
  method: 'client_secret_basic' | 'client_secret_post' = 'client_secret_basic',
): Promise<IdentityProvider> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const asked: string[] = [];
  const self: IdentityProvider = {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    person: 'denied',
    format: 'jwt',
    instead: () => false,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const resource = {
    scope: '',
    audience: AUDIENCE,
    accessTokenTTL: 600,
    jwt: { sign: { alg: 'RS256' } },
  };
  const provider: Provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] },
        token_endpoint_auth_method: method,
      },
    ],
    clientAuthMethods: [method],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'idp-1', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['for tests'] },
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ ...resource, accessTokenFormat: self.format }),
      },
    },
    extraTokenClaims: () => (self.person === 'denied' ? {} : self.person.claims),
    async loadExistingGrant({ oidc }: { oidc: { client: { clientId: string }; session: { accountId: string } } }) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid');
      grant.addResourceScope(AUDIENCE, '');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''}`);
    if (self.instead(request, response)) return;
    if (!request.url?.startsWith('/interaction/')) {
      answer(request, response);
      return;
    }
    const { person } = self;
    const result =
      person === 'denied'
        ? { error: 'access_denied', error_description: 'not today' }
        : { login: { accountId: person.subject } };
    provider.interactionFinished(request, response, result).catch(() => response.destroy());
  });
  return self;
}
