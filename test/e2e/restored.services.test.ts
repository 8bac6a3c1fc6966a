// docs/operations.md, followed: an installation on Kafka and MongoDB is backed up while it takes changes and put back onto
// an empty topic and an empty database; one without the other is refused. And what operators ask it there.
import { MongoClient, type Document } from 'mongodb';
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import {
  makeInstallation,
  makePlace,
  sharedServers,
  startProcesses,
  type Installation,
  type OwnPlace,
  type Processes,
} from '../support/distributed.ts';
import { change, createKey, type MadeKey } from '../support/keys.ts';
import { startKeyfold, type Environment } from '../support/processes.ts';

/** Made or done again from the log, or of processes that are gone. */
const LEFT_OUT = /^(?:control|leases|barriers|publication|(?:keys|history|secrets|keyspaces|facts)_g\d+)$/;

type Collections = Map<string, Document[]>;
interface Copied {
  readonly low: number;
  readonly records: { key: Buffer | null; value: Buffer | null; headers: Record<string, string> }[];
}

async function withDatabase<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { directConnection: true });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const dump = (url: string, wanted: (name: string) => boolean): Promise<Collections> =>
  withDatabase(url, async (client) => {
    const names = (await client.db().listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    const found: Collections = new Map();
    for (const name of names.filter(wanted)) found.set(name, await client.db().collection(name).find().toArray());
    return found;
  });

/** All that lies in a topic now, partition by partition. */
async function copyTopic(kafka: Kafka, topic: string): Promise<Map<number, Copied>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const copied = new Map<number, Copied>(
    ends.map(({ partition, low }) => [partition, { low: Number(low), records: [] }]),
  );
  const left = new Map(ends.flatMap(({ partition, low, high }) => (high === low ? [] : [[partition, Number(high)]])));
  if (left.size === 0) return copied;
  const consumer = kafka.consumer({ groupId: `copy-${topic}-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const run = consumer.run({
      autoCommit: false,
      eachMessage: ({ partition, message: { key, value, headers = {}, offset } }) => {
        const high = left.get(partition);
        if (high === undefined || Number(offset) >= high) return Promise.resolve();
        const texts = Object.entries(headers).map(([name, text]) => [name, String(text)] as const);
        copied.get(partition)?.records.push({ key, value, headers: Object.fromEntries(texts) });
        if (Number(offset) === high - 1) left.delete(partition);
        if (left.size === 0) resolve();
        return Promise.resolve();
      },
    });
    run.catch(reject);
  });
  await consumer.disconnect();
  return copied;
}

/** Into a topic that is made for it: each record at its former offset. */
async function putTopic(
  kafka: Kafka,
  topic: string,
  copied: ReadonlyMap<number, Copied>,
  retention: string,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const settings = {
    ...{ 'cleanup.policy': 'delete', 'retention.ms': retention, 'retention.bytes': '-1' },
    ...{ 'min.insync.replicas': '1', 'compression.type': 'uncompressed', 'unclean.leader.election.enable': 'false' },
  };
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const topics = [{ topic, numPartitions: copied.size, replicationFactor: 1, configEntries }];
  await admin.createTopics({ topics, waitForLeaders: true });
  const producer = kafka.producer({ maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  for (const [partition, { low, records }] of copied) {
    const filling = Array.from({ length: low }, () => ({ partition, key: null, value: null }));
    const messages = [...filling, ...records.map((record) => ({ partition, ...record }))];
    for (let at = 0; at < messages.length; at += 200)
      await producer.send({ topic, acks: -1, messages: messages.slice(at, at + 200) });
  }
  await producer.disconnect();
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
    const { low = 0, records = [] } = copied.get(partition) ?? {};
    expect(Number(high)).toBe(low + records.length);
  }
  await admin.disconnect();
}

const putDatabase = (url: string, collections: Collections): Promise<void> =>
  withDatabase(url, async (client) => {
    for (const [name, documents] of collections)
      if (documents.length > 0) await client.db().collection(name).insertMany(documents);
  });

let installation: Installation;
let place: OwnPlace;
let env: Environment;
let restored: Processes;
let kept: MadeKey[];
const operatorEnv = async (system: Processes): Promise<Record<string, string>> => {
  const { url, token } = await system.api();
  return { ...env, KEYFOLD_URL: url, KEYFOLD_TOKEN: token };
};

beforeAll(async () => {
  installation = await makeInstallation(sharedServers());
  place = makePlace(sharedServers());
  env = { ...installation.env, ...place.env };
  const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 1 });
  const api = await system.api();
  kept = [];
  for (let number = 0; number < 12; number++) kept.push(await createKey(api, { name: `Kept ${number}` }));
  await change(api, 'disableKey', kept[1]!.keyId, { note: 'a while' });
  for (const { secret } of kept) await system.verifiers[0]!.verify(secret);
  let writing = true;
  const writer = async (): Promise<void> => {
    for (let number = 0; writing; number++) await createKey(api, { name: `Meanwhile ${number}` });
  };
  const traffic = writer();

  // 1. MongoDB, 2. the topics, 3. the data keys once more: those that were made, or destroyed, in between.
  const url = installation.env.MONGODB_URL ?? '';
  const collections = await dump(url, (name) => !LEFT_OUT.test(name));
  const before = collections.get('data_keys')?.length ?? 0;
  for (let made = 0; made < 3; made++) await createKey(api, { name: 'In between' });
  const log = await copyTopic(installation.kafka, installation.topic);
  const usage = await copyTopic(installation.kafka, installation.topic.replace(/log$/, 'usage'));
  for (const [name, documents] of await dump(url, (each) => each === 'data_keys')) collections.set(name, documents);
  expect(collections.get('data_keys')!.length).toBeGreaterThan(before + 2);
  writing = false;
  await traffic;
  await system.stop();

  await putTopic(place.kafka, place.topic, log, '-1');
  await putTopic(place.kafka, place.topic.replace(/log$/, 'usage'), usage, String(7 * 86_400_000));
  await putDatabase(place.env.MONGODB_URL ?? '', collections);
  restored = await startProcesses({ ...installation, env }, { api: 1, projector: 1, verifier: 1 });
}, 300_000);
afterAll(async () => {
  await restored.stop();
  await place.drop();
  await installation.dispose();
}, 60_000);

describe('an installation that was put back', () => {
  test('serves: the same secrets, states, names and histories, and goes on', async () => {
    const api = await restored.api();
    const verifier = restored.verifiers[0]!;
    for (const [number, { keyId, secret, position }] of kept.entries()) {
      const { code } = await verifier.verify(secret, { atLeast: position });
      expect(code).toBe(number === 1 ? 'DISABLED' : 'VALID');
      expect(await api.key(keyId, position)).toMatchObject({ name: `Kept ${number}` });
      expect((await api.history(keyId))[0]?.data).toMatchObject({ name: `Kept ${number}` });
    }
    const query = `query { workspace(id: "acme") { keys(first: 100) { nodes { name } } } }`;
    const { workspace } = await api.query<{ workspace: { keys: { nodes: { name: string | null }[] } } }>(query);
    expect(workspace.keys.nodes.filter(({ name }) => name === 'In between')).toHaveLength(3);
    expect(workspace.keys.nodes.filter(({ name }) => name === null)).toEqual([]); // no data key was lost
    const fresh = await createKey(api);
    expect(await verifier.verify(fresh.secret, { atLeast: fresh.position })).toMatchObject({ code: 'VALID' });
  }, 120_000);

  test('is what its log says, until somebody changes a row in MongoDB', async () => {
    const operator = await operatorEnv(restored);
    expect(await cli(['audit', 'shadow'], operator)).toMatchObject({ code: 0 });
    const { keyId } = kept[0]!;
    const swap = (from: string, to: string) =>
      withDatabase(place.env.MONGODB_URL ?? '', async (client) => {
        const keys = client.db().collection<{ _id: string; row: string }>('keys_g1');
        const found = await keys.findOne({ _id: keyId });
        expect(found?.row).toContain(from);
        await keys.updateOne({ _id: keyId }, { $set: { row: found!.row.replace(from, to) } });
      });
    await swap('orders:read', 'orders:everything');
    const ran = await cli(['audit', 'shadow'], operator);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining(`key ${keyId}: unequal at version 1 (scopes)`)]);
    await swap('orders:everything', 'orders:read');
    expect(await cli(['audit', 'shadow'], operator)).toMatchObject({ code: 0 });

    // An event that is what it was, and that nobody finds who asks for its actor.
    const hide = (actor: string) =>
      withDatabase(place.env.MONGODB_URL ?? '', async (client) => {
        const history = client.db().collection<{ _id: string; actor: string }>('history_g1');
        const before = await history.findOneAndUpdate({ _id: `${keyId}@1` }, { $set: { actor } });
        return before!.actor;
      });
    const actor = await hide('user:somebody');
    const misled = await cli(['audit', 'shadow'], operator);
    const named = expect.stringContaining(`event ${keyId}@1: is filed under what it is not`) as string;
    expect([misled.code, misled.stderr]).toEqual([1, named]);
    await hide(actor);
    expect(await cli(['audit', 'shadow'], operator)).toMatchObject({ code: 0 });
  }, 240_000);

  test('counts its sealing keys, and sends whoever wants a folder of it to the documents', async () => {
    const operator = await operatorEnv(restored);
    const { code, stdout } = await cli(['sealing', 'rewrap', '--json'], operator);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { failed: 0, rewrapped: 0 }]);
    const refused = await cli(['backup', '/tmp/never'], operator);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/NOT_ENABLED: [^]*docs\/operations\.md/)]);
  }, 60_000);

  test('one without the other is refused, in words', async () => {
    const refusal = async (more: Environment): Promise<string> => {
      const process = startKeyfold(['serve', '--services', 'api'], { ...env, ...more, API_PORT: '0' });
      expect((await process.exited).code).toBe(1);
      return process.stderr();
    };
    const other = makePlace(sharedServers());
    const { KAFKA_TOPIC_PREFIX = '', MONGODB_URL = '' } = other.env;
    expect(await refusal({ KAFKA_TOPIC_PREFIX })).toContain('the log has lost events: it ends at');
    expect(await refusal({ MONGODB_URL })).toContain('the data keys are gone');
    await other.drop();
  }, 120_000);
});
