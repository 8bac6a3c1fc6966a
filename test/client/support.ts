// Services behind the guards, one per framework and alike, and servers that are no verifier. Closed after each test.
import { serve as serveHono } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import type { GuardOptions } from '../../services/client/guard.ts';
import { findKey, guardExpress, guardFastify, guardHono, guardHttp } from '../../services/client/index.ts';
import type { HttpGuardOptions, VerifierClient } from '../../services/client/index.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** Options that fit every framework: their functions look at nothing of a request. */
export type Options = GuardOptions<object> & Pick<HttpGuardOptions, 'onError'>;
export type Start = (client: VerifierClient, options: Options) => Promise<number>;

async function listen(server: Server): Promise<number> {
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What every handler answers: who it was, as the guard tells. */
const whoOf = (request: object) => {
  const key = findKey(request);
  return { reached: true, keyId: key?.keyId ?? null, scopes: key?.scopes ?? null };
};

export const FRAMEWORKS: Readonly<Record<string, Start>> = {
  'node:http': (client, options) =>
    listen(
      createServer(guardHttp(client, options, (request, response) => response.end(JSON.stringify(whoOf(request))))),
    ),
  Express: (client, options) => {
    const app = express();
    app.use('/orders', guardExpress(client, options), (request, response) => void response.json(whoOf(request)));
    const failed: express.ErrorRequestHandler = (error, _request, response, next) => {
      options.onError?.(error as Error);
      if (response.headersSent) next(error);
      else response.status(500).json({ code: 'INTERNAL' });
    };
    app.use(failed);
    return listen(createServer(app as RequestListener));
  },
  Fastify: async (client, options) => {
    const app = fastify();
    app.setErrorHandler((error, _request, reply) => {
      options.onError?.(error as Error);
      return reply.code(500).send({ code: 'INTERNAL' });
    });
    app.all('/orders*', { onRequest: guardFastify(client, options) }, (request) => whoOf(request));
    await app.listen({ host: '127.0.0.1', port: 0 });
    closing.push(() => app.close());
    return (app.server.address() as AddressInfo).port;
  },
  Hono: async (client, options) => {
    const app = new Hono();
    app.onError((error, context) => {
      options.onError?.(error);
      return context.json({ code: 'INTERNAL' }, 500);
    });
    app.all('/orders/*', guardHono(client, options), (context) => context.json(whoOf(context)));
    const server = serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
    if (!server.listening) await once(server, 'listening');
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  },
};

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Ask {
  readonly path?: string;
  readonly method?: string;
  /** A list sends the header as often. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export function ask(port: number, { path = '/orders', method = 'GET', headers = {} }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

export const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

/** A server in the verifier's place; answers its URL. */
export async function impostor(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}

/** One that answers every question alike. */
export const answering = (status: number, body: string, headers: Record<string, string> = {}): Promise<string> =>
  impostor((request, response) => {
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  });

/** Where nobody listens. */
export async function nowhere(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** The answer of a verifier, for what no real one says at will. */
export const verdict = (members: object): string =>
  JSON.stringify({
    ...{ valid: true, code: 'VALID', keyId: 'key_1', workspaceId: 'acme', keyspace: 'default', keyspaceVersion: 1 },
    ...{ type: 'secret', environment: null, scopes: [], unrestricted: false, resources: { all: true, ids: [] } },
    ...{ flags: [], owner: null, expiresAt: null, rateLimit: null, version: 1 },
    ...{ asOf: '2026-01-01T00:00:00.000Z', requestId: 'r1' },
    ...members,
  });
