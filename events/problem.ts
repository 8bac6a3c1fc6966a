// Problems: what is wrong with a value, from zod's error: where, and a sentence that never quotes the value.
// Schemas say it themselves where they know better; for all others, whichever file they stand in, it is said here.
import { z } from 'zod';

export interface Problem {
  /** Members and indexes that lead to what is wrong. */
  readonly path: readonly string[];
  /** Begins with "must" and reads on after the path. */
  readonly message: string;
}

const MAX_STEP = 40;

/** The first problem of an error. */
export function problemOf(error: z.ZodError): Problem {
  return problemsOf(error)[0] ?? { path: [], message: 'must be valid' };
}

/** Every problem of an error, in the order of its schema. */
export function problemsOf(error: z.ZodError): readonly Problem[] {
  return error.issues.map(({ path, message }) => ({
    path: path.map((step) => String(step).slice(0, MAX_STEP)),
    message,
  }));
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};
const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' };

/** `atLeast` … of what: a number itself, or how much a text or a list holds. */
const amount = (of: string, bound: string, than: number | bigint): string =>
  of in UNITS ? `must have ${bound} ${than} ${UNITS[of]}` : `must be ${bound} ${than}`;

function sentence(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'must be given' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.input === undefined ? 'must be given' : `must be ${oneOf(issue.values.map(String))}`;
    case 'too_small':
      return amount(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return amount(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return issue.pattern === undefined ? 'must have the form that its schema says' : `must match ${issue.pattern}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'must not have members that are not known';
    case 'invalid_key':
      return 'must not have a member of this name';
    case 'invalid_union':
      return 'must have one of the forms that its schema names';
    case 'invalid_element':
    case 'custom':
      return 'must be valid';
  }
}

/** Reads on after "must be". */
export function oneOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : `one of ${values.join(', ')}`;
}

// zod's own texts say what came, some of them in full.
z.config({ customError: sentence });
