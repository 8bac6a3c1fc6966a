// `keyfold projections …`: operators' work on the read models: how they stand, a rebuild, parked records.
import { Option, type Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { graphql } from './api-client.ts';
import { DISCARD_RECORD, PROJECTION_STATUS, REBUILD, RETRY_PARKED } from './documents.ts';
import { fieldLines, tableLines } from './format.ts';
import { CliError, EXIT, print, printJson, remark, type Io } from './io.ts';
import { commandIdOption, jsonOption, workspaceOption } from './key-commands.ts';
import { mutate } from './mutations.ts';

const POLL_MS = 500;
const parked = z.looseObject({
  aggregateId: z.string().nullable(),
  position: z.string(),
  reason: z.string(),
  time: z.string(),
});
const health = z.object({
  projections: z.array(
    z.looseObject({
      name: z.string(),
      lag: z.number(),
      generation: z.string(),
      rebuild: z.looseObject({ progress: z.number() }).nullable(),
      parked: z.array(parked),
    }),
  ),
  verifiers: z.array(z.looseObject({ id: z.string(), asOf: z.string().nullable(), position: z.string() })),
});
type Health = z.infer<typeof health>;

interface Options {
  readonly workspace: string;
  readonly json?: boolean;
  readonly commandId?: string;
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
    .addOption(commandIdOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold projections rebuild')
    .action(async (options: Options & { readonly wait: boolean }) => rebuild(io, options));

  projections
    .command('retry')
    .summary('fold parked records again, after a fix')
    .description(
      'Hands parked records to every reader again, after a fix of the code; those that still cannot be read stay parked.',
    )
    .addOption(new Option('--position <position>', 'only this record; default: all'))
    .addOption(workspaceOption())
    .addOption(commandIdOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold projections retry')
    .action(async ({ workspace, json, commandId, position }: Options & { readonly position?: string }) => {
      const payload = await mutate(io, { workspace, document: RETRY_PARKED, input: { position }, commandId });
      const still = z.array(parked).parse(payload.parked);
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
  { workspace, json, wait, commandId }: Options & { readonly wait: boolean },
): Promise<void> {
  const payload = await mutate(io, { workspace, document: REBUILD, input: {}, commandId });
  const generation = z.string().parse(payload.generation);
  let shown = '';
  for (let done = !wait; !done;) {
    const { projections } = await readHealth(io, workspace);
    done = projections.every((projection) => numberOf(projection.generation) >= numberOf(generation));
    const progress = projections.find((projection) => projection.rebuild !== null)?.rebuild?.progress;
    if (!done && progress === undefined) {
      throw new CliError('REBUILD_FAILED', `generation ${generation} was given up; the live one is untouched`, {
        advice: 'the log says what differed',
      });
    }
    const line = `generation ${generation}: ${Math.floor((done ? 1 : (progress ?? 0)) * 100)} %`;
    if (line !== shown) remark(io, (shown = line));
    if (!done) await delay(POLL_MS);
  }
  if (json) printJson(io, { generation, position: payload.position, switched: wait });
  else print(io, ...fieldLines({ generation, position: payload.position }));
}

/** `g12` → 12: a later generation has taken the place of an earlier one. */
function numberOf(generation: string): number {
  return Number(generation.slice(1));
}

async function readHealth(io: Io, workspace: string): Promise<Health> {
  const data = await graphql(io, workspace, PROJECTION_STATUS, {});
  const found = health.nullable().parse(data.health);
  if (found === null)
    throw new CliError('NOT_ALLOWED', 'this is for operators of the installation', { exitCode: EXIT.refused });
  return found;
}

function healthLines({ projections, verifiers }: Health): string[] {
  return [
    ...tableLines(
      ['PROJECTION', 'GENERATION', 'LAG', 'PARKED', 'REBUILD'],
      projections.map(({ name, generation, lag, parked: records, rebuild: progress }) => [
        name,
        generation,
        String(lag),
        String(records.length),
        progress === null ? '—' : `${Math.floor(progress.progress * 100)} %`,
      ]),
    ),
    ...parkedLines(projections.flatMap((projection) => projection.parked)),
    '',
    ...tableLines(
      ['VERIFIER', 'AS OF', 'POSITION'],
      verifiers.map(({ id, asOf, position }) => [id, asOf ?? '—', position]),
    ),
  ];
}

function parkedLines(records: readonly z.infer<typeof parked>[]): string[] {
  if (records.length === 0) return [];
  const rows = records.map(({ position, aggregateId, time, reason }) => [position, aggregateId ?? '—', time, reason]);
  return ['', ...tableLines(['PARKED AT', 'KEY', 'SINCE', 'REASON'], rows)];
}
