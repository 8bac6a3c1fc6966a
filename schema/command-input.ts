// Command input: what a mutation was given, checked by the catalogue's own pieces, as a request to the write path.
import { z } from 'zod';
import * as fields from '../events/fields.ts';
import { keyCommands, type KeyCommand, type KeyCommandName } from '../events/key/commands.ts';
import type { Refusal } from '../events/decision.ts';
import { problemsOf, type Problem } from '../events/problem.ts';
import type { CommandRequest } from './context.ts';

/** The members that every mutation's input has. */
const common = z.object({
  commandId: fields.commandId.nullish(),
  ifVersion: z.int().min(1, 'must be at least 1').nullish(),
});

/** The members that are no part of the command itself. */
const SHARED: ReadonlySet<string> = new Set(['id', 'commandId', 'ifVersion', 'waitFor']);

type InvalidInput = Extract<Refusal, { type: 'InvalidInput' }>;

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: InvalidInput };

function invalid(issues: readonly Problem[]): Extract<Checked<never>, { ok: false }> {
  const { path, message } = issues[0] ?? { path: [], message: 'must be valid' };
  return {
    ok: false,
    error: { type: 'InvalidInput', message: `${path.join('.') || 'input'} ${message}`, path, issues },
  };
}

/** Checks the members that every mutation has; for mutations that are no command on a key. */
export function checkCommon(input: object): Checked<z.infer<typeof common>> {
  const read = common.safeParse(input);
  return read.success ? { ok: true, value: read.data } : invalid(problemsOf(read.error));
}

/** An omitted member stays omitted and `null` stays `null`: what they mean is the command's affair. */
export function checkCommand(
  name: KeyCommandName,
  input: Readonly<Record<string, unknown>>,
): Checked<Omit<CommandRequest, 'keyId'>> {
  const members = Object.fromEntries(Object.entries(input).filter(([member]) => !SHARED.has(member)));
  const own = keyCommands[name].safeParse(members);
  const shared = common.safeParse(input);
  if (!own.success || !shared.success) {
    return invalid([own, shared].flatMap(({ error }) => (error ? problemsOf(error) : [])));
  }
  const { commandId, ifVersion } = shared.data;
  return {
    ok: true,
    value: {
      command: { name, input: own.data } as KeyCommand,
      ...(commandId ? { commandId } : {}),
      ...(ifVersion ? { ifVersion } : {}),
      ...(input.waitFor === 'VERIFIERS' ? { waitFor: 'VERIFIERS' } : {}),
    },
  };
}
