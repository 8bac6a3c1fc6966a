// Counting answers by code and keyspace: in plain numbers on the hot path, handed on to the metrics once a second.
import { entryOf } from '../../events/keyspaces/state.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Checker } from './checker.ts';
import type { VerifyRequest } from './request.ts';
import type { Verdict, VerifyCode } from './verify.ts';

export interface OutcomeCounter {
  /** An answer about which nothing was proven; of no keyspace. */
  countStale(): void;
  /** Under the keyspace that was asked for, if the installation has it, else under the key's: never under a caller's text. */
  count(verdict: Verdict, asked: Pick<VerifyRequest, 'keyspace'>): void;
  /** Hands on what was counted. */
  flush(): void;
}

const FLUSH_MS = 1000;
const NONE = '';

export interface OutcomeCounterOptions {
  readonly metrics: Pick<Metrics, 'verifications'>;
  readonly checker: Pick<Checker, 'view'>;
}

export function createOutcomeCounter({ metrics: { verifications }, checker }: OutcomeCounterOptions): OutcomeCounter {
  const counts = new Map<string, Map<string, number>>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const [keyspace, codes] of counts)
      for (const [code, count] of codes) verifications.inc({ code, keyspace }, count);
    counts.clear();
  }

  function add(code: VerifyCode | 'STALE', keyspace: string): void {
    let codes = counts.get(keyspace);
    if (codes === undefined) counts.set(keyspace, (codes = new Map<string, number>()));
    codes.set(code, (codes.get(code) ?? 0) + 1);
    timer ??= setTimeout(flush, FLUSH_MS).unref();
  }

  function keyspaceOf(verdict: Verdict, asked: string | undefined): string {
    const own = 'record' in verdict && verdict.record !== null ? verdict.record.policy.keyspace : NONE;
    if (asked === undefined || asked === own) return own;
    const view = checker.view();
    return view !== null && entryOf(view.keyspaces, asked) !== undefined ? asked : own;
  }

  return {
    countStale: () => add('STALE', NONE),
    count: (verdict, { keyspace }) => add(verdict.code, keyspaceOf(verdict, keyspace)),
    flush,
  };
}
