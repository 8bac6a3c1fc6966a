// Callbacks after each batch that was applied through one store object (W6).

export interface Listeners {
  /** Answers how to take it off again. A listener must not throw. */
  add(listener: () => void): () => void;
  call(): void;
}

export function createListeners(): Listeners {
  const all = new Set<{ readonly listener: () => void }>();
  return {
    add: (listener) => {
      const entry = { listener }; // the same function added twice is called twice, and each is taken off by itself
      all.add(entry);
      return () => all.delete(entry);
    },
    call: () => {
      for (const { listener } of all) listener();
    },
  };
}
