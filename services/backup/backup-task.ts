// The backup as the API runs it: of embedded storage only, one at a time.
import { settleUsage } from '../../projections/usage-tidying.ts';
import { createLongTask, TaskError, type LongTask } from '../api/long-task.ts';
import type { Core } from '../core.ts';
import { backUp, BEGIN, type BackupProgress, type BackupResult } from './backup.ts';

export interface BackupDone extends BackupResult {
  /** Settings that hold secrets which are not in the folder. */
  readonly secretsElsewhere: readonly string[];
}

export type BackupTask = LongTask<string, BackupProgress, BackupDone>;

/** Starts with the folder that is to be written. */
export function createBackupTask({ log, store, usage, settings, now, logger }: Core): BackupTask {
  const { dataFolder, peppers, sealingKeys } = settings;
  return createLongTask<string, BackupProgress, BackupDone>({
    begin: BEGIN,
    now,
    async work(directory, { signal, report }) {
      if (settings.storage.kind !== 'embedded') {
        const advice = 'docs/operations.md says what to back up of Kafka and MongoDB, and in which order';
        throw new TaskError('NOT_ENABLED', 'this installation lies in Kafka and MongoDB, not in a folder', advice);
      }
      const sources = [store, usage, log].flatMap(({ copies = [] }) => copies);
      const settle = async (): Promise<void> => {
        if (await settleUsage({ usage, store, now, signal })) return;
        logger.warn(
          'the backup holds calls that are not counted, and who made them, erased or not: make it again later',
        );
      };
      const done = await backUp({ sources, dataFolder, directory, now, signal, report, settle });
      logger.info({ ...done }, 'a backup was written');
      return {
        ...done,
        secretsElsewhere: [
          ...(peppers === null ? [] : ['KEYFOLD_PEPPERS']),
          ...(sealingKeys === null ? [] : ['KEYFOLD_SEALING_KEYS']),
        ],
      };
    },
    onFailed: (error) => logger.error({ err: error }, 'a backup failed'),
  });
}
