// Reading ahead: items of a stream are made ready while the ones in front of them are dealt with, a few at most.

export interface ReadAhead<T> {
  /** The next item, once it is ready; `undefined` when the stream has ended. Rejects with what the stream failed with. */
  next(): Promise<T | undefined>;
  /** The item that `next` will answer, if it is ready. */
  peek(): T | undefined;
}

/** How many items are ready at most. */
const MOST = 2;

/** @param signal ends the reading, whether the items are asked for or not. */
export function readAheadOf<S, T>(
  stream: AsyncIterable<S>,
  make: (item: S) => Promise<T>,
  signal: AbortSignal,
): ReadAhead<T> {
  const ready: T[] = [];
  let over: { readonly error?: unknown } | undefined;
  let wake: () => void = () => undefined;
  /** Until something is taken or made, or the reading ends. */
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      const before = wake;
      wake = () => {
        before();
        resolve();
      };
    });
  const changed = (): void => {
    const waking = wake;
    wake = () => undefined;
    waking();
  };
  signal.addEventListener('abort', changed, { once: true });

  async function read(): Promise<void> {
    for await (const item of stream) {
      ready.push(await make(item));
      changed();
      while (ready.length >= MOST && !signal.aborted) await change();
      if (signal.aborted) return;
    }
  }

  void read()
    .then(
      () => (over = {}),
      (error: unknown) => (over = { error }),
    )
    .finally(() => {
      signal.removeEventListener('abort', changed);
      changed();
    });

  return {
    async next() {
      while (ready.length === 0 && !over) await change();
      const item = ready.shift();
      changed();
      if (item === undefined && over && 'error' in over) throw over.error;
      return item;
    },
    peek: () => ready[0],
  };
}
