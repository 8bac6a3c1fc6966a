// Problems: what is wrong with a value, from zod's error: where, and a sentence that never quotes the value.
import type { z } from 'zod';

export interface Problem {
  /** Members and indexes that lead to what is wrong. */
  readonly path: readonly string[];
  /** Begins with "must" or reads on after the path. */
  readonly message: string;
}

const MAX_STEP = 40;

/** The first problem of an error. */
export function problemOf(error: z.ZodError): Problem {
  return problemsOf(error)[0] ?? { path: [], message: 'must be valid' };
}

/** Every problem of an error, in the order of its schema. */
export function problemsOf(error: z.ZodError): readonly Problem[] {
  return error.issues.map((issue) => ({
    path: issue.path.map((step) => String(step).slice(0, MAX_STEP)),
    message: sentence(issue),
  }));
}

function sentence(issue: z.core.$ZodIssue): string {
  // zod's own messages of these would quote what was sent.
  if (issue.code === 'unrecognized_keys') return 'must not have members that are not known';
  if (issue.code === 'invalid_key') return 'must not have a member of this name';
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return issue.message.endsWith('received undefined') ? 'must be given' : `must be of type ${issue.expected}`;
  }
  return issue.message.replace(/^(?:Invalid \w+|Too (?:big|small)): /, '');
}
