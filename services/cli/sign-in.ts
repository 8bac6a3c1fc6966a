// `keyfold sign-in`: a link that signs a browser in to the console, once; the link, and nothing else, on stdout.
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { ROLES, type Role } from '../../events/keyspaces/profile.ts';
import { refusedBy } from './api-client.ts';
import * as args from './arguments.ts';
import { apiUrl, isEmbedded, mintLocalToken } from './credentials.ts';
import { postJson } from './http.ts';
import { CliError, print, printJson, type Io } from './io.ts';
import { jsonOption } from './key-commands.ts';
import { addSubjectOptions, callerOf } from './token.ts';

const TOKEN_SECONDS = 60;
const link = z.object({ url: z.url(), expiresAt: z.string() });

interface Options {
  readonly workspace: string;
  readonly role?: Role;
  readonly operator?: boolean;
  readonly subject: string;
  readonly email?: string;
  readonly json?: boolean;
}

export function addSignInCommand(program: Command, io: Io): void {
  const command = program
    .command('sign-in')
    .summary('a link that signs you in to the console; embedded storage only')
    .description(
      'Prints a link that signs a browser in to the console of the running Keyfold: once, within ten minutes.\n' +
        'Without --role as who runs it: an admin of the workspace, and an operator of the installation.',
    )
    .addOption(new Option('--workspace <id>', 'the workspace that it is for').argParser(args.workspace).default('demo'))
    .addOption(new Option('--role <role>', 'what one may do there').choices([...ROLES]))
    .addOption(new Option('--operator', 'also an operator of the installation; without --role always'));
  addSubjectOptions(command)
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  keyfold sign-in\n  keyfold sign-in --role viewer --subject eve')
    .action(async ({ json, role, operator, ...options }: Options) => {
      if (!isEmbedded(io.env)) {
        throw new CliError('NOT_ENABLED', 'links sign in to embedded storage only', {
          advice: 'open the console: it signs in at your identity provider (AUTH_CLIENT_ID)',
        });
      }
      const caller = callerOf({ ...options, role: role ?? 'admin', operator: operator ?? role === undefined });
      const token = await mintLocalToken(io.env, { ...caller, seconds: TOKEN_SECONDS });
      const answered = await postJson(`${apiUrl(io.env)}/session/codes`, token, {}, 'KEYFOLD_URL');
      const read = link.safeParse(answered.body);
      if (answered.status !== 201 || !read.success) throw refusedBy(io, answered, 'no link');
      if (json) printJson(io, read.data);
      else print(io, read.data.url);
    });
}
