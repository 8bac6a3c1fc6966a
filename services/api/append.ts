// Append and adjudicate (W1): puts an event into the log and reads from the accepted history what became of it.
// The producer's acknowledgement decides nothing: a record that was acknowledged may have lost, one that was not may have won.
import type { AnyEvent } from '../../events/catalogue.ts';
import { AppendUnknownError, LogFullError, LogUnavailableError, type EventLog } from '../../events/log.ts';
import { positionAfter, type Position } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { StoreUnavailableError, type ReadStore } from '../../projections/read-store.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { Waiter } from '../../projections/waiter.ts';
import { inTime, type Deadline } from './deadline.ts';

/** Who holds the version that an event was appended for. */
export type Adjudication =
  | { readonly kind: 'won'; readonly row: HistoryRow }
  /** Another event holds it: of an earlier attempt of the same command, or of somebody else. */
  | { readonly kind: 'taken'; readonly row: HistoryRow }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'full' }
  | { readonly kind: 'unavailable' };

export interface AppendOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly waiter: Waiter;
}

/** Appends `event` and waits, until `deadline`, for the projection to show which event took its version. */
export async function appendAndAdjudicate(
  { log, store, waiter }: AppendOptions,
  event: AnyEvent,
  deadline: Deadline,
): Promise<Adjudication> {
  const { subject, version, hash } = event.attributes;
  let position: Position | null = null;
  try {
    const [written] = await log.append([encodeRecord(event)], { deadlineMs: deadline.left() });
    position = written ? positionAfter(written) : null;
  } catch (error) {
    if (error instanceof LogFullError) return { kind: 'full' };
    if (error instanceof LogUnavailableError) return { kind: 'unavailable' };
    if (!(error instanceof AppendUnknownError)) throw error;
  }
  const row = await acceptedRow();
  if (row === null) return { kind: 'unknown' };
  return { kind: row.attributes.hash === hash ? 'won' : 'taken', row };

  async function acceptedRow(): Promise<HistoryRow | null> {
    while (deadline.left() > 0) {
      try {
        const seen =
          position === null
            ? await waiter.whenEvent(subject, version, deadline.signal)
            : await waiter.whenProcessed(position, deadline.signal);
        if (!seen) return null;
        return await inTime(
          store.read((view) => view.historyAt(subject, version)),
          deadline.left(),
        );
      } catch (error) {
        // The event is on its way or there already: a store that is away for a moment changes nothing about that.
        if (!(error instanceof StoreUnavailableError)) throw error;
        await deadline.pause(50);
      }
    }
    return null;
  }
}
