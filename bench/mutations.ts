// Mutations through the API until they are projected: one client's latency, and the throughput of 64 clients.
import { Agent, request } from 'node:http';
import { WORKSPACE } from './dataset.ts';
import type { Environment } from './environment.ts';
import { load, median, round, startServer, type Row } from './report.ts';

const MUTATION = `mutation Create($input: CreateKeyInput!) {
  createKey(input: $input) { __typename ... on CreateKeyPayload { position key { keyId } } } }`;
const CALLS = 300;

export interface Targets {
  readonly latency: string;
  readonly throughput: string;
}

export async function mutations(
  where: string,
  environment: Environment,
  token: string,
  targets: Targets,
): Promise<readonly Row[]> {
  const server = await startServer('keyfold', { ...environment, BENCH_SERVICE: 'api' });
  const input = { workspaceId: WORKSPACE, keyspace: 'default', name: 'Made by the benchmark', scopes: ['orders:read'] };
  const body = JSON.stringify({ query: MUTATION, variables: { input } });
  const headers = { authorization: `Bearer ${token}` };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) times.push(await timed(agent, `${server.url}/graphql`, headers, body));
  agent.destroy();
  const sorted = times.slice(50).toSorted((a, b) => a - b);
  const loads = [];
  for (let i = 0; i < 3; i++)
    loads.push(await load({ url: server.url, path: '/graphql', connections: 64, seconds: 5, headers, bodies: [body] }));
  await server.stop();
  return [
    {
      what: `mutation to PROJECTED, ${where}, one client`,
      measured: `p50 ${round(median(sorted))} ms, p99 ${round(sorted[Math.floor(sorted.length * 0.99)] ?? 0)} ms`,
      ratio: null,
      target: targets.latency,
      rounds: `${sorted.length} calls`,
    },
    {
      what: `mutations to PROJECTED, ${where}, 64 clients`,
      measured: `${round(median(loads.map(({ perSecond }) => perSecond)), 0)}/s, p50 ${round(median(loads.map(({ p50Ms }) => p50Ms)))} ms`,
      ratio: null,
      target: targets.throughput,
      rounds: loads.map(({ perSecond }) => round(perSecond, 0)).join(' '),
    },
  ];
}

function timed(agent: Agent, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const outgoing = request(
      url,
      { agent, method: 'POST', headers: { ...headers, 'content-type': 'application/json' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (text.includes('CreateKeyPayload')) resolve(performance.now() - start);
          else reject(new Error(text));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
