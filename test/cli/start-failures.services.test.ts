// What keeps processes on Kafka and MongoDB from starting, by the real command: one plain message, no stack, exit code 1.
import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeInstallation, sharedServers, startProcesses, type Installation } from '../support/distributed.ts';
import { createKey } from '../support/keys.ts';
import { runKeyfold, type Environment } from '../support/processes.ts';

const TEST_MS = 300_000;
let installation: Installation;
beforeAll(async () => {
  installation = await makeInstallation(sharedServers());
}, TEST_MS);
afterAll(() => installation.dispose(), TEST_MS);

/** The message and what to do, once it was seen that nothing else was said. */
async function failure(service: string, more: Environment = {}): Promise<readonly string[]> {
  const env = {
    ...installation.env,
    API_PORT: '0',
    VERIFIER_PORT: '0',
    PROJECTOR_PORT: '0',
    LOG_LEVEL: 'error',
    ...more,
  };
  const { code, stdout, stderr } = await runKeyfold(['serve', '--services', service], env);
  expect([code, stdout], stderr).toEqual([1, '']);
  expect(stderr).not.toMatch(/\{|\bat .+:\d+:\d+|node_modules/);
  const lines = stderr.trimEnd().split('\n');
  expect(lines.length, stderr).toBeLessThanOrEqual(2);
  return lines;
}

describe('a start that fails', { timeout: TEST_MS }, () => {
  test('for an unsafe topic names the topic, all of its settings and the setting that chooses another', async () => {
    const prefix = `unsafe_${randomUUID().slice(0, 8)}`;
    const admin = installation.kafka.admin();
    await admin.connect();
    try {
      const configEntries = [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'retention.ms', value: '5' },
      ];
      await admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic: `${prefix}.log`, numPartitions: 4, replicationFactor: 1, configEntries }],
      });
      const [line, advice] = await failure('projector', { KAFKA_TOPIC_PREFIX: prefix });
      expect(line).toBe(
        `UNSAFE_LOG: topic ${prefix}.log: KAFKA_PARTITIONS is 3, but the topic has 4: set it to 4; ` +
          'cleanup.policy is compact, needed is delete; retention.ms is 5, needed is -1; ' +
          'compression.type is producer, needed is uncompressed',
      );
      expect(advice).toContain('KAFKA_TOPIC_PREFIX');
    } finally {
      await admin.deleteTopics({ topics: [`${prefix}.log`] });
      await admin.disconnect();
    }
  });

  test('for options of MONGODB_URL that the driver does not know names it, and repeats nothing of it', async () => {
    const url = 'mongodb://bob:canary@127.0.0.1:1/x?nonsense=1';
    const lines = await failure('api', { MONGODB_URL: url });
    expect(lines[0]).toBe('BAD_SETTINGS: MONGODB_URL is not understood');
    expect(lines.join()).not.toContain('canary');
  });
});

test(
  'parked records are counted where a projector runs only; a database or a topic that was emptied is not served',
  { timeout: TEST_MS },
  async () => {
    const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 1 });
    const shown = async (url: string): Promise<boolean> =>
      /^keyfold_parked_records /m.test(await (await fetch(`${url}/metrics`)).text());
    await createKey(await system.api());
    const { api, verifiers, projectors } = system.addresses;
    expect(await Promise.all([api, ...verifiers].map(shown))).toEqual([false, false]);
    expect(await Promise.all(projectors.map(shown))).toEqual([true]);
    await system.stop();

    const url = installation.env.MONGODB_URL ?? '';
    const client = await MongoClient.connect(url);
    await client.db(installation.database).dropDatabase();
    for (const service of ['api', 'projector']) {
      const [line, advice] = await failure(service);
      expect(line).toMatch(/^DATA_LOST: the data keys are gone/);
      expect(advice).toMatch(/MONGODB_URL.*backup.*KEYFOLD_ACCEPT_LOST_DATA_KEYS=true/);
    }
    const path = 'generations.g1.checkpoint';
    await client
      .db(installation.database)
      .collection('control')
      .updateOne({}, { $set: { [path]: { 0: 1_000_000 } } });
    await client.close();
    const [line, advice] = await failure('verifier');
    expect(line).toMatch(/^DATA_LOST: the log has lost events/);
    expect(advice).toContain(`${installation.topic} back from a backup`);
  },
);
