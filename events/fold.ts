// The fold (F1): whether an event extends an aggregate's head. The first event that extends a head wins, for every
// reader, for ever: API, projector, verifier, auditor and subscriber all decide by these few lines.
import type { AnyEvent, KeyEvent, KeyspaceEvent } from './catalogue.ts';
import { keyEvents } from './key/events.ts';
import { evolve as evolveKey } from './key/evolve.ts';
import type { KeyState } from './key/state.ts';
import { GENESIS } from './chain.ts';
import { KEYSPACES } from './ids.ts';
import { keyspaceEvents } from './keyspaces/events.ts';
import { evolve as evolveKeyspaces } from './keyspaces/evolve.ts';
import type { KeyspacesState } from './keyspaces/state.ts';

/** The outcome of one record for one aggregate. */
export type Verdict<S> =
  | { readonly kind: 'applied'; readonly state: S }
  /** A copy, or a writer that lost the race. */
  | { readonly kind: 'ignored' }
  /** To be parked; the aggregate is quarantined until the record is discarded or retried with success. */
  | { readonly kind: 'broken'; readonly reason: string };

interface Head {
  readonly version: number;
  readonly head: string;
}

function fold<S extends Head, E extends AnyEvent>(
  state: S | null,
  event: E,
  evolve: (event: E) => S | null,
): Verdict<S> {
  const { version, prev } = event.attributes;
  const reached = state?.version ?? 0;
  if (version <= reached) return { kind: 'ignored' };
  if (version > reached + 1)
    return { kind: 'broken', reason: `version ${version} after ${reached}: events are missing between them` };
  if (prev !== (state?.head ?? GENESIS)) return { kind: 'broken', reason: 'prev is not the hash of the event before' };
  const next = evolve(event);
  return next === null
    ? { kind: 'broken', reason: `${event.type} cannot follow version ${reached}` }
    : { kind: 'applied', state: next };
}

/** Folds one event onto a key; `state` is null before its first event. */
export function foldKey(state: KeyState | null, event: KeyEvent): Verdict<KeyState> {
  return fold(state, event, (next) => evolveKey(state, next));
}

/** Folds one event onto the aggregate `keyspaces`. */
export function foldKeyspaces(state: KeyspacesState, event: KeyspaceEvent): Verdict<KeyspacesState> {
  return fold(state, event, (next) => evolveKeyspaces(state, next));
}

/** Which aggregate an event belongs to; `null` if its type is not one of that kind, so that it is broken there. */
export function eventKind(
  event: AnyEvent,
): { kind: 'key'; event: KeyEvent } | { kind: 'keyspaces'; event: KeyspaceEvent } | null {
  if (event.attributes.subject === KEYSPACES) {
    return Object.hasOwn(keyspaceEvents, event.type) ? { kind: 'keyspaces', event: event as KeyspaceEvent } : null;
  }
  return Object.hasOwn(keyEvents, event.type) ? { kind: 'key', event: event as KeyEvent } : null;
}
