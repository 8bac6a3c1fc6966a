// Mutations through the API until they are projected: the throughput of 64 clients, which the processor bounds, beside an
// HMAC alone, and one client's latency beside an append. Of a server that is warm: the first load does not count.
import { createApiClient, documentOf } from './api-client.ts';
import { WORKSPACE } from './dataset.ts';
import type { Environment } from './environment.ts';
import { appendMs, costOfHmac } from './floor.ts';
import { compare, load, median, percentile, posts, round, startServer, takeTurns, type Row } from './report.ts';

const ASKED = 'position key { keyId }';
const ROUNDS = 3;
const CALLS = 100;

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
  const body = JSON.stringify({ query: documentOf('createKey', ASKED), variables: { input } });
  const requests = posts('/graphql', [body], { authorization: `Bearer ${token}` });
  const throng = (): Promise<number> =>
    load({ url: server.url, connections: 64, seconds: 5, requests }).then(({ perSecond }) => perSecond);
  await throng();
  const turns = await takeTurns(ROUNDS, throng, () => Promise.resolve(costOfHmac()));

  const client = createApiClient(server.url, token);
  const times: number[] = [];
  const alone = async (): Promise<number> => {
    const calls: number[] = [];
    for (let i = 0; i < CALLS; i++) calls.push((await client.mutate('createKey', input, ASKED)).ms);
    times.push(...calls);
    return median(calls);
  };
  const latency = compare(await takeTurns(ROUNDS, alone, appendMs), (ms) => ms, 2);
  client.close();
  await server.stop();
  return [
    {
      what: `mutation to PROJECTED, ${where}, one client`,
      measured: `p50 ${round(median(times))} ms, p99 ${round(percentile(times, 99))} ms beside ${round(latency.b)} ms of an append alone`,
      ratio: round(latency.ratio, 0),
      target: targets.latency,
      rounds: latency.rounds,
    },
    {
      what: `mutations to PROJECTED, ${where}, 64 clients`,
      measured: `${round(median(turns.map(({ a }) => a)), 0)}/s beside ${round(median(turns.map(({ b }) => b)))} µs of an HMAC alone`,
      ratio: round(median(turns.map(({ a, b }) => 1e6 / a / b)), 0),
      target: targets.throughput,
      rounds: turns.map(({ a, b }) => `${round(a, 0)}:${round(b)}`).join(' '),
    },
  ];
}
