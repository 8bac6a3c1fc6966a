// Reads a command's input by its schema, as the API does before it decides.
import { invalid, type Refusal } from '../../events/decision.ts';
import { keyCommands, type KeyCommand, type KeyCommandName } from '../../events/key/commands.ts';
import { problemOf } from '../../events/problem.ts';

export function readCommand(
  name: KeyCommandName,
  input: unknown,
): { readonly ok: true; readonly command: KeyCommand } | { readonly ok: false; readonly refusal: Refusal } {
  const read = keyCommands[name].safeParse(input);
  if (read.success) return { ok: true, command: { name, input: read.data } as KeyCommand };
  const { path, message } = problemOf(read.error);
  return { ok: false, refusal: invalid(path, message) };
}
