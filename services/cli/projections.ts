// `keyfold projections …`: operators' work on the read models: how they stand, a rebuild, parked records.
import { Option, type Command } from 'commander';
import { z } from 'zod';
import * as args from './arguments.ts';
import { DISCARD_RECORD, REBUILD, RETRY_PARKED } from './documents.ts';
import { fieldLines } from './format.ts';
import { CliError, print, printJson, type Io } from './io.ts';
import { commandIdOption, jsonOption, workspaceOption } from './key-commands.ts';
import { mutate } from './mutations.ts';
import { healthLines, parkedLines, parkedRecord, readHealth } from './projection-health.ts';
import { whenSwitched } from './rebuild-progress.ts';

/** A large installation compares its generations for minutes, and shows no progress meanwhile. */
const PATIENCE_SECONDS = 600;
interface Options {
  readonly workspace: string;
  readonly json?: boolean;
  readonly commandId?: string;
}

interface RebuildOptions extends Options {
  readonly wait: boolean;
  /** Seconds. */
  readonly timeout: number;
  readonly ifVersion?: number;
}

interface RetryOptions extends Options {
  readonly position?: string;
  readonly ifVersion?: number;
}

interface DiscardOptions extends Options {
  readonly position: string;
  readonly reason: string;
}

export function addProjectionCommands(program: Command, io: Io): void {
  const projections = program
    .command('projections')
    .summary("operators' work on the read models")
    .description("Operators' work on the read models.");

  projections
    .command('status')
    .summary('lag, generations, parked records')
    .description('How the read models and the verifiers stand: lag, generations, parked records.')
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold projections status')
    .action(async ({ workspace, json }: Options) => {
      const found = await readHealth(io, workspace);
      if (json) printJson(io, found);
      else print(io, ...healthLines(found));
    });

  projections
    .command('rebuild')
    .summary('fill new read models beside the live ones, then switch')
    .description(
      'Fills a new generation of the read models beside the live one, compares the two and switches: no downtime.',
    )
    .addOption(workspaceOption())
    .addOption(new Option('--no-wait', 'do not wait until it has switched'))
    .addOption(
      new Option('--timeout <duration>', 'wait no longer than this without any progress')
        .argParser(args.seconds)
        .default(PATIENCE_SECONDS, '10m'),
    )
    .addOption(new Option('--if-version <n>', 'only while this generation is live: 3 for g3').argParser(args.integer))
    .addOption(commandIdOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold projections rebuild')
    .action(async (options: RebuildOptions) => rebuild(io, options));

  projections
    .command('retry')
    .summary('fold parked records again, after a fix')
    .description(
      'Hands parked records to every reader again, after a fix of the code; those that still cannot be read stay parked.',
    )
    .addOption(new Option('--position <position>', 'only this record; default: all'))
    .addOption(
      new Option('--if-version <n>', 'with --position: only while the key of that record is at it').argParser(
        args.integer,
      ),
    )
    .addOption(workspaceOption())
    .addOption(commandIdOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold projections retry')
    .action(async ({ workspace, json, commandId, position, ifVersion }: RetryOptions) => {
      const input = { position, ifVersion };
      const payload = await mutate(io, { workspace, document: RETRY_PARKED, input, commandId });
      const still = z.array(parkedRecord).parse(payload.parked);
      if (json) printJson(io, { position: payload.position, parked: still });
      else
        print(
          io,
          ...fieldLines({ position: payload.position, 'still-parked': String(still.length) }),
          ...parkedLines(still),
        );
      if (still.length > 0) throw new CliError('STILL_PARKED', `${still.length} records still cannot be read`);
    });

  projections
    .command('discard')
    .summary('give a parked record up; lifts its quarantine')
    .description('Gives a parked record up for ever: every reader ignores it from now on, and its key is free again.')
    .addOption(new Option('--position <position>', 'of the record, as status shows it').makeOptionMandatory())
    .addOption(new Option('--reason <text>', 'why, for the history').makeOptionMandatory())
    .addOption(workspaceOption())
    .addOption(commandIdOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold projections discard --position p1_0-17 --reason "written by hand"')
    .action(async (options: DiscardOptions) => discard(io, options));
}

async function discard(io: Io, { workspace, json, commandId, position, reason }: DiscardOptions): Promise<void> {
  const payload = await mutate(io, { workspace, document: DISCARD_RECORD, input: { position, reason }, commandId });
  const key = z.looseObject({ keyId: z.string() }).nullable().parse(payload.key);
  if (json) printJson(io, { position: payload.position, keyId: key?.keyId ?? null });
  else print(io, ...fieldLines({ key: key?.keyId, position: payload.position }));
}

async function rebuild(
  io: Io,
  { workspace, json, commandId, wait, timeout, ifVersion }: RebuildOptions,
): Promise<void> {
  const look = 'look which generation is live: keyfold projections status';
  const payload = await mutate(io, { workspace, document: REBUILD, input: { ifVersion }, commandId, look });
  const generation = z.string().parse(payload.generation);
  if (wait) await whenSwitched(io, workspace, generation, timeout);
  if (json) printJson(io, { generation, position: payload.position, switched: wait });
  else print(io, ...fieldLines({ generation, position: payload.position }));
}
