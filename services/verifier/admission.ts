// Admission: a key's record that was read from the store, brought up to the tail. V1: it counts only with every event since
// the checkpoint that was read before it. V2: what comes out is the fold of the log up to the tail, or nothing. Pure.
import { foldKey } from '../../events/fold.ts';
import type { KeyState } from '../../events/key/state.ts';
import { decodeRecordPosition, encodeRecordPosition, type Position } from '../../events/position.ts';
import { isSettled, withClosed, withEntry, type Quarantine, type QuarantineEntry } from '../../events/quarantine.ts';
import type { ParkedRow } from '../../projections/rows.ts';
import { introduced, type KeptEvent } from './kept-events.ts';

/** What was read of one key. Nothing of it lies beyond the tail: whoever read it has waited for that since. */
export interface KeyRead {
  readonly keyId: string;
  /** Read before everything else (V1). */
  readonly checkpoint: Position;
  readonly state: KeyState | null;
  /** Read after the state. Open ones of the key; of any key, where it has kept events, those from the checkpoint on. */
  readonly parked: readonly ParkedRow[];
}

export interface Admitted {
  readonly state: KeyState | null;
  readonly quarantine: Quarantine;
  /** That events behind the checkpoint have introduced. */
  readonly hashes: readonly string[];
}

/**
 * @param kept the key's events from the checkpoint on, up to the tail.
 * @param before the view's quarantine: of a key that was not held, what events did that could not be judged is missing.
 * @returns `null`: read again. A gap, or events that may lift a quarantine, are the projector's to judge first (V1).
 */
export function admit(read: KeyRead, kept: readonly KeptEvent[], before: Quarantine): Admitted | null {
  const { keyId, state: stored } = read;
  let quarantine = withParked(before, read);
  const isOpen = [...quarantine.open.values()].some(({ aggregateId }) => aggregateId === keyId);
  if (isOpen && kept.some((event) => !isSettled(quarantine, event))) return null;
  let state = stored;
  const hashes: string[] = [];
  for (const each of kept) {
    if (isSettled(quarantine, each)) continue;
    const { event } = each;
    const verdict = foldKey(state, event);
    if (verdict.kind === 'broken') return null;
    if (verdict.kind === 'ignored') continue;
    state = verdict.state;
    const hash = introduced(event);
    if (hash !== null) hashes.push(hash);
    const discarded = event.type === 'RecordDiscarded' ? decodeRecordPosition(event.data.position) : null;
    if (discarded !== null) quarantine = withClosed(quarantine, discarded);
  }
  return { state, quarantine, hashes };
}

/** Below the checkpoint the store has judged all; from there on the view, and only of what needs no state. */
function withParked(before: Quarantine, { keyId, checkpoint, parked }: KeyRead): Quarantine {
  const known = new Set(parked.map(({ position }) => encodeRecordPosition(position)));
  const isLifted = ({ aggregateId, position }: QuarantineEntry): boolean =>
    aggregateId === keyId &&
    position.offset < (checkpoint[position.partition] ?? 0) &&
    !known.has(encodeRecordPosition(position));
  let after = before;
  for (const entry of before.open.values()) if (isLifted(entry)) after = withClosed(after, entry.position);
  for (const { position, digest, aggregateId, status } of parked) {
    // What the view has closed stays so: another aggregate's event may have, which the projector has yet to read.
    const isClosed = status !== 'OPEN' || before.closed.has(encodeRecordPosition(position));
    if (isClosed) after = withClosed(after, position);
    else if (aggregateId === keyId) after = withEntry(after, { position, digest, aggregateId });
  }
  return after;
}
