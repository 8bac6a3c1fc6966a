// What need not be kept of usage goes: rows that have expired, callers that are erased, and of the log what is counted. Any
// number may do so at once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../events/log.ts';
import { covers, encodePosition } from '../events/position.ts';
import type { ReadStore } from './read-store.ts';
import { usagePosition } from './usage.ts';

export interface UsageTidyingOptions {
  /** The usage log. */
  readonly usage: Pick<EventLog, 'end' | 'trim'>;
  readonly store: Pick<ReadStore, 'usage' | 'reads' | 'sessions'>;
  /** ISO time. */
  readonly now: () => string;
}

const POLL_MS = 20;
const PATIENCE_MS = 10_000;

/** @param isOver whether to leave the rest for the next time. */
export async function tidyUsage({ usage, store, now }: UsageTidyingOptions, isOver: () => boolean): Promise<void> {
  for (const records of [store.usage, store.reads, store.sessions])
    while (!isOver() && (await records.sweep(now())) > 0);
  const checkpoint = usagePosition(await store.usage.checkpoints());
  if (covers(await usage.end(), checkpoint)) await usage.trim?.(checkpoint);
}

/**
 * Waits until what is in the log now is counted, which a projector does meanwhile, and tidies: then nothing that callers
 * were erased of by now lies in the log or in the store.
 *
 * @param patienceMs how long nothing may be counted, in milliseconds, before it is waited for no more.
 * @returns whether all was counted; what was not is in the log still, as it was recorded.
 */
export async function settleUsage(
  options: UsageTidyingOptions & { readonly signal: AbortSignal; readonly patienceMs?: number },
): Promise<boolean> {
  const { usage, store, signal, patienceMs = PATIENCE_MS } = options;
  const end = await usage.end();
  const isAll = await isCounted();
  await tidyUsage(options, () => signal.aborted);
  return isAll;

  async function isCounted(): Promise<boolean> {
    let last = '';
    for (let until = performance.now() + patienceMs; performance.now() < until;) {
      const counted = usagePosition(await store.usage.checkpoints());
      if (covers(counted, end)) return true;
      const position = encodePosition(counted);
      if (position !== last) until = performance.now() + patienceMs;
      last = position;
      await sleep(POLL_MS, undefined, { signal });
    }
    return false;
  }
}
