// What a new version of a profile changes: member by member, and in what keys that exist may do. Pure.
import { canonical } from '../canonical.ts';
import { mayBeHeld, type FormerScopes } from './former-scopes.ts';
import type { Profile } from './profile.ts';
import { effectsOf, type Effect } from './effects.ts';

/** One member that differs. */
export interface ProfileChange {
  /** Members that lead to it; entries of a list by their id. */
  readonly path: readonly string[];
  /** JSON; `null` where there was nothing. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface ProfileDiff {
  readonly changes: readonly ProfileChange[];
  readonly effects: readonly Effect[];
}

/**
 * @param before `null`: there is no such keyspace yet, and so there are no keys of it.
 * @param former scopes of the profiles before that one; `undefined`: they are not known.
 */
export function diffProfiles(before: Profile | null, after: Profile, former?: readonly FormerScopes[]): ProfileDiff {
  return {
    changes: [...differences([], before, after)],
    effects: before === null ? [] : effectsOf(before, after, mayBeHeld(before, former)),
  };
}

function* differences(path: readonly string[], before: unknown, after: unknown): Generator<ProfileChange> {
  if (same(before, after)) return;
  const left = membersOf(before);
  const right = membersOf(after);
  if (left === null || right === null || (Array.isArray(before) && isReordered([...left.keys()], [...right.keys()]))) {
    yield { path, before: before ?? null, after: after ?? null };
    return;
  }
  for (const name of new Set([...left.keys(), ...right.keys()]))
    yield* differences([...path, name], left.get(name), right.get(name));
}

/** The order of a list is part of it: levels rise, columns stand side by side. */
function isReordered(left: readonly string[], right: readonly string[]): boolean {
  const kept = right.filter((name) => left.includes(name));
  return left.filter((name) => kept.includes(name)).some((name, index) => name !== kept[index]);
}

const same = (left: unknown, right: unknown): boolean =>
  left === right || (left !== undefined && right !== undefined && canonical(left) === canonical(right));

/** What is compared one by one: an object's members, and the entries of a list whose entries have names of their own. */
function membersOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const entries = value.map((entry: unknown) => [nameOf(entry), entry] as const);
  const names = entries.map(([name]) => name);
  if (names.some((name) => name === null) || new Set(names).size < names.length || names.length === 0) return null;
  return new Map(entries.map(([name, entry]) => [name ?? '', entry]));
}

function nameOf(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { id, scope, name, label } = entry as Readonly<Record<string, unknown>>;
  const found = [id, scope, name, label].find((each) => typeof each === 'string');
  return typeof found === 'string' ? found : null;
}
