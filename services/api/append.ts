// Append and adjudicate (W1): puts an event into the log and reads from the accepted history what became of it.
// The producer's acknowledgement decides nothing: a record that was acknowledged may have lost, one that was not may have won.
import type { AnyEvent } from '../../events/catalogue.ts';
import { AppendUnknownError, LogFullError, LogUnavailableError, type EventLog } from '../../events/log.ts';
import { KEYSPACES } from '../../events/ids.ts';
import { positionAfter, type Position } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { StoreUnavailableError, type GenerationView, type ReadStore } from '../../projections/read-store.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { Waiter } from '../../projections/waiter.ts';
import type { Changed } from '../../schema/context.ts';
import { inTime, type Deadline } from './deadline.ts';

/** The accepted event at a version, and the keys that it was about, read in one generation. */
export interface Accepted {
  readonly row: HistoryRow;
  readonly changed: Changed;
}

/** Who holds the version that an event was appended for. */
export type Adjudication =
  | ({ readonly kind: 'won' } & Accepted)
  /** Another event holds it: of an earlier attempt of the same command, or of somebody else. */
  | ({ readonly kind: 'taken' } & Accepted)
  | { readonly kind: 'unknown' }
  | { readonly kind: 'full' }
  | { readonly kind: 'unavailable' };

export interface AppendOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly waiter: Waiter;
}

export interface AttemptOptions {
  /** The key that the event's key succeeds. */
  readonly predecessorId?: string | null;
  /** Told behind which position the event lies, long before it is known whether it counts. */
  readonly onAppended?: ((position: Position) => void) | undefined;
}

/** Appends `event` and waits, until `deadline`, for the projection to show which event took its version. */
export async function appendAndAdjudicate(
  { log, store, waiter }: AppendOptions,
  event: AnyEvent,
  deadline: Deadline,
  { predecessorId = null, onAppended }: AttemptOptions = {},
): Promise<Adjudication> {
  const { subject, version, hash } = event.attributes;
  let position: Position | null = null;
  try {
    const appending = log.append([encodeRecord(event)], { deadlineMs: deadline.left() });
    const [written] = await inTime(appending, deadline.left());
    position = written ? positionAfter(written) : null;
    if (position) onAppended?.(position);
  } catch (error) {
    if (error instanceof LogFullError) return { kind: 'full' };
    if (error instanceof LogUnavailableError) return { kind: 'unavailable' };
    const late = error instanceof StoreUnavailableError; // a log that keeps no deadline of its own
    if (!late && !(error instanceof AppendUnknownError)) throw error;
  }
  const accepted = await acceptedEvent();
  if (accepted === null) return { kind: 'unknown' };
  return { kind: accepted.row.attributes.hash === hash ? 'won' : 'taken', ...accepted };

  async function acceptedEvent(): Promise<Accepted | null> {
    while (deadline.left() > 0) {
      try {
        position ??= await positionOfVersion();
        if (!position || !(await waiter.whenProcessed(position, deadline.signal))) return null;
        return await inTime(store.read(readAccepted), deadline.left());
      } catch (error) {
        // The event is on its way or there already: a store that is away for a moment changes nothing about that.
        if (!(error instanceof StoreUnavailableError)) throw error;
        await deadline.pause(50);
      }
    }
    return null;
  }

  /** P1: the event is shown before the key that it changed, so what was changed is read once its position is processed. */
  async function positionOfVersion(): Promise<Position | null> {
    const row = await waiter.whenEvent(subject, version, deadline.signal);
    return row && positionAfter(row.position);
  }

  async function readAccepted(view: GenerationView): Promise<Accepted | null> {
    const [row, key, predecessor, keyspaces] = await Promise.all([
      view.historyAt(subject, version),
      subject === KEYSPACES ? null : view.key(subject),
      predecessorId === null ? null : view.key(predecessorId),
      view.keyspaces(),
    ]);
    return row && { row, changed: { key, predecessor, keyspaces } };
  }
}
