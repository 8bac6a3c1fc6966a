// The log guard: the API's log and read store, watched for a log that ends before what the read models were made from. Once
// that was seen nothing is appended any more (T): what landed there no reader would ever fold. Readiness comes from here, too.
import {
  checkReaches,
  LogGoneError,
  LogUnavailableError,
  PositionOutOfRangeError,
  type EventLog,
} from '../../events/log.ts';
import { furthest, type Position } from '../../events/position.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { createTicker } from '../../projections/ticker.ts';
import type { ProjectionLogger } from '../../projections/troubles.ts';
import { combineReadiness, type Readiness } from '../shared/health.ts';
import { createBackendWatch, type BackendWatch } from './backend-watch.ts';
import { inTime } from './deadline.ts';

export interface LogGuard {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** Why nothing is appended any more, for operators; `null`: the log reaches as far as it was read. */
  lost(): string | null;
  /** Of log, read store and read models, as they were seen last. */
  readiness(): Readiness;
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
  readonly watch?: BackendWatch;
}

/** A look that takes longer is given up, so that nobody waits for it; what it finds still counts. */
const LOOK_MS = 2000;

export function createLogGuard(options: LogGuardOptions): LogGuard {
  const { log, store, logger, intervalMs = 1000, graceMs = 30_000, watch = createBackendWatch() } = options;
  /** As far as the read models are known to have come. */
  let reached: Position = {};
  let lost: string | null = null;
  /** Since when, on the monotonic clock. */
  let lostSince = Infinity;

  const note = (checkpoint: Position): void => {
    watch.storeAnswered(checkpoint);
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

  /** Its file has lost its name: no look will find it again. */
  function noteGone(error: unknown): never {
    if (error instanceof LogGoneError && lost === null) {
      logger.error({ err: error }, 'nothing is appended any more: the log is gone');
      lost = error.message;
      lostSince = -Infinity;
    }
    throw error;
  }

  const guarded: EventLog = {
    ...log,
    async append(records, options) {
      if (lost !== null) throw new LogLostError();
      const before = reached;
      const positions = await log.append(records, options);
      watch.logAnswered();
      // Where a record lies the log ended until then.
      for (const { partition, offset } of positions) look({ ...before, [partition]: offset }, before);
      if (lostSince !== Infinity) lostSince = -Infinity; // what was written there is no passing word of a broker
      return positions;
    },
    async end() {
      const before = reached;
      const end = await log.end().catch(noteGone);
      watch.logAnswered(end);
      look(end, before);
      if (lost !== null) throw new LogLostError();
      return end;
    },
  };
  // One each: whoever hangs holds the other one up in nothing.
  const tickers = [lookAtStore, () => guarded.end()].map((look) =>
    createTicker({
      intervalMs,
      async work() {
        await inTime<unknown>(look(), LOOK_MS);
      },
      onError: () => undefined, // readiness says what does not answer
    }),
  );

  async function lookAtStore(): Promise<void> {
    const { live, generations } = await store.control();
    note(generations.find(({ id }) => id === live)?.checkpoint ?? {});
  }

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
    readiness() {
      const degraded = log.faults?.() ?? [];
      const own: Readiness = { ready: lost === null, reasons: lost === null ? [] : [lost], degraded };
      return combineReadiness([own, watch.readiness()]);
    },
    start: () => tickers.forEach((ticker) => ticker.start()),
    async stop() {
      await Promise.all(tickers.map((ticker) => ticker.stop()));
    },
  };
}
