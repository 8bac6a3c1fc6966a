// Standing: what a caller is in a workspace. People have a role there; an API key that manages keys has its own
// keyspace, and what its scopes let it do with the keys of it.
import { grantsOf, isGranted } from '../keyspaces/permissions.ts';
import type { Role } from '../keyspaces/profile.ts';
import { entryOf, type KeyspacesState } from '../keyspaces/state.ts';
import { settingsOf, type Settings } from './settings.ts';
import { statusAt, type KeyState } from './state.ts';

/** An API key that manages keys: those of its own workspace, keyspace and environment, and never beyond itself. */
export interface ManagingKey {
  readonly keyId: string;
  /** Slug of its keyspace. */
  readonly keyspace: string;
  /** `view`: looks at keys; `change`: makes, changes and removes them, too. */
  readonly may: 'view' | 'change';
  /** Its own owner: the only one that it gives to others. */
  readonly ownerId: string | null;
  /** What it may itself: the most that it gives to others. */
  readonly settings: Settings;
}

/** What a caller is in a workspace; the profile's `roles` say what each role may do. */
export type Standing = Role | ManagingKey;

/**
 * The standing of a key in its workspace, by its keyspace's current profile; `null`: none. Whoever may not look at keys
 * may do nothing with them.
 *
 * @param now ISO time at which it is judged.
 */
export function standingOfKey(state: KeyState, keyspaces: KeyspacesState, now: string): ManagingKey | null {
  const profile = entryOf(keyspaces, state.keyspace)?.profile;
  if (!profile || profile.managesKeys === false || statusAt(state, now) !== 'ACTIVE') return null;
  const { view, change } = profile.managesKeys;
  const grants = grantsOf(state, profile.permissions);
  if (!isGranted(grants, view)) return null;
  return {
    keyId: state.keyId,
    keyspace: state.keyspace,
    ownerId: state.ownerId,
    may: isGranted(grants, change) ? 'change' : 'view',
    settings: settingsOf(state),
  };
}

/** Whether a caller meets a key at all: one that manages keys those of its own environment, people all. */
export function isOfEnvironment(standing: Standing | null, environment: string | null): boolean {
  return standing === null || typeof standing === 'string' || standing.settings.environment === environment;
}
