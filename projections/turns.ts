// Turns: who catches up does it in turn, so that a process has time for others. So many at once and no more, fewer of one
// caller; callers take turns, each caller's own come in the order in which they asked.

/** Of one who follows: a turn is asked for, taken and given back, again and again. */
export interface Turn {
  /** Resolves once it may go on, in a turn of the event loop that has just begun; at once while it has a turn. */
  take(): Promise<void>;
  /** Gives back what was taken, or asks no more; what was asked for never resolves then. Whether it had a turn. */
  release(): boolean;
}

export interface Turns {
  /** @param caller has a share of its own. */
  of(caller: string): Turn;
}

export interface TurnsOptions {
  readonly atOnce: number;
  readonly perCaller: number;
}

interface Line {
  taken: number;
  /** Those who wait, first come first. */
  readonly waiting: Set<() => void>;
}

export function createTurns({ atOnce, perCaller }: TurnsOptions): Turns {
  /** Of those who have a turn or wait for one; whose turn it was last is last. */
  const lines = new Map<string, Line>();
  let taken = 0;
  let granting = false;

  /** Not at once: between two turns the event loop goes round. */
  function grantSoon(): void {
    if (granting) return;
    granting = true;
    setImmediate(grant);
  }

  function grant(): void {
    granting = false;
    while (taken < atOnce) {
      const next = [...lines].find(([, line]) => line.taken < perCaller && line.waiting.size > 0);
      if (!next) return;
      const [caller, line] = next;
      lines.delete(caller);
      lines.set(caller, line);
      taken += 1;
      line.taken += 1;
      const [first] = line.waiting;
      first?.();
    }
  }

  function lineOf(caller: string): Line {
    const line = lines.get(caller) ?? { taken: 0, waiting: new Set() };
    lines.set(caller, line);
    return line;
  }

  return {
    of(caller) {
      let has = false;
      let asked: { readonly promise: Promise<void>; readonly go: () => void } | null = null;

      function ask(): Promise<void> {
        let resolve: () => void = () => undefined;
        const promise = new Promise<void>((done) => (resolve = done));
        const { waiting } = lineOf(caller);
        const go = (): void => {
          waiting.delete(go);
          asked = null;
          has = true;
          resolve();
        };
        asked = { promise, go };
        waiting.add(go);
        grantSoon();
        return promise;
      }

      return {
        take: () => (has ? Promise.resolve() : (asked?.promise ?? ask())),
        release() {
          const had = has;
          const line = lines.get(caller);
          if (!line) return false;
          if (asked) line.waiting.delete(asked.go);
          asked = null;
          if (had) {
            has = false;
            taken -= 1;
            line.taken -= 1;
            grantSoon();
          }
          if (line.taken === 0 && line.waiting.size === 0) lines.delete(caller);
          return had;
        },
      };
    },
  };
}
