// `keyfold verify`: asks the verifier about the key on standard input. Exit 0 valid, 1 not valid, 2 could not tell.
// The key is never an argument: arguments are in shell histories and process lists.
import { Option, type Command } from 'commander';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import * as args from './arguments.ts';
import { secretSetting, verifierUrl } from './credentials.ts';
import { postJson } from './http.ts';
import { CliError, Ended, EXIT, print, printJson, type Io } from './io.ts';

const MAX_INPUT = 65_536;
const verdict = z.looseObject({ valid: z.boolean(), code: z.string() });
const failure = z.looseObject({
  code: z.string(),
  message: z.string().optional(),
  path: z.array(z.string()).default([]),
});

interface VerifyOptions {
  readonly scope?: string[];
  readonly permission?: string;
  readonly flag?: string[];
  readonly resource?: { readonly type: string; readonly id: string };
  readonly atLeast?: string;
  readonly keyspace?: string;
  readonly environment?: string;
  readonly origin?: string;
  readonly ip?: string;
  readonly json?: boolean;
}

export function addVerifyCommand(program: Command, io: Io): void {
  program
    .command('verify')
    .summary('ask the verifier about the key on standard input')
    .description(
      'Asks the verifier about the key on standard input and prints the code of its answer. What "keys create" and ' +
        '"keys regenerate" print may be piped in as it is; then the position is waited for, too.\n' +
        'Exit code: 0 valid, 1 not valid, 2 could not tell.',
    )
    .addOption(new Option('--scope <scope>', 'needed scope; again for more').argParser(gather))
    .addOption(new Option('--permission <expression>', 'what is needed, such as "a:read and (b:write or c)"'))
    .addOption(new Option('--flag <flag>', 'needed flag; again for more').argParser(gather))
    .addOption(new Option('--resource <type:id>', 'the resource that is to be reached').argParser(args.resource))
    .addOption(new Option('--at-least <position>', 'wait until the verifier has seen this position'))
    .addOption(new Option('--keyspace <slug>', 'the keyspace that the key must belong to'))
    .addOption(new Option('--environment <name>', 'the environment that the key must be for'))
    .addOption(new Option('--origin <origin>', 'the web origin of the call'))
    .addOption(new Option('--ip <address>', 'the client address of the call'))
    .addOption(new Option('--json', 'print the whole answer'))
    .addHelpText(
      'after',
      '\nExamples:\n  keyfold verify --scope deploy < key.txt\n  keyfold keys create --name CI --scopes read | keyfold verify --scope read\n  printf %s "$SECRET" | keyfold verify --scope read --at-least "$POSITION"',
    )
    .action(async (options: VerifyOptions) => verify(io, options));
}

async function verify(io: Io, options: VerifyOptions): Promise<void> {
  const { scope, flag, json, ...rest } = options;
  const { key, position } = readKey(await readAll(io.stdin));
  if (key === '') {
    throw new CliError('BAD_USER_INPUT', 'no key came on standard input', {
      exitCode: EXIT.unknown,
      advice: 'printf %s "$SECRET" | keyfold verify',
    });
  }
  const token = secretSetting(io.env, 'VERIFIER_TOKEN');
  const lists = { ...(scope ? { scopes: scope } : {}), ...(flag ? { flags: flag } : {}) };
  const request = { key, ...lists, ...(position ? { atLeast: position } : {}), ...rest };
  const { status, body } = await postJson(`${verifierUrl(io.env)}/v1/verify`, token, request, 'KEYFOLD_VERIFIER_URL');
  const read = verdict.safeParse(body);
  if (status !== 200 || !read.success) {
    const said = failure.safeParse(body).data;
    const code = said?.code ?? (status === 401 ? 'UNAUTHENTICATED' : 'UNEXPECTED_ANSWER');
    if (json && body !== undefined) printJson(io, body);
    else if (status === 503) print(io, code);
    if (status === 400 && said?.message !== undefined) {
      throw new CliError(code, misfit(said.path, said.message), {
        exitCode: EXIT.unknown,
        advice: 'see: keyfold verify --help',
      });
    }
    const why = said?.message === undefined ? '' : `: ${said.message}`;
    throw new CliError(code, `the verifier could not tell (status ${status})${why}`, {
      exitCode: EXIT.unknown,
      advice: ADVICE[status] ?? 'check KEYFOLD_VERIFIER_URL',
    });
  }
  const { valid, code } = read.data;
  if (json) printJson(io, body);
  else print(io, code);
  if (!valid) throw new Ended(EXIT.refused);
}

const ADVICE: Readonly<Record<number, string>> = { 401: 'set VERIFIER_TOKEN', 503: 'try again' };
/** Where a member of the request comes from, if its option has another name. */
const SOURCES: Readonly<Record<string, string>> = { key: 'standard input', scopes: '--scope', flags: '--flag' };

/** What the verifier says about a member, as said of the option that it came from. */
function misfit([member, ...inside]: readonly string[], message: string): string {
  if (member === undefined) return message;
  const where = [member, ...inside].join('.');
  const what = message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message;
  const option = SOURCES[member] ?? `--${member.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return `${option} ${what}`;
}

/** The key alone, or the lines of `keyfold keys create`, whose position is then waited for. */
function readKey(input: string): { readonly key: string; readonly position: string | undefined } {
  const line = (name: string): string | undefined => new RegExp(`^${name} +(\\S+)$`, 'm').exec(input)?.[1];
  const secret = line('secret');
  return secret === undefined
    ? { key: input.trim(), position: undefined }
    : { key: secret, position: line('position') };
}

function gather(text: string, before: readonly string[] = []): string[] {
  return [...before, ...args.list(text)];
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array | string);
    size += bytes.length;
    if (size > MAX_INPUT) {
      throw new CliError('BAD_USER_INPUT', 'standard input is too long for a key', { exitCode: EXIT.unknown });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
