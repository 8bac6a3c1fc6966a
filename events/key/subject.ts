// The subject of access: a key as one caller meets it, and what the caller's standing lets them do with keys at all.
import type { Refusal } from '../decision.ts';
import type { Profile } from '../keyspaces/profile.ts';
import type { ManagingKey, Standing } from './standing.ts';
import type { KeyState } from './state.ts';

/** What a caller can be allowed to do with the keys of a keyspace; the profile's `roles` name the roles of each. */
export type Operation = keyof Profile['roles'];

const OPERATIONS_OF_KEYS: Readonly<Record<ManagingKey['may'], readonly Operation[]>> = {
  view: ['view', 'seeUsage'],
  change: ['view', 'seeUsage', 'create', 'edit', 'disable', 'rotate', 'remove'],
};

/** Whether a caller may do `operation` with keys of a keyspace. Whoever may not view may do nothing. */
export function mayDo(profile: Profile, standing: Standing | null, operation: Operation): boolean {
  if (standing === null) return false;
  if (typeof standing === 'string')
    return profile.roles.view.includes(standing) && profile.roles[operation].includes(standing);
  return standing.keyspace === profile.slug && OPERATIONS_OF_KEYS[standing.may].includes(operation);
}

/** Whether a keyspace is there for a workspace. */
export function isOffered(profile: Profile, workspaceId: string): boolean {
  return profile.workspaces === 'all' || profile.workspaces.includes(workspaceId);
}

/** A key as one caller meets it at one moment: all that access depends on. */
export interface Subject {
  readonly state: KeyState;
  /** Of the key's keyspace, as it is now. */
  readonly profile: Profile;
  /** What the caller is in the key's workspace. */
  readonly standing: Standing | null;
  /** ISO time at which it is judged. */
  readonly now: string;
}

/** A foreign key, an unknown one, and one that the caller may not see: the same answer. */
export const NO_SUCH_KEY: Refusal = { type: 'NotFound', message: 'there is no such key' };
export const NOT_ALLOWED: Refusal = { type: 'NotAllowed', message: 'your role does not allow this' };
const KEY_NOT_ALLOWED: Refusal = { type: 'NotAllowed', message: "the calling key's scopes do not allow this" };

/** What a caller is told who may see the key or keyspace, and may not do this with it. */
export function notAllowed(standing: Standing | null): Refusal {
  return standing === null || typeof standing === 'string' ? NOT_ALLOWED : KEY_NOT_ALLOWED;
}

export function notEnabled(message: string): Refusal {
  return { type: 'NotEnabled', message };
}
