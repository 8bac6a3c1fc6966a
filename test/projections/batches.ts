// Batches of one partition, projected onto a store in memory, one after the other.
import { projectBatch, readAhead, type BatchResult } from '../../projections/batch.ts';
import type { RecordPosition } from '../../events/position.ts';
import { at, createAuthor, testDataKeys, type Author } from '../fakes/author.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';

export const NOW = at(1000);

export interface Batches {
  readonly store: MemoryStore;
  readonly author: Author;
  /** Projects one batch of partition 0, behind the last or from an offset; answers where its records begin. */
  project(
    records: readonly { readonly key: string | null; readonly value: Uint8Array }[],
    from?: number,
  ): Promise<BatchResult & { readonly position: RecordPosition }>;
}

export function createBatches(): Batches {
  const store = createMemoryStore();
  const author = createAuthor({ dataKeys: testDataKeys(store) });
  let offset = 0;
  return {
    store,
    author,
    async project(records, from = offset) {
      const placed = records.map((record, index) => ({ ...record, headers: {}, partition: 0, offset: from + index }));
      const next = from + records.length;
      offset = Math.max(offset, next);
      const options = { store, writer: store.writer('g1'), dataKeys: author.dataKeys, now: () => NOW };
      const result = await projectBatch(options, await readAhead(options, { partition: 0, records: placed, next }));
      return { ...result, position: { partition: 0, offset: from } };
    },
  };
}
