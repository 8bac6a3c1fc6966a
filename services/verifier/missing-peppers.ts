// Peppers that secrets need and the settings lack: those secrets are refused, and a start says how many they are.
import { countPeppers } from '../../projections/pepper-counts.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { Logger } from '../shared/logger.ts';
import type { View } from './view.ts';

export interface MissingPeppersOptions {
  readonly store: Pick<ReadStore, 'read'>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Counts, in the store where the view lacks keys, and says so where there are any. Never rejects. */
export async function tellMissingPeppers(view: View, options: MissingPeppersOptions): Promise<void> {
  const { logger, signal } = options;
  const users = view.complete ? view.keys.peppers : await inStore(view, options);
  const missing = view.missingPeppers();
  if (missing.length === 0 || signal.aborted) return;
  const secrets = missing.reduce((sum, id) => sum + (users.get(id) ?? 0), 0);
  logger.warn(
    { missing, secrets },
    `secrets that are refused, as their pepper is not in KEYFOLD_PEPPERS: ${secrets}; keyfold peppers status counts them by pepper`,
  );
}

async function inStore(
  view: View,
  { store, logger, signal }: MissingPeppersOptions,
): Promise<ReadonlyMap<string, number>> {
  try {
    const { current, previous } = await countPeppers(store, signal);
    const users = new Map(current);
    for (const [id, count] of previous) users.set(id, (users.get(id) ?? 0) + count);
    view.learnPeppers(users.keys());
    return users;
  } catch (error) {
    logger.debug({ err: error }, 'the secrets of keys that are not in memory could not be counted');
    return view.keys.peppers;
  }
}
