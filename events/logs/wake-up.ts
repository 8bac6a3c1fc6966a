// Waking those who wait for something to happen in this process: no polling, no timer.

export interface WakeUp {
  /** Wakes everybody who waits now. */
  wake(): void;
  /** Resolves at the next {@link WakeUp.wake}, or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

export function createWakeUp(): WakeUp {
  const waiting = new Set<() => void>();
  return {
    wake: () => {
      for (const go of waiting) go();
    },
    wait: (signal) =>
      new Promise((resolve) => {
        const go = (): void => {
          waiting.delete(go);
          signal.removeEventListener('abort', go);
          resolve();
        };
        waiting.add(go);
        signal.addEventListener('abort', go);
        if (signal.aborted) go();
      }),
  };
}
