// An installation on real Kafka and MongoDB, a topic and a database of its own, with the secrets and the issuer that
// `keyfold dev` makes; and systems of separate processes on it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import type { EventLog } from '../../events/log.ts';
import { openKafkaLog } from '../../events/logs/kafka.ts';
import { createDataKeys, type DataKeys } from '../../projections/personal.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { openMongoStore } from '../../projections/stores/mongodb.ts';
import { readIssuerKey } from '../../services/shared/data-folder.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { freePort } from '../services/process.ts';
import { runKeyfold, startKeyfold, type Environment, type KeyfoldProcess } from './processes.ts';
import { createSystem, type System, type SystemParts } from './system.ts';

const PARTITIONS = 3;

export interface Servers {
  /** KAFKA_BROKERS */
  readonly brokers: string;
  /** MONGODB_URL; another database is used. */
  readonly mongodbUrl: string;
}

/** Log and store of an installation, opened from outside its processes. */
export interface Outside {
  readonly log: EventLog;
  readonly usage: EventLog;
  readonly store: ReadStore;
  readonly dataKeys: DataKeys;
  close(): Promise<void>;
}

export interface Installation extends Omit<OwnPlace, 'drop'> {
  readonly issuer: SystemParts['issuer'];
  /** What `keyfold dev env` made. */
  readonly folder: string;
  readonly openOutside: () => Promise<Outside>;
  /** Removes everything: processes must be stopped before. */
  dispose(): Promise<void>;
}

/** The servers that `npm run test:services` has started. */
export function sharedServers(): Servers {
  const { KAFKA_BROKERS: brokers, MONGODB_URL: mongodbUrl } = process.env;
  if (!brokers || !mongodbUrl) throw new Error('KAFKA_BROKERS and MONGODB_URL must be set: npm run test:services');
  return { brokers, mongodbUrl };
}

/** A topic and a database that nobody else has. */
export interface OwnPlace {
  readonly env: Environment;
  readonly topic: string;
  readonly database: string;
  readonly kafka: Kafka;
  /** Removes both. */
  drop(): Promise<void>;
}

export function makePlace({ brokers, mongodbUrl }: Servers): OwnPlace {
  const id = `e2e_${process.pid}_${randomBytes(4).toString('hex')}`;
  const url = mongodbUrl.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${id}`);
  const topic = `${id}.log`;
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  return {
    env: {
      KAFKA_BROKERS: brokers,
      MONGODB_URL: url,
      KAFKA_TOPIC_PREFIX: id,
      KAFKA_PARTITIONS: String(PARTITIONS),
    },
    topic,
    database: id,
    kafka,
    async drop() {
      await dropTopic(kafka, topic);
      await dropTopic(kafka, `${id}.usage`);
      await dropTopic(kafka, `${id}.events`);
      await dropDatabase(url);
    },
  };
}

export async function makeInstallation(servers: Servers, extra: Environment = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-e2e-'));
  const made = await runKeyfold(['dev', 'env', folder, '--port', String(await freePort())], {});
  if (made.code !== 0) throw new Error(made.stderr);
  const secrets = Object.fromEntries(
    Object.entries(parseEnv(await readFile(join(folder, 'keyfold.env'), 'utf8'))).map(([k, v]) => [k, v ?? '']),
  );
  const place = makePlace(servers);
  const env: Environment = { KEYFOLD_DATA: join(folder, 'data'), ...secrets, ...place.env, ...extra };
  const keys = startKeyfold(['dev', 'issuer', folder], {});
  await keys.printed(/serves \/jwks\.json/);
  const issuer = {
    key: await readIssuerKey(folder),
    issuer: env.AUTH_ISSUER ?? '',
    audience: env.AUTH_AUDIENCE ?? '',
  };
  return {
    ...place,
    env,
    issuer,
    folder,
    openOutside: () => openOutside(env, place.topic),
    async dispose() {
      await keys.stop();
      await place.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openOutside(env: Environment, topic: string): Promise<Outside> {
  const loaded = loadSettings(env);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const brokers = (env.KAFKA_BROKERS ?? '').split(',');
  const log = await openKafkaLog({ brokers, topic, partitions: PARTITIONS, clientId: 'e2e' });
  const { storage } = loaded.settings;
  const retentionMs = storage.kind === 'distributed' ? storage.kafka.usageRetentionMs : 0;
  const usage = await openKafkaLog({
    ...{ brokers, topic: topic.replace(/log$/, 'usage'), partitions: PARTITIONS, clientId: 'e2e' },
    retention: { ms: retentionMs, setting: 'KAFKA_USAGE_RETENTION' },
  });
  const store = await openMongoStore({ url: env.MONGODB_URL ?? '', now: new Date().toISOString() });
  const dataKeys = createDataKeys({ store, sealingKeys: loaded.settings.sealingKeys ?? [], randomBytes });
  return {
    log,
    usage,
    store,
    dataKeys,
    close: async () => {
      await log.close();
      await usage.close();
      await store.close();
    },
  };
}

async function dropTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
}

async function dropDatabase(url: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}

export interface Processes extends System {
  readonly processes: Readonly<Record<'api' | 'projector' | 'verifier', readonly KeyfoldProcess[]>>;
}

/** Starts one process per service, as many of each as asked for, and waits until all of them are ready. */
export async function startProcesses(
  installation: Installation,
  counts: Readonly<Record<'api' | 'projector' | 'verifier', number>>,
): Promise<Processes> {
  const { env, issuer } = installation;
  const launch = (service: string, count: number): KeyfoldProcess[] =>
    Array.from({ length: count }, () =>
      startKeyfold(['serve', '--services', service], {
        ...env,
        ...{ API_PORT: '0', VERIFIER_PORT: '0', PROJECTOR_PORT: '0' },
      }),
    );
  const processes = {
    projector: launch('projector', counts.projector),
    verifier: launch('verifier', counts.verifier),
    api: launch('api', counts.api),
  };
  const all = Object.values(processes).flat();
  const stop = async (): Promise<void> => {
    for (const each of all) each.signal('SIGCONT');
    await Promise.all([...processes.api, ...processes.verifier].map((each) => each.stop()));
    await Promise.all(processes.projector.map((each) => each.stop()));
  };
  try {
    await Promise.all(all.map((each) => each.ready()));
  } catch (error) {
    await Promise.all(all.map((each) => each.kill()));
    throw error;
  }
  const urls = (service: 'api' | 'projector' | 'verifier'): string[] =>
    processes[service].flatMap((each) => each.urls()[service] ?? []);
  const [first = '', ...others] = urls('api');
  const system = createSystem({
    issuer,
    apis: [first, ...others],
    verifiers: urls('verifier'),
    verifierToken: env.VERIFIER_TOKEN ?? null,
    projectors: urls('projector'),
    stop,
  });
  return { ...system, processes };
}
