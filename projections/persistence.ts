// How a loop goes on whatever fails (P5): its state, and work that is tried again, with back-off, until it succeeds.
import { createBackOff, type BackOffOptions } from './back-off.ts';
import { describeTrouble } from './troubles.ts';

export interface LoopState {
  /** `stopped`: for good, with the reason; `ended`: there is nothing to do any more, or it was told to stop. */
  readonly status: 'starting' | 'running' | 'retrying' | 'stopped' | 'ended';
  /** Why it does not run, in our own words. */
  readonly reason: string | null;
}

export interface PersistenceOptions {
  /** Aborted: the loop ends, and nothing is tried again. */
  readonly signal: AbortSignal;
  /** What keeps the loop from working is another thing than before. */
  readonly onTrouble: (error: unknown, reason: string) => void;
  readonly backOff?: BackOffOptions;
}

export interface Persistence {
  readonly state: () => LoopState;
  readonly become: (status: LoopState['status'], reason?: string) => void;
  /** A function, as an `await` changes what a signal says. */
  readonly isAborted: () => boolean;
  /** Waits a little longer than the last time. */
  readonly pause: () => Promise<void>;
  /** Something went wrong that is to be tried again: says so, and waits. */
  readonly troubled: (error: unknown) => Promise<void>;
  /** Until it succeeds or the loop ends; `undefined` then. */
  readonly retried: <T>(work: () => Promise<T>) => Promise<T | undefined>;
}

export function createPersistence(options: PersistenceOptions): Persistence {
  const { signal, onTrouble } = options;
  const backOff = createBackOff(options.backOff);
  let state: LoopState = { status: 'starting', reason: null };

  const isAborted = (): boolean => signal.aborted;
  const become = (status: LoopState['status'], reason: string | null = null): void => {
    state = { status, reason };
  };

  async function troubled(error: unknown): Promise<void> {
    const reason = describeTrouble(error);
    if (state.reason !== reason) onTrouble(error, reason);
    become('retrying', reason);
    await backOff.pause(signal);
  }

  return {
    state: () => state,
    become,
    isAborted,
    pause: () => backOff.pause(signal),
    troubled,
    retried: async (work) => {
      while (!isAborted()) {
        try {
          const value = await work();
          backOff.reset();
          become('running');
          return value;
        } catch (error) {
          if (!isAborted()) await troubled(error);
        }
      }
      return undefined;
    },
  };
}
