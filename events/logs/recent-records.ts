// The records that were written last, kept in memory for readers at the end: bounded in number and in bytes.
import type { LogRecord } from '../log.ts';

export interface RecentRecords {
  /** Takes records in the order of their offsets, without a gap; the oldest leave past the bounds. */
  add(records: readonly LogRecord[]): void;
  /** Forgets those before an offset. */
  dropBefore(offset: number): void;
  /** At most `limit` records from `offset` on, which must lie before the end; `null`: it has left. */
  from(offset: number, limit: number): readonly LogRecord[] | null;
}

export function createRecentRecords(max: { readonly records: number; readonly bytes: number }): RecentRecords {
  const kept: LogRecord[] = [];
  let bytes = 0;

  const isOver = (): boolean => kept.length > max.records || bytes > max.bytes;

  function drop(count: number): void {
    for (const { value } of kept.splice(0, count)) bytes -= value.byteLength;
  }

  return {
    add: (records) => {
      for (const record of records) {
        kept.push(record);
        bytes += record.value.byteLength;
      }
      while (isOver()) drop(1);
    },
    dropBefore: (offset) => drop(kept.filter((record) => record.offset < offset).length),
    from: (offset, limit) => {
      const oldest = kept[0]?.offset ?? Infinity;
      return offset < oldest ? null : kept.slice(offset - oldest, offset - oldest + limit);
    },
  };
}
