// Waiting for something to hold of the view: looked at after every step of the fold, bounded by a signal, no polling.

export interface Waiters {
  /** `true` once `holds` does; `false` when the signal aborts first, or at {@link Waiters.close}. */
  wait(holds: () => boolean, signal: AbortSignal): Promise<boolean>;
  /** After every step. */
  wake(): void;
  close(): void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<{ readonly holds: () => boolean; readonly end: (held: boolean) => void }>();
  return {
    wait: async (holds, signal) => {
      if (holds()) return true;
      if (signal.aborted) return false;
      return new Promise((resolve) => {
        const giveUp = (): void => end(false);
        const end = (held: boolean): void => {
          signal.removeEventListener('abort', giveUp);
          waiting.delete(waiter);
          resolve(held);
        };
        const waiter = { holds, end };
        signal.addEventListener('abort', giveUp);
        waiting.add(waiter);
      });
    },
    wake: () => {
      for (const { holds, end } of waiting) if (holds()) end(true);
    },
    close: () => {
      for (const { end } of waiting) end(false);
    },
  };
}
