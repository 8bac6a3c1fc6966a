// `keyfold serve`: reads the settings, says everything that is wrong with them at once, and starts the processes.
import { Option, type Command } from 'commander';
import type { Settings } from '../shared/settings.ts';
import { CliError, Ended, EXIT, print, remark, type Io } from './io.ts';

/** Runs the services until they are told to stop; answers the exit code. `print` gets what a person should read. */
export type Serve = (settings: Settings, print: (text: string) => void) => Promise<number>;

export function addServeCommand(program: Command, io: Io, serve: Serve): void {
  program
    .command('serve')
    .summary('start the processes')
    .description(
      'Starts the processes: all in one on embedded storage, or any of them on Kafka and MongoDB.\n' +
        'Settings come from the environment; see the README for all of them.',
    )
    .addOption(new Option('--services <a,b>', 'some of api, projector, verifier; default: KEYFOLD_SERVICES, or all'))
    .addHelpText(
      'after',
      '\nExamples:\n  keyfold serve\n  KAFKA_BROKERS=… MONGODB_URL=… keyfold serve --services verifier',
    )
    .action(async ({ services }: { readonly services?: string }) => {
      const { loadSettings } = await import('../shared/settings.ts');
      const loaded = loadSettings(services === undefined ? io.env : { ...io.env, KEYFOLD_SERVICES: services });
      for (const warning of loaded.warnings) remark(io, `warning: ${warning}`);
      if (!loaded.ok) {
        const problems = loaded.problems.map((problem) => `\n  ${problem}`).join('');
        throw new CliError('BAD_SETTINGS', `Keyfold cannot start with these settings:${problems}`, {
          exitCode: EXIT.refused,
        });
      }
      const exitCode = await serve(loaded.settings, (text) => print(io, text));
      if (exitCode !== 0) throw new Ended(exitCode);
    });
}
