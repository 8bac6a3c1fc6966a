// The waiter: the one way to wait for the read models. All waiters of a process share one query per tick, and there is
// none while nobody waits (W6). Each round looks the pointer up anew (P3): a switch of generations is met by itself.
import type { AggregateId } from '../events/ids.ts';
import { covers, isBeyond, type Position } from '../events/position.ts';
import type { ReadStore } from './read-store.ts';
import type { HistoryRow } from './rows.ts';

/** Until when to wait: a signal, or something that has one. */
export type Until = AbortSignal | { readonly signal: AbortSignal };

export interface Waiter {
  /** `true` once the live generation has reached the position; `false` when `until` came first. */
  whenProcessed(position: Position, until: Until): Promise<boolean>;
  /**
   * `true` once the live generation is past the position in one of the partitions that it names; `false` when `until` came
   * first. For those who follow, often for hours: where nobody else waits, the pauses are longer.
   */
  whenBeyond(position: Position, until: Until): Promise<boolean>;
  /**
   * The accepted event at a version, once there is one; `null` when `until` came first. For an append whose
   * acknowledgement was lost, so that its position is unknown (W1).
   */
  whenEvent(aggregateId: AggregateId, version: number, until: Until): Promise<HistoryRow | null>;
  /** Lets everybody go with `false` or `null`. */
  close(): void;
}

export interface WaiterOptions {
  readonly store: ReadStore;
  /** The first pause between two looks, in milliseconds; it grows while nothing happens … */
  readonly firstPauseMs?: number;
  /** … up to this. Where all who wait follow, it begins with this … */
  readonly maxPauseMs?: number;
  /** … and grows up to this. */
  readonly followPauseMs?: number;
}

/** What a round has seen, in one generation. */
interface Seen {
  readonly checkpoint: Position;
  readonly events: ReadonlyMap<string, HistoryRow>;
}

interface Waiting {
  /** The event that is waited for; absent: a position. */
  readonly event?: { readonly aggregateId: AggregateId; readonly version: number };
  /** Answers its caller if what was seen is enough. */
  settle(seen: Seen | 'over'): void;
}

/** How much longer the next pause is: what is waited for comes within tens of milliseconds, and is seen soon after. */
const GROWTH = 1.25;

const eventKey = (aggregateId: AggregateId, version: number): string => `${aggregateId}@${version}`;

export function createWaiter(options: WaiterOptions): Waiter {
  const { store, firstPauseMs = 5, maxPauseMs = 25, followPauseMs = 100 } = options;
  const waiting = new Set<Waiting>();
  /** How many of them do not follow. */
  let urgent = 0;
  let looking = false;
  let pauseMs = firstPauseMs;
  let applied = false;
  let endPause: () => void = () => undefined;
  // A batch that this very process has written is looked at without a pause.
  const unsubscribe = store.onApply(() => {
    applied = true;
    endPause();
  });

  /** A function, as it changes while a look is awaited. */
  const hasApplied = (): boolean => applied;

  async function look(): Promise<Seen> {
    const wanted = new Map<string, NonNullable<Waiting['event']>>();
    for (const { event } of waiting) if (event) wanted.set(eventKey(event.aggregateId, event.version), event);
    if (wanted.size === 0) {
      const { live, generations } = await store.control();
      return { checkpoint: generations.find(({ id }) => id === live)?.checkpoint ?? {}, events: new Map() };
    }
    return store.read(async (view) => {
      const rows = await Promise.all(
        [...wanted.values()].map(({ aggregateId, version }) => view.historyAt(aggregateId, version)),
      );
      const found = rows.filter((row) => row !== null);
      return {
        checkpoint: view.checkpoint,
        events: new Map(found.map((row) => [eventKey(row.aggregateId, row.version), row])),
      };
    });
  }

  async function lookWhileSomebodyWaits(): Promise<void> {
    looking = true;
    while (waiting.size > 0) {
      const asked = [...waiting];
      applied = false;
      try {
        const seen = await look();
        for (const each of asked) each.settle(seen);
      } catch {
        // The store is away: what is waited for may still come before the deadline.
      }
      if (waiting.size > 0 && !hasApplied()) await pause();
    }
    looking = false;
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const longest = urgent === 0 ? Math.max(maxPauseMs, followPauseMs) : maxPauseMs;
      const timer = setTimeout(() => endPause(), Math.min(longest, pauseMs));
      pauseMs = Math.min(longest, pauseMs * GROWTH);
      endPause = () => {
        clearTimeout(timer);
        endPause = () => undefined;
        resolve();
      };
    });
  }

  function wait<T>(
    until: Until,
    kind: Pick<Waiting, 'event'> & { readonly follows?: boolean },
    over: T,
    answer: (seen: Seen) => T | undefined,
  ): Promise<T> {
    const signal = until instanceof AbortSignal ? until : until.signal;
    return new Promise((resolve) => {
      const finish = (value: T): void => {
        if (waiting.delete(self) && !kind.follows) urgent -= 1;
        signal.removeEventListener('abort', giveUp);
        if (waiting.size === 0) endPause();
        resolve(value);
      };
      const giveUp = (): void => finish(over);
      const self: Waiting = {
        ...(kind.event ? { event: kind.event } : {}),
        settle(seen) {
          const value = seen === 'over' ? over : answer(seen);
          if (value !== undefined) finish(value);
        },
      };
      if (signal.aborted) {
        resolve(over);
        return;
      }
      signal.addEventListener('abort', giveUp);
      // A pause that was made for followers alone is too long for anybody else.
      if (!kind.follows && urgent++ === 0) endPause();
      waiting.add(self);
      pauseMs = urgent === 0 ? maxPauseMs : firstPauseMs;
      if (!looking) void lookWhileSomebodyWaits();
    });
  }

  return {
    whenProcessed: (position, until) =>
      wait(until, {}, false, ({ checkpoint }) => (covers(checkpoint, position) ? true : undefined)),
    whenBeyond: (position, until) =>
      wait(until, { follows: true }, false, ({ checkpoint }) => (isBeyond(checkpoint, position) ? true : undefined)),
    whenEvent: (aggregateId, version, until) =>
      wait<HistoryRow | null>(until, { event: { aggregateId, version } }, null, ({ events }) =>
        events.get(eventKey(aggregateId, version)),
      ),
    close() {
      unsubscribe();
      for (const each of [...waiting]) each.settle('over');
    },
  };
}
