// The log on Kafka: appends are batched, acknowledged by all in-sync replicas, and have a deadline of their own.
// Nothing depends on transactions or the idempotent producer: copies of a record are normal, readers ignore them. // T
import { setMaxListeners } from 'node:events';
import kafkajs, { Partitioners, type Admin, type Producer, type RecordMetadata } from 'kafkajs';
import {
  AppendUnknownError,
  LogUnavailableError,
  UnsafeLogError,
  type EventLog,
  type LogBatch,
  type NewRecord,
  type ReadOptions,
} from '../log.ts';
import type { Position, RecordPosition } from '../position.ts';
import { coalesce } from './coalesce.ts';
import { createGroupCommit } from './group-commit.ts';
import { createAdmin, createClient, REQUEST_TIMEOUT_MS, type KafkaConnection } from './kafka-client.ts';
import { startTopicReader, type TopicReader } from './kafka-reader.ts';
import { toMessage } from './kafka-record.ts';
import { ensureTopic, type TopicRequirements } from './kafka-topic.ts';
import { measureRecord, type Marks } from './records.ts';

export type { AdapterLogger, KafkaConnection } from './kafka-client.ts';
export type { TopicRequirements } from './kafka-topic.ts';

/** Options of {@link openKafkaLog}. */
export type KafkaLogOptions = KafkaConnection & TopicRequirements;

/** One request stays below `message.max.bytes` (1 MiB by default) in every partition. */
const MAX_REQUEST = { maxRecords: 1000, maxBytes: 500_000 };
const DEFAULT_DEADLINE_MS = 10_000;
const END_DEADLINE_MS = 5000;

/**
 * Opens a log on a topic, making the topic when it is absent.
 *
 * @throws {@link UnsafeLogError} the topic would lose or reorder records; the message names the setting.
 * @throws {@link LogUnavailableError} no broker can be reached, or it refuses us.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const client = createClient(options);
  const admin = createAdmin(client);
  const producer = client.producer({
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0, // chosen by us, always
  });
  try {
    await admin.connect().catch(refused);
    await ensureTopic(admin, options, options.logger).catch(refusedUnlessFinal);
    await producer.connect().catch(refused);
  } catch (error) {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
    throw error;
  }
  return createKafkaLog(options, admin, producer);
}

function refused(error: unknown): never {
  throw new LogUnavailableError(`Kafka cannot be reached: ${describe(error)}`, { cause: error });
}

/** What does not pass by itself stays what it is: an unsafe topic, a request that the cluster will never take. */
function refusedUnlessFinal(error: unknown): never {
  const final = error instanceof kafkajs.KafkaJSProtocolError && !error.retriable;
  if (final || error instanceof UnsafeLogError) throw error;
  refused(error);
}

function createKafkaLog(options: KafkaLogOptions, admin: Admin, producer: Producer): EventLog {
  const { topic, partitions, clientId = 'keyfold', logger } = options;
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const readers = new Set<TopicReader>();
  const partitionOf = createPartitioner(topic, partitions);
  /** As many as the topic was seen to have. */
  let seen = partitions;
  const onSurplus = (found: number): void => {
    if (found <= seen) return;
    seen = found;
    logger?.warn({ topic, partitions, found }, 'the topic was given more partitions than the log has');
  };

  async function send(records: readonly NewRecord[]): Promise<RecordPosition[]> {
    const chosen = records.map(({ key }) => partitionOf(key));
    const messages = records.map((record, index) => toMessage(record, chosen[index] ?? 0));
    const answers = await producer
      .send({ topic, acks: -1, timeout: REQUEST_TIMEOUT_MS, messages })
      .catch((error: unknown) => {
        throw new AppendUnknownError(`not acknowledged: ${describe(error)}`, { cause: error });
      });
    return positionsOf(chosen, answers);
  }

  const commits = createGroupCommit({
    write: async (records) => {
      const positions: RecordPosition[] = [];
      for (const request of requestsOf(records)) positions.push(...(await send(request)));
      return positions;
    },
    ...MAX_REQUEST,
    defaultDeadlineMs: DEFAULT_DEADLINE_MS,
  });

  const marks = coalesce(async (): Promise<readonly Marks[]> => {
    const answer = await admin.fetchTopicOffsets(topic).catch(refused);
    onSurplus(answer.length);
    const found = new Map(
      answer.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
    );
    return Array.from({ length: partitions }, (_, partition) => {
      const own = found.get(partition);
      if (!own) throw new LogUnavailableError(`topic ${topic} does not tell the marks of partition ${partition}`);
      return own;
    });
  });

  async function* read(reading: ReadOptions): AsyncGenerator<LogBatch, void, undefined> {
    const signal = AbortSignal.any([reading.signal, closing.signal]);
    if (signal.aborted) return;
    const connect = (onError: (message: string) => void) => createClient(options, onError);
    const reader = startTopicReader({
      ...reading,
      signal,
      topic,
      partitions,
      onSurplus,
      partitionOf,
      createClient: connect,
      marks,
      clientId,
      logger,
    });
    readers.add(reader);
    try {
      for (;;) {
        const batch = await reader.next();
        if (!batch) return;
        yield batch;
      }
    } finally {
      await reader.stop();
      readers.delete(reader);
    }
  }

  async function end(): Promise<Position> {
    const found = await withDeadline(marks(), END_DEADLINE_MS);
    return Object.fromEntries(found.map(({ high }, partition) => [partition, high]));
  }

  let closed: Promise<void> | undefined;
  return {
    partitions,
    append: (records, appending) => commits.append(records, appending?.deadlineMs),
    read,
    end,
    faults: () =>
      seen === partitions
        ? []
        : [
            `the topic ${topic} has ${seen} partitions, the log was made with ${partitions} (KAFKA_PARTITIONS): what lies in the others is nobody's, and no process starts on it`,
          ],
    close: () =>
      (closed ??= (async () => {
        closing.abort();
        await Promise.all([withDeadline(commits.close(), DEFAULT_DEADLINE_MS).catch(() => undefined), ...stopAll()]);
        await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
      })()),
  };

  function stopAll(): Promise<void>[] {
    return [...readers].map((reader) => reader.stop());
  }
}

/** Kafka's own choice for a key (murmur2), so that other tools find the same partition. */
function createPartitioner(topic: string, partitions: number): (key: string) => number {
  const choose = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => {
    return { partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] };
  });
  return (key) => choose({ topic, partitionMetadata, message: { key, value: null } });
}

/** Cuts records into requests that the broker takes, in order. */
function* requestsOf(records: readonly NewRecord[]): Generator<readonly NewRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const own = measureRecord(record);
    const full = bytes + own > MAX_REQUEST.maxBytes || index - start >= MAX_REQUEST.maxRecords;
    if (full && index > start) {
      yield records.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += own;
  }
  yield records.slice(start);
}

/** The broker tells where a partition's part of a request begins; within it records lie in the order of sending. */
function positionsOf(chosen: readonly number[], answers: readonly RecordMetadata[]): RecordPosition[] {
  const next = new Map(answers.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
  return chosen.map((partition) => {
    const offset = next.get(partition);
    // A leader that moved between two attempts can be left out without an error.
    if (offset === undefined || !(offset >= 0))
      throw new AppendUnknownError(`partition ${partition} did not acknowledge`);
    next.set(partition, offset + 1);
    return { partition, offset };
  });
}

async function withDeadline<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new LogUnavailableError(`Kafka did not answer within ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
