// `keyfold audit checkpoint`: signs what there is now, and prints the signed checkpoint, to be kept where nobody of the
// installation can change it: a later bundle must be consistent with it.
import type { Command } from 'commander';
import { signedCheckpoint, verifyCheckpoint } from '../../events/proof/checkpoint.ts';
import { startOperation } from './api-client.ts';
import { jsonText } from './format.ts';
import { CliError, EXIT, print, remark, type Io } from './io.ts';
import { workspaceOption } from './key-commands.ts';
import { writeFileAtomic } from './output-file.ts';

interface Options {
  readonly workspace: string;
  readonly out?: string;
}

export function addAuditCheckpoint(audit: Command, io: Io): void {
  audit
    .command('checkpoint')
    .summary('sign what there is now, and print it')
    .description(
      'Signs a checkpoint if anything happened since the last one, and prints the newest, for operators. Keep it elsewhere: ' +
        '`keyfold events export --checkpoint FILE` and `keyfold audit verify --checkpoint FILE` prove that nothing it stands for was changed.',
    )
    .option('--out <file>', 'where to; default: standard output')
    .option('--json', 'the same: it is JSON in any case')
    .addOption(workspaceOption())
    .addHelpText('after', '\nExample:\n  keyfold audit checkpoint --out checkpoint.json')
    .action(async ({ workspace, out }: Options) => {
      const answered = await startOperation(io, workspace, 'checkpoint', {});
      if (answered === null) throw new CliError('NOTHING_TO_SIGN', 'nothing has happened yet: there is no checkpoint');
      const read = signedCheckpoint.safeParse(answered);
      if (!read.success || !(await verifyCheckpoint(read.data)).ok) {
        throw new CliError('UNEXPECTED_ANSWER', 'the API answered no signed checkpoint', {
          exitCode: EXIT.unknown,
          advice: 'check KEYFOLD_URL',
        });
      }
      const text = jsonText(read.data);
      if (out === undefined) print(io, text);
      else {
        await writeFileAtomic(out, (file) => file.writeFile(`${text}\n`));
        remark(io, `${read.data.checkpoint.id} of ${read.data.checkpoint.time}: ${out}`);
      }
    });
}
