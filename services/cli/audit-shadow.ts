// `keyfold audit shadow`: the read models compared with the log, once or again and again.
import { setTimeout as delay } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { operation, startOperation } from './api-client.ts';
import * as args from './arguments.ts';
import { visible } from './format.ts';
import { CliError, print, printJson, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';
import { followTask, taskView } from './task-progress.ts';

const view = taskView(
  z.object({ phase: z.enum(['READING', 'COMPARING']), progress: z.number(), events: z.number() }),
  z.object({
    equal: z.boolean(),
    differences: z.array(z.string()),
    position: z.string(),
    generation: z.string(),
  }),
);
const answer = z.object({ shadow: view });
const underWay = z.object({ shadow: view.nullable() });

interface ShadowOptions {
  readonly workspace: string;
  readonly json?: boolean;
  readonly once?: boolean;
  /** Seconds. */
  readonly every?: number;
}

export function addAuditShadow(audit: Command, io: Io): void {
  audit
    .command('shadow')
    .summary('compare the read models with the log')
    .description(
      'Makes the read models once more from the log, beside the live ones, compares the two at one position and names what ' +
        'differs: somebody has changed rows past Keyfold, or it has a defect. Nothing is written but a folder in the data ' +
        'folder, which is removed. Exit code 1, an error in the log and a metric tell of a difference.',
    )
    .addOption(new Option('--once', 'compare once, and end (the default)').conflicts('every'))
    .addOption(
      new Option(
        '--every <duration>',
        'compare again and again, so long after each; ends at the first difference',
      ).argParser(args.seconds),
    )
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold audit shadow --every 10m')
    .action(async (options: ShadowOptions) => {
      for (;;) {
        await compare(io, options);
        if (options.every === undefined) return;
        await delay(options.every * 1000);
      }
    });
}

async function compare(io: Io, { workspace, json }: ShadowOptions): Promise<void> {
  const found = await followTask(io, {
    start: async () => answer.parse(await startOperation(io, workspace, 'shadow', {})).shadow,
    look: async () => underWay.parse(await operation(io, workspace, 'shadow')).shadow,
    line: ({ phase, progress, events }) =>
      phase === 'READING' ? `read ${Math.floor(progress * 100)} % of the log` : `compared ${events} events`,
  });
  const { equal, differences, position, generation } = found;
  if (json) printJson(io, found);
  else if (equal) print(io, `equal  ${generation} is what the log says, up to ${position}`);
  if (equal) return;
  throw new CliError('DIFFERENT', `generation ${generation} is not what the log says, up to ${position}`, {
    more: differences.map(visible),
    details: { differences },
    advice:
      'keep a copy of it as evidence, and find out who may write there; docs/operations.md says how read models are made anew',
  });
}
