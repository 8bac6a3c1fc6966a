// What a definition of a keyspace was answered with, told again from history: the profile that it made, against the one
// before it.
import type { Warning } from '../../events/decision.ts';
import { diffProfiles, type ProfileDiff } from '../../events/keyspaces/diff.ts';
import type { FormerScopes } from '../../events/keyspaces/former-scopes.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { entryOf } from '../../events/keyspaces/state.ts';
import { profileWarnings } from '../../events/keyspaces/warnings.ts';
import { lastDefinition } from '../../projections/definitions.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { HistoryCursor, HistoryRow } from '../../projections/rows.ts';

export interface Told {
  readonly diff?: ProfileDiff;
  readonly warnings: readonly Warning[];
}

/** `null` for the row of another command. */
export async function toldOf(store: ReadStore, { data, ...row }: HistoryRow): Promise<Told | null> {
  if (!('profile' in data)) return null;
  const { profile, version } = data;
  const before = version === 1 ? null : await store.read((view) => profileBefore(view, profile.slug, row, version));
  return {
    ...(before === undefined ? {} : { diff: diffProfiles(before?.profile ?? null, profile, before?.former) }),
    warnings: profileWarnings(profile),
  };
}

interface Before {
  readonly profile: Profile;
  /** The former scopes that it had then. */
  readonly former: readonly FormerScopes[] | undefined;
}

async function formerAt(view: GenerationView, slug: string, version: number): Promise<Before['former']> {
  return entryOf(await view.keyspaces(), slug)?.formerScopes?.filter(({ until }) => until < version);
}

async function profileBefore(
  view: GenerationView,
  slug: string,
  from: HistoryCursor,
  version: number,
): Promise<Before | undefined> {
  const found = await lastDefinition(view, from, ({ data }) => 'profile' in data && data.profile.slug === slug);
  if (!found || !('profile' in found.data)) return undefined;
  return { profile: found.data.profile, former: await formerAt(view, slug, version - 1) };
}
