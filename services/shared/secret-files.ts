// Secrets: from `NAME`, or from the file that `NAME_FILE` names. Never both, never from a file that cannot be read.
import { readFileSync, statSync } from 'node:fs';
import { exposedTo } from './file-mode.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings that may also come from a file. */
export const SECRET_SETTINGS = [
  'KEYFOLD_PEPPERS',
  'KEYFOLD_SEALING_KEYS',
  'KEYFOLD_CHECKPOINT_KEYS',
  'KAFKA_SASL_PASSWORD',
  'VERIFIER_TOKEN',
  'AUTH_CLIENT_SECRET',
  'MONGODB_URL',
] as const;
export type SecretSetting = (typeof SECRET_SETTINGS)[number];

/** A secret that was found, or `undefined`; and what is wrong with how it was given. */
export interface SecretReading {
  readonly value: string | undefined;
  readonly problem?: string;
  readonly warning?: string;
}

/** A variable; an empty one counts as unset, as files of composed services write it. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}

/** A trailing newline of a file is no part of the secret. */
export function readSecret(environment: Environment, name: SecretSetting): SecretReading {
  const direct = variable(environment, name);
  const file = variable(environment, `${name}_FILE`);
  if (file === undefined) return { value: direct };
  if (direct !== undefined) {
    return { value: undefined, problem: `is set, and so is ${name}_FILE: set one of the two` };
  }
  try {
    const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (value === '') return { value: undefined, problem: `the file that ${name}_FILE names is empty` };
    const exposed = exposedTo(statSync(file).mode);
    return exposed === null
      ? { value }
      : { value, warning: `the file that ${name}_FILE names ${exposed}: chmod o-rw it` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { value: undefined, problem: `the file that ${name}_FILE names cannot be read (${code})` };
  }
}
