// The state of the aggregate `keyspaces`: every profile in its current version.
import { GENESIS } from '../chain.ts';
import type { FormerScopes } from './former-scopes.ts';
import type { Profile } from './profile.ts';
import type { DatedFormat } from './token-format.ts';

export interface KeyspaceEntry {
  /** Counts the changes of this profile, from 1. */
  readonly version: number;
  readonly profile: Profile;
  readonly changedAt: string;
  /** Every token format that it has had, oldest first. */
  readonly formats: readonly DatedFormat[];
  /** What its earlier profiles let keys be given, oldest first; absent: it was not kept. */
  readonly formerScopes?: readonly FormerScopes[];
}

export interface KeyspacesState {
  /** Events of the whole aggregate so far; its head and last time. */
  readonly version: number;
  readonly head: string;
  readonly time: string | null;
  readonly profiles: Readonly<Record<string, KeyspaceEntry>>;
}

export const NO_KEYSPACES: KeyspacesState = { version: 0, head: GENESIS, time: null, profiles: {} };

/** The profile of a slug, whoever chose it: `constructor` is one like any other. */
export function entryOf(state: KeyspacesState, slug: string): KeyspaceEntry | undefined {
  return Object.hasOwn(state.profiles, slug) ? state.profiles[slug] : undefined;
}
