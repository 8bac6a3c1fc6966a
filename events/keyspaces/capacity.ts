// How much all profiles of an installation may come to: one aggregate holds them, every decision reads them, and read
// stores keep them in one document.
import type { Problem } from '../problem.ts';
import type { Profile } from './profile.ts';
import type { KeyspacesState } from './state.ts';

/** Bytes as JSON; MongoDB takes documents of 16 MiB. */
export const MAX_ALL_PROFILES_BYTES = 8_000_000;

/** The problem of a profile for which there is no room beside the others. */
export function capacityProblems(
  profile: Profile,
  { profiles }: Pick<KeyspacesState, 'profiles'>,
  max = MAX_ALL_PROFILES_BYTES,
): readonly Problem[] {
  const others = Object.entries(profiles).map(([slug, entry]) =>
    slug === profile.slug ? { formats: entry.formats } : entry,
  );
  const bytes = Buffer.byteLength(JSON.stringify([...others, profile]));
  if (bytes <= max) return [];
  const message = `must leave room for the other keyspaces: all of them together may have ${max} bytes as JSON, and would have ${bytes}`;
  return [{ path: [], message }];
}
