// The usage projector: reads the usage log from the store's checkpoint and adds up batch after batch, for ever. Nothing
// throws out of it (P5). Any number of processes may run one: the store's guards keep them apart (P6).
import { setTimeout as sleep } from 'node:timers/promises';
import { PositionOutOfRangeError, type EventLog, type LogBatch } from '../events/log.ts';
import { covers, encodeRecordPosition, type Position } from '../events/position.ts';
import { entryOf } from '../events/keyspaces/state.ts';
import type { BackOffOptions } from './back-off.ts';
import { inParts } from './generation-loop.ts';
import { lagOf } from './health.ts';
import { stepInTurns } from './in-turns.ts';
import { createPersistence, type LoopState } from './persistence.ts';
import type { ReadStore } from './read-store.ts';
import { createTicker } from './ticker.ts';
import type { ProjectionLogger } from './troubles.ts';
import { NOTHING_FOLDED, reduceUsageInSteps, skipLost, type UsageReduction } from './usage-reduce.ts';
import { tidyUsage } from './usage-tidying.ts';
import { usagePosition, type UsageCheckpoint } from './usage.ts';

export interface UsageProjectorOptions {
  /** The usage log. */
  readonly usage: EventLog & { trim?(before: Position): Promise<void> };
  readonly store: Pick<ReadStore, 'usage' | 'read' | 'reads' | 'sessions'>;
  readonly logger: ProjectionLogger;
  /** ISO time. */
  readonly now: () => string;
  /** What the group of readers is named; all processes use the same. */
  readonly group?: string;
  /** Most batches that are added up at once. */
  readonly batchSize?: number;
  /** How often the log's end is looked at, in milliseconds. */
  readonly intervalMs?: number;
  /** How often what has expired is removed, and the log trimmed, in milliseconds. */
  readonly tidyMs?: number;
  /** Verifiers that were not seen for so long are forgotten; longer than the usage log keeps anything. */
  readonly forgetAfterMs?: number;
  readonly backOff?: BackOffOptions;
  readonly hooks?: UsageProjectorHooks;
}

/** For metrics; called synchronously. */
export interface UsageProjectorHooks {
  readonly onBatch?: (reduction: UsageReduction) => void;
  /** Records between the checkpoint and the log's end, once per interval. */
  readonly onLag?: (records: number) => void;
  /** Records that the log's retention removed before they were added up. */
  readonly onLost?: (records: number) => void;
}

export interface UsageProjector {
  start(): void;
  /** Ends after the step under way; of a log that is trimmed, once all that is there is counted and removed, if that is soon. */
  stop(): Promise<void>;
  state(): LoopState;
}

const DAY_MS = 86_400_000;
const REQUEST_LOG_DAYS = 30;
const MAX_REST_MS = 1000;
/** How long a stop waits for what is not counted yet, and for what is to be removed, in milliseconds. */
const LAST_MS = 2000;

export function createUsageProjector(options: UsageProjectorOptions): UsageProjector {
  const { usage, store, logger, now, hooks = {} } = options;
  const { group = 'keyfold-usage', batchSize = 8, intervalMs = 1000, tidyMs = 60_000 } = options;
  const { forgetAfterMs = 14 * DAY_MS } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  /** No rests any more. */
  const hurrying = new AbortController();
  let onFolded = (): void => undefined;
  const known = new Map<number, UsageCheckpoint>();
  let running: Promise<void> | undefined;

  const { state, become, isAborted, pause, troubled, retried } = createPersistence({
    signal,
    onTrouble: (error, reason) => logger.warn({ err: error }, `usage waits: ${reason}`),
    backOff: options.backOff ?? {},
  });

  async function load(): Promise<ReadonlyMap<number, UsageCheckpoint>> {
    const checkpoints = await store.usage.checkpoints();
    for (const [partition, checkpoint] of checkpoints) known.set(partition, checkpoint);
    return checkpoints;
  }

  async function logDays(): Promise<(keyspace: string) => number> {
    const keyspaces = await store.read((view) => view.keyspaces());
    return (slug) => entryOf(keyspaces, slug)?.profile.requestLogDays ?? REQUEST_LOG_DAYS;
  }

  async function fold(batch: LogBatch): Promise<UsageReduction | null> {
    for (;;) {
      const checkpoint = known.get(batch.partition) ?? NOTHING_FOLDED;
      if (batch.next <= checkpoint.offset) return null;
      const loaded = { checkpoint, logDays: await logDays(), forgetAfterMs, now: now() };
      const reduction = await stepInTurns(reduceUsageInSteps(loaded, batch));
      if ((await store.usage.apply(reduction.writes)) === 'applied') {
        known.set(batch.partition, reduction.writes.checkpoint);
        return reduction;
      }
      await load(); // another projector was here
    }
  }

  async function project(batch: LogBatch): Promise<void> {
    const reduction = await retried(() => fold(batch));
    onFolded();
    if (!reduction) return;
    for (const { offset, reason } of reduction.unreadable) {
      const position = encodeRecordPosition({ partition: batch.partition, offset });
      // Not kept: what it counts cannot be known, and nobody is let in by it.
      logger.error({ position, reason }, 'a record of the usage log cannot be read: its checks are not counted');
    }
    hooks.onBatch?.(reduction);
  }

  /**
   * The usage log is not kept for ever, and what it has removed comes back by no waiting: it is said how much was lost, and
   * the rest is counted. This is the one log where a jump is right: counts that are too low are better than none, while a
   * key's state that lacks an event would be wrong (T).
   */
  async function skip({ partition, offset, low }: NonNullable<PositionOutOfRangeError['range']>): Promise<void> {
    const lost = low - offset;
    await retried(async () => {
      const checkpoint = (await load()).get(partition) ?? NOTHING_FOLDED;
      if (checkpoint.offset >= low) return;
      await store.usage.apply(skipLost(checkpoint, partition, low));
      known.set(partition, { ...checkpoint, offset: low });
    });
    logger.error(
      { partition, lost, from: offset, to: low },
      'usage was lost: the log removed it before it was counted',
    );
    hooks.onLost?.(lost);
  }

  /** Checks and changes go first: no more than half of the time is spent on counting. */
  async function rest(ms: number): Promise<void> {
    await sleep(Math.min(ms, MAX_REST_MS), undefined, { signal: AbortSignal.any([signal, hurrying.signal]) }).catch(
      () => undefined,
    );
  }

  async function run(): Promise<void> {
    while (!isAborted()) {
      try {
        const from = async (): Promise<Position> => usagePosition((await retried(load)) ?? new Map());
        for await (const batch of inParts(usage.read({ from, group, signal }), batchSize)) {
          const began = performance.now();
          await project(batch);
          if (isAborted()) break;
          await rest(performance.now() - began);
        }
        if (!isAborted()) await pause(); // the log was closed under us
      } catch (error) {
        if (isAborted()) break;
        const range = error instanceof PositionOutOfRangeError ? error.range : undefined;
        if (range && range.offset < range.low) await skip(range);
        else await troubled(error);
      }
    }
    become('ended');
  }

  const tidy = (isOver: () => boolean): Promise<void> => tidyUsage({ usage, store, now }, isOver);

  /** What was recorded last is counted, too, so that the log need not keep whose calls it was. */
  async function drain(): Promise<void> {
    const end = await usage.end();
    const isCounted = (): boolean => covers(usagePosition(known), end);
    if (isCounted()) return;
    hurrying.abort();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LAST_MS);
      onFolded = () => {
        if (!isCounted()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  let tidied = -Infinity;
  const ticker = createTicker({
    intervalMs,
    async work(aborted) {
      const [end, checkpoints] = [await usage.end(), await store.usage.checkpoints()];
      const checkpoint = usagePosition(checkpoints);
      hooks.onLag?.(lagOf(checkpoint, end));
      if (performance.now() - tidied < tidyMs) return;
      await tidy(() => aborted.aborted);
      tidied = performance.now();
    },
    // The loop's own state says what is wrong.
    onError: () => undefined,
  });

  return {
    start() {
      running ??= run();
      ticker.start();
    },
    async stop() {
      const last = usage.trim !== undefined && state().status === 'running';
      await ticker.stop();
      if (last) await drain().catch(() => undefined);
      stopping.abort();
      await running;
      const until = performance.now() + LAST_MS;
      if (last) await tidy(() => performance.now() > until).catch(() => undefined);
    },
    state,
  };
}
