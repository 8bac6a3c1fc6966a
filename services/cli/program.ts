// The `keyfold` command: all of its commands, and how an error ends it.
import { Command, CommanderError } from 'commander';
import { addAuditCommands } from './audit.ts';
import { addBackupCommands } from './backup.ts';
import { addDevCommands } from './dev.ts';
import { addEventCommands } from './events.ts';
import { CliError, Ended, EXIT, print, remark, type Io } from './io.ts';
import { addForgetOwner } from './forget-owner.ts';
import { addKeyCommands } from './key-commands.ts';
import { addKeyQueries } from './key-queries.ts';
import { addKeyspaceCommands } from './keyspaces.ts';
import { addPepperCommands } from './peppers.ts';
import { addProjectionCommands } from './projections.ts';
import { addSealingCommands } from './sealing.ts';
import { addSessionCommands } from './sessions.ts';
import { addServeCommand, type Serve } from './serve.ts';
import { addSignInCommand } from './sign-in.ts';
import { addTokenCommand } from './token.ts';
import { addVerifyCommand } from './verify.ts';
import { jsonText, visible } from './format.ts';

const ENVIRONMENT = `
Commands other than serve, token, restore, audit verify and dev ask the running API and verifier:
  KEYFOLD_URL           the API; default http://127.0.0.1:4000
  KEYFOLD_VERIFIER_URL  the verifier; default http://127.0.0.1:4100
  KEYFOLD_TOKEN         an access token; with embedded storage one is minted from KEYFOLD_DATA (./data)
  VERIFIER_TOKEN        what the verifier wants, if it wants anything

Exit codes: 0 done, 1 refused (verify: not valid), 2 not understood or could not tell.`;

export interface ProgramOptions {
  readonly io: Io;
  readonly serve: Serve;
}

/** Runs one command line (without `node` and the script); answers its exit code. Never rejects. */
export async function run(argv: readonly string[], { io, serve }: ProgramOptions): Promise<number> {
  const json = argv.includes('--json');
  const program = new Command('keyfold')
    .description('API keys whose every change is an event.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => json || io.stderr.write(plainLines(text)),
    })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', ENVIRONMENT);
  addServeCommand(program, io, serve);
  addTokenCommand(program, io);
  addSignInCommand(program, io);
  const keys = program
    .command('keys')
    .summary('make, change and look at keys')
    .description('Make, change and look at keys.');
  addKeyCommands(keys, io);
  addForgetOwner(keys, io);
  addKeyQueries(keys, io);
  addVerifyCommand(program, io);
  addEventCommands(program, io);
  addProjectionCommands(program, io);
  addPepperCommands(program, io);
  addSealingCommands(program, io);
  addSessionCommands(program, io);
  addAuditCommands(program, io);
  addBackupCommands(program, io);
  addKeyspaceCommands(program, io);
  addDevCommands(program, io);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // What is made for `eval` must fail there, too: nothing would leave the last call's variables as they are.
    if (argv.includes('--shell') && !json && !isHelp(error)) print(io, 'false');
    return end(io, error, json);
  }
}

function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

function end(io: Io, error: unknown, json: boolean): number {
  if (error instanceof Ended) return error.exitCode;
  if (isHelp(error)) return EXIT.ok;
  if (error instanceof CommanderError && !json) return EXIT.unknown; // it has said why
  const known =
    error instanceof CliError ? error : error instanceof CommanderError ? misunderstood(error) : unexpected(error);
  const { code, message, more, advice, details, exitCode } = known;
  if (json) remark(io, jsonText({ error: { code, message, ...(advice ? { advice } : {}), ...details } }));
  else {
    const rest = [...more.map(plainLines), ...(advice ? [advice] : [])];
    remark(io, [`${code}: ${plainLines(message)}`, ...rest.map((line) => `  ${line}`)].join('\n'));
  }
  return exitCode;
}

const plainLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** A command line that the parser refuses. */
function misunderstood({ code, message }: CommanderError): CliError {
  const said = code === 'commander.help' ? 'a command is missing' : message.replace(/^error: /, '');
  return new CliError('BAD_USER_INPUT', said, { exitCode: EXIT.unknown, advice: 'see: keyfold --help' });
}

/** Errors of our own have a code in capitals, and a message for people. */
function unexpected(error: unknown): CliError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof Error && /^[A-Z][A-Z_]+$/.test(code)) return new CliError(code, error.message);
  return new CliError('UNEXPECTED', error instanceof Error ? `${error.name}: ${error.message}` : 'it failed', {
    exitCode: EXIT.unknown,
  });
}
