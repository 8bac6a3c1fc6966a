// Erasure: what destroys a data key when an event that says so is applied. It is done before anything of the event's batch
// counts, and every step bears being repeated: after a crash at any point the batch is done again, and ends in the same place.
import type { ReadStore } from './read-store.ts';
import type { DataKeys } from './personal.ts';
import type { HistoryRow } from './rows.ts';

export interface ErasureOptions {
  readonly store: Pick<ReadStore, 'control' | 'dropGeneration' | 'usage'>;
  readonly dataKeys: Pick<DataKeys, 'destroy'>;
}

interface Erasure {
  readonly keyId: string;
  readonly dataKeyId: string;
  /** ISO time of the event. */
  readonly at: string;
}

/** @param applied rows of accepted events: what was ignored destroys nothing. */
export async function erase({ store, dataKeys }: ErasureOptions, applied: readonly HistoryRow[]): Promise<void> {
  const erasures = applied.flatMap(erasureOf);
  if (erasures.length === 0) return;
  // Nobody projects into a failed generation any more, so nobody would blank the rows that it was left with.
  const { generations } = await store.control();
  for (const { id, status } of generations) if (status === 'failed') await store.dropGeneration(id);
  for (const { keyId, dataKeyId, at } of erasures) {
    await store.usage.erase(keyId, at);
    await dataKeys.destroy(dataKeyId, at);
  }
}

/** What an event destroys: a data key of its own aggregate, never of another. */
function erasureOf({ aggregateId, data, time }: HistoryRow): readonly Erasure[] {
  if (!('destroyedDataKey' in data) || data.destroyedDataKey === null) return [];
  const { destroyedDataKey: dataKeyId } = data;
  return dataKeyId.startsWith(`${aggregateId}.`) ? [{ keyId: aggregateId, dataKeyId, at: time }] : [];
}
