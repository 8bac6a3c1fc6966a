// A ticker: does a piece of work again and again, at an interval or when it is nudged, one at a time, until it is stopped.
// It never throws: what the work throws goes to `onError`, and the work is tried again.

export interface Ticker {
  start(): void;
  /** Does the work now, or once more if it is being done. */
  nudge(): void;
  /** Resolves when the work under way is done. */
  stop(): Promise<void>;
}

export interface TickerOptions {
  readonly intervalMs: number;
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export function createTicker({ intervalMs, work, onError }: TickerOptions): Ticker {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let nudged = false;
  let endPause: () => void = () => undefined;

  /** A function, as it changes while the work is awaited. */
  const isNudged = (): boolean => nudged;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      nudged = false;
      try {
        await work(stopping.signal);
      } catch (error) {
        if (!isAborted(stopping.signal)) onError(error);
      }
      if (!isNudged() && !isAborted(stopping.signal)) await pause();
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => endPause(), intervalMs);
      endPause = () => {
        clearTimeout(timer);
        endPause = () => undefined;
        resolve();
      };
    });
  }

  return {
    start() {
      running ??= run();
    },
    nudge() {
      nudged = true;
      endPause();
    },
    async stop() {
      stopping.abort();
      endPause();
      await running;
    },
  };
}

/** A function, as an `await` changes what a signal says. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
