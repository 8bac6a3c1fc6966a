// Log and store away, frozen or dead, under load: mutations say so in time, verification goes on for as long as it can be
// proven, and everything comes back by itself with nothing lost and nothing done twice. On servers of its own.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startKafka, startMongodb, type KafkaServer, type MongodbServer } from '../services/servers.ts';
import { freePort, type ServerProcess } from '../services/process.ts';
import {
  apiClient,
  globalId,
  isUndecided,
  payload,
  verifierClient,
  type Api,
  type MutationName,
  type Result,
} from '../support/api.ts';
import { expectFoldOfLog } from '../support/contents.ts';
import { makeInstallation, startProcesses, type Installation, type Processes } from '../support/distributed.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';
import { startKeyfold, type KeyfoldProcess } from '../support/processes.ts';
import { readyz, WORKSPACE } from '../support/system.ts';

const START_MS = 300_000;
const TEST_MS = 600_000;
const MAX_STALENESS_MS = 6000;
/** A mutation owes its outcome after 5 s (protocol L9), and has 5 s to read what it changed; the rest is for a slow machine. */
const ANSWER_MS = 12_000;
const CLIENTS = 4;
/** What processes do by themselves once a server is back. */
const BY_ITSELF = { timeout: 180_000, interval: 100 };

let kafka: KafkaServer;
let mongodb: MongodbServer;
let installation: Installation;
let system: Processes;
let admin: Api;
let held: MadeKey;
/** A verifier that holds one key: every other is read when it is asked for. */
let small: KeyfoldProcess;
let unseen: readonly MadeKey[];

beforeAll(async () => {
  [kafka, mongodb] = await Promise.all([startKafka(), startMongodb()]);
  installation = await makeInstallation(
    { brokers: kafka.brokers, mongodbUrl: mongodb.url },
    { MAX_STALENESS_MS: String(MAX_STALENESS_MS) },
  );
  system = await startProcesses(installation, { api: 1, projector: 2, verifier: 1 });
  admin = await system.api();
  held = await createKey(admin, { name: 'Held by the verifier' });
  unseen = [await createKey(admin, { name: 'Seldom used' }), await createKey(admin, { name: 'Never used' })];
  small = startKeyfold(['serve', '--services', 'verifier'], {
    ...installation.env,
    ...{ VERIFIER_PORT: '0', VERIFIER_MAX_KEYS: '1', KEYFOLD_DATA: join(installation.folder, 'small') },
  });
  await small.ready();
}, START_MS);
afterAll(async () => {
  await small.stop();
  await system.stop();
  await installation.dispose();
  await Promise.all([kafka.stop(), mongodb.stop()]);
}, START_MS);

interface Command {
  readonly name: MutationName;
  readonly input: Readonly<Record<string, unknown>> & { readonly commandId: string };
  result: Result;
  readonly ms: number;
}

/** Clients that go on sending commands, and remember what they were told. */
function startLoad(): { readonly commands: readonly Command[]; stop(): Promise<readonly Command[]> } {
  const commands: Command[] = [];
  const keys: string[] = [held.keyId];
  let stopped = false;
  const client = async (n: number): Promise<void> => {
    for (let turn = n; !stopped; turn++) {
      const commandId = randomUUID();
      const id = globalId(keys[turn % keys.length]!);
      const [name, input] = (
        turn % 3 === 0
          ? ['createKey', { commandId, workspaceId: WORKSPACE, keyspace: 'default', name: commandId }]
          : ['changeScopes', { commandId, id, scopes: [commandId] }]
      ) satisfies [MutationName, object];
      const since = performance.now();
      const result = await admin.mutate(name, input).catch((error: unknown) => ({ __typename: String(error) }));
      commands.push({ name, input, result, ms: performance.now() - since });
      if ('key' in result && result.key) keys.push(result.key.keyId);
      if (isUndecided(result)) await pause(50); // as a client would, before it tries the next thing
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(n));
  return {
    commands,
    async stop() {
      stopped = true;
      await Promise.all(clients);
      return commands;
    },
  };
}

const undecided = ({ result }: Command): boolean => isUndecided(result);

/** What the verifier says about the held key, over and over. */
async function watch(): Promise<{ status: number; code: string; retryAfter: string | null }> {
  const { status, body, retryAfter } = await system.verifiers[0]!.ask({ key: held.secret });
  return { status, code: body.code, retryAfter };
}

/** What is not held, and never was, is answered as it is or not at all. */
async function expectUnseen(codes: readonly string[]): Promise<void> {
  const verifier = verifierClient({ url: small.urls().verifier ?? '', token: installation.env.VERIFIER_TOKEN! });
  for (const { secret } of unseen) expect(codes).toContain((await verifier.ask({ key: secret })).body.code);
}

/** Asks for keys that are not held, over and over; which of its answers denied a good key. */
function watchUnseen(): { stop(): Promise<readonly unknown[]> } {
  let stopped = false;
  /** A function, as it changes while an answer is awaited. */
  const isStopped = (): boolean => stopped;
  const denials: unknown[] = [];
  const watching = (async () => {
    while (!isStopped()) await expectUnseen(['VALID', 'STALE']).catch((error: unknown) => denials.push(error));
  })();
  return {
    stop: async () => {
      stopped = true;
      await watching;
      return denials;
    },
  };
}

async function allReady(): Promise<void> {
  const { api, verifiers, projectors } = system.addresses;
  await vi.waitFor(async () => {
    for (const url of [api, ...verifiers, ...projectors])
      expect((await readyz(url)).body).toEqual({ status: 'ready', reasons: [] });
  }, BY_ITSELF);
}

async function apiIsUnready(who: string): Promise<boolean> {
  const { status, body } = await readyz(system.addresses.api);
  return status === 503 && body.reasons.includes(`${who} does not answer`);
}

/** After an outage: every command is decided by sending it again, has one effect, and none that was told is gone. */
async function expectNothingLostOrDoubled(commands: readonly Command[]): Promise<void> {
  const told = commands.filter((each) => !undecided(each));
  const open = commands.filter(undecided);
  expect(told.length).toBeGreaterThan(0);
  expect(open.length).toBeGreaterThan(0);
  for (const command of open) {
    command.result = await admin.settle(command.name, command.input);
    expect(command.result.__typename).toMatch(/Payload$|^SecretAlreadyRevealed$|^VersionConflict$/);
  }
  const outside = await installation.openOutside();
  try {
    const { keys, history, broken } = await expectFoldOfLog(outside);
    expect(broken).toEqual([]);
    const counts = new Map<string, number>();
    for (const id of Object.keys(keys)) {
      for (const { commandId } of await admin.history(id)) counts.set(commandId!, (counts.get(commandId!) ?? 0) + 1);
    }
    expect(Object.keys(history).length).toBeGreaterThan(told.length);
    for (const { input, result } of commands) {
      const carriedOut = result.__typename !== 'VersionConflict';
      expect(counts.get(input.commandId) ?? 0, JSON.stringify(result)).toBe(carriedOut ? 1 : 0);
    }
  } finally {
    await outside.close();
  }
}

/** Takes a server away under load until `seen` says that enough was seen, then gives it back. */
async function outage(
  take: () => Promise<void> | void,
  seen: (commands: readonly Command[], since: number) => Promise<boolean>,
  giveBack: () => Promise<void> | void,
): Promise<void> {
  const load = startLoad();
  await vi.waitFor(() => expect(load.commands.length).toBeGreaterThan(20), BY_ITSELF);
  await take();
  const since = performance.now();
  try {
    await vi.waitFor(async () => expect(await seen(load.commands, since)).toBe(true), BY_ITSELF);
  } finally {
    await giveBack();
  }
  const before = load.commands.length;
  await vi.waitFor(
    () => expect(load.commands.slice(before).filter((each) => !undecided(each)).length).toBeGreaterThan(20),
    BY_ITSELF,
  );
  const commands = await load.stop();
  const slow = commands.filter(({ ms }) => ms > ANSWER_MS);
  expect(slow.map(({ name, result, ms }) => [name, result.__typename, Math.round(ms)])).toEqual([]);
  for (const { result } of commands)
    expect(result.__typename).toMatch(/Payload$|^(?:VersionConflict|Unavailable|OutcomeUnknown)$/);
  await allReady();
  const { position } = await change(admin, 'enableKey', held.keyId);
  expect(await system.verifiers[0]!.verify(held.secret, { atLeast: position })).toMatchObject({ code: 'VALID' });
  await vi.waitFor(() => expectUnseen(['VALID']), BY_ITSELF);
  await expectNothingLostOrDoubled(commands);
}

const ways = {
  frozen: (server: ServerProcess) => ({ take: () => server.freeze(), giveBack: () => server.thaw() }),
  killed: (server: ServerProcess) => ({ take: () => server.kill(), giveBack: () => server.restart() }),
};

interface Taking {
  readonly take: () => Promise<void> | void;
  readonly giveBack: () => Promise<void> | void;
}
/** A server that is taken away, and what readiness says of it. */
const gone = (Object.entries(ways) as [string, (server: ServerProcess) => Taking][]).flatMap(
  ([how, way]): [string, () => Taking, string][] => [
    [`while MongoDB is ${how}`, () => way(mongodb.process), 'the read store'],
    [`while Kafka is ${how}`, () => way(kafka.nodes[0]), 'the log'],
  ],
);

describe.each(gone)('%s', { timeout: TEST_MS }, (_, way, who) => {
  test('protocol L10: mutations answer in time, verification goes on until the lease is over and is STALE then, and all comes back', async () => {
    const { take, giveBack } = way();
    let lastValid = 0;
    let stale = 0;
    const others = watchUnseen();
    await outage(
      take,
      async (commands, since) => {
        const asked = performance.now();
        const { status, code, retryAfter } = await watch();
        if (status === 200) {
          expect(code).toBe('VALID');
          expect(stale, 'a lease that was over became good again').toBe(0);
          lastValid = asked - since;
        } else {
          expect([status, code]).toEqual([503, 'STALE']);
          expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
          stale++;
        }
        return stale > 5 && commands.filter(undecided).length > CLIENTS && (await apiIsUnready(who));
      },
      giveBack,
    );
    expect(await others.stop()).toEqual([]);
    // The last renewal was at most a sixth of the time old when the server went away, as was its proof.
    expect(lastValid).toBeGreaterThan(MAX_STALENESS_MS / 2);
    expect(lastValid).toBeLessThan(MAX_STALENESS_MS + 1000);
  });
});

describe('two projectors', { timeout: TEST_MS }, () => {
  test('one is frozen under load: the other takes its place, and what it does when it goes on behind it changes nothing', async () => {
    const [projector] = system.processes.projector;
    await outage(
      () => projector!.signal('SIGSTOP'),
      (commands) => Promise.resolve(commands.some(undecided) && !commands.slice(-10 * CLIENTS).some(undecided)),
      () => projector!.signal('SIGCONT'),
    );
  });
});

describe('nobody projects', { timeout: TEST_MS }, () => {
  test('the API says so once changes get no answer, and is ready again when somebody does', async () => {
    const { projector } = system.processes;
    for (const each of projector) each.signal('SIGSTOP');
    try {
      const input = { commandId: randomUUID(), id: globalId(held.keyId), scopes: ['unseen'] };
      expect(await admin.mutate('changeScopes', input)).toMatchObject({ __typename: 'OutcomeUnknown' });
      await vi.waitFor(async () => {
        const { status, body } = await readyz(system.addresses.api);
        expect([status, body.status]).toEqual([200, 'degraded']);
        expect(body.reasons.join()).toContain('the read models do not follow the log');
      }, BY_ITSELF);
    } finally {
      for (const each of projector) each.signal('SIGCONT');
    }
    await allReady();
  });
});

describe('processes that start while log and store are away', { timeout: TEST_MS }, () => {
  test('live, say that they wait, answer STALE and UNAVAILABLE, and begin by themselves when all is back', async () => {
    kafka.nodes[0].freeze();
    await mongodb.process.kill();
    const [apiPort, verifierPort] = [await freePort(), await freePort()];
    const env = { ...installation.env, API_PORT: String(apiPort), VERIFIER_PORT: String(verifierPort) };
    const started = startKeyfold(['serve', '--services', 'api,verifier'], env);
    const api = `http://127.0.0.1:${apiPort}`;
    const url = `http://127.0.0.1:${verifierPort}`;
    const verifier = verifierClient({ url, token: installation.env.VERIFIER_TOKEN! });
    try {
      await started.printed(/trying again/);
      await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200), BY_ITSELF);
      for (const each of [api, url])
        expect(await readyz(each)).toMatchObject({ status: 503, body: { status: 'unready' } });
      expect(await verifier.ask({ key: held.secret })).toMatchObject({ status: 503, body: { code: 'STALE' } });
      const { status, errors } = await apiClient({ url: api, token: admin.token }).post('{ viewer { operator } }');
      expect([status, errors[0]?.extensions?.code]).toEqual([503, 'UNAVAILABLE']);
    } finally {
      kafka.nodes[0].thaw();
      await mongodb.process.restart();
    }
    await started.ready();
    const { position } = await change(apiClient({ url: api, token: admin.token }), 'changeScopes', held.keyId, {
      scopes: ['back'],
    });
    expect(await verifier.verify(held.secret, { atLeast: position, scopes: ['back'] })).toMatchObject({
      code: 'VALID',
    });
    await allReady();
    expect(await started.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('a topic that is not safe for a log', { timeout: TEST_MS }, () => {
  const unsafe = { 'cleanup.policy': 'compact', 'retention.ms': '604800000' };
  test.each(Object.entries(unsafe))(
    'is refused at the start by the name of the setting: %s=%s',
    async (name, value) => {
      const prefix = `unsafe_${randomUUID().slice(0, 8)}`;
      const topic = `${prefix}.log`;
      const client = installation.kafka.admin();
      await client.connect();
      try {
        await client.createTopics({
          waitForLeaders: true,
          topics: [{ topic, numPartitions: 3, replicationFactor: 1, configEntries: [{ name, value }] }],
        });
        const refused = startKeyfold(['serve', '--services', 'projector'], {
          ...installation.env,
          KAFKA_TOPIC_PREFIX: prefix,
          PROJECTOR_PORT: '0',
        });
        expect(await refused.exited).toEqual({ code: 1, signal: null });
        expect(refused.stderr()).toContain(`topic ${topic}: ${name} is ${value}, needed is `);
        expect(refused.stdout()).toBe('');
      } finally {
        await client.deleteTopics({ topics: [topic] });
        await client.disconnect();
      }
    },
  );
});

test('everything is as it was: a change is in force at once', async () => {
  const { keyId, secret, position } = await createKey(admin);
  expect(await system.verifiers[0]!.verify(secret, { atLeast: position })).toMatchObject({ code: 'VALID' });
  payload(await admin.settle('deleteKey', { id: globalId(keyId) }));
});
