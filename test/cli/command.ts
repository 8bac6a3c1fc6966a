// Runs the `keyfold` command in this process against stub servers, for tests: what it prints, and its exit code.
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Serve } from '../../services/cli/serve.ts';
import { PLAIN_SETTINGS } from '../fakes/plain-key.ts';
import { cli } from '../support/cli.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly serve?: Serve;
}

export async function keyfold(argv: readonly string[], { env = {}, input = '', serve }: RunOptions = {}): Promise<Ran> {
  const { code, stdout: out, stderr: err } = await cli(argv, env, input, serve);
  return { code, out, err };
}

/** A request as a stub server saw it. */
export interface Seen {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: { readonly query?: string; readonly variables?: Readonly<Record<string, unknown>> } & Readonly<
    Record<string, unknown>
  >;
}

export interface Stub {
  readonly url: string;
  readonly seen: Seen[];
  /** How the next requests are answered; `null` cuts the connection. */
  answer: (request: Seen) => { readonly status?: number; readonly body: unknown } | null;
  close(): Promise<void>;
}

export async function startStub(): Promise<Stub> {
  const stub: Stub = {
    url: '',
    seen: [],
    answer: () => ({ body: {} }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    void readJson(request).then((body) => {
      const seen = { path: request.url ?? '', authorization: request.headers.authorization, body };
      stub.seen.push(seen);
      const answer = stub.answer(seen);
      if (answer === null) response.destroy();
      else
        response
          .writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer.body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(stub, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function readJson(request: IncomingMessage): Promise<Seen['body']> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Seen['body'];
}

/** A key as the API answers it. */
export const KEY = {
  ...PLAIN_SETTINGS,
  keyId: 'key_0000000000000000000001',
  workspaceId: 'demo',
  keyspace: { slug: 'default', version: 1 },
  version: 1,
  name: 'first',
  description: null,
  owner: null,
  tags: [],
  metadata: null,
  status: 'ACTIVE',
  quarantined: false,
  scopes: ['a', 'b'],
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: { kind: 'USER', id: 'cli' },
  lastRotatedAt: null,
  previousSecret: null,
  revocation: null,
  actions: ['VIEW'],
};
