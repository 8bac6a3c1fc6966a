// The source of a profile, as an operator writes it: YAML or JSON. Read whole: every problem at once, each with its path.
import type { z } from 'zod';
import { problemsOf, type Problem } from '../problem.ts';
import { problemsOfProfile } from './check.ts';
import { problem } from './check/problems.ts';
import { profile, type Profile } from './profile.ts';
import { furtherProblems } from './source-mended.ts';
import { readYaml } from './source-yaml.ts';

/** Longest source, in UTF-16 code units. */
export const MAX_SOURCE = 131_072;
/** Problems that are told one by one. */
const MAX_PROBLEMS = 100;

export type ReadSource =
  { readonly ok: true; readonly profile: Profile } | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a profile from YAML or JSON; what it does not name has its default.
 *
 * @param others what else is wrong with a profile where it is to be.
 */
export function readSource(source: string, others: (profile: Profile) => readonly Problem[] = () => []): ReadSource {
  const parsed = readYaml(source);
  if ('problems' in parsed) return { ok: false, problems: bounded(parsed.problems) };
  const prototypes = takeOutPrototypes(parsed.value);
  const judge = (of: Profile): readonly Problem[] => [...problemsOfProfile(of), ...others(of)];
  const read = profile.safeParse(parsed.value);
  if (!read.success) {
    const problems = [...prototypes, ...shapeProblems(read.error), ...furtherProblems(parsed.value, judge)];
    return { ok: false, problems: bounded(problems) };
  }
  const problems = [...prototypes, ...judge(read.data)];
  return problems.length === 0 ? { ok: true, profile: read.data } : { ok: false, problems: bounded(problems) };
}

function bounded(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - MAX_PROBLEMS;
  if (more <= 0) return problems;
  return [
    ...problems.slice(0, MAX_PROBLEMS),
    problem([], `must be mended first: ${more} more problems are not listed`),
  ];
}

/** Which keyspace a source is about, if it says so. */
export function slugOf(source: string): string | null {
  const read = readSource(source);
  return read.ok ? read.profile.slug : null;
}

const PROTOTYPE = '__proto__';
const MAX_STEP = 40;

/** No schema meets this member where names are free: it is found, told and taken out before any is asked. */
function takeOutPrototypes(value: unknown, path: readonly string[] = [], seen = new Set<object>()): Problem[] {
  // An alias stands for what was looked at already.
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  const here = Object.hasOwn(value, PROTOTYPE) ? [problem([...path, PROTOTYPE], UNKNOWN_MEMBER)] : [];
  Reflect.deleteProperty(value, PROTOTYPE);
  const below = Object.entries(value).map(([name, member]: [string, unknown]) =>
    takeOutPrototypes(member, [...path, name.slice(0, MAX_STEP)], seen),
  );
  return [...here, ...below.flat()];
}

const UNKNOWN_MEMBER = 'must not be there: it is not known';
/** What a member can be called; any other text is not repeated, whatever it is. */
const MEMBER = /^[A-Za-z][A-Za-z0-9]{0,29}$/;

/** A member that is not known is a problem of its own, under its name. */
function shapeProblems(error: z.ZodError): readonly Problem[] {
  const problems = problemsOf(error);
  return error.issues.flatMap((issue, index): readonly Problem[] => {
    const known = problems[index];
    if (issue.code !== 'unrecognized_keys') return known ? [known] : [];
    const names = issue.keys.map((key) => (MEMBER.test(key) ? [key] : []));
    return names.map((name) => problem([...issue.path.map(String), ...name], UNKNOWN_MEMBER));
  });
}
