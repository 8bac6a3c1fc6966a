// `keyfold keyspaces apply FILE`: an operator's profile, looked at or applied; what it changes is told first.
import { createReadStream } from 'node:fs';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { MAX_SOURCE } from '../../events/keyspaces/source.ts';
import * as args from './arguments.ts';
import { DEFINE_KEYSPACE } from './documents.ts';
import { fieldLines, jsonText, visible } from './format.ts';
import { CliError, EXIT, print, printJson, type Io } from './io.ts';
import { commandIdOption, jsonOption, waitForInput, waitForOption, workspaceOption } from './key-commands.ts';
import { confirmedBy, enforcement, remarkOn } from './outcome.ts';
import { mutate } from './mutations.ts';

const note = z.object({ path: z.array(z.string()), message: z.string() });
const payload = z.object({
  keyspace: z.object({ slug: z.string(), version: z.number() }).nullable(),
  diff: z.object({
    changes: z.array(z.object({ path: z.array(z.string()), before: z.unknown(), after: z.unknown() })),
    effects: z.array(note.extend({ kind: z.string() })),
  }),
  problems: z.array(note),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  enforcement,
  position: z.string(),
});
type Payload = z.infer<typeof payload>;
type Note = z.infer<typeof note>;
const refusal = z.object({ path: z.array(z.string()), issues: z.array(note) });

/** A character takes three bytes at most for each unit of its length. */
const MAX_BYTES = 3 * MAX_SOURCE;

interface Options {
  readonly workspace: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly allowWidening?: boolean;
  readonly ifVersion?: number;
  readonly commandId?: string;
  readonly waitFor?: string;
}

export function addApply(keyspaces: Command, io: Io): void {
  keyspaces
    .command('apply')
    .summary('make or change a keyspace by its profile')
    .description(
      'Makes a keyspace, or changes it, by its whole profile, and tells what that changes for keys that exist. Operators only.',
    )
    .argument('<file>', 'YAML or JSON; - reads it from stdin')
    .addOption(new Option('--dry-run', 'tell what would change, and change nothing'))
    .addOption(new Option('--allow-widening', 'let keys that exist do more than before'))
    .addOption(new Option('--if-version <n>', 'only while the keyspace is at it').argParser(args.integer))
    .addOption(workspaceOption())
    .addOption(commandIdOption())
    .addOption(waitForOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold keyspaces apply my-product.yaml --dry-run')
    .action(async (file: string, options: Options) => apply(io, file, options));
}

async function apply(io: Io, file: string, options: Options): Promise<void> {
  const { workspace, json, dryRun = false, allowWidening = false, ifVersion, commandId, waitFor } = options;
  const input = { source: await readSource(io, file), dryRun, allowWidening, ifVersion, ...waitForInput(waitFor) };
  const answered = await mutate(io, { workspace, document: DEFINE_KEYSPACE, input, commandId }).catch(
    (error: unknown) => {
      throw explained(error);
    },
  );
  const result = payload.parse(answered);
  const { enforcement: receipt, ...told } = result;
  const { problems } = told;
  if (json) printJson(io, { ...told, ...(receipt ? { enforcement: receipt } : {}), dryRun });
  if (problems.length > 0) throw badProfile(problems);
  remarkOn(io, receipt);
  if (!json) print(io, ...lines(result, { dryRun, allowWidening }));
}

async function readSource(io: Io, file: string): Promise<string> {
  const unreadable = (why: string, advice: string, cause: unknown): CliError =>
    new CliError('UNREADABLE_FILE', `${file === '-' ? 'standard input' : file} ${why}`, {
      exitCode: EXIT.unknown,
      advice,
      cause,
    });
  const bytes = await beginning(file === '-' ? io.stdin : createReadStream(file)).catch((cause: unknown) => {
    throw unreadable('cannot be read', 'name a file that holds a profile, such as those in keyspaces/', cause);
  });
  if (bytes === null) throw unreadable('is longer than any profile', `name a file of at most ${MAX_BYTES} bytes`, null);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable('is no text in UTF-8', 'save it in UTF-8', cause);
  }
}

/** All of it; `null`: there is more than a profile can have, and it may have no end. */
async function beginning(input: AsyncIterable<unknown>): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    chunks.push(bytes);
    length += bytes.length;
    if (length > MAX_BYTES) return null;
  }
  return Buffer.concat(chunks);
}

/** A refusal in the words of whoever wrote the file: paths in it, and options of this command. */
function explained(error: unknown): unknown {
  if (!(error instanceof CliError)) return error;
  const { code, message, exitCode, details } = error;
  const advise = (advice: string): CliError => new CliError(code, message, { exitCode, advice, details });
  if (code === 'VERSION_CONFLICT') return advise('look at the keyspace again: keyfold keyspaces list');
  if (code === 'NOT_ALLOWED') return advise('keyspaces are defined by operators: the token must name one');
  const { path: [member] = [], issues = [] } = refusal.safeParse(details).data ?? {};
  const found = issues.map((issue) => ({ ...issue, path: issue.path.slice(1) }));
  if (member === 'source') return badProfile(found);
  if (member === 'allowWidening') return widening(found);
  return error;
}

const badProfile = (problems: readonly Note[]): CliError =>
  new CliError(
    'INVALID_INPUT',
    [`the profile has ${count(problems.length, 'problem')}`, ...listed(problems)].join('\n'),
    {
      details: { issues: problems },
    },
  );

const widening = (effects: readonly Note[]): CliError =>
  new CliError('INVALID_INPUT', ['keys that exist may do more after this change', ...listed(effects, ':')].join('\n'), {
    advice: 'look at all of it with --dry-run; if it is meant, apply it with --allow-widening',
    details: { issues: effects },
  });

const listed = (notes: readonly Note[], colon = ''): string[] =>
  notes.map(({ path, message }) => `  ${path.join('.') || 'file'}${colon} ${message}`);

function lines(
  { keyspace, diff: { changes, effects }, warnings, position, enforcement: receipt }: Payload,
  { dryRun, allowWidening }: { readonly dryRun: boolean; readonly allowWidening: boolean },
): string[] {
  const isNew = changes.length === 1 && changes[0]?.path.length === 0;
  const needsLeave = dryRun && !allowWidening && effects.some(({ kind }) => kind === 'WIDENS');
  return [
    ...(isNew ? ['a new keyspace'] : changes.map(changeLine)),
    ...(changes.length === 0 ? ['nothing changes'] : []),
    ...(effects.length > 0 ? ['', 'Keys that exist:'] : []),
    ...effects.map(({ kind, path, message }) => visible(`  ${kind.toLowerCase()}  ${path.join('.')}: ${message}`)),
    ...(warnings.length > 0 ? [''] : []),
    ...warnings.map(({ code, message }) => visible(`warning ${code}: ${message}`)),
    '',
    ...(dryRun
      ? [`dry run: nothing was changed${needsLeave ? '; to apply it --allow-widening is needed' : ''}`]
      : fieldLines({
          keyspace: keyspace?.slug,
          version: keyspace && String(keyspace.version),
          position,
          confirmed: confirmedBy(receipt),
        })),
  ];
}

function changeLine({ path, before, after }: Payload['diff']['changes'][number]): string {
  const shown = (value: unknown): string => (value === null ? '–' : jsonText(value));
  return `${visible(path.join('.'))}: ${shown(before)} → ${shown(after)}`;
}

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
