// A topic that may hold a log: made with the settings that keep every record for ever, and checked at every start.
// An unsafe topic is refused with every setting's name, what was found and what is needed. // T
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs'; // Node sees only some of its exports by name
import { UnsafeLogError } from '../log.ts';
import type { AdapterLogger } from './kafka-client.ts';

/** What a topic must be like. */
export interface TopicRequirements {
  readonly topic: string;
  readonly partitions: number;
  /** Copies of each partition, used when the topic is made; default: 3, or as many as there are brokers. */
  readonly replicationFactor?: number;
  /** How long records are kept, in milliseconds, and the setting that says so; absent: for ever. */
  readonly retention?: { readonly ms: number; readonly setting: string };
}

/** What a topic is like: its settings as the broker tells them, partitions, and the smallest number of copies. */
export interface TopicFacts {
  readonly settings: ReadonlyMap<string, string>;
  readonly partitions: number;
  readonly replicationFactor: number;
}

const FOR_EVER = -1;
const CHECKED = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'unclean.leader.election.enable',
  'min.insync.replicas',
  'compression.type',
  'max.message.bytes',
];

/**
 * Bytes of the largest batch of records that the broker may take, after it has unpacked it. At least Kafka's default, which
 * has room for any event (MAX_RECORD_BYTES); at most what every reader can hold many times over.
 */
export const MESSAGE_BYTES = { min: 1_048_588, max: 4_194_304 } as const;

/**
 * Makes the topic when it is absent, and checks it.
 *
 * @throws {@link UnsafeLogError} naming every setting that is not right.
 */
export async function ensureTopic(admin: Admin, wanted: TopicRequirements, logger?: AdapterLogger): Promise<void> {
  const { topic, partitions } = wanted;
  if (!(await admin.listTopics()).includes(topic)) {
    const factor = wanted.replicationFactor ?? Math.min(3, (await admin.describeCluster()).brokers.length);
    const settings = {
      'cleanup.policy': 'delete',
      'retention.ms': String(wanted.retention?.ms ?? FOR_EVER),
      'retention.bytes': '-1',
      'unclean.leader.election.enable': 'false',
      'min.insync.replicas': String(factor === 1 ? 1 : 2),
      // Whatever others send is unpacked by the broker: readers can take any record, and know how large it may be.
      'compression.type': 'uncompressed',
      'max.message.bytes': String(MESSAGE_BYTES.min),
    };
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    // Answers false if another process was first; what it made is checked like any other.
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: factor, configEntries }],
      waitForLeaders: true,
    });
  }
  const facts = await whenKnown(() => describeTopic(admin, topic));
  const faults = topicFaults(facts, wanted);
  if (faults.length > 0) throw new UnsafeLogError(`topic ${topic}: ${faults.join('; ')}`);
  if (facts.replicationFactor === 1) {
    const reason = 'one copy of every record (replication factor 1): a lost disk is a lost log';
    logger?.warn({ topic, 'min.insync.replicas': 1 }, `topic ${topic} keeps ${reason}`);
  }
}

const MOST_QUESTIONS = 20;
const PAUSE_MS = 100;

/** A topic that was just made is not known to every broker at once, nor has it a leader for every partition. */
async function whenKnown<T>(ask: () => Promise<T>): Promise<T> {
  for (let asked = 1; ; asked++) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof kafkajs.KafkaJSProtocolError && error.retriable;
      if (!passes || asked === MOST_QUESTIONS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

async function describeTopic(admin: Admin, topic: string): Promise<TopicFacts> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: CHECKED }],
  });
  const partitions = topics[0]?.partitions ?? [];
  return {
    settings: new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue])),
    partitions: partitions.length,
    replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
  };
}

/** What makes a topic unfit for a log, one sentence each, with what is needed; none if it is fit. */
export function topicFaults(facts: TopicFacts, wanted: TopicRequirements): string[] {
  const { settings, partitions, replicationFactor } = facts;
  const exact = {
    'cleanup.policy': 'delete',
    'retention.ms': String(wanted.retention?.ms ?? FOR_EVER),
    'retention.bytes': '-1',
    'unclean.leader.election.enable': 'false',
    'compression.type': 'uncompressed',
  };
  const faults: string[] = [];
  const need = (setting: string, found: string, needed: string): void => {
    faults.push(`${setting} is ${found}, needed is ${needed}`);
  };
  // Partitions cannot be taken away, and more of them would part the later events of a key from its earlier ones.
  if (partitions !== wanted.partitions)
    faults.push(`KAFKA_PARTITIONS is ${wanted.partitions}, but the topic has ${partitions}: set it to ${partitions}`);
  for (const [setting, needed] of Object.entries(exact)) {
    const found = settings.get(setting) ?? 'unknown';
    const why = setting === 'retention.ms' && wanted.retention ? ` (${wanted.retention.setting})` : '';
    if (found !== needed) need(setting, found, needed + why);
  }
  const bytes = Number(settings.get('max.message.bytes'));
  const { min, max } = MESSAGE_BYTES;
  if (!(bytes >= min && bytes <= max)) need('max.message.bytes', String(bytes), `${min} to ${max}`);
  // One copy is allowed where there is only one; else an acknowledged record must be in two places at least.
  const inSync = Number(settings.get('min.insync.replicas'));
  if (replicationFactor === 1 && inSync !== 1) need('min.insync.replicas', String(inSync), '1 (replication factor 1)');
  if (replicationFactor > 1 && !(inSync >= 2 && inSync <= replicationFactor)) {
    need('min.insync.replicas', String(inSync), `2 to ${replicationFactor} (replication factor ${replicationFactor})`);
  }
  return faults;
}
