// A topic that is deleted and made anew under running processes, and then grows: nothing is VALID any more, nothing goes on
// being written into it, every process says why it is not ready, and none starts on it.
import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { globalId, type Result } from '../support/api.ts';
import { makeInstallation, sharedServers, startProcesses } from '../support/distributed.ts';
import { change, createKey } from '../support/keys.ts';
import { startKeyfold } from '../support/processes.ts';
import { readyz } from '../support/system.ts';

const BY_ITSELF = { timeout: 120_000, interval: 100 };
/** As whoever asks for the end first says it, and as a reader whose next record is not there does. */
const PLACE = /the log ends at p1_|position \d+ of partition \d+ lies outside the log/;
const KEEP = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'min.insync.replicas': '1',
  'compression.type': 'uncompressed',
};

test('protocol T: a topic that was made anew under running processes', async () => {
  const installation = await makeInstallation(sharedServers());
  const { env, topic, kafka } = installation;
  const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 1 });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const api = await system.api();
    const [verifier] = system.verifiers;
    if (!verifier) throw new Error('no verifier');
    // Enough of them that every partition has some.
    const keys = await Promise.all(Array.from({ length: 20 }, () => createKey(api)));
    const [key] = keys;
    if (!key) throw new Error('no key');
    expect(await verifier.verify(key.secret)).toMatchObject({ code: 'VALID' });

    await admin.deleteTopics({ topics: [topic] });
    await vi.waitUntil(async () => !(await admin.listTopics()).includes(topic), BY_ITSELF);
    const configEntries = Object.entries(KEEP).map(([name, value]) => ({ name, value }));
    await vi.waitUntil(
      async () =>
        // Made, though its leaders were not there in time, it is there.
        (await admin.createTopics({ topics: [{ topic, numPartitions: 3, configEntries }] }).catch(() => false)) ||
        (await admin.listTopics()).includes(topic),
      BY_ITSELF,
    );

    const disable = (): Promise<Result> =>
      api.mutate('disableKey', { id: globalId(key.keyId), commandId: randomUUID() });
    await vi.waitUntil(async () => (await disable()).message?.includes('the log is not the one that'), BY_ITSELF);
    const written = async (): Promise<number> =>
      (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
    expect(await written()).toBeLessThanOrEqual(1);
    for (let n = 0; n < 5; n++) expect(await disable()).toMatchObject({ __typename: 'Unavailable' });
    expect(await written()).toBeLessThanOrEqual(1);

    await vi.waitUntil(async () => (await verifier.ask({ key: key.secret })).status === 503, BY_ITSELF);
    const { api: apiUrl, verifiers, projectors } = system.addresses;
    for (const url of [apiUrl, ...verifiers, ...projectors]) {
      await vi.waitUntil(async () => PLACE.test((await readyz(url)).body.reasons.join()), BY_ITSELF);
      expect((await readyz(url)).status).toBe(503);
    }

    // Somebody writes on: it grows past everything that was read.
    const producer = kafka.producer();
    await producer.connect();
    const more = Array.from({ length: 50 }, () => [0, 1, 2].map((partition) => ({ partition, key: null, value: 'x' })));
    await producer.send({ topic, messages: more.flat() });
    await producer.disconnect();
    expect((await verifier.ask({ key: key.secret })).status).toBe(503);
    expect(await disable()).toMatchObject({ __typename: 'Unavailable' });
    for (const service of ['api', 'projector', 'verifier']) {
      const process = startKeyfold(['serve', '--services', service], {
        ...env,
        ...{ API_PORT: '0', VERIFIER_PORT: '0', PROJECTOR_PORT: '0' },
      });
      expect((await process.exited).code).toBe(1);
      expect(process.stderr()).toContain('the log is not the one that the read models were made from');
    }
  } finally {
    await admin.disconnect();
    await system.stop();
    await installation.dispose();
  }
}, 600_000);

test('protocol T: transactions of others at the end of the log hold nothing up: not a start, not a check, not an answer', async () => {
  const installation = await makeInstallation(sharedServers(), { MAX_STALENESS_MS: '3000' });
  const { topic, kafka } = installation;
  const counts = { api: 1, projector: 1, verifier: 1 };
  let system = await startProcesses(installation, counts);
  const transact = async (over: 'commit' | 'abort'): Promise<void> => {
    const producer = kafka.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    const messages = [0, 1, 2].map((partition) => ({ partition, key: null, value: 'by hand' }));
    await transaction.send({ topic, messages });
    await transaction[over]();
    await producer.disconnect();
  };
  try {
    const { keyId, secret } = await createKey(await system.api());
    for (const over of ['commit', 'abort'] as const) {
      await transact(over);
      await transact(over);
      const api = await system.api();
      // W3: a refusal needs the read models to have reached the end.
      const refused = await api.settle('enableKey', { id: globalId('key_0000000000000000000000') });
      expect(refused.__typename).toBe('NotFound');
      const before = Date.now();
      await vi.waitUntil(async () => {
        const { status, body } = await system.verifiers[0]!.ask({ key: secret });
        return status === 200 && body.code === 'VALID' && Date.parse(body.asOf ?? '') > before;
      }, BY_ITSELF);
      await system.stop();
      system = await startProcesses(installation, counts);
    }
    await change(await system.api(), 'disableKey', keyId);
    expect(await system.verifiers[0]!.verify(secret)).toMatchObject({ code: 'DISABLED' });
  } finally {
    await system.stop();
    await installation.dispose();
  }
}, 600_000);

test('protocol T: partitions that are added under running processes are nobody’s, are named, and no start takes them for the log’s', async () => {
  const installation = await makeInstallation(sharedServers(), { MAX_STALENESS_MS: '3000' });
  const { env, topic, kafka } = installation;
  const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 1 });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { keyId, secret } = await createKey(await system.api());
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    const producer = kafka.producer();
    await producer.connect();
    const stray = { topic, messages: [{ partition: 3, key: keyId, value: 'stray' }] };
    await vi.waitUntil(() => producer.send(stray).catch(() => false), BY_ITSELF);
    await producer.disconnect();

    const { api, verifiers, projectors } = system.addresses;
    const named = 'has 4 partitions, the log was made with 3 (KAFKA_PARTITIONS)';
    for (const url of [api, ...verifiers, ...projectors]) {
      await vi.waitUntil(async () => (await readyz(url)).body.reasons.join().includes(named), BY_ITSELF);
      expect(await readyz(url)).toMatchObject({ status: 200, body: { status: 'degraded' } });
    }
    await change(await system.api(), 'disableKey', keyId);
    expect(await system.verifiers[0]!.verify(secret)).toMatchObject({ code: 'DISABLED' });

    const other = startKeyfold(['serve', '--services', 'verifier'], {
      ...env,
      KAFKA_PARTITIONS: '4',
      VERIFIER_PORT: '0',
    });
    expect((await other.exited).code).toBe(1);
    expect(other.stderr()).toContain('WRONG_PARTITIONS: the log was made with 3 partitions, and KAFKA_PARTITIONS is 4');
    expect(other.stderr()).toContain('set KAFKA_PARTITIONS to 3');
  } finally {
    await admin.disconnect();
    await system.stop();
    await installation.dispose();
  }
}, 600_000);
