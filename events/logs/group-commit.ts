// Group commit: all appends that arrive while a write is under way go into the next one, in order of arrival.
// One write at a time; an append that passed its deadline unwritten is never written later.
import { AppendUnknownError, LogUnavailableError, type NewRecord } from '../log.ts';
import type { RecordPosition } from '../position.ts';
import { measureRecord } from './records.ts';

export interface GroupCommit {
  /** Resolves with each record's own position once its group is durable. */
  append(records: readonly NewRecord[], deadlineMs?: number): Promise<readonly RecordPosition[]>;
  /** Takes no more appends, and waits for those that were taken. */
  close(): Promise<void>;
}

export interface GroupCommitOptions {
  /** Writes a group durably and answers its positions, record by record. Its error is given to every append of the group. */
  readonly write: (records: readonly NewRecord[]) => Promise<readonly RecordPosition[]>;
  /** A group takes no further append once it holds so many bytes; one append is never divided. */
  readonly maxBytes: number;
  readonly maxRecords: number;
  /** Where an append names none. */
  readonly defaultDeadlineMs: number;
}

interface Append {
  readonly records: readonly NewRecord[];
  readonly bytes: number;
  readonly resolve: (positions: readonly RecordPosition[]) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit({ write, maxBytes, maxRecords, defaultDeadlineMs }: GroupCommitOptions): GroupCommit {
  const waiting = new Set<Append>();
  let running: Promise<void> | undefined;
  let closed = false;

  function nextGroup(): Append[] {
    const group: Append[] = [];
    let bytes = 0;
    let records = 0;
    for (const append of waiting) {
      bytes += append.bytes;
      records += append.records.length;
      if (group.length > 0 && (bytes > maxBytes || records > maxRecords)) break;
      waiting.delete(append);
      group.push(append);
    }
    return group;
  }

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      const group = nextGroup();
      try {
        const positions = await write(group.flatMap(({ records }) => records));
        let start = 0;
        for (const { records, resolve } of group) resolve(positions.slice(start, (start += records.length)));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    running = undefined;
  }

  function append(records: readonly NewRecord[], deadlineMs = defaultDeadlineMs): Promise<readonly RecordPosition[]> {
    if (closed) return Promise.reject(new LogUnavailableError('the log is closed'));
    if (records.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const bytes = records.reduce((sum, record) => sum + measureRecord(record), 0);
      const entry: Append = {
        records,
        bytes,
        resolve: (positions) => {
          clearTimeout(timer);
          resolve(positions);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      const timer = setTimeout(() => {
        if (waiting.delete(entry)) reject(new LogUnavailableError(`not written within ${deadlineMs} ms`));
        else reject(new AppendUnknownError(`no acknowledgement within ${deadlineMs} ms`));
      }, deadlineMs);
      waiting.add(entry);
      // A turn of the loop later: what is appended in one tick goes into one group.
      running ??= new Promise<void>(setImmediate).then(run);
    });
  }

  return {
    append,
    close: async () => {
      closed = true;
      await running;
    },
  };
}
