// The source of a profile, as an operator writes it: YAML or JSON. Read whole: every problem at once, each with its path.
import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { problemsOf, type Problem } from '../problem.ts';
import { problemsOfProfile } from './check.ts';
import { problem } from './check/problems.ts';
import { profile, type Profile } from './profile.ts';

/** Longest source, in UTF-16 code units. */
export const MAX_SOURCE = 131_072;
/** A file says everything once: what stands for more than it is written as is refused. */
const MAX_ALIASES = 100;

export type ReadSource =
  { readonly ok: true; readonly profile: Profile } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a profile from YAML or JSON; what it does not name has its default. */
export function readSource(source: string): ReadSource {
  const parsed = parse(source);
  if ('problems' in parsed) return { ok: false, problems: parsed.problems };
  const prototypes = takeOutPrototypes(parsed.value);
  const read = profile.safeParse(parsed.value);
  if (!read.success) {
    const further = furtherProblems(parsed.value);
    return { ok: false, problems: [...prototypes, ...shapeProblems(read.error), ...further] };
  }
  const problems = [...prototypes, ...problemsOfProfile(read.data)];
  return problems.length === 0 ? { ok: true, profile: read.data } : { ok: false, problems };
}

/** Which keyspace a source is about, if it says so. */
export function slugOf(source: string): string | null {
  const read = readSource(source);
  return read.ok ? read.profile.slug : null;
}

function parse(source: string): { readonly value: unknown } | { readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, version: '1.2', schema: 'core' });
  if (document.errors.length > 0) return { problems: document.errors.map((error) => syntaxProblem(error, lines)) };
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch {
    return { problems: [problem([], 'must not repeat itself by aliases so often')] };
  }
}

/** What the parser says of a place, in words that quote nothing. */
function syntaxProblem({ code, pos: [start] }: YAMLError, lines: LineCounter): Problem {
  const { line, col } = lines.linePos(start);
  const what = code.toLowerCase().replaceAll('_', ' ');
  return problem([], `must be YAML or JSON: ${what} at line ${line}, column ${col}`);
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

/** What stands for a member that a profile must have and that was wrong; its own problems are told already. */
const STAND_INS = { slug: 'x', name: 'x', types: [{ id: 'x', label: 'x', prefix: 'x' }] };
const MAX_ROUNDS = 5;

/** What is wrong with the rest of a source whose shape is wrong in places: those are taken out, and the rest is judged. */
function furtherProblems(value: unknown): readonly Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  const rest = structuredClone(value) as Record<string, unknown>;
  const out = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const read = profile.safeParse(rest);
    if (read.success) return problemsOfProfile(read.data).filter(({ path: [member = ''] }) => !out.has(member));
    for (const issue of read.error.issues) {
      const [member = ''] = issue.path.length > 0 ? issue.path.map(String) : [];
      const names = issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [member];
      for (const name of names) takeOut(rest, name, out);
    }
  }
  return [];
}

function takeOut(rest: Record<string, unknown>, name: string, out: Set<string>): void {
  out.add(name);
  if (Object.hasOwn(STAND_INS, name)) rest[name] = STAND_INS[name as keyof typeof STAND_INS];
  else Reflect.deleteProperty(rest, name);
}
