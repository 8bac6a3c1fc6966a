// The loop of one generation: reads the log from the generation's checkpoint and projects batch after batch, for ever.
// Nothing throws out of it (P5): what passes by itself is retried with back-off, what cannot be mended stops it visibly.
import { PositionOutOfRangeError, type EventLog, type LogBatch } from '../events/log.ts';
import type { Position } from '../events/position.ts';
import type { BackOffOptions } from './back-off.ts';
import { prepareBatch, projectBatch, readAhead, type Ahead, type BatchResult, type Prepared } from './batch.ts';
import { createPersistence, type LoopState } from './persistence.ts';
import type { DataKeys } from './personal.ts';
import { readAheadOf, type ReadAhead } from './read-ahead.ts';
import type { GenerationId, ReadStore } from './read-store.ts';
import type { Reduction } from './reduce.ts';
import { GenerationDroppedError } from './stores/generations.ts';
import type { ProjectionLogger } from './troubles.ts';

export interface GenerationLoop {
  state(): LoopState;
  /** Ends after the step under way; resolves then. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly generation: GenerationId;
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly dataKeys: Pick<DataKeys, 'open' | 'destroy'>;
  readonly group: string;
  /** Most records that are folded and written at once. */
  readonly batchSize: number;
  readonly now: () => string;
  readonly logger: ProjectionLogger;
  readonly backOff?: BackOffOptions;
  readonly onBatch?: (result: BatchResult) => void;
}

export function startGenerationLoop(options: LoopOptions): GenerationLoop {
  const { generation, log, store, group, batchSize, logger } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const { state, become, isAborted, pause, troubled, retried } = createPersistence({
    signal,
    onTrouble: (error, reason) => logger.warn({ err: error, generation }, `projector waits: ${reason}`),
    backOff: options.backOff ?? {},
  });
  const batchOptions = { ...options, writer: store.writer(generation) };
  /** Of the part that comes next, where it could be. */
  let prepared: Prepared | null = null;

  /** A generation that is gone needs no more of it. */
  const unlessDropped =
    <T>(work: () => Promise<T>) =>
    async (): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof GenerationDroppedError) stopping.abort();
        throw error;
      }
    };

  /** Asked anew in each rebalance. A generation that is gone has no checkpoint: nothing may be read into it from 0. */
  async function from(): Promise<Position> {
    const control = await retried(() => store.control());
    const found = control?.generations.find(({ id }) => id === generation);
    if (found?.status === 'live' || found?.status === 'building') return found.checkpoint;
    stopping.abort();
    return {};
  }

  /** Each is read, loaded and reduced while the one in front of it is written. */
  async function project(ahead: Ahead, reading: ReadAhead<Ahead>): Promise<void> {
    let mine = prepared;
    prepared = null;
    const result = await retried(
      unlessDropped(() => {
        const once = mine;
        mine = null;
        return projectBatch(batchOptions, ahead, { prepared: once, beforeWrite });
      }),
    );
    if (!result) return;
    for (const { position, aggregateId, reason } of result.parked) {
      logger.error({ generation, position, aggregateId, reason }, 'a record was parked');
    }
    for (const lifted of result.lifted) logger.info({ generation, ...lifted }, 'a parked record was settled');
    options.onBatch?.(result);

    async function beforeWrite(reduction: Reduction): Promise<void> {
      const following = reading.peek();
      prepared = following ? await prepareBatch(batchOptions, following, reduction) : null;
    }
  }

  async function run(): Promise<void> {
    while (!isAborted()) {
      try {
        const parts = inParts(log.read({ from, group, signal }), batchSize);
        const reading = readAheadOf(parts, (part) => readAhead(options, part), signal);
        for (let ahead = await reading.next(); ahead && !isAborted(); ahead = await reading.next()) {
          await project(ahead, reading);
        }
        // Only an end that nobody asked for: the log was closed under us.
        if (!isAborted()) await pause();
      } catch (error) {
        if (isAborted()) break;
        if (error instanceof PositionOutOfRangeError) {
          // T: stops and says so, it never jumps.
          logger.error({ err: error, generation }, 'projector stopped: its position is not in the log');
          become('stopped', `generation ${generation} cannot go on: ${error.message}`);
          return;
        }
        await troubled(error);
      }
    }
    become('ended');
  }

  const done = run();
  return {
    state,
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

/** Batches in parts of at most `size` records; a batch's last part carries its `next`. */
export async function* inParts(
  batches: AsyncIterable<LogBatch>,
  size: number,
): AsyncGenerator<LogBatch, void, undefined> {
  for await (const { partition, records, next } of batches) {
    const count = Math.max(1, Math.ceil(records.length / size));
    for (let index = 0; index < count; index++) {
      const part = records.slice(index * size, (index + 1) * size);
      const last = part.at(-1);
      yield { partition, records: part, next: index === count - 1 || !last ? next : last.offset + 1 };
    }
  }
}
