// `keyfold restore`: the restore with what a start of this environment opens, its errors in words for a person.
import { CliError, EXIT } from '../cli/io.ts';
import { openCore } from '../core.ts';
import { TaskError } from '../api/long-task.ts';
import { createLogger } from '../shared/logger.ts';
import type { Environment } from '../shared/secret-files.ts';
import { loadSettings } from '../shared/settings.ts';
import { describeStartFailure } from '../start-failure.ts';
import { restore, type RestoreResult } from './restore.ts';

/** @throws {@link CliError} */
export async function restoreFolder(
  directory: string,
  env: Environment,
  tell: (line: string) => void,
): Promise<RestoreResult> {
  const loaded = loadSettings(env);
  if (!loaded.ok) throw new CliError('BAD_SETTINGS', 'the settings are not right', { more: loaded.problems });
  const { settings } = loaded;
  const openAll = async (dataFolder: string): Promise<void> => {
    const core = await openCore({ ...settings, dataFolder }, createLogger({ level: 'silent' }));
    await core.close();
  };
  const signal = new AbortController().signal;
  const { dataFolder } = settings;
  try {
    return await restore({ directory, dataFolder, now: () => new Date().toISOString(), signal, openAll, tell });
  } catch (error) {
    if (error instanceof TaskError)
      throw new CliError(error.code, error.message, { advice: error.advice, exitCode: EXIT.refused, cause: error });
    const { code, message, advice } = describeStartFailure(error);
    throw new CliError(code, message, { advice, exitCode: EXIT.refused, cause: error });
  }
}
