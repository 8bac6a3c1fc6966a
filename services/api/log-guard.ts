// The log guard: the API's log and read store, watched for a log that ends before what the read models were made from. Once
// that was seen nothing is appended any more (T): what landed there no reader would ever fold.
import { checkReaches, LogUnavailableError, PositionOutOfRangeError, type EventLog } from '../../events/log.ts';
import { furthest, type Position } from '../../events/position.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { createTicker } from '../../projections/ticker.ts';
import type { ProjectionLogger } from '../../projections/troubles.ts';

export interface LogGuard {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** Why nothing is appended any more, for operators; `null`: the log reaches as far as it was read. */
  lost(): string | null;
  start(): void;
  stop(): Promise<void>;
}

/** Nothing was written: the log is not the one that the read models were made from. */
export class LogLostError extends LogUnavailableError {
  constructor() {
    super('the log is not the one that the read models were made from');
  }
}

export interface LogGuardOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly logger: Pick<ProjectionLogger, 'error'>;
  /** How often it looks by itself, in milliseconds; else it learns from what passes through it. */
  readonly intervalMs?: number;
  /** How long a log may end too early, as a broker that lost its lead may say, until only a start looks again. */
  readonly graceMs?: number;
}

export function createLogGuard(options: LogGuardOptions): LogGuard {
  const { log, store, logger, intervalMs = 5000, graceMs = 30_000 } = options;
  /** As far as the read models are known to have come. */
  let reached: Position = {};
  let lost: string | null = null;
  /** Since when, on the monotonic clock. */
  let lostSince = Infinity;

  const note = (checkpoint: Position): void => {
    reached = furthest(reached, checkpoint);
  };

  /** @param before noted before the log was asked. */
  function look(end: Position, before: Position): void {
    try {
      checkReaches(end, before);
      if (performance.now() - lostSince >= graceMs) return;
      lost = null;
      lostSince = Infinity;
    } catch (error) {
      if (!(error instanceof PositionOutOfRangeError)) throw error;
      if (lost === null)
        logger.error({ err: error }, 'nothing is appended any more: the log is not the one that was read');
      lost = error.message;
      lostSince = Math.min(lostSince, performance.now());
    }
  }

  const guarded: EventLog = {
    ...log,
    async append(records, options) {
      if (lost !== null) throw new LogLostError();
      const before = reached;
      const positions = await log.append(records, options);
      // Where a record lies the log ended until then.
      for (const { partition, offset } of positions) look({ ...before, [partition]: offset }, before);
      if (lostSince !== Infinity) lostSince = -Infinity; // what was written there is no passing word of a broker
      return positions;
    },
    async end() {
      const before = reached;
      const end = await log.end();
      look(end, before);
      if (lost !== null) throw new LogLostError();
      return end;
    },
  };
  const ticker = createTicker({
    intervalMs,
    async work() {
      const { live, generations } = await store.control();
      note(generations.find(({ id }) => id === live)?.checkpoint ?? {});
      await guarded.end();
    },
    onError: () => undefined, // readiness says already what does not answer
  });
  return {
    log: guarded,
    store: {
      ...store,
      read: (work) =>
        store.read((view) => {
          note(view.checkpoint);
          return work(view);
        }),
    },
    lost: () => lost,
    start: () => ticker.start(),
    stop: () => ticker.stop(),
  };
}
