// Backends: the logs and the read store of an installation, embedded or on Kafka and MongoDB. The adapters are imported
// when they are needed, so that an embedded start loads neither client library.
import type { EventLog } from '../events/log.ts';
import type { StorageError } from '../events/logs/sqlite-errors.ts';
import type { ReadStore } from '../projections/read-store.ts';
import { checkBackends } from './lost-data.ts';
import { checkPartitionCount } from './partition-check.ts';
import type { Logger } from './shared/logger.ts';
import type { KafkaSettings, Settings } from './shared/settings.ts';

export interface Backends {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** What verifiers have decided (events/usage.ts); not kept for ever. */
  readonly usage: EventLog;
  /** The public topic; `null` on embedded storage, whose events are followed over HTTP. */
  readonly events: EventLog | null;
  close(): Promise<void>;
}

type OnDamaged = (error: StorageError) => void;

/**
 * Opens all, or none.
 *
 * @param onDamaged called when a file of the store turns out to be damaged later on.
 * @throws `WrongPartitionsError` the log was made with another number of partitions.
 * @throws `LostDataError` one of the two lacks what the other stands on.
 */
export async function openBackends(
  settings: Settings,
  logger: Logger,
  now: string,
  onDamaged: OnDamaged = () => undefined,
): Promise<Backends> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened) await each.close();
  };
  try {
    const log = await openLog(settings, logger);
    opened.push(log);
    const store = await openStore(settings, logger, now, onDamaged);
    opened.push(store);
    if (settings.storage.kind === 'distributed') await checkPartitionCount(store, log.partitions);
    const usage = await openUsage(settings, logger);
    opened.push(usage);
    const events = await openPublicTopic(settings, logger);
    if (events) opened.push(events);
    await checkBackends({ log, store }, settings, logger);
    return { log, store, usage, events, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openLog({ storage, dataFolder }: Settings, logger: Logger): Promise<EventLog> {
  if (storage.kind === 'embedded') {
    const { openEmbeddedLog } = await import('../events/logs/embedded.ts');
    return openEmbeddedLog({ directory: dataFolder });
  }
  const { openKafkaLog } = await import('../events/logs/kafka.ts');
  return openKafkaLog({ ...topicOf(storage.kafka, 'log'), logger });
}

const UNCOUNTED = 'Remove it, and its -wal: checks that are not counted yet are lost, and nothing else.';

async function openUsage({ storage, dataFolder }: Settings, logger: Logger): Promise<EventLog> {
  if (storage.kind === 'embedded') {
    const { openEmbeddedLog } = await import('../events/logs/embedded.ts');
    const held = { file: 'usage.db', trims: true, largeRecords: true };
    return openEmbeddedLog({ directory: dataFolder, ...held, ifDamaged: UNCOUNTED });
  }
  const { openKafkaLog } = await import('../events/logs/kafka.ts');
  const retention = { ms: storage.kafka.usageRetentionMs, setting: 'KAFKA_USAGE_RETENTION' };
  return openKafkaLog({ ...topicOf(storage.kafka, 'usage'), retention, logger });
}

async function openPublicTopic({ storage }: Settings, logger: Logger): Promise<EventLog | null> {
  if (storage.kind === 'embedded') return null;
  const { openKafkaLog } = await import('../events/logs/kafka.ts');
  return openKafkaLog({ ...topicOf(storage.kafka, 'events'), logger });
}

function topicOf({ brokers, topicPrefix, partitions, replicationFactor, ssl, sasl }: KafkaSettings, name: string) {
  return {
    ...{ brokers, ssl, topic: `${topicPrefix}.${name}`, partitions },
    ...(sasl ? { sasl } : {}),
    ...(replicationFactor ? { replicationFactor } : {}),
  };
}

async function openStore(
  { storage, dataFolder }: Settings,
  logger: Logger,
  now: string,
  onDamaged: OnDamaged,
): Promise<ReadStore> {
  if (storage.kind === 'embedded') {
    const { openEmbeddedStore } = await import('../projections/stores/embedded.ts');
    const onRemade = () =>
      logger.warn('read.db is of another version of Keyfold: the read models are made again from the log');
    return openEmbeddedStore({ directory: dataFolder, now, onDamaged, onRemade });
  }
  const { openMongoStore } = await import('../projections/stores/mongodb.ts');
  return openMongoStore({ url: storage.mongodbUrl, now });
}
