// `keyfold token`: a signed-in caller's token from the data folder's own issuer; the token, and nothing else, on stdout.
import { Option, type Command } from 'commander';
import { ROLES, type Role } from '../../events/keyspaces/profile.ts';
import type { MintedCaller } from '../api/local-issuer.ts';
import * as args from './arguments.ts';
import { isEmbedded, mintLocalToken } from './credentials.ts';
import { CliError, print, type Io } from './io.ts';

/** What `addTokenOptions` reads. */
export interface TokenOptions {
  readonly workspace: string;
  readonly role: Role;
  readonly operator?: boolean;
  readonly subject: string;
  readonly email?: string;
}

/** The options of every command that mints a token. */
export function addTokenOptions(command: Command): Command {
  command
    .addOption(new Option('--workspace <id>', 'the workspace that it is for').argParser(args.workspace).default('demo'))
    .addOption(new Option('--role <role>', 'what it may do there').choices([...ROLES]).makeOptionMandatory())
    .addOption(new Option('--operator', 'also an operator of the installation'));
  return addSubjectOptions(command);
}

/** Who is meant. */
export function addSubjectOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--subject <id>', 'who that is, as the history names them').argParser(args.subject).default('local'),
    )
    .addOption(
      new Option('--email <address>', 'their e-mail address, which owners have in some keyspaces').argParser(
        args.email,
      ),
    );
}

/** The caller that the options name. */
export function callerOf({ workspace, role, operator = false, subject, email }: TokenOptions): MintedCaller {
  return { subject, operator, workspaces: { [workspace]: role }, ...(email === undefined ? {} : { email }) };
}

export function addTokenCommand(program: Command, io: Io): void {
  const token = program
    .command('token')
    .summary("a signed-in caller's token; embedded storage only")
    .description(
      "Prints a signed-in caller's token, good for one hour. Only with embedded storage, whose data folder holds the issuer's key.",
    )
    .addHelpText('after', '\nExample:\n  export KEYFOLD_TOKEN="$(keyfold token --workspace demo --role admin)"');
  addTokenOptions(token).action(async (options: TokenOptions) => {
    if (!isEmbedded(io.env)) {
      throw new CliError('NOT_ENABLED', 'tokens are minted for embedded storage only', {
        advice: 'your identity provider (AUTH_ISSUER) issues the tokens of this installation',
      });
    }
    print(io, await mintLocalToken(io.env, callerOf(options)));
  });
}
