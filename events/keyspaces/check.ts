// Whether a profile makes sense: everything that its shape alone does not say, each problem with its path. Asked when a
// profile is defined, never of one that lies in the log.
import type { Problem } from '../problem.ts';
import { accessProblems } from './check/access.ts';
import { lifecycleProblems } from './check/lifecycle.ts';
import { permissionProblems } from './check/permissions.ts';
import { presentationProblems } from './check/presentation.ts';
import { problem, when } from './check/problems.ts';
import { tokenProblems } from './check/token.ts';
import type { Profile } from './profile.ts';
import type { KeyspacesState } from './state.ts';
import { secretPrefixes, tokenFormat } from './token-format.ts';

/** As JSON with all defaults and no aliases: a profile goes into every event of it, and is read with every command. */
const MAX_PROFILE_BYTES = 65_536;

/** All that is wrong with a profile by itself. */
export function problemsOfProfile(profile: Profile): readonly Problem[] {
  const size = Buffer.byteLength(JSON.stringify(profile));
  return [
    ...when(size > MAX_PROFILE_BYTES, [], `must come to at most ${MAX_PROFILE_BYTES} bytes when all is written out`),
    ...presentationProblems(profile),
    ...accessProblems(profile),
    ...tokenProblems(profile),
    ...permissionProblems(profile),
    ...lifecycleProblems(profile),
  ];
}

/**
 * Two keyspaces clash when keys of both begin with the same text before the last `_`; keys that exist keep what they began
 * with, so every prefix counts that a keyspace ever had.
 */
export function clashesOf(profile: Profile, { profiles }: KeyspacesState): readonly Problem[] {
  const others = Object.values(profiles).filter((entry) => entry.profile.slug !== profile.slug);
  return profile.types.flatMap((type, index) => {
    const mine = new Set(secretPrefixes({ ...tokenFormat(profile), types: [type] }));
    const other = others.find(({ formats }) =>
      formats.some(({ format }) => secretPrefixes(format).some((each) => mine.has(each))),
    );
    if (!other) return [];
    return [problem(['types', index, 'prefix'], `must not be that of the keyspace ${other.profile.slug}`)];
  });
}
