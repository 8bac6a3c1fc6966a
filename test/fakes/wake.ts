// Two small pieces of the fakes: a wake-up that is never missed, and the partition of a key.
import { createHash } from 'node:crypto';

/** Wakes everybody that waits; whoever took the version before looking never misses a change. */
export interface Signal {
  version(): number;
  raise(): void;
  /** Resolves as soon as the version differs from `seen`, or `signal` aborts. */
  after(seen: number, signal?: AbortSignal): Promise<void>;
}

export function createSignal(): Signal {
  let version = 0;
  const waiting = new Set<() => void>();
  return {
    version: () => version,
    raise() {
      version++;
      for (const wake of [...waiting]) wake();
    },
    after: (seen, signal) =>
      new Promise((resolve) => {
        if (version !== seen || signal?.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}

export function partitionOf(key: string, partitions: number): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) % partitions;
}
