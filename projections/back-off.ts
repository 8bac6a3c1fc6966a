// Back-off: how long to wait before the next try. Doubled each time, capped, with jitter so that processes that failed
// together do not come back together. Never gives up (P5).
import { setTimeout as sleep } from 'node:timers/promises';

export interface BackOffOptions {
  readonly firstMs?: number;
  readonly maxMs?: number;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
}

export interface BackOff {
  /** Waits a little longer than the last time; ends early, without an error, when the signal aborts. */
  pause(signal: AbortSignal): Promise<void>;
  /** Something went well: the next pause is the shortest again. */
  reset(): void;
}

export function createBackOff({ firstMs = 50, maxMs = 5000, random = Math.random }: BackOffOptions = {}): BackOff {
  let tries = 0;
  return {
    async pause(signal) {
      const longest = Math.min(maxMs, firstMs * 2 ** Math.min(tries, 30));
      tries += 1;
      await sleep(longest * (0.5 + random() / 2), undefined, { signal }).catch(() => undefined);
    },
    reset() {
      tries = 0;
    },
  };
}
