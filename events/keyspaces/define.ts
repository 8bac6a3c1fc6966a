// defineKeyspace: what becomes of a profile's source. A plan tells all of it and changes nothing; a decision is the plan
// carried out, or refused.
import { invalid, refused, versionConflict, type Decision, type Refusal, type Warning } from '../decision.ts';
import type { Problem } from '../problem.ts';
import { capacityProblems } from './capacity.ts';
import { clashesOf } from './check.ts';
import { diffProfiles, type ProfileDiff } from './diff.ts';
import type { Profile } from './profile.ts';
import { readSource } from './source.ts';
import { entryOf, type KeyspaceEntry, type KeyspacesState } from './state.ts';
import { profileWarnings } from './warnings.ts';

export interface DefineKeyspaceInput {
  /** YAML or JSON. */
  readonly source: string;
  readonly allowWidening?: boolean | null | undefined;
}

/** What defining a source would do. */
export interface KeyspacePlan {
  /** As it is now; `null`: it would be new, or it is not known which one it is. */
  readonly entry: KeyspaceEntry | null;
  /** `null`: the source has problems. */
  readonly profile: Profile | null;
  /** All of them, with their paths in the source. */
  readonly problems: readonly Problem[];
  readonly diff: ProfileDiff;
  readonly warnings: readonly Warning[];
}

const NOTHING: ProfileDiff = { changes: [], effects: [] };

export function planKeyspace(source: string, keyspaces: KeyspacesState): KeyspacePlan {
  const read = readSource(source, (profile) => [
    ...clashesOf(profile, keyspaces),
    ...capacityProblems(profile, keyspaces),
  ]);
  if (!read.ok) return { entry: null, profile: null, problems: read.problems, diff: NOTHING, warnings: [] };
  const { profile } = read;
  const entry = entryOf(keyspaces, profile.slug) ?? null;
  return {
    entry,
    profile,
    problems: [],
    diff: diffProfiles(entry?.profile ?? null, profile, entry?.formerScopes),
    warnings: profileWarnings(profile),
  };
}

/** @param ifVersion of the profile; `undefined`: whatever it is. */
export function decideDefinition(
  { source, allowWidening }: DefineKeyspaceInput,
  keyspaces: KeyspacesState,
  ifVersion: number | undefined,
): Decision {
  const { entry, profile, problems, diff, warnings } = planKeyspace(source, keyspaces);
  if (profile === null) return refused(badSource(problems));
  const version = entry?.version ?? 0;
  if (ifVersion !== undefined && ifVersion !== version) return refused(versionConflict(ifVersion, version));
  if (entry !== null && diff.changes.length === 0) return { kind: 'unchanged' };
  const widening = diff.effects.filter(({ kind }) => kind === 'WIDENS');
  if (widening.length > 0 && allowWidening !== true) return refused(needsLeave(widening));
  return {
    kind: 'event',
    event: {
      type: entry === null ? 'KeyspaceDefined' : 'KeyspaceChanged',
      data: { version: version + 1, profile },
      personal: {},
      private: {},
    },
    diff,
    warnings,
  };
}

const inSource = ({ path, message }: Problem): Problem => ({ path: ['source', ...path], message });

function badSource(problems: readonly Problem[]): Refusal {
  const [first = { path: [], message: 'must be a profile' }] = problems;
  const { path, message } = inSource(first);
  return { ...invalid(path, message), issues: problems.map(inSource) };
}

function needsLeave(widening: readonly Problem[]): Refusal {
  const first = widening[0]?.message ?? '';
  const refusal = invalid(['allowWidening'], `must be true: existing keys may do more after this change (${first})`);
  return { ...refusal, issues: widening.map(inSource) };
}
