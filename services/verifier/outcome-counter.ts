// Counting answers by code: in plain numbers on the hot path, handed on to the metrics once a second.
import type { Metrics } from '../shared/metrics.ts';
import type { VerifyCode } from './verify.ts';

export interface OutcomeCounter {
  count(code: VerifyCode | 'STALE'): void;
  /** Hands on what was counted. */
  flush(): void;
}

const FLUSH_MS = 1000;

export function createOutcomeCounter({ verifications }: Pick<Metrics, 'verifications'>): OutcomeCounter {
  const counts = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const [code, count] of counts) verifications.inc({ code }, count);
    counts.clear();
  }

  return {
    count: (code) => {
      counts.set(code, (counts.get(code) ?? 0) + 1);
      timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    flush,
  };
}
