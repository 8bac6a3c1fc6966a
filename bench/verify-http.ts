// Verification over HTTP beside a bare node:http server that answers the same status, headers and bytes: checks by POST,
// and forward-auth as Caddy asks.
import type { Folder } from './environment.ts';
import { compare, load, posts, round, startServer, takeTurns, type LoadRequest, type Row } from './report.ts';

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 32;
const SHOWN = 200;

/** A verifier that answers, wherever its keys came from. */
interface Verifying {
  readonly url: string;
  /** Of keys that are good and may read orders. */
  readonly secrets: readonly string[];
  /** Of the rows: what it holds, and what runs beside it in its process. */
  readonly described: string;
}

interface Targets {
  readonly throughput: string;
  readonly p99: string;
}

/** The verifier of a folder as a process of its own. */
export const verifyOverHttp = (folder: Folder, keys: number): Promise<readonly Row[]> =>
  verifyBy('verifier', folder, `${keys} keys`);

/** The same with all other services in its process. */
export const verifyAllInOne = (folder: Folder, keys: number): Promise<readonly Row[]> =>
  verifyBy('keyfold', folder, `${keys} keys, all in one process`);

async function verifyBy(server: string, { environment, secrets }: Folder, described: string): Promise<readonly Row[]> {
  const started = await startServer(server, { ...environment, BENCH_SERVICE: 'verifier' });
  try {
    return await verifyBesideBare({ url: started.url, secrets, described });
  } finally {
    await started.stop();
  }
}

async function verifyBesideBare({ url, secrets, described }: Verifying): Promise<readonly Row[]> {
  const shown = secrets.slice(0, SHOWN);
  const checks = shown.map((key) => JSON.stringify({ key, scopes: ['orders:read'] }));
  const forwarded = shown.map((key, n): LoadRequest => {
    const original = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': `/orders/${n}`, 'x-forwarded-for': '192.0.2.7' };
    return {
      method: 'GET',
      path: '/v1/forward-auth/caddy?keyspace=default&scope=orders:read',
      headers: { authorization: `Bearer ${key}`, 'user-agent': 'curl/8.0', ...original },
    };
  });
  return [
    ...(await beside(`POST /v1/verify, ${described}`, url, posts('/v1/verify', checks), {
      throughput: '≥ 0.8',
      p99: '< 1.3',
    })),
    ...(await beside(`GET /v1/forward-auth/caddy, ${described}`, url, forwarded, {
      throughput: '≥ 0.85',
      p99: '< 1.3',
    })),
  ];
}

async function beside(
  what: string,
  url: string,
  requests: readonly LoadRequest[],
  targets: Targets,
): Promise<readonly Row[]> {
  const answer = await expectValid(url, requests);
  const bare = await startServer('bare', {
    BENCH_STATUS: String(answer.status),
    BENCH_HEADERS: JSON.stringify(answer.headers.flat()),
    BENCH_ANSWER: answer.body,
  });
  const [first] = requests;
  if (!first || sizes(await ask(bare.url, first)) !== sizes(answer))
    throw new Error('the bare server answers otherwise');
  const against = (server: string) => () => load({ url: server, connections: CONNECTIONS, seconds: SECONDS, requests });
  const turns = await takeTurns(ROUNDS, against(url), against(bare.url));
  await bare.stop();
  // No load is to run into a limit: then refusals would be measured.
  await expectValid(url, requests);
  const throughput = compare(turns, ({ perSecond }) => perSecond);
  const p99 = compare(turns, ({ p99Ms }) => p99Ms, 2);
  return [
    {
      what,
      measured: `${round(throughput.a, 0)}/s beside ${round(throughput.b, 0)}/s of bare node:http`,
      ratio: round(throughput.ratio),
      target: targets.throughput,
      rounds: throughput.rounds,
    },
    {
      what: `p99 of ${what}`,
      measured: `${round(p99.a)} ms beside ${round(p99.b)} ms of bare node:http`,
      ratio: round(p99.ratio),
      target: targets.p99,
      rounds: p99.rounds,
    },
  ];
}

interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** node:http adds these by itself. */
const ADDED = ['connection', 'date', 'keep-alive'];

async function ask(url: string, { method, path, headers, body }: LoadRequest): Promise<Answer> {
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return {
    status: response.status,
    headers: [...response.headers].filter(([name]) => !ADDED.includes(name)),
    body: await response.text(),
  };
}

const sizes = ({ status, headers, body }: Answer): string =>
  JSON.stringify([status, headers.map(([name, value]) => [name, value.length]), body.length]);

/** Sends each request once; answers the first answer. */
async function expectValid(url: string, requests: readonly LoadRequest[]): Promise<Answer> {
  const answers: Answer[] = [];
  for (const request of requests) answers.push(await ask(url, request));
  const other = answers.find(({ status, body }) => status !== 200 || !body.includes('"code":"VALID"'));
  if (other) throw new Error(`not valid: ${other.status} ${other.body}`);
  const [first] = answers;
  if (!first) throw new Error('nothing to ask');
  return first;
}
