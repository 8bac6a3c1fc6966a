// Records of reading in memory.
import type { ReadRecords } from '../../projections/reads.ts';
import { readLists, toReadRecord, type ReadRecord } from '../../projections/stores/read-record.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import { memoryTable } from './memory-table.ts';

export function memoryReads(data: Map<string, ReadRecord>, call: (name: string) => Promise<void>): ReadRecords {
  const lists = readLists(
    memoryTable(() => data.values()),
    damagedRow,
  );
  return {
    list: (...asked) => call('reads.list').then(() => lists.list(...asked)),
    count: (query) => call('reads.count').then(() => lists.count(query)),
    async add(rows) {
      await call('reads.add');
      for (const row of rows) if (!data.has(row.id)) data.set(row.id, toReadRecord(structuredClone(row)));
    },
    async sweep(now) {
      await call('reads.sweep');
      const expired = [...data.values()].filter(({ expiresAt }) => expiresAt <= now);
      for (const { id } of expired) data.delete(id);
      return expired.length;
    },
  };
}
