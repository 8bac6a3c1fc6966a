// What a definition of a keyspace was answered with, told again from history: the profile that it made, against the one
// before it.
import { KEYSPACES } from '../../events/ids.ts';
import type { Warning } from '../../events/decision.ts';
import { diffProfiles, type ProfileDiff } from '../../events/keyspaces/diff.ts';
import type { FormerScopes } from '../../events/keyspaces/former-scopes.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { entryOf } from '../../events/keyspaces/state.ts';
import { profileWarnings } from '../../events/keyspaces/warnings.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { HistoryCursor, HistoryRow } from '../../projections/rows.ts';

const PAGE = 100;

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

/** All profiles share one history: it is read back to the last event of this one. */
async function profileBefore(
  view: GenerationView,
  slug: string,
  from: HistoryCursor,
  version: number,
): Promise<Before | undefined> {
  for (let before = from; ;) {
    const window = { limit: PAGE, backward: true, after: null, before };
    const { rows, more } = await view.listHistory({ scope: { aggregateId: KEYSPACES } }, window);
    const found = rows.findLast(({ data }) => 'profile' in data && data.profile.slug === slug)?.data;
    if (found && 'profile' in found) return { profile: found.profile, former: await formerAt(view, slug, version - 1) };
    const [earliest] = rows;
    if (!more || !earliest) return undefined;
    before = earliest;
  }
}
