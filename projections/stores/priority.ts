// Priority: what can wait is written in small pieces, each once nothing is under way that somebody waits for. Bounded, so
// that it is done some time, however much there is of the other.

export interface Priority {
  /** Work that goes first. */
  first<T>(work: () => Promise<T>): Promise<T>;
  /** For the pieces of one work that can wait: each call resolves once nothing goes first, or after a while. */
  after(): () => Promise<void>;
}

export interface PriorityOptions {
  /** How long a piece waits at most, in milliseconds … */
  readonly pieceMs: number;
  /** … and all pieces of a work together. */
  readonly workMs: number;
}

export function createPriority({ pieceMs, workMs }: PriorityOptions): Priority {
  const waiting = new Set<() => void>();
  let underWay = 0;

  const quiet = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, ms);
      waiting.add(go);
    });

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
    after: () => {
      let left = workMs;
      return async () => {
        if (underWay === 0 || left <= 0) return;
        const since = performance.now();
        await quiet(Math.min(pieceMs, left));
        left -= performance.now() - since;
      };
    },
  };
}
