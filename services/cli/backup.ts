// `keyfold backup DIR` and `keyfold restore DIR`: a copy of an embedded installation while it runs, and putting it back.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { operation, startOperation } from './api-client.ts';
import { isEmbedded } from './credentials.ts';
import { fieldLines } from './format.ts';
import { CliError, print, printJson, remark, type Io } from './io.ts';
import { jsonOption, workspaceOption } from './key-commands.ts';
import { followTask, taskView } from './task-progress.ts';

const view = taskView(
  z.object({ phase: z.enum(['COPYING', 'CHECKING']), bytes: z.number(), totalBytes: z.number() }),
  z.object({
    directory: z.string(),
    createdAt: z.string(),
    position: z.string(),
    files: z.number(),
    bytes: z.number(),
    secretsElsewhere: z.array(z.string()),
  }),
);
const answer = z.object({ backup: view });
const underWay = z.object({ backup: view.nullable() });

interface Options {
  readonly workspace: string;
  readonly json?: boolean;
}

const HOW_TO_KEEP_IT =
  'It holds everything: the peppers, the sealing keys and the data keys that open personal data, and the key that signs ' +
  'tokens. Keep it encrypted, where only you get at it, and remove it when its time is over: what is erased from now on is ' +
  'still in it.';

export function addBackupCommands(program: Command, io: Io): void {
  program
    .command('backup')
    .argument('<dir>', 'a folder on the machine of the API that does not exist yet, or is empty')
    .summary('copy an embedded installation while it runs')
    .description(
      'Writes a consistent copy of the data folder, secrets included, while the process serves and takes changes. With ' +
        'embedded storage; docs/operations.md says what to back up of Kafka and MongoDB.',
    )
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  keyfold backup /backups/keyfold-2030-01-31')
    .action(async (dir: string, options: Options) => backup(io, dir, options));

  program
    .command('restore')
    .argument('<dir>', 'what keyfold backup has written')
    .summary('put a backup in the place of the data folder')
    .description(
      'Checks a backup, then puts it in the place of what lies in the data folder (KEYFOLD_DATA), which is kept beside it ' +
        'under another name. Keyfold must be stopped. Broken off at any moment it leaves the former data or the restored: ' +
        'the next start, or the next restore, says which.',
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  KEYFOLD_DATA=./data keyfold restore /backups/keyfold-2030-01-31')
    .action(async (dir: string, { json }: { readonly json?: boolean }) => restore(io, dir, json ?? false));
}

async function backup(io: Io, dir: string, { workspace, json }: Options): Promise<void> {
  const directory = resolve(dir);
  const { secretsElsewhere, ...done } = await followTask(io, {
    start: async () => answer.parse(await startOperation(io, workspace, 'backup', { directory })).backup,
    look: async () => underWay.parse(await operation(io, workspace, 'backup')).backup,
    line: ({ phase, bytes, totalBytes }) =>
      `${phase === 'COPYING' ? 'copied' : 'checked'} ${megabytes(bytes)} of ${megabytes(totalBytes)}`,
  });
  if (json) {
    printJson(io, { ...done, secretsElsewhere });
    return;
  }
  const { directory: backup, createdAt: time, position, bytes } = done;
  print(io, ...fieldLines({ backup, time, position, size: megabytes(bytes) }), '', HOW_TO_KEEP_IT);
  if (secretsElsewhere.length > 0)
    print(io, `${secretsElsewhere.join(' and ')} come from the settings and are not in it: keep them, too.`);
}

async function restore(io: Io, dir: string, json: boolean): Promise<void> {
  if (!isEmbedded(io.env)) {
    throw new CliError(
      'NOT_ENABLED',
      'restore puts a data folder back, and this installation lies in Kafka and MongoDB',
      {
        advice: 'docs/operations.md says how these are restored',
      },
    );
  }
  const { restoreFolder } = await import('../backup/restore-command.ts');
  const { directory, former, ...done } = await restoreFolder(resolve(dir), io.env, (line) => remark(io, line));
  if (json) {
    printJson(io, { directory, former, ...done });
    return;
  }
  const { createdAt: time, position, dataFolder } = done;
  print(io, ...fieldLines({ restored: dataFolder, from: directory, time, position, former }), '');
  print(io, 'Start Keyfold: it goes on from there. What was changed after that time is not in it.');
  if (former !== null)
    print(io, 'Remove the former data once nothing of it is needed: it holds the same kind of secrets.');
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
