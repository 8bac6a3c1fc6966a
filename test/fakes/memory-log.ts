// An event log in memory, scripted: appends that fail, wait, lose their acknowledgement or are written twice; readers
// that are held back, sent back or rebalanced. Everything that a real log may do to its clients, when the test says so.
import {
  AppendUnknownError,
  LogFullError,
  LogUnavailableError,
  PositionOutOfRangeError,
  type EventLog,
  type LogBatch,
  type LogRecord,
  type NewRecord,
} from '../../events/log.ts';
import type { Position, RecordPosition } from '../../events/position.ts';
import { createSignal, partitionOf } from './wake.ts';

/** What becomes of one append. */
export type Fate =
  | 'ok'
  | 'full'
  | 'unavailable'
  /** Written, but the caller gets {@link AppendUnknownError}. */
  | 'lost-acknowledgement'
  /** Not written, and the caller gets {@link AppendUnknownError}. */
  | 'lost'
  /** Written twice in a row; the first copy is acknowledged. */
  | 'twice'
  /** Written and acknowledged only once the promise resolves, behind whatever is appended meanwhile. */
  | { readonly after: Promise<unknown>; readonly then?: Exclude<Fate, object> };

export interface MemoryLog extends EventLog {
  /** The fates of the next appends, in order; later ones are `ok`. */
  script(...fates: readonly Fate[]): void;
  /** Asked for each append that no script speaks of. */
  decideFate: (records: readonly NewRecord[]) => Fate;
  /** The log as it lies there. */
  records(partition?: number): readonly LogRecord[];
  partitionOf(key: string): number;
  /** Writes a record by hand: any key, any bytes, optionally into a partition of one's choice. */
  put(record: Partial<NewRecord> & { readonly key?: string | null; readonly partition?: number }): RecordPosition;
  /** While down, appends and `end` fail and readers get nothing. */
  setDown(down: boolean): void;
  /** Held readers get no further batch until released. */
  hold(): void;
  release(): void;
  /** Readers get a partition again from an earlier offset: redelivery. */
  rewind(partition: number, offset: number): void;
  /** Ends the assignment of every group: each reader asks its `from` again. */
  rebalance(): void;
  /** The next read of every reader throws this. */
  failReads(error: Error): void;
  /** Forgets records below these offsets, as a log with finite retention does. */
  truncate(low: Position): void;
  /** Readers that are iterating now. */
  readonly readers: number;
}

interface Reader {
  readonly group: string | undefined;
  cursors: Map<number, number> | null;
  error: Error | null;
}

export interface MemoryLogOptions {
  readonly partitions?: number;
  /** Most records in one batch. */
  readonly batchSize?: number;
}

export function createMemoryLog({ partitions = 3, batchSize = 500 }: MemoryLogOptions = {}): MemoryLog {
  const log: LogRecord[][] = Array.from({ length: partitions }, () => []);
  const low = new Map<number, number>();
  const readers = new Set<Reader>();
  const fates: Fate[] = [];
  const changed = createSignal();
  let down = false;
  let held = false;
  let closed = false;

  const partition = (index: number): LogRecord[] => {
    const records = log[index];
    if (!records) throw new RangeError(`no partition ${index}`);
    return records;
  };

  const write = (
    records: readonly (Omit<NewRecord, 'key'> & { key: string | null; partition?: number })[],
  ): RecordPosition[] => {
    const positions = records.map(({ key, value, headers, partition: wanted }) => {
      const index = wanted ?? partitionOf(key ?? '', partitions);
      const position = { partition: index, offset: partition(index).length };
      const misplaced = key !== null && partitionOf(key, partitions) !== index;
      const record = { ...position, key, value: Uint8Array.from(value), headers: { ...headers } };
      partition(index).push(misplaced ? { ...record, misplaced } : record);
      return position;
    });
    changed.raise();
    return positions;
  };

  const settle = (fate: Exclude<Fate, object>, records: readonly NewRecord[]): RecordPosition[] => {
    if (closed || down || fate === 'unavailable') throw new LogUnavailableError('the log is away');
    if (fate === 'full') throw new LogFullError('no space is left');
    if (fate === 'lost') throw new AppendUnknownError('no acknowledgement');
    const positions = write(records);
    if (fate === 'twice') write(records);
    if (fate === 'lost-acknowledgement') throw new AppendUnknownError('no acknowledgement');
    return positions;
  };

  const assigned = (reader: Reader): number[] => {
    const all = Array.from({ length: partitions }, (_, index) => index);
    if (reader.group === undefined) return all;
    const members = [...readers].filter(({ group }) => group === reader.group);
    return all.filter((index) => members[index % members.length] === reader);
  };

  const rebalance = (): void => {
    for (const reader of readers) reader.cursors = null;
    changed.raise();
  };

  const start = async (reader: Reader, from: () => Position | Promise<Position>): Promise<void> => {
    const cursors = new Map<number, number>();
    reader.cursors = cursors;
    const position = await from();
    for (const index of assigned(reader)) {
      const at = position[index] ?? 0;
      const range = { partition: index, offset: at, low: low.get(index) ?? 0, high: partition(index).length };
      if (at > range.high || at < range.low) {
        throw new PositionOutOfRangeError(`partition ${index}: ${at} is outside the log`, range);
      }
      cursors.set(index, at);
    }
  };

  const nextBatch = (cursors: Map<number, number>): LogBatch | null => {
    for (const [index, at] of cursors) {
      if (at >= partition(index).length) continue;
      const records = partition(index).slice(at, at + batchSize);
      // Taken in turns: the partition goes to the end of the line.
      cursors.delete(index);
      cursors.set(index, at + records.length);
      return { partition: index, records, next: at + records.length };
    }
    return null;
  };

  const self: MemoryLog = {
    partitions,
    async append(records) {
      const fate = fates.shift() ?? self.decideFate(records);
      await Promise.resolve();
      if (typeof fate !== 'object') return settle(fate, records);
      await fate.after;
      return settle(fate.then ?? 'ok', records);
    },
    async *read({ from, group, signal }) {
      const reader: Reader = { group, cursors: null, error: null };
      readers.add(reader);
      if (group !== undefined) rebalance();
      try {
        while (!signal.aborted && !closed) {
          if (reader.error) throw reader.error;
          const seen = changed.version();
          if (reader.cursors === null) {
            await start(reader, from);
            continue;
          }
          const batch = down || held ? null : nextBatch(reader.cursors);
          if (batch) yield batch;
          else await changed.after(seen, signal);
        }
      } finally {
        readers.delete(reader);
        if (group !== undefined) rebalance();
      }
    },
    async end() {
      await Promise.resolve();
      if (closed || down) throw new LogUnavailableError('the log is away');
      return Object.fromEntries(log.map((records, index) => [index, records.length]));
    },
    async close() {
      await Promise.resolve();
      closed = true;
      changed.raise();
    },
    script: (...next) => void fates.push(...next),
    decideFate: () => 'ok',
    records: (index) => (index === undefined ? log.flat() : partition(index)),
    partitionOf: (key) => partitionOf(key, partitions),
    put: ({ key = null, value = new Uint8Array(), headers = {}, partition: wanted }) =>
      write([{ key, value, headers, ...(wanted === undefined ? {} : { partition: wanted }) }])[0]!,
    setDown(value) {
      down = value;
      changed.raise();
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      changed.raise();
    },
    rewind(index, offset) {
      for (const { cursors } of readers) if (cursors?.has(index)) cursors.set(index, offset);
      changed.raise();
    },
    rebalance,
    failReads(error) {
      for (const reader of readers) reader.error = error;
      changed.raise();
    },
    truncate(position) {
      for (const [index, offset] of Object.entries(position)) low.set(Number(index), offset);
    },
    get readers() {
      return readers.size;
    },
  };
  return self;
}
