// Former scopes: what earlier versions of a profile let keys be given and a later one did not. Keys keep what they were
// given, so a scope that comes back is not a new one: keys may have it.
import { scopeCatalogue } from './permissions.ts';
import type { Profile } from './profile.ts';

/** What could be given until a version, that one included. */
export interface FormerScopes {
  readonly until: number;
  /** `null`: whatever one likes. */
  readonly scopes: readonly string[] | null;
}

const MAX_KEPT = 1000;

/** All that the catalogue of a profile lets keys be given. */
export function givable({ permissions }: Profile): ReadonlySet<string> {
  return new Set([...scopeCatalogue(permissions).scopes.map(({ id }) => id), ...permissions.superScopes]);
}

/** The former scopes after a profile's next version; what is there already takes no more room. */
export function withFormer(
  former: readonly FormerScopes[],
  { version, profile }: { readonly version: number; readonly profile: Profile },
  after: Profile,
): readonly FormerScopes[] {
  if (former.some(({ scopes }) => scopes === null)) return former;
  if (profile.permissions.freeForm) return [...former, { until: version, scopes: null }];
  const known = new Set([...givable(after), ...former.flatMap(({ scopes }) => scopes ?? [])]);
  const gone = [...givable(profile)].filter((scope) => !known.has(scope));
  if (gone.length === 0) return former;
  const count = former.reduce((sum, { scopes }) => sum + (scopes?.length ?? 0), gone.length);
  // To ask for leave once too often is the safe side.
  return [...former, { until: version, scopes: count > MAX_KEPT ? null : gone }];
}

/**
 * Whether keys that exist may have a scope.
 *
 * @param former `undefined`: it is not known, and keys may have anything.
 */
export function mayBeHeld(profile: Profile, former: readonly FormerScopes[] | undefined): (scope: string) => boolean {
  if (former === undefined || profile.permissions.freeForm || former.some(({ scopes }) => scopes === null))
    return () => true;
  const held = new Set([...givable(profile), ...former.flatMap(({ scopes }) => scopes ?? [])]);
  return (scope) => held.has(scope);
}
