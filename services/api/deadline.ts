// Deadlines: how long a request may still wait, on the monotonic clock. Nothing that hangs holds up an answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../../projections/read-store.ts';

/** A moment by which an answer is owed. */
export interface Deadline {
  /** Milliseconds left, 0 when it is over. */
  left(): number;
  readonly signal: AbortSignal;
  /** Waits, at most until the deadline. */
  pause(ms: number): Promise<void>;
}

/** A deadline `ms` from now, or when `signal` aborts, whichever is first. */
export function deadlineIn(ms: number, signal?: AbortSignal): Deadline {
  const end = performance.now() + ms;
  const timeout = AbortSignal.timeout(ms);
  const either = signal ? AbortSignal.any([timeout, signal]) : timeout;
  return {
    left: () => (either.aborted ? 0 : Math.max(0, Math.ceil(end - performance.now()))),
    signal: either,
    pause: (pauseMs) => sleep(pauseMs, undefined, { signal: either }).catch(() => undefined),
  };
}

/** What `work` comes to within `ms`. @throws {@link StoreUnavailableError} it took longer; what it comes to is dropped. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailableError(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
