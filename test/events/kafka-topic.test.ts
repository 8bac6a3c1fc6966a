// protocol T: which topics are fit to hold a log, decided from what the broker tells of them.
import { describe, expect, test } from 'vitest';
import { topicFaults, type TopicFacts } from '../../events/logs/kafka-topic.ts';

const safe: TopicFacts = {
  settings: new Map([
    ['cleanup.policy', 'delete'],
    ['retention.ms', '-1'],
    ['retention.bytes', '-1'],
    ['unclean.leader.election.enable', 'false'],
    ['min.insync.replicas', '2'],
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
  });

  test.each([
    ['cleanup.policy', 'compact', 'delete'],
    ['cleanup.policy', 'compact,delete', 'delete'],
    ['retention.ms', '604800000', '-1'],
    ['retention.bytes', '1073741824', '-1'],
    ['unclean.leader.election.enable', 'true', 'false'],
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
    expect(topicFaults({ ...safe, settings: new Map() }, wanted)).toHaveLength(5);
  });

  test('with another number of partitions is refused', () => {
    expect(topicFaults(safe, { ...wanted, partitions: 3 })).toEqual(['partitions is 6, needed is 3']);
  });

  test('for records that are kept for a while must be kept exactly so long', () => {
    const week = 7 * 24 * 3_600_000;
    expect(topicFaults(withSetting('retention.ms', String(week)), { ...wanted, retentionMs: week })).toEqual([]);
    expect(topicFaults(safe, { ...wanted, retentionMs: week })).toHaveLength(1);
  });
});
