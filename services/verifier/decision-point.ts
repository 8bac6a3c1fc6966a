// A decision point: a checker, and all that its verdicts go through: limits of keys and of addresses, and the record of what
// was decided. The same behind the verifier's port and in an API that takes keys as its callers (L8).
import type { Readiness } from '../shared/health.ts';
import { createChecker, type Checker, type CheckerOptions } from './checker.ts';
import { systemClock } from './freshness.ts';
import { createInvalidKeys } from './invalid-keys.ts';
import { createJudge, type Judge } from './judge.ts';
import { createLimiter } from './limiter.ts';
import { createUsage, type UsageOptions } from './usage.ts';

export interface DecisionPointOptions extends CheckerOptions {
  /** Where what is decided is recorded; absent: nowhere. */
  readonly recordTo?: Pick<UsageOptions, 'log' | 'folder'>;
}

export interface DecisionPoint extends Omit<Checker, 'stop'> {
  readonly judge: Judge;
  /**
   * Lets whoever waits go at once, answers under its lease until `drained`, then hands back and sends what is left.
   *
   * @param deadlineMs a store or log that hangs must not hold up the process.
   */
  stop(deadlineMs: number, drained?: Promise<unknown>): Promise<void>;
}

/** How long the usage log may take for what is left; the spool keeps the rest. */
const USAGE_STOP_MS = 1000;

export function createDecisionPoint(options: DecisionPointOptions): DecisionPoint {
  const { log, store, logger, metrics, clock = systemClock, recordTo } = options;
  const checker = createChecker(options);
  const usage =
    recordTo === undefined
      ? null
      : createUsage({
          ...{ ...recordTo, logger, metrics, verifier: checker.id, partitions: log.partitions },
          position: () => checker.position(),
        });
  const limiter = createLimiter({ limits: store.limits, verifier: checker.id, clock, metrics });
  const invalidKeys = createInvalidKeys({ clock, onRefused: () => metrics.invalidKeysRefused.inc() });
  const readiness = (): Readiness => usage?.added(checker.readiness()) ?? checker.readiness();
  return {
    ...checker,
    readiness,
    judge: createJudge({ checker, limiter, invalidKeys, recorder: usage }),
    start: () => {
      checker.start();
      usage?.start();
    },
    stop: async (deadlineMs, drained) => {
      const over = AbortSignal.timeout(deadlineMs);
      const late = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()));
      await Promise.race([checker.stop(drained), late]);
      // Nobody asks any more: what is left goes back.
      await Promise.race([limiter.close(), late]);
      await usage?.stop(AbortSignal.timeout(USAGE_STOP_MS));
    },
  };
}
