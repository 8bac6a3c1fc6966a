// Slots: at most so many pieces of work at once; the others wait their turn, and give up when nobody waits for them.

export interface Slots {
  /** `null`: `until` aborted before its turn came. */
  run<T>(work: () => Promise<T>, until: AbortSignal): Promise<T | null>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();

  function take(until: AbortSignal): Promise<boolean> | boolean {
    if (until.aborted) return false;
    if (free > 0) {
      free--;
      return true;
    }
    return new Promise((resolve) => {
      const giveUp = (): void => {
        waiting.delete(turn);
        resolve(false);
      };
      const turn = (): void => {
        waiting.delete(turn);
        until.removeEventListener('abort', giveUp);
        resolve(true);
      };
      waiting.add(turn);
      until.addEventListener('abort', giveUp);
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next) next();
    else free++;
  }

  return {
    run: async (work, until) => {
      if (!(await take(until))) return null;
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
