// Hands items from one that produces to one that asks, one at a time: asking for the next says the last is done with.

export interface Offer {
  /** Resolves when the taker has asked for the next item, or the hand-over was closed. */
  readonly done: Promise<void>;
  /** Takes the item back, unless it was taken already. */
  withdraw(): void;
}

export interface HandOver<T> {
  offer(item: T): Offer;
  /** The next item; `undefined` once closed. Rejects once {@link HandOver.fail} was called. */
  take(): Promise<T | undefined>;
  fail(error: unknown): void;
  close(): void;
}

interface Held<T> {
  readonly item: T;
  readonly finish: () => void;
}

export function createHandOver<T>(): HandOver<T> {
  const offered: Held<T>[] = [];
  let taken: Held<T> | undefined;
  let state: { readonly error?: unknown } | undefined; // set: over
  let wake: () => void = () => undefined;

  function end(outcome: { readonly error?: unknown }): void {
    state ??= outcome;
    taken?.finish();
    for (const { finish } of offered.splice(0)) finish();
    wake();
  }

  return {
    offer: (item) => {
      let finish = (): void => undefined;
      const done = new Promise<void>((resolve) => (finish = resolve));
      const held = { item, finish };
      if (state) finish();
      else offered.push(held);
      wake();
      return {
        done,
        withdraw: () => {
          const place = offered.indexOf(held);
          if (place !== -1) offered.splice(place, 1);
        },
      };
    },
    take: async () => {
      taken?.finish();
      taken = undefined;
      for (;;) {
        if (state && 'error' in state) throw state.error;
        if (state) return undefined;
        taken = offered.shift();
        if (taken) return taken.item;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    fail: (error) => end({ error }),
    close: () => end({}),
  };
}
