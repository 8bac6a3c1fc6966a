// `keyfold sealing …`: which sealing key is needed by how many data keys, and wrapping all of them by the newest.
import type { Command } from 'commander';
import { z } from 'zod';
import { operation, startOperation } from './api-client.ts';
import { tableLines, visible } from './format.ts';
import { CliError, print, printJson, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';
import { followTask, taskView } from './task-progress.ts';

const progress = z.object({
  seen: z.number(),
  rewrapped: z.number(),
  failed: z.number(),
  failures: z.array(z.object({ dataKeyId: z.string(), reason: z.string() })),
});
const view = taskView(progress, progress);
const underWay = z.object({ rewrap: view.nullable() });
const started = z.object({ rewrap: view });
const uses = z.object({
  sealingKeys: z.array(
    z.object({ id: z.string(), inSettings: z.boolean(), newest: z.boolean(), dataKeys: z.number() }),
  ),
  dataKeys: z.number(),
});
type Status = z.infer<typeof uses>;
type Use = Status['sealingKeys'][number];

interface Options {
  readonly workspace: string;
  readonly json?: boolean;
}

export function addSealingCommands(program: Command, io: Io): void {
  const sealing = program
    .command('sealing')
    .summary('the keys that data keys are wrapped by')
    .description('The sealing keys, which wrap the data keys that personal data is sealed under; for operators.');

  sealing
    .command('status')
    .summary('how many data keys need which sealing key')
    .description(
      'Counts data keys by the sealing key that wraps them, and says which one is missing in KEYFOLD_SEALING_KEYS and which ' +
        'one could be taken out.',
    )
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold sealing status')
    .action(async ({ workspace, json }: Options) => {
      const found = uses.parse(await operation(io, workspace, 'sealing'));
      if (json) printJson(io, { ...found, removable: found.sealingKeys.filter(isRemovable).map(({ id }) => id) });
      else print(io, ...statusLines(found));
    });

  sealing
    .command('rewrap')
    .summary('wrap all data keys by the newest sealing key')
    .description(
      'Wraps every data key that an older sealing key wraps by the newest one, while everything goes on; then the older one ' +
        'can be taken out of KEYFOLD_SEALING_KEYS. Broken off it goes on where it was. Data keys that cannot be opened are ' +
        'named and left as they are.',
    )
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold sealing rewrap')
    .action(async (options: Options) => rewrap(io, options));
}

async function rewrap(io: Io, { workspace, json }: Options): Promise<void> {
  const done = await followTask(io, {
    start: async () => started.parse(await startOperation(io, workspace, 'sealing', { rewrap: true })).rewrap,
    look: async () => underWay.parse(await operation(io, workspace, 'sealing?only=rewrap')).rewrap,
    line: ({ seen, rewrapped, failed }) =>
      `${seen} data keys seen, ${rewrapped} wrapped anew${failed > 0 ? `, ${failed} cannot be opened` : ''}`,
  });
  const found = uses.parse(await operation(io, workspace, 'sealing'));
  const removable = found.sealingKeys.filter(isRemovable).map(({ id }) => id);
  if (json) printJson(io, { ...done, ...found, removable });
  else print(io, ...statusLines(found));
  if (done.failed === 0) return;
  throw new CliError('NOT_REWRAPPED', `${done.failed} data keys cannot be opened and were left as they are`, {
    more: done.failures.map(({ dataKeyId, reason }) => visible(`${dataKeyId}: ${reason}`)),
    details: { failures: done.failures },
    advice: 'put what is missing back into KEYFOLD_SEALING_KEYS, behind the newest one, and try again',
  });
}

/** Nothing needs it, and nothing will: what is made from now on takes the newest. */
const isRemovable = ({ inSettings, newest, dataKeys }: Use): boolean => inSettings && !newest && dataKeys === 0;

const isMissing = ({ inSettings, dataKeys }: Use): boolean => !inSettings && dataKeys > 0;

function statusLines({ sealingKeys, dataKeys }: Status): string[] {
  const role = (use: Use): string => {
    if (!use.inSettings) return 'missing';
    return use.newest ? 'newest' : 'kept';
  };
  const older = sealingKeys.filter((use) => use.inSettings && !use.newest && use.dataKeys > 0);
  return [
    ...tableLines(
      ['SEALING KEY', 'IN SETTINGS', 'DATA KEYS'],
      sealingKeys.map((use) => [use.id, role(use), String(use.dataKeys)]),
    ),
    '',
    `${dataKeys} data keys are not destroyed.`,
    ...sealingKeys
      .filter(isMissing)
      .map(
        ({ id, dataKeys: count }) => `${count} data keys cannot be opened: put ${id} back into KEYFOLD_SEALING_KEYS.`,
      ),
    ...older.map(({ id }) => `${id} is still needed: keyfold sealing rewrap wraps its data keys by the newest one.`),
    ...sealingKeys
      .filter(isRemovable)
      .map(({ id }) => `Nothing needs ${id}: it can be taken out of KEYFOLD_SEALING_KEYS.`),
  ];
}
