// One call that answers at once or later, or not in time: exactly one of two things is done with it, once.

/** Calls back once after a time in milliseconds, unless it is cancelled. */
export type Schedule = (work: () => void, ms: number) => () => void;

/** After what has arrived by then: a process that was held up itself must not take its own pause for the other's. */
export const systemSchedule: Schedule = (work, ms) => {
  const timer = setTimeout(() => setImmediate(work), ms).unref();
  return () => clearTimeout(timer);
};

export interface SettleOptions<T> {
  readonly call: () => T | Promise<T>;
  readonly schedule: Schedule;
  /** After which the call counts as failed. */
  readonly timeoutMs: number;
  /** In this very tick where the call answers at once. */
  readonly done: (value: T) => void;
  readonly failed: () => void;
}

export function settle<T>({ call, schedule, timeoutMs, done, failed }: SettleOptions<T>): void {
  let called: T | Promise<T>;
  try {
    called = call();
  } catch {
    failed();
    return;
  }
  if (!(called instanceof Promise)) {
    done(called);
    return;
  }
  let isOpen = true;
  const close = (): boolean => {
    const wasOpen = isOpen;
    isOpen = false;
    return wasOpen;
  };
  const fail = (): void => {
    if (close()) failed();
  };
  const cancel = schedule(fail, timeoutMs);
  called.then(
    (value) => {
      cancel();
      if (close()) done(value);
    },
    () => {
      cancel();
      fail();
    },
  );
}
