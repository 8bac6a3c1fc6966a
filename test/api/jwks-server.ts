// An identity provider's key server on a loopback port, for tests: counts what is fetched, and can be slow, huge or broken.
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';

export interface JwksServer {
  readonly url: string;
  readonly fetches: () => number;
  /** How the next answers are made; default: the keys. */
  behave(answer: (response: ServerResponse) => void): void;
  /** Serves these keys from now on. */
  serve(keys: readonly JWK[]): void;
  close(): Promise<void>;
}

export async function startJwksServer(keys: readonly JWK[]): Promise<JwksServer> {
  let fetches = 0;
  let served = keys;
  const good = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: served }));
  };
  let answer = good;
  const server = createServer((_, response) => {
    fetches += 1;
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    fetches: () => fetches,
    behave(next) {
      answer = next;
    },
    serve(next) {
      served = next;
      answer = good;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function signingKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Signs claims with a key; header members given here win, `undefined` takes one away. */
export async function sign(
  { alg, kid, privateKey }: SigningKey,
  claims: JWTPayload,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const merged: [string, unknown][] = Object.entries({ alg, kid, typ: 'at+jwt', ...header });
  return new SignJWT(claims)
    .setProtectedHeader(
      Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as unknown as JWTHeaderParameters,
    )
    .sign(privateKey);
}
