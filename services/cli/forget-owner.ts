// `keyfold keys forget-owner`: erases the personal data of all keys that somebody has or ever had. It asks until no key
// remains, under one command id, and prints each key with what became of it.
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { z } from 'zod';
import { FORGET_OWNER } from './documents.ts';
import { visible } from './format.ts';
import { CliError, EXIT, print, printJson, remark, type Io } from './io.ts';
import { commandIdOption, jsonOption, waitForInput, waitForOption, workspaceOption } from './key-commands.ts';
import { mutate } from './mutations.ts';
import { confirmedBy, enforcement, remarkOn } from './outcome.ts';

const payload = z.looseObject({
  position: z.string(),
  keyIds: z.array(z.string()),
  remaining: z.number(),
  results: z.array(
    z.looseObject({ position: z.string().optional(), code: z.string().optional(), message: z.string().optional() }),
  ),
  enforcement,
});

interface Options {
  readonly workspace: string;
  readonly commandId?: string;
  readonly waitFor?: string;
  readonly json?: boolean;
}

export function addForgetOwner(keys: Command, io: Io): void {
  const command = keys
    .command('forget-owner')
    .summary('erase the personal data of all keys that somebody has or ever had')
    .description('Erase the personal data of all keys that somebody has or ever had in a workspace, deleted ones too.')
    .argument('<owner-id>', "the owner's opaque id in your directory")
    .addOption(workspaceOption())
    .addOption(commandIdOption())
    .addOption(waitForOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold keys forget-owner u-17 --workspace acme')
    .action(async (ownerId: string) => {
      const { workspace, commandId = randomUUID(), waitFor, json = false } = command.opts<Options>();
      const input = { workspaceId: workspace, ownerId, ...waitForInput(waitFor) };
      let left = Infinity;
      for (;;) {
        const answer = payload.parse(await mutate(io, { workspace, document: FORGET_OWNER, input, commandId }));
        const { remaining } = answer;
        // Each call takes it further; one that does not has met what the next would meet, too.
        if (remaining > 0 && remaining < left) {
          left = remaining;
          remark(io, `${remaining} keys remain`);
          continue;
        }
        tell(io, answer, json);
        if (remaining > 0)
          throw new CliError('KEYS_REMAIN', `${remaining} keys are not dealt with yet`, {
            exitCode: EXIT.unknown,
            advice: `send it again with --command-id ${commandId}`,
            details: { commandId },
          });
        const refused = answer.results.filter(({ code }) => code !== undefined).length;
        if (refused > 0)
          throw new CliError('NOT_ALL', `${refused} of ${answer.results.length} keys were not erased`, {
            exitCode: EXIT.refused,
          });
        return;
      }
    });
}

function tell(
  io: Io,
  { position, keyIds, results, enforcement: receipt }: z.infer<typeof payload>,
  json: boolean,
): void {
  const keys = keyIds.map((keyId, index) => {
    const { position: at, code, message } = results[index] ?? {};
    return code === undefined ? { keyId, position: at } : { keyId, error: { code, message: message ?? '' } };
  });
  if (json) {
    printJson(io, { keys, position, ...(receipt ? { enforcement: receipt } : {}) });
    return;
  }
  remarkOn(io, receipt);
  for (const key of keys)
    print(io, `${key.keyId}  ${'error' in key ? visible(`${key.error.code}: ${key.error.message}`) : 'erased'}`);
  print(io, `position  ${position}`);
  const confirmed = confirmedBy(receipt);
  if (confirmed !== undefined) print(io, `confirmed ${confirmed}`);
}
