// evolve: the next state of the aggregate `keyspaces`. `null` where the event cannot follow the state: a profile is
// defined once, then changed, and its version counts up by one.
import type { KeyspaceEvent } from '../catalogue.ts';
import { withFormer } from './former-scopes.ts';
import { entryOf, type KeyspacesState } from './state.ts';
import { withFormat } from './token-format.ts';

/** The state after `event`; the caller has checked that it extends the head (F1). */
export function evolve(state: KeyspacesState, event: KeyspaceEvent): KeyspacesState | null {
  const { version, hash: head, time } = event.attributes;
  const next = { ...state, version, head, time };
  if (event.type === 'RecordDiscarded') return next;
  const { profile, version: profileVersion } = event.data;
  const before = entryOf(state, profile.slug);
  if ((event.type === 'KeyspaceDefined') !== (before === undefined) || profileVersion !== (before?.version ?? 0) + 1)
    return null;
  const formats = withFormat(before?.formats ?? [], profileVersion, profile);
  const former = before ? before.formerScopes && withFormer(before.formerScopes, before, profile) : [];
  const entry = {
    ...{ version: profileVersion, profile, changedAt: time, formats },
    ...(former === undefined ? {} : { formerScopes: former }),
  };
  return { ...next, profiles: { ...state.profiles, [profile.slug]: entry } };
}
