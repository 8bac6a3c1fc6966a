// The shadow as the API runs it: one at a time, its outcome in the log and in the metrics.
import { createLongTask, type LongTask } from '../api/long-task.ts';
import type { Core } from '../core.ts';
import { BEGIN, removeShadows, runShadow, type ShadowProgress, type ShadowResult } from './shadow.ts';

export type ShadowTask = LongTask<null, ShadowProgress, ShadowResult>;

export function createShadowTask({ log, store, dataKeys, settings, now, logger, metrics }: Core): ShadowTask {
  let differences: number | null = null;
  metrics.shadowDifferences.readFrom(() => differences);
  const { dataFolder } = settings;
  const cleared = removeShadows(dataFolder).catch((error: unknown) => {
    logger.warn({ err: error }, 'what a shadow has left could not be removed');
  });
  return createLongTask<null, ShadowProgress, ShadowResult>({
    begin: BEGIN,
    now,
    async work(_, { signal, report }) {
      await cleared;
      try {
        const result = await runShadow({ log, store, dataKeys, dataFolder, now, signal, report });
        differences = result.differences.length;
        metrics.shadowRuns.inc({ outcome: result.equal ? 'equal' : 'different' });
        if (result.equal) logger.info({ ...result }, 'the read models are what the log says');
        else logger.error({ ...result }, 'the read models are not what the log says: somebody has changed them');
        return result;
      } catch (error) {
        if (!signal.aborted) metrics.shadowRuns.inc({ outcome: 'failed' });
        throw error;
      }
    },
    onFailed: (error) => logger.error({ err: error }, 'the read models could not be compared with the log'),
  });
}
