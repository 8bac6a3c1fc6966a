// Reads single settings and gathers every problem, so that all of them can be reported at once.
import type { z } from 'zod';
import { readSecret, SECRET_SETTINGS, variable, type Environment } from './secret-files.ts';

export interface SettingReader {
  /** The value of a setting; `null` when it is not set, or wrong (then the problem is noted). */
  readonly read: <T>(name: string, type: z.ZodType<T, string>) => T | null;
  /** Whether somebody meant to set it, rightly or not. */
  readonly given: (name: string) => boolean;
  /** Notes a problem for each of these that is not set. */
  readonly require: (names: readonly string[], why: string) => void;
  readonly problem: (name: string, message: string) => void;
  readonly problems: string[];
  readonly warnings: string[];
}

export function createSettingReader(environment: Environment): SettingReader {
  const problems: string[] = [];
  const warnings: string[] = [];
  const problem = (name: string, message: string): void => void problems.push(`${name} ${message}`);
  const secrets = new Map<string, string | undefined>();
  for (const name of SECRET_SETTINGS) {
    const reading = readSecret(environment, name);
    if (reading.problem !== undefined) problem(name, reading.problem);
    if (reading.warning !== undefined) warnings.push(`${name}: ${reading.warning}`);
    secrets.set(name, reading.value);
  }
  const given = (name: string): boolean =>
    variable(environment, name) !== undefined ||
    (secrets.has(name) && variable(environment, `${name}_FILE`) !== undefined);
  return {
    problems,
    warnings,
    problem,
    given,
    read(name, type) {
      const text = secrets.has(name) ? secrets.get(name) : variable(environment, name);
      if (text === undefined) return null;
      const result = type.safeParse(text);
      if (result.success) return result.data;
      for (const message of new Set(result.error.issues.map((issue) => issue.message))) problem(name, message);
      return null;
    },
    require(names, why) {
      for (const name of names) if (!given(name)) problem(name, `is not set: ${why}`);
    },
  };
}
