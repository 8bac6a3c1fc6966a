// `keyfold sessions list|end`: who is signed in to the console, and signing somebody out everywhere; for operators.
import type { Command } from 'commander';
import { z } from 'zod';
import { operation, startOperation } from './api-client.ts';
import * as args from './arguments.ts';
import { listText, tableLines } from './format.ts';
import { print, printJson, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';

const listed = z.object({
  sessions: z.array(
    z.object({
      subject: z.string(),
      method: z.string(),
      workspaces: z.record(z.string(), z.string()),
      operator: z.boolean(),
      createdAt: z.string(),
      expiresAt: z.string(),
      idleUntil: z.string(),
    }),
  ),
});
const ended = z.object({ ended: z.number() });

interface Options {
  readonly workspace: string;
  readonly json?: boolean;
}

export function addSessionCommands(program: Command, io: Io): void {
  const sessions = program
    .command('sessions')
    .summary('who is signed in to the console')
    .description('Who is signed in to the console, for operators.');

  sessions
    .command('list')
    .summary('who is signed in, how, and until when')
    .description('Shows the sessions of the console, the newest first, at most 1,000.')
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold sessions list')
    .action(async ({ workspace, json }: Options) => {
      const found = listed.parse(await operation(io, workspace, 'sessions'));
      if (json) printJson(io, found);
      else print(io, ...lines(found));
    });

  sessions
    .command('end')
    .argument('<subject>', 'whose, as the history names them', args.subject)
    .summary('sign somebody out everywhere')
    .description(
      'Ends all sessions of somebody at once, as when they lose a role: a session keeps those that its sign-in gave it. ' +
        'Whoever still may can sign in again.',
    )
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold sessions end "auth0|5f7c"')
    .action(async (end: string, { workspace, json }: Options) => {
      const done = ended.parse(await startOperation(io, workspace, 'sessions', { end }));
      if (json) printJson(io, done);
      else print(io, `${done.ended} sessions ended`);
    });
}

function lines({ sessions }: z.infer<typeof listed>): string[] {
  return tableLines(
    ['SUBJECT', 'BY', 'ROLES', 'SINCE', 'UNTIL'],
    sessions.map(({ subject, method, workspaces, operator, createdAt, idleUntil }) => {
      const roles = Object.entries(workspaces).map(([id, role]) => `${id}: ${role}`);
      return [subject, method, listText([...(operator ? ['operator'] : []), ...roles]), createdAt, idleUntil];
    }),
  );
}
