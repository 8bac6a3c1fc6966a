// The usage sender: batches from the spool to the usage log, in order, one in flight, each until it is acknowledged (P6). An
// unknown outcome is sent again as it was: whoever folds the batches knows it by verifier and sequence.
import type { EventLog } from '../../events/log.ts';
import { createBackOff, type BackOffOptions } from '../../projections/back-off.ts';
import { describeTrouble } from '../../projections/troubles.ts';
import type { Logger } from '../shared/logger.ts';
import type { Parcel, UsageSpool } from './usage-spool.ts';

export interface UsageSenderOptions {
  readonly spool: Pick<UsageSpool, 'next' | 'read' | 'remove' | 'isEmpty'>;
  readonly log: Pick<EventLog, 'append'>;
  readonly logger: Logger;
  readonly onSent: () => void;
  readonly backOff?: BackOffOptions;
}

export interface UsageSender {
  start(): void;
  /** Why batches stay in the spool, in our own words; `null`: they do not. */
  trouble(): string | null;
  /** Sends what is there while the log takes it, then ends; gives up when the signal aborts. */
  finish(signal: AbortSignal): Promise<void>;
}

const DEADLINE_MS = 10_000;

export function createUsageSender({ spool, log, logger, onSent, backOff: wait }: UsageSenderOptions): UsageSender {
  const stopping = new AbortController();
  let trouble: string | null = null;
  let running: Promise<void> | undefined;

  function complain(error: unknown): void {
    const reason = describeTrouble(error);
    if (trouble !== reason) logger.warn({ err: error }, 'usage waits in the spool: it could not be sent');
    trouble = reason;
  }

  /** Whether it is gone from the spool: acknowledged, or damaged and set aside. */
  async function send(parcel: Parcel): Promise<boolean> {
    try {
      const value = await spool.read(parcel);
      if (value !== null) {
        await log.append([{ key: parcel.verifier, value, headers: {} }], { deadlineMs: DEADLINE_MS });
        await spool.remove(parcel);
        onSent();
      }
      if (trouble !== null) logger.info('usage is sent again');
      trouble = null;
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  }

  async function run(): Promise<void> {
    const backOff = createBackOff(wait);
    for (;;) {
      const parcel = await spool.next(stopping.signal);
      if (parcel === null) return;
      // P6: until this one is acknowledged no later one is sent.
      while (!(await send(parcel))) {
        if (isAborted(stopping.signal)) return;
        await backOff.pause(stopping.signal);
      }
      backOff.reset();
    }
  }

  async function drain(signal: AbortSignal): Promise<void> {
    await running;
    while (!spool.isEmpty && !signal.aborted) {
      const parcel = await spool.next(signal);
      if (parcel === null || !(await send(parcel))) return;
    }
  }

  return {
    start: () => {
      running ??= run();
    },
    trouble: () => trouble,
    finish: (signal) => {
      stopping.abort();
      const late = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      return Promise.race([drain(signal), late]);
    },
  };
}

/** A function, as an `await` changes what a signal says. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
