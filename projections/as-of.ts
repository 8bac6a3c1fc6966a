// A key as it was: its state at some times, folded from its accepted events by the one fold (F1), and its details from what
// of their personal parts is not erased since. Pure. Time never runs back within a key (E5), so a time cuts its events in two.
import type { KeyEvent, Personal } from '../events/catalogue.ts';
import { foldKey } from '../events/fold.ts';
import { evolveDetails } from '../events/key/evolve.ts';
import { FORGOTTEN, type KeyDetails, type KeyState } from '../events/key/state.ts';
import { showsPersonal } from './keys.ts';
import type { HistoryRow } from './rows.ts';

/** A state, and the events that its details are told by, in their order. */
export interface PastState {
  readonly state: KeyState;
  readonly told: readonly HistoryRow[];
}

/** History rows have no private part: no state that is folded from them knows a secret. */
const STAND_IN = { fingerprint: '', scheme: 'hmac-sha256', pepperId: '', hash: '' } as const;
const eventOf = ({ type, attributes, data, sealed }: HistoryRow): KeyEvent =>
  ({ type, attributes, data, sealed, private: STAND_IN }) as unknown as KeyEvent;

const FORGETTING: ReadonlySet<string> = new Set<KeyEvent['type']>(['KeyForgotten', 'KeyDeleted']);
const tells = (row: HistoryRow): boolean => showsPersonal(row) || FORGETTING.has(row.type);

/** A key's past under way: its events are added in their order, from the first. */
export interface Folding {
  /** @throws Error the event does not extend the ones before it: some are missing. */
  add(event: HistoryRow): void;
  /** One for each of the times; `null`: it was not there yet. */
  result(): readonly (PastState | null)[];
}

/** @param times ISO times, each inclusive. */
export function startFolding(times: readonly string[]): Folding {
  const reached: ({ readonly state: KeyState; readonly told: number } | null)[] = times.map(() => null);
  const told: HistoryRow[] = [];
  let state: KeyState | null = null;
  return {
    add(row) {
      const verdict = foldKey(state, eventOf(row));
      if (verdict.kind !== 'applied')
        throw new Error(`the history of ${row.aggregateId} cannot be folded at ${row.id}`);
      const next = (state = verdict.state);
      if (tells(row)) told.push(row);
      times.forEach((time, index) => {
        if (row.time <= time) reached[index] = { state: next, told: told.length };
      });
    },
    result: () => reached.map((each) => each && { state: each.state, told: told.slice(0, each.told) }),
  };
}

/** @param opened the personal parts of the events; `null`: erased since, whatever the time that is asked about. */
export function detailsOf(
  told: readonly HistoryRow[],
  opened: readonly (Readonly<Record<string, unknown>> | null)[],
): KeyDetails {
  return told.reduce(
    (details, row, index) =>
      evolveDetails(details, eventOf(row), (opened[index] ?? null) as Personal<KeyEvent['type']> | null),
    FORGOTTEN,
  );
}
