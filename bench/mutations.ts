// Mutations through the API until they are projected: one client's latency, and the throughput of 64 clients.
import { createApiClient, documentOf } from './api-client.ts';
import { WORKSPACE } from './dataset.ts';
import type { Environment } from './environment.ts';
import { load, median, percentile, posts, round, startServer, type Row } from './report.ts';

const ASKED = 'position key { keyId }';
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
  const client = createApiClient(server.url, token);
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) times.push((await client.mutate('createKey', input, ASKED)).ms);
  client.close();
  const measured = times.slice(50);
  const body = JSON.stringify({ query: documentOf('createKey', ASKED), variables: { input } });
  const requests = posts('/graphql', [body], { authorization: `Bearer ${token}` });
  const loads = [];
  for (let i = 0; i < 3; i++) loads.push(await load({ url: server.url, connections: 64, seconds: 5, requests }));
  await server.stop();
  return [
    {
      what: `mutation to PROJECTED, ${where}, one client`,
      measured: `p50 ${round(median(measured))} ms, p99 ${round(percentile(measured, 99))} ms`,
      ratio: null,
      target: targets.latency,
      rounds: `${measured.length} calls`,
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
