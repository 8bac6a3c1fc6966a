// What stands behind the gateways: a server that answers each request with what it has seen of it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the upstream has got it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  /** As they came, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Upstream {
  readonly port: number;
  /** How many requests have come through. */
  count(): number;
  stop(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = request.rawHeaders;
      const seen: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1] ?? ''] as const] : [])),
        body: Buffer.concat(chunks).toString('base64'),
      };
      // Its own refusals are none of the gateway's: they reach the client as they are.
      const status = Number(new URL(seen.url, 'http://x').searchParams.get('status') ?? 200);
      response.writeHead(status, { 'content-type': 'application/json', 'x-upstream': 'yes' });
      response.end(JSON.stringify(seen));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
