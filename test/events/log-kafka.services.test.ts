// The log on a real Kafka: the port's contract, protocol T, rebalances, and brokers that freeze, die and come back.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { Kafka, logLevel, type Admin, type ITopicConfig } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  AppendUnknownError,
  LogUnavailableError,
  PositionOutOfRangeError,
  UnsafeLogError,
  type EventLog,
  type LogBatch,
  type LogRecord,
} from '../../events/log.ts';
import type { AdapterLogger } from '../../events/logs/kafka-client.ts';
import { openKafkaLog, type KafkaLogOptions } from '../../events/logs/kafka.ts';
import { covers, furthest, type Position } from '../../events/position.ts';
import { eventLogContract, readToEnd, record } from '../contracts/event-log.ts';
import { startKafka, type KafkaServer } from '../services/servers.ts';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
const byHand = new Kafka({ brokers, logLevel: logLevel.NOTHING });
const topics: string[] = [];
const topicName = (): string => {
  const topic = `test-${randomUUID()}`;
  topics.push(topic);
  return topic;
};
let admin: Admin;

/** A zstd frame whose blocks are kept as they are (RFC 8878). */
function zstdFrame(bytes: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 5);
  header.writeUIntLE((bytes.length << 3) | 1, 9, 3); // the last block, raw
  return Buffer.concat([header, bytes]);
}

beforeAll(async () => {
  admin = byHand.admin();
  await admin.connect();
});

afterAll(async () => {
  const left = (await admin.listTopics()).filter((topic) => topics.includes(topic));
  if (left.length > 0) await admin.deleteTopics({ topics: left });
  await admin.disconnect();
});

eventLogContract('Kafka', async () => {
  const options: KafkaLogOptions = { brokers, topic: topicName(), partitions: 3, clientId: 'contract' };
  const log = await openKafkaLog(options);
  let current = log;
  return {
    log,
    reopen: async () => {
      await current.close();
      current = await openKafkaLog(options);
      return current;
    },
    appendByHand: async ({ key, value }) => {
      const producer = byHand.producer();
      await producer.connect();
      await producer.send({ topic: options.topic, messages: [{ key, value: Buffer.from(value) }] });
      await producer.disconnect();
    },
    dispose: async () => {
      await current.close();
      await admin.deleteTopics({ topics: [options.topic] });
    },
  };
});

describe('the log on Kafka', () => {
  let open: EventLog[] = [];
  const openLog = async (options: Partial<KafkaLogOptions> = {}): Promise<EventLog> => {
    const log = await openKafkaLog({ brokers, topic: topicName(), partitions: 3, ...options });
    open.push(log);
    return log;
  };

  afterEach(async () => {
    await Promise.all(open.map((log) => log.close()));
    open = [];
  });

  describe('protocol T: the topic', () => {
    const refusal = async (
      configEntries: { name: string; value: string }[],
      topicConfig: Partial<ITopicConfig> = {},
    ): Promise<Error> => {
      const topic = topicName();
      await admin.createTopics({
        topics: [{ topic, numPartitions: 3, configEntries, ...topicConfig }],
        waitForLeaders: true,
      });
      const error: unknown = await openLog({ topic }).catch((reason: unknown) => reason);
      await admin.deleteTopics({ topics: [topic] });
      expect(error).toBeInstanceOf(UnsafeLogError);
      return error as Error;
    };
    const keep = { name: 'retention.ms', value: '-1' };

    test('a compacted topic is refused, and the setting named', async () => {
      const error = await refusal([keep, { name: 'cleanup.policy', value: 'compact' }]);
      expect(error.message).toContain('cleanup.policy is compact, needed is delete');
    });

    test('a topic that forgets is refused: by time (as by default), and by size', async () => {
      expect((await refusal([])).message).toContain('retention.ms is 604800000, needed is -1');
      const error = await refusal([keep, { name: 'retention.bytes', value: '1000000' }]);
      expect(error.message).toContain('retention.bytes is 1000000, needed is -1');
    });

    test('a topic that lets a stale replica lead is refused', async () => {
      const error = await refusal([keep, { name: 'unclean.leader.election.enable', value: 'true' }]);
      expect(error.message).toContain('unclean.leader.election.enable is true, needed is false');
    });

    test('a topic that keeps what others compress is refused, and one that takes records of any size', async () => {
      const whole = { name: 'compression.type', value: 'uncompressed' };
      expect((await refusal([keep])).message).toContain('compression.type is producer, needed is uncompressed');
      const error = await refusal([keep, whole, { name: 'max.message.bytes', value: '20971520' }]);
      expect(error.message).toContain('max.message.bytes is 20971520, needed is 1048588 to 4194304');
    });

    test('protocol T: what others compress, by whatever codec, is unpacked by the broker, and is refused if it is too large then', async () => {
      const topic = topicName();
      const log = await openLog({ topic, partitions: 1 });
      const { CompressionTypes, CompressionCodecs } = kafkajs;
      // Nobody here could unpack it again.
      CompressionCodecs[CompressionTypes.ZSTD] = () => ({
        compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(zstdFrame(buffer)),
        decompress: () => Promise.reject(new Error('no codec for zstd')),
      });
      const producer = byHand.producer({ retry: { retries: 0 } });
      await producer.connect();
      const send = (compression: kafkajs.CompressionTypes, value: Buffer) =>
        producer.send({ topic, compression, messages: [{ key: 'theirs', value }] });
      await send(CompressionTypes.ZSTD, Buffer.from('by zstd'));
      await send(CompressionTypes.GZIP, Buffer.from('by gzip'));
      await expect(send(CompressionTypes.GZIP, Buffer.alloc(20_000_000))).rejects.toThrow(/larger than the max/);
      await producer.disconnect();
      await log.append([record('ours', 'after them')]);
      const values = (await readToEnd(log)).map(({ value }) => Buffer.from(value).toString());
      expect(values).toEqual(['by zstd', 'by gzip', 'after them']);
    });

    test('protocol T: partitions that are added while it is read are nobody’s: never read, never part of the end, and named', async () => {
      const topic = topicName();
      const log = await openLog({ topic, partitions: 2 });
      expect(log.faults?.()).toEqual([]);
      await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
      const producer = byHand.producer();
      await producer.connect();
      const stray = [2, 3].map((partition) => ({ partition, key: 'a', value: 'stray' }));
      await vi.waitUntil(() => producer.send({ topic, messages: stray }).catch(() => false), { timeout: 30_000 });
      await producer.disconnect();
      await log.append(['a', 'b', 'c', 'd'].map((key) => record(key, 'ours')));
      expect(Object.keys(await log.end())).toEqual(['0', '1']);
      const read = await readToEnd(log);
      expect(read.map(({ value }) => Buffer.from(value).toString())).toEqual(['ours', 'ours', 'ours', 'ours']);
      // A reader that stays meets them, too, and passes them over.
      const stop = new AbortController();
      const partitions = new Set<number>();
      const reading = (async () => {
        for await (const batch of log.read({ from: () => ({}), signal: stop.signal })) partitions.add(batch.partition);
      })();
      await vi.waitUntil(() => log.faults?.().length === 1, { timeout: 60_000 });
      await log.append(['a', 'b', 'c', 'd'].map((key) => record(key, 'more')));
      await vi.waitUntil(() => partitions.size === 2, { timeout: 60_000 });
      stop.abort();
      await reading;
      expect([...partitions].sort()).toEqual([0, 1]);
      expect(log.faults?.()).toEqual([
        expect.stringContaining('has 4 partitions, the log was made with 2 (KAFKA_PARTITIONS)'),
      ]);
    });

    test('a topic whose records are kept for a while is made so, checked, and refused by the name of its setting', async () => {
      const topic = topicName();
      const retention = (ms: number) => ({ retention: { ms, setting: 'KAFKA_USAGE_RETENTION' } });
      const log = await openLog({ topic, ...retention(3_600_000) });
      await log.append([record('a', 'one')]);
      expect(await readToEnd(log)).toHaveLength(1);
      await openLog({ topic, ...retention(3_600_000) });
      await expect(openLog({ topic, ...retention(7_200_000) })).rejects.toThrow(
        'retention.ms is 3600000, needed is 7200000 (KAFKA_USAGE_RETENTION)',
      );
      await expect(openLog({ topic })).rejects.toThrow('retention.ms is 3600000, needed is -1');
    });

    test('a topic with another number of partitions is refused', async () => {
      expect((await refusal([keep], { numPartitions: 4 })).message).toContain(
        'KAFKA_PARTITIONS is 3, but the topic has 4: set it to 4',
      );
    });

    test('a topic that no append could ever be acknowledged in is refused', async () => {
      const error = await refusal([keep, { name: 'min.insync.replicas', value: '2' }]);
      expect(error.message).toContain('min.insync.replicas is 2, needed is 1');
    });

    test('one that is absent is made safe, by two processes at once too; one copy of everything is warned of', async () => {
      const topic = topicName();
      const warnings: string[] = [];
      const logger = { debug: () => undefined, warn: (_: object, message: string) => void warnings.push(message) };
      const [one, two] = await Promise.all([openLog({ topic, logger }), openLog({ topic })]);
      await Promise.all([one.append([record('a', '1')]), two.append([record('a', '2')])]);
      expect(await readToEnd(await openLog({ topic }))).toHaveLength(2);
      expect(warnings).toEqual([expect.stringContaining('replication factor 1')]);
    });
  });

  test('brokers that cannot be reached are told as such', async () => {
    await expect(openLog({ brokers: ['127.0.0.1:1'] })).rejects.toThrow(LogUnavailableError);
  });

  test('a key lies where every other Kafka client looks for it', async () => {
    const topic = topicName();
    const log = await openLog({ topic });
    const keys = Array.from({ length: 50 }, (_, n) => `key_${n}`);
    const ours = await log.append(keys.map((key) => record(key)));
    const theirs = byHand.producer();
    await theirs.connect();
    for (const [n, key] of keys.entries()) {
      const [answer] = await theirs.send({ topic, messages: [{ key, value: 'x' }] });
      expect(answer?.partition).toBe(ours[n]?.partition);
    }
    await theirs.disconnect();
  });

  test('protocol T: a position below the low mark is refused at the start, the rest is read', async () => {
    const topic = topicName();
    const log = await openLog({ topic, partitions: 1 });
    await log.append(Array.from({ length: 100 }, (_, n) => record('a', String(n))));
    await deleteBefore(topic, '40');
    for (const from of [{}, { 0: 39 }]) {
      const batches = log.read({ from: () => from, signal: new AbortController().signal });
      await expect(batches[Symbol.asyncIterator]().next()).rejects.toThrow(PositionOutOfRangeError);
    }
    expect(await readToEnd(log, { 0: 40 })).toHaveLength(60);
  });

  test('protocol T: a reader whose next records are deleted stops and says so, before and after new ones come', async () => {
    for (const more of [false, true]) {
      const topic = topicName();
      const log = await openLog({ topic, partitions: 1 });
      await log.append([record('a', 'first')]);
      const batches = log.read({ from: () => ({}), signal: new AbortController().signal })[Symbol.asyncIterator]();
      await batches.next(); // held while the next records come and go
      await log.append([record('a', 'second'), record('a', 'third')]);
      await deleteBefore(topic, '3');
      if (more) await log.append([record('a', 'fourth')]);
      await expect(batches.next()).rejects.toThrow(PositionOutOfRangeError);
    }
  });

  test('protocol T: every rebalance of a shared group goes on from the caller’s position, not from 0', async () => {
    const log = await openLog();
    let stored: Position = {};
    const again: string[] = [];
    const started: string[] = [];
    const progress = new EventTarget();
    const reader = async (name: string, stop: AbortController): Promise<void> => {
      const from = (): Position => {
        started.push(name);
        return stored;
      };
      for await (const batch of log.read({ from, group, signal: stop.signal })) {
        const before = stored[batch.partition] ?? 0;
        for (const { offset } of batch.records) if (offset < before) again.push(`${name} ${batch.partition}:${offset}`);
        stored = furthest(stored, { [batch.partition]: batch.next });
        seenBy.set(batch.partition, name);
        progress.dispatchEvent(new Event('batch'));
      }
    };
    const group = `group-${randomUUID()}`;
    const seenBy = new Map<number, string>();
    const appendAndWait = async (): Promise<void> => {
      await log.append(Array.from({ length: 60 }, (_, n) => record(`key-${n}`)));
      const wanted = await log.end();
      await until(progress, () => covers(stored, wanted));
    };
    const [one, two] = [new AbortController(), new AbortController()];
    const first = reader('first', one);
    await appendAndWait();
    const second = reader('second', two);
    while (![...seenBy.values()].includes('second')) await appendAndWait(); // until it has got its share
    one.abort();
    await first;
    await appendAndWait();
    expect([...seenBy.values()]).toEqual(['second', 'second', 'second']);
    two.abort();
    await second;
    expect(started.length).toBeGreaterThanOrEqual(4);
    expect(again).toEqual([]);
  });

  test('a reader may take longer over a batch than its session lasts', async () => {
    const log = await openLog({ partitions: 1 });
    await log.append([record('a', '0')]);
    let asked = 0;
    const from = (): Position => {
      asked += 1;
      return {};
    };
    const batches = log.read({ from, signal: new AbortController().signal })[Symbol.asyncIterator]();
    const first = (await batches.next()) as IteratorYieldResult<LogBatch>;
    const before = asked;
    await log.append([record('a', '1')]);
    await sleep(12_000); // the session's ten seconds have to pass: there is no sooner event to wait for
    const second = (await batches.next()) as IteratorYieldResult<LogBatch>;
    expect(second.value.records[0]?.offset).toBe(first.value.next);
    expect(asked).toBe(before);
    await batches.return?.();
  });

  describe('protocol T: nothing depends on Kafka’s transactions', () => {
    /** A transaction of somebody else's producer over the given keys; `over` ends it. */
    const transact = async (topic: string, keys: readonly string[], over: 'commit' | 'abort'): Promise<void> => {
      const { end } = await begin(topic, keys);
      await end(over);
    };
    const begin = async (topic: string, keys: readonly string[]) => {
      const producer = byHand.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: keys.map((key) => ({ key, value: 'by hand' })) });
      const end = async (over: 'commit' | 'abort'): Promise<void> => {
        await transaction[over]();
        await producer.disconnect();
      };
      return { end };
    };

    test('protocol T: a reader reaches an end that is made of transaction markers, and hands out what comes behind', async () => {
      const topic = topicName();
      const log = await openLog({ topic });
      const keys = Array.from({ length: 12 }, (_, n) => `key-${n}`);
      await log.append(keys.map((key) => record(key, 'before')));
      await transact(topic, keys, 'commit');
      await transact(topic, keys, 'abort');
      // Readers read uncommitted records: what was aborted is theirs, too, for every one of them.
      expect(await readToEnd(log)).toHaveLength(36);
      const end = await log.end();
      expect(Object.values(end).reduce((sum, offset) => sum + offset)).toBeGreaterThan(36);
      expect(await readToEnd(log, end)).toEqual([]);

      // Between records and from a position among the markers as well.
      const stop = new AbortController();
      const reached: Record<number, number> = { ...end };
      const seen: LogRecord[] = [];
      const progress = new EventTarget();
      const reading = (async () => {
        const from = Object.fromEntries(Object.entries(end).map(([partition, offset]) => [partition, offset - 1]));
        for await (const batch of log.read({ from: () => from, signal: stop.signal })) {
          seen.push(...batch.records);
          expect(batch.next).toBeGreaterThanOrEqual(reached[batch.partition] ?? 0);
          reached[batch.partition] = batch.next;
          progress.dispatchEvent(new Event('batch'));
        }
      })();
      for (const over of ['commit', 'abort'] as const) {
        await transact(topic, keys, over);
        const wanted = await log.end();
        await until(progress, () => covers(reached, wanted));
      }
      await log.append(keys.map((key) => record(key, 'after')));
      const wanted = await log.end();
      await until(progress, () => covers(reached, wanted));
      stop.abort();
      await reading;
      expect(seen).toHaveLength(36);
      expect(seen.filter(({ value }) => Buffer.from(value).toString() === 'after')).toHaveLength(12);
    });

    test('protocol T: a transaction that hangs holds back neither the end nor a reader, also where it starts', async () => {
      const topic = topicName();
      const log = await openLog({ topic, partitions: 1 });
      const { end } = await begin(topic, ['a', 'a']);
      const [position] = await log.append([record('a', 'behind it')]);
      expect(position).toEqual({ partition: 0, offset: 2 });
      expect(await log.end()).toEqual({ 0: 3 });
      expect(await readToEnd(log)).toHaveLength(3);
      expect(await readToEnd(log, { 0: 3 })).toEqual([]);
      await end('abort');
    });
  });

  test('protocol F1: a record in another partition than its key’s is told as such, any other is not', async () => {
    const topic = topicName();
    const log = await openLog({ topic });
    const [right] = await log.append([record('a')]);
    const producer = byHand.producer();
    await producer.connect();
    const wrong = ((right?.partition ?? 0) + 1) % 3;
    await producer.send({ topic, messages: [{ key: 'a', value: 'x', partition: wrong }] });
    await producer.send({ topic, messages: [{ key: null, value: 'x', partition: wrong }] });
    await producer.disconnect();
    const found = (await readToEnd(log)).map(({ partition, key, misplaced }) => ({ partition, key, misplaced }));
    expect(found).toHaveLength(3);
    expect(found.filter(({ misplaced }) => misplaced)).toEqual([{ partition: wrong, key: 'a', misplaced: true }]);
  });

  describe('with a broker of its own', () => {
    let kafka: KafkaServer;

    beforeAll(async () => {
      kafka = await startKafka();
    });

    afterAll(async () => {
      await kafka.stop();
    });

    test('a frozen broker: an append under way is unknown at its deadline, one that waits was not written; then it goes on', async () => {
      const topic = topicName();
      const log = await openLog({ brokers: kafka.brokers.split(','), topic });
      await log.append([record('a', 'before')]);
      const [node] = kafka.nodes;
      node.freeze();
      const started = performance.now();
      const unknown = expect(log.append([record('a', 'unknown')], { deadlineMs: 1000 })).rejects.toThrow(
        AppendUnknownError,
      );
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      const unwritten = expect(log.append([record('a', 'unwritten')], { deadlineMs: 500 })).rejects.toThrow(
        LogUnavailableError,
      );
      await Promise.all([unknown, unwritten]);
      expect(performance.now() - started).toBeLessThan(4000);
      await expect(log.end()).rejects.toThrow(LogUnavailableError);
      node.thaw();
      const [position] = await log.append([record('a', 'after')], { deadlineMs: 60_000 });
      const records = await readToEnd(log);
      const values = records.map(({ value }) => Buffer.from(value).toString());
      expect(values.filter((value) => value === 'before')).toHaveLength(1);
      expect(values.filter((value) => value === 'after').length).toBeGreaterThanOrEqual(1); // copies are normal
      expect(values).not.toContain('unwritten');
      expect(
        records.find(({ partition, offset }) => partition === position?.partition && offset === position.offset)?.value,
      ).toEqual(record('a', 'after').value);
    });

    test('a broker that dies and comes back: producer and readers go on by themselves, nothing acknowledged is lost', async () => {
      const log = await openLog({ brokers: kafka.brokers.split(',') });
      const acknowledged = new Map<string, string>();
      const found = new Map<string, string>();
      const reached: Record<number, number> = {};
      const gaps: string[] = [];
      const progress = new EventTarget();
      const stop = new AbortController();
      const reading = (async () => {
        for await (const batch of log.read({ from: () => ({ ...reached }), signal: stop.signal })) {
          if (batch.records[0]?.offset !== (reached[batch.partition] ?? 0))
            gaps.push(`${batch.partition}:${batch.next}`);
          for (const entry of batch.records)
            found.set(`${entry.partition}:${entry.offset}`, Buffer.from(entry.value).toString());
          reached[batch.partition] = batch.next;
          progress.dispatchEvent(new Event('batch'));
        }
      })();
      let writing = true;
      const acknowledgedUpTo = (count: number): Promise<void> => until(progress, () => acknowledged.size >= count);
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; writing; n += 1) {
          const value = `${writer}/${n}`;
          try {
            const [position] = await log.append([record(`key-${writer}`, value)], { deadlineMs: 5000 });
            if (position) acknowledged.set(`${position.partition}:${position.offset}`, value);
            progress.dispatchEvent(new Event('append'));
          } catch (error) {
            expect(error).toSatisfy((e) => e instanceof AppendUnknownError || e instanceof LogUnavailableError);
          }
        }
      });
      await acknowledgedUpTo(200);
      for (let round = 0; round < 2; round += 1) {
        await kafka.nodes[0].restart();
        await acknowledgedUpTo(acknowledged.size + 200);
      }
      writing = false;
      await Promise.all(writers);
      const end = await log.end();
      await until(progress, () => covers(reached, end));
      stop.abort();
      await reading;
      for (const [position, value] of acknowledged) expect(found.get(position)).toBe(value);
      expect(gaps).toEqual([]);
    });

    test('a reader in no group waits for nobody once its broker is back: it does not join the group that it died in', async () => {
      const clientId = `alone-${randomUUID()}`;
      const ofBroker = { brokers: kafka.brokers.split(','), clientId };
      const warn = vi.fn<AdapterLogger['warn']>();
      const log = await openLog({ ...ofBroker, logger: { debug: () => undefined, warn } });
      const stop = new AbortController();
      const batches = log.read({ from: () => ({}), signal: stop.signal })[Symbol.asyncIterator]();
      const groups = async (): Promise<readonly string[]> => {
        const own = new Kafka({ ...ofBroker, logLevel: logLevel.NOTHING }).admin();
        await own.connect();
        const { groups: listed } = await own.listGroups();
        await own.disconnect();
        return listed.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(clientId));
      };
      await log.append([record('a')]);
      await batches.next();
      const next = batches.next();
      const before = await groups();
      await kafka.nodes[0].kill();
      await vi.waitFor(
        () => expect(warn).toHaveBeenCalledWith(expect.anything(), expect.stringMatching('interrupted')),
        {
          timeout: 60_000,
        },
      );
      await kafka.nodes[0].restart();
      await log.append([record('a')], { deadlineMs: 60_000 });
      await next;
      expect(before).toHaveLength(1);
      expect((await groups()).filter((group) => !before.includes(group))).not.toEqual([]);
      stop.abort();
    });

    test('closing does not wait for a broker that is gone', async () => {
      const log = await openLog({ brokers: kafka.brokers.split(',') });
      const reading = (async () => {
        const batches = log.read({ from: () => ({}), signal: new AbortController().signal })[Symbol.asyncIterator]();
        await batches.next();
        await batches.next();
      })();
      await log.append([record('a')]);
      await kafka.nodes[0].kill();
      const started = performance.now();
      await log.close();
      await reading;
      expect(performance.now() - started).toBeLessThan(20_000);
    });
  });

  test('protocol T: on three brokers a topic is made with two in-sync copies, and one that needs a single one is refused', async () => {
    const cluster = await startKafka({ nodes: 3 });
    const threeBrokers = cluster.brokers.split(',');
    const clusterAdmin = new Kafka({ brokers: threeBrokers, logLevel: logLevel.NOTHING }).admin();
    await clusterAdmin.connect();
    try {
      const log = await openLog({ brokers: threeBrokers });
      await Promise.all(Array.from({ length: 50 }, (_, n) => log.append([record(`key-${n}`)])));
      expect(await readToEnd(log)).toHaveLength(50);
      await log.close();
      const topic = topicName();
      const configEntries = [
        { name: 'retention.ms', value: '-1' },
        { name: 'min.insync.replicas', value: '1' },
      ];
      await clusterAdmin.createTopics({
        topics: [{ topic, numPartitions: 3, replicationFactor: 3, configEntries }],
        waitForLeaders: true,
      });
      const refused = openLog({ brokers: threeBrokers, topic });
      await expect(refused).rejects.toThrow('min.insync.replicas is 1, needed is 2 to 3 (replication factor 3)');
    } finally {
      await clusterAdmin.disconnect();
      await cluster.stop();
    }
  });
});

/** Moves the low mark of a topic's partition 0. */
async function deleteBefore(topic: string, offset: string): Promise<void> {
  await admin.fetchTopicOffsets(topic); // the admin client must know the partition's leader
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
}

/** Resolves once the condition holds; looked at whenever something happens. */
function until(events: EventTarget, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (!condition()) return;
      for (const type of ['batch', 'append']) events.removeEventListener(type, check);
      resolve();
    };
    for (const type of ['batch', 'append']) events.addEventListener(type, check);
    check();
  });
}
