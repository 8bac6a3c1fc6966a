// protocol T: which topics are fit to hold a log, decided from what the broker tells of them.
import kafkajs, { type Admin } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { ensureTopic, topicFaults, type TopicFacts } from '../../events/logs/kafka-topic.ts';

const safe: TopicFacts = {
  settings: new Map([
    ['cleanup.policy', 'delete'],
    ['retention.ms', '-1'],
    ['retention.bytes', '-1'],
    ['unclean.leader.election.enable', 'false'],
    ['min.insync.replicas', '2'],
    ['compression.type', 'uncompressed'],
    ['max.message.bytes', '1048588'],
  ]),
  partitions: 6,
  replicationFactor: 3,
};
const wanted = { topic: 't', partitions: 6 };
const withSetting = (name: string, value: string): TopicFacts => {
  return { ...safe, settings: new Map([...safe.settings, [name, value]]) };
};

describe('protocol T: a topic', () => {
  test('that keeps everything, in two places at least, is fit', () => {
    expect(topicFaults(safe, wanted)).toEqual([]);
    expect(topicFaults(withSetting('min.insync.replicas', '3'), wanted)).toEqual([]);
    expect(topicFaults({ ...safe, replicationFactor: 2 }, wanted)).toEqual([]);
    expect(topicFaults(withSetting('max.message.bytes', '4194304'), wanted)).toEqual([]);
  });

  test.each([
    ['cleanup.policy', 'compact', 'delete'],
    ['cleanup.policy', 'compact,delete', 'delete'],
    ['retention.ms', '604800000', '-1'],
    ['retention.bytes', '1073741824', '-1'],
    ['unclean.leader.election.enable', 'true', 'false'],
    ['compression.type', 'producer', 'uncompressed'],
    ['compression.type', 'zstd', 'uncompressed'],
    ['max.message.bytes', '1000000', '1048588 to 4194304'],
    ['max.message.bytes', '20971520', '1048588 to 4194304'],
    ['min.insync.replicas', '1', '2 to 3 (replication factor 3)'],
    ['min.insync.replicas', '4', '2 to 3 (replication factor 3)'],
  ])('with %s=%s is refused, and told what is needed', (setting, found, needed) => {
    const faults = topicFaults(withSetting(setting, found), wanted);
    expect(faults).toEqual([`${setting} is ${found}, needed is ${needed}`]);
  });

  test('with two copies must have both in sync, with one copy one', () => {
    const one = withSetting('min.insync.replicas', '1');
    expect(topicFaults({ ...one, replicationFactor: 2 }, wanted)).toHaveLength(1);
    expect(topicFaults({ ...one, replicationFactor: 1 }, wanted)).toEqual([]);
    expect(topicFaults({ ...safe, replicationFactor: 1 }, wanted)).toHaveLength(1);
  });

  test('whose settings the broker does not tell is refused', () => {
    expect(topicFaults({ ...safe, settings: new Map() }, wanted)).toHaveLength(7);
  });

  test('with another number of partitions is refused, and KAFKA_PARTITIONS named', () => {
    expect(topicFaults(safe, { ...wanted, partitions: 3 })).toEqual([
      'KAFKA_PARTITIONS is 3, but the topic has 6: set it to 6',
    ]);
  });

  /** A broker that tells of a topic with these settings, once it has been asked for it `unknown` times. */
  function brokerWith(settings: Iterable<readonly [string, string]>, unknown: readonly Error[] = []): Admin {
    const entries = [...settings].map(([configName, configValue]) => ({ configName, configValue }));
    const errors = [...unknown];
    const topics = [{ name: 't', partitions: Array(6).fill({ replicas: [1, 2, 3] }) }];
    const admin = {
      listTopics: () => Promise.resolve(['t']),
      fetchTopicMetadata: async () => {
        const error = errors.shift();
        if (error) throw error;
        return Promise.resolve({ topics });
      },
      describeConfigs: () => Promise.resolve({ resources: [{ configEntries: entries }] }),
    };
    return admin as unknown as Admin;
  }
  const protocolError = (type: string, retriable: boolean): Error =>
    Object.assign(new kafkajs.KafkaJSProtocolError(type), { retriable });

  test('that a broker does not know yet is asked for again; what does not pass by itself is told at once', async () => {
    const unknown = protocolError('UNKNOWN_TOPIC_OR_PARTITION', true);
    await ensureTopic(brokerWith(safe.settings, [unknown, unknown]), wanted);
    const denied = protocolError('TOPIC_AUTHORIZATION_FAILED', false);
    await expect(ensureTopic(brokerWith(safe.settings, [denied]), wanted)).rejects.toBe(denied);
  });

  test('that is wrong in several ways is refused for all of them at once', async () => {
    const admin = brokerWith([...safe.settings, ['cleanup.policy', 'compact'], ['retention.ms', '5']]);
    await expect(ensureTopic(admin, { topic: 't', partitions: 3 })).rejects.toThrow(
      'topic t: KAFKA_PARTITIONS is 3, but the topic has 6: set it to 6; ' +
        'cleanup.policy is compact, needed is delete; retention.ms is 5, needed is -1',
    );
  });

  test('for records that are kept for a while must be kept exactly so long', () => {
    const week = 7 * 24 * 3_600_000;
    const kept = { ...wanted, retention: { ms: week, setting: 'KAFKA_USAGE_RETENTION' } };
    expect(topicFaults(withSetting('retention.ms', String(week)), kept)).toEqual([]);
    expect(topicFaults(safe, kept)).toEqual([`retention.ms is -1, needed is ${week} (KAFKA_USAGE_RETENTION)`]);
  });
});
