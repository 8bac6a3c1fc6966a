// `keyfold peppers status`: which pepper is needed by how many secrets, and which one could be taken out.
import type { Command } from 'commander';
import { z } from 'zod';
import { operation } from './api-client.ts';
import { tableLines } from './format.ts';
import { print, printJson, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';

const status = z.object({
  peppers: z.array(
    z.object({
      id: z.string(),
      inSettings: z.boolean(),
      newest: z.boolean(),
      current: z.number(),
      previous: z.number(),
    }),
  ),
  keys: z.number(),
});
type Status = z.infer<typeof status>;
type Use = Status['peppers'][number];

interface Options {
  readonly workspace: string;
  readonly json?: boolean;
}

export function addPepperCommands(program: Command, io: Io): void {
  const peppers = program
    .command('peppers')
    .summary('the peppers that secrets are hashed under')
    .description('The peppers that secrets are hashed under, for operators.');

  peppers
    .command('status')
    .summary('how many secrets need which pepper')
    .description(
      'Counts the current and previous secrets of keys that are not deleted by the pepper that they need, and says which ' +
        'pepper is missing in KEYFOLD_PEPPERS and which one could be taken out.',
    )
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold peppers status')
    .action(async ({ workspace, json }: Options) => {
      const found = status.parse(await operation(io, workspace, 'peppers'));
      if (json) printJson(io, { ...found, removable: found.peppers.filter(isRemovable).map(({ id }) => id) });
      else print(io, ...statusLines(found));
    });
}

/** Nothing needs it, and nothing will: what is made from now on takes the newest. */
const isRemovable = ({ inSettings, newest, current, previous }: Use): boolean =>
  inSettings && !newest && current === 0 && previous === 0;

const isMissing = ({ inSettings, current, previous }: Use): boolean => !inSettings && current + previous > 0;

function statusLines({ peppers, keys }: Status): string[] {
  const role = (use: Use): string => {
    if (!use.inSettings) return 'missing';
    return use.newest ? 'newest' : 'kept';
  };
  return [
    ...tableLines(
      ['PEPPER', 'IN SETTINGS', 'CURRENT', 'PREVIOUS'],
      peppers.map((use) => [use.id, role(use), String(use.current), String(use.previous)]),
    ),
    '',
    `${keys} keys are not deleted.`,
    ...peppers
      .filter(isMissing)
      .map(
        ({ id, current, previous }) =>
          `${current + previous} secrets are refused: put ${id} back into KEYFOLD_PEPPERS, or regenerate or delete their keys.`,
      ),
    ...peppers.filter(isRemovable).map(({ id }) => `Nothing needs ${id}: it can be taken out of KEYFOLD_PEPPERS.`),
  ];
}
