// Priority: what can wait is written in small pieces, each once nothing is under way that somebody waits for. Bounded, so
// that it is done some time, however much there is of the other.

export interface Priority {
  /** Work that goes first. */
  first<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves once no such work is under way, or after a while. */
  quiet(): Promise<void>;
}

export function createPriority(mostMs: number): Priority {
  const waiting = new Set<() => void>();
  let underWay = 0;

  return {
    async first(work) {
      underWay += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
        if (underWay === 0) for (const go of waiting) go();
      }
    },
    quiet: () =>
      underWay === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            const go = (): void => {
              clearTimeout(timer);
              waiting.delete(go);
              resolve();
            };
            const timer = setTimeout(go, mostMs);
            waiting.add(go);
          }),
  };
}
