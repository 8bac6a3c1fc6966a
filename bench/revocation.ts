// Access that is taken until every verifier has confirmed it, while three verifiers answer checks at a fixed rate.
import { createApiClient, type ApiClient, type Payload } from './api-client.ts';
import { WORKSPACE } from './dataset.ts';
import type { Environment } from './environment.ts';
import { median, percentile, posts, round, startLoad, startServer, type BenchServer, type Row } from './report.ts';

const VERIFIERS = 3;
const KEYS = 20;
/** Access is taken twice in each. */
const TURNS = 175;
/** Of them, before anything counts. */
const WARM_UP = 25;
const CHECKS_PER_SECOND = 500;
const CONNECTIONS = 8;
/** More than all takes; the loads are ended before. */
const LOAD_SECONDS = 900;

/** An installation with three verifiers. */
export interface Verified {
  readonly api: string;
  readonly verifiers: readonly string[];
  stop(): Promise<void>;
}

/** All in one process. */
export async function startEmbeddedVerifiers(environment: Environment): Promise<Verified> {
  const server = await startServer('three-verifiers', environment);
  const [api = '', ...verifiers] = server.urls;
  return { api, verifiers, stop: () => server.stop() };
}

/** A process for each service. */
export async function startVerifierProcesses(environment: Environment): Promise<Verified> {
  const start = (service: string): Promise<BenchServer> =>
    startServer('keyfold', { ...environment, KEYFOLD_SERVICES: service, BENCH_SERVICE: service });
  const services = ['projector', 'api', ...Array.from({ length: VERIFIERS }, () => 'verifier')];
  const [projector, api, ...verifiers] = await Promise.all(services.map(start));
  if (!projector || !api) throw new Error('not all of it was started');
  return {
    api: api.url,
    verifiers: verifiers.map(({ url }) => url),
    stop: async () => {
      await Promise.all([api, ...verifiers].map((each) => each.stop()));
      await projector.stop();
    },
  };
}

export async function revocations(where: string, system: Verified, token: string): Promise<Row> {
  const client = createApiClient(system.api, token);
  const keys: Key[] = [];
  for (let n = 0; n < KEYS; n++) keys.push(await newKey(client, n));
  const bodies = keys.map(({ secret }) => JSON.stringify({ key: secret, scopes: ['orders:read'] }));
  const loads = system.verifiers.map((url) =>
    startLoad({
      ...{ url, connections: CONNECTIONS, seconds: LOAD_SECONDS, rate: CHECKS_PER_SECOND },
      requests: posts('/v1/verify', bodies),
    }),
  );
  const taken: Taken[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const key = keys[turn % KEYS];
    if (key) taken.push(...(await takeAndGive(client, system.verifiers, key)));
  }
  const rates = (await Promise.all(loads.map((each) => each.stop()))).map(({ perSecond }) => round(perSecond, 0));
  client.close();
  await system.stop();
  const measured = taken.slice(2 * WARM_UP);
  const times = measured.map(({ ms }) => ms);
  const whole = measured.filter((each) => each.whole).length;
  const accepted = measured.reduce((sum, each) => sum + each.accepted, 0);
  return {
    what: `access taken, to ${VERIFIERS} verifiers’ confirmation, ${where}, under checks`,
    measured: `p50 ${round(median(times))} ms, p99 ${round(percentile(times, 99))} ms`,
    ratio: null,
    target: 'p99 < 100 ms',
    rounds:
      `${whole} of ${measured.length} receipts whole, ${accepted} of ${VERIFIERS * measured.length} asked after it ` +
      `accepted, ${rates.join(' ')} checks/s`,
  };
}

interface Key {
  readonly id: string;
  secret: string;
}

interface Taken {
  readonly ms: number;
  /** Whether the receipt says that every verifier knows. */
  readonly whole: boolean;
  /** By verifiers that were asked once it was there. */
  readonly accepted: number;
}

async function newKey(client: ApiClient, n: number): Promise<Key> {
  const input = { workspaceId: WORKSPACE, keyspace: 'default', name: `Key ${n}`, scopes: ['orders:read'] };
  const { payload } = await client.mutate('createKey', input, 'secret key { id }');
  if (!payload.key || !payload.secret) throw new Error('a new key has an id and a secret');
  return { id: payload.key.id, secret: payload.secret };
}

const RECEIPT = 'enforcement { confirmed total confirmedAt }';

/** Takes access twice: the key is disabled, and enabled again, then it gets another secret. */
async function takeAndGive(client: ApiClient, verifiers: readonly string[], key: Key): Promise<readonly Taken[]> {
  const take = async (name: string, asked: string): Promise<{ readonly taken: Taken; readonly payload: Payload }> => {
    const { payload, ms } = await client.mutate(name, { id: key.id, waitFor: 'VERIFIERS' }, `${RECEIPT} ${asked}`);
    const { total = 0, confirmed, confirmedAt = null } = payload.enforcement ?? {};
    const whole = confirmedAt !== null && confirmed === total && total === VERIFIERS;
    const answers = await Promise.all(verifiers.map((url) => isValid(url, key.secret)));
    return { taken: { ms, whole, accepted: answers.filter((valid) => valid).length }, payload };
  };
  const disabled = await take('disableKey', '');
  await client.mutate('enableKey', { id: key.id }, 'position');
  const regenerated = await take('regenerateKey', 'secret');
  if (!regenerated.payload.secret) throw new Error('a regenerated key has a secret');
  key.secret = regenerated.payload.secret;
  return [disabled.taken, regenerated.taken];
}

async function isValid(url: string, key: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/verify`, { method: 'POST', headers, body: JSON.stringify({ key }) });
  const { valid } = (await response.json()) as { readonly valid?: boolean };
  if (valid === undefined) throw new Error(`no verdict: ${response.status}`);
  return valid;
}
