// Reads a topic from positions that its caller keeps: kafkajs, held so that it can neither jump nor run ahead.
// Every batch begins exactly where the last one ended; a position outside the log ends the iteration with an error. // T
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Consumer,
  ConsumerCrashEvent,
  ConsumerGroupJoinEvent,
  ConsumerStartBatchProcessEvent,
  EachBatchPayload,
  Kafka,
} from 'kafkajs';
import { PositionOutOfRangeError, type LogBatch, type ReadOptions } from '../log.ts';
import { createHandOver } from './hand-over.ts';
import type { AdapterLogger } from './kafka-client.ts';
import { keepAlive } from './keep-alive.ts';
import { toLogRecord } from './kafka-record.ts';
import { checkPartitions, startOffset, type Marks } from './records.ts';

export interface TopicReaderOptions extends ReadOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Told of a topic that has more partitions than the log: their records are nobody's, and never followed. // T */
  readonly onSurplus: (partitions: number) => void;
  /** Where the records of a key lie. */
  readonly partitionOf: (key: string) => number;
  /** A client for this reader alone; `onError` is told what it logs as an error. */
  readonly createClient: (onError: (message: string) => void) => Kafka;
  /** The marks of every partition, now. */
  readonly marks: () => Promise<readonly Marks[]>;
  readonly clientId: string;
  readonly logger?: AdapterLogger | undefined;
}

/** A reader that runs until it is stopped. */
export interface TopicReader {
  /** The next batch; `undefined` after {@link TopicReader.stop}. Asking says that the last batch is done with. */
  next(): Promise<LogBatch | undefined>;
  /** Leaves the group and disconnects. Safe to call twice. */
  stop(): Promise<void>;
}

/** The partitions that one rebalance gave us, and where each goes on. */
interface Assignment {
  readonly partitions: readonly number[];
  /** Next offset of each partition; empty until the caller has named its position. */
  readonly next: Map<number, number>;
  /** Batches in a row that did not begin where they should, per partition. */
  readonly misses: Map<number, number>;
  /** Settles when the caller has named its position. */
  ready: Promise<void>;
}

const SESSION_TIMEOUT_MS = 10_000; // T: at most; a partition of a dead reader waits so long
const HEARTBEAT_MS = 1000;
/** A rebalance waits so long for the batch that the caller holds; later that batch is handed out a second time. */
const KEEP_ALIVE = { everyMs: HEARTBEAT_MS, graceMs: 5000 };
const REBALANCE_TIMEOUT_MS = 20_000;
const RESTART_MS = 500;
const STOP_TIMEOUT_MS = 5000;
const NO_MARKS: Marks = { low: 0, high: 0 };
const MAX_MISSES = 5;
/** kafkajs tells only its log that it left our position for another one. */
const RESET_LINE = /offset out of range/i;

export function startTopicReader(options: TopicReaderOptions): TopicReader {
  const { topic, partitions, partitionOf, from, marks, signal, clientId, logger } = options;
  const batches = createHandOver<LogBatch>();
  const stopping = new AbortController();
  let assignment: Assignment | undefined;
  let stopped: Promise<void> | undefined;
  /** Where to begin after a rebalance until the caller has answered: spares reading from elsewhere meanwhile. */
  const provisional = new Map<number, number>();

  const client = options.createClient((message) => {
    if (RESET_LINE.test(message) && assignment) void recheck(assignment, assignment.partitions);
  });
  let consumer = newConsumer();

  /** Without a group, in one of its own. */
  function newConsumer(): Consumer {
    const made = client.consumer({
      groupId: options.group ?? `${clientId}-${randomUUID()}`,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: 1000,
      allowAutoTopicCreation: false,
      readUncommitted: true, // an open transaction of somebody else must not hold us back
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 6, restartOnFailure: () => Promise.resolve(false) },
    });
    made.on(made.events.GROUP_JOIN, onJoin);
    made.on(made.events.START_BATCH_PROCESS, onBatch);
    made.on(made.events.CRASH, onCrash);
    return made;
  }

  const isStopping = (): boolean => stopping.signal.aborted;

  const seek = (partition: number, offset: number): void => {
    provisional.set(partition, offset);
    try {
      consumer.seek({ topic, partition, offset: String(offset) });
    } catch {
      // Between a crash and the next run: the rebalance that follows goes there.
    }
  };

  async function currentMarks(): Promise<readonly Marks[]> {
    for (;;) {
      try {
        return await marks();
      } catch (error) {
        if (isStopping()) throw error;
        logger?.debug({ topic, error: String(error) }, 'the log’s marks cannot be read yet');
        await sleep(RESTART_MS, undefined, { signal: stopping.signal });
      }
    }
  }

  /** Asks the caller for its position, checks it, and goes there. // T: inside each GROUP_JOIN */
  async function begin(own: Assignment): Promise<void> {
    const position = await from();
    checkPartitions(position, partitions);
    const found = await currentMarks();
    if (own !== assignment) return;
    for (const partition of own.partitions) {
      const offset = startOffset(position, partition, found[partition] ?? NO_MARKS);
      own.next.set(partition, offset);
      if (provisional.get(partition) !== offset) seek(partition, offset);
    }
  }

  /** After a reset: is our place still in the log? If so go back there, else end with an error. */
  async function recheck(own: Assignment, lost: Iterable<number>): Promise<void> {
    try {
      const found = await currentMarks();
      if (own !== assignment) return;
      for (const partition of lost) {
        const offset = own.next.get(partition);
        if (offset === undefined) continue;
        seek(partition, startOffset({ [partition]: offset }, partition, found[partition] ?? NO_MARKS));
      }
    } catch (error) {
      end(error);
    }
  }

  function end(error: unknown): void {
    if (!isStopping()) batches.fail(error);
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    if (batch.partition >= partitions) {
      payload.resolveOffset(batch.lastOffset());
      return;
    }
    const heartbeat = (): Promise<void> => payload.heartbeat();
    const own = assignment;
    if (!own) return;
    await keepAlive(own.ready, heartbeat, KEEP_ALIVE);
    const isOurs = (): boolean => own === assignment && payload.isRunning() && !isStopping();
    const { partition } = batch;
    const expected = own.next.get(partition);
    if (!isOurs() || expected === undefined) return;
    const first = Number(batch.firstOffset());
    if (first !== expected) {
      // Fetched before the seek, or after a silent reset. The first passes by itself, the second does not.
      const misses = (own.misses.get(partition) ?? 0) + 1;
      own.misses.set(partition, misses);
      if (misses > MAX_MISSES) {
        end(
          new PositionOutOfRangeError(`partition ${partition}: record ${expected} is missing, ${first} came instead`),
        );
      }
      await recheck(own, [partition]);
      return;
    }
    const next = Number(batch.lastOffset()) + 1;
    const records = batch.messages.map((message) => toLogRecord(partition, message, partitionOf));
    const offer = batches.offer({ partition, records, next });
    try {
      await keepAlive(offer.done, heartbeat, KEEP_ALIVE);
    } finally {
      offer.withdraw();
    }
    if (!isOurs()) return;
    own.misses.delete(partition);
    own.next.set(partition, next);
    provisional.set(partition, next);
    payload.resolveOffset(batch.lastOffset());
  }

  /**
   * Offsets that hold nothing for readers, a transaction's markers, are told to nobody: kafkajs steps over them by itself.
   * Our caller has to get past them, too, or it would never reach the end. // T
   */
  function passMarkers(own: Assignment, partition: number, first: number, last: number): void {
    if (own !== assignment || isStopping() || own.next.get(partition) !== first) return;
    const next = last + 1;
    own.next.set(partition, next);
    provisional.set(partition, next);
    // Nobody waits until it is taken: however late that is, all before it was done with, and it stays true.
    batches.offer({ partition, records: [], next });
  }

  function join(own: Assignment): void {
    assignment = own;
    for (const partition of own.partitions) seek(partition, provisional.get(partition) ?? 0);
    own.ready = begin(own).catch((error: unknown) => end(error));
  }

  async function run(): Promise<void> {
    while (!isStopping()) {
      try {
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        if (isStopping()) return;
        await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
        return;
      } catch (error) {
        logger?.warn({ topic, error: String(error) }, 'reading the log cannot begin yet');
        await sleep(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  async function start(): Promise<void> {
    try {
      const position = await from();
      for (let partition = 0; partition < partitions; partition += 1) {
        provisional.set(partition, Math.max(0, position[partition] ?? 0));
      }
    } catch (error) {
      end(error);
      return;
    }
    await run();
  }

  function onJoin({ payload }: ConsumerGroupJoinEvent): void {
    const ready = Promise.resolve();
    const assigned = payload.memberAssignment[topic] ?? [];
    const surplus = assigned.filter((partition) => partition >= partitions);
    if (surplus.length > 0) options.onSurplus(Math.max(...surplus) + 1);
    const ours = assigned.filter((partition) => partition < partitions);
    join({ partitions: ours, next: new Map(), misses: new Map(), ready });
  }

  function onBatch({ payload }: ConsumerStartBatchProcessEvent): void {
    const own = assignment;
    const { partition, batchSize, firstOffset, lastOffset } = payload;
    // No first offset: everything that came lies before what was asked for.
    if (!own || batchSize > 0 || (firstOffset as string | null) === null) return;
    void own.ready.then(() => passMarkers(own, partition, Number(firstOffset), Number(lastOffset)));
  }

  function onCrash({ payload }: ConsumerCrashEvent): void {
    if (isStopping()) return;
    logger?.warn({ topic, error: payload.error.message }, 'reading the log was interrupted, beginning again');
    const restart = sleep(RESTART_MS, undefined, { signal: stopping.signal }).then(runAnew, () => undefined);
    running = Promise.all([running, restart]).then(() => undefined);
  }

  /** It joins as a new member, and a group that the former one could not leave waits for that one's session to end. */
  async function runAnew(): Promise<void> {
    if (options.group === undefined) consumer = newConsumer();
    await run();
  }

  async function leave(): Promise<void> {
    await running; // a consumer that is about to join cannot be stopped: it would stay
    await consumer.disconnect();
  }

  function stop(): Promise<void> {
    if (stopped) return stopped;
    stopping.abort();
    signal.removeEventListener('abort', onAbort);
    assignment = undefined;
    batches.close();
    // A broker that is away must not hold up the caller.
    const late = sleep(STOP_TIMEOUT_MS, undefined, { ref: false });
    return (stopped = Promise.race([leave().catch(() => undefined), late]));
  }

  const onAbort = (): void => void stop();
  signal.addEventListener('abort', onAbort);
  let running = start();
  return { next: () => batches.take(), stop };
}
