// Turns at something that one at a time may hold, by name: first come, first served.

export interface Turns {
  /** Resolves when it is the caller's turn, with the function that ends it; with `undefined` if the signal came first. */
  take(name: string, signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createTurns(): Turns {
  const queues = new Map<string, (() => void)[]>();
  return {
    take: (name, signal) =>
      new Promise((resolve) => {
        const queue = queues.get(name) ?? [];
        queues.set(name, queue);
        const leave = (): void => {
          const place = queue.indexOf(start);
          if (place === -1) return;
          queue.splice(place, 1);
          if (place === 0) queue[0]?.();
          if (queue.length === 0) queues.delete(name);
        };
        const giveUp = (): void => {
          leave();
          resolve(undefined);
        };
        const start = (): void => {
          signal.removeEventListener('abort', giveUp);
          resolve(leave);
        };
        signal.addEventListener('abort', giveUp);
        queue.push(start);
        if (signal.aborted) giveUp();
        else if (queue[0] === start) start();
      }),
  };
}
