// The embedded log: one SQLite file, one partition (number 0), offsets 0, 1, 2, … without a gap.
// An append is acknowledged after its group was synced; readers see durable records only and are woken in process.
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import {
  AppendUnknownError,
  LogFullError,
  LogGoneError,
  LogUnavailableError,
  UnsafeLogError,
  type EventLog,
  type LogBatch,
  type LogRecord,
  type NewRecord,
  type ReadOptions,
} from '../log.ts';
import type { Position, RecordPosition } from '../position.ts';
import { blankRecord, deleteRecords, insertRecords, LOG_SCHEMA, readRecords, verifyTail } from './embedded-table.ts';
import { createGroupCommit } from './group-commit.ts';
import { createRecentRecords } from './recent-records.ts';
import { checkPartitions, startOffset } from './records.ts';
import { StorageError } from './sqlite-errors.ts';
import { sqliteCopySource } from './sqlite-copy.ts';
import { placeOf } from './sqlite-place.ts';
import { openSqlite, type Sqlite } from './sqlite.ts';
import { createTurns } from './turns.ts';
import { createWakeUp } from './wake-up.ts';

const PARTITION = 0;
const MAX_GROUP = { maxRecords: 1024, maxBytes: 8_000_000 };
const DEFAULT_DEADLINE_MS = 30_000;
const BATCH_RECORDS = 512;
/** Records just written that readers at the end take from memory instead of from the file, and bytes of these. */
const MAX_RECENT = { records: 2_000, bytes: 4_000_000 };

/** Options of {@link openEmbeddedLog}. */
export interface EmbeddedLogOptions {
  /** The data folder (KEYFOLD_DATA). Created when absent. */
  readonly directory: string;
  /** The log's file in it; `log.db`. */
  readonly file?: string;
  /** Whether old records may be removed ({@link EventLog.trim}); `false`: it is kept for ever, and is damaged if it lacks any. */
  readonly trims?: boolean;
  /** Whether its records have tens of kilobytes and come all the time; `false`. */
  readonly largeRecords?: boolean;
  /** What to do about the file if it is damaged; a sentence. */
  readonly ifDamaged?: string;
}

/**
 * Opens the log of a data folder and holds it alone.
 *
 * @throws {@link StorageError} `STORAGE_IN_USE`, `STORAGE_FULL` or `STORAGE_FAILED`.
 * @throws {@link UnsafeLogError} the file is damaged; the message names the place.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  const { directory, file = 'log.db', trims = false, largeRecords: largeRows = false, ifDamaged } = options;
  try {
    const advice = ifDamaged === undefined ? {} : { ifDamaged };
    const sqlite = await openSqlite({ file: join(directory, file), schema: LOG_SCHEMA, largeRows, ...advice });
    return await createEmbeddedLog(sqlite, { trims }).catch(async (error: unknown) => {
      await sqlite.close();
      throw error;
    });
  } catch (error) {
    if (error instanceof StorageError && error.code === 'STORAGE_CORRUPT') throw asLogError(error);
    throw error;
  }
}

/** The log on an open file that has {@link LOG_SCHEMA}. It closes the file when it is closed. */
export async function createEmbeddedLog(sqlite: Sqlite, { trims = false } = {}): Promise<EventLog> {
  let { low, next } = await verifyTail(sqlite, trims);
  let unusable: LogUnavailableError | undefined;
  const recent = createRecentRecords(MAX_RECENT);
  const place = await placeOf(sqlite.file);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const written = createWakeUp();
  const turns = createTurns();

  /** @throws {@link LogGoneError}, from the first time on that the file is not where it was opened. */
  async function checkPlace(): Promise<void> {
    // Closing takes the write-ahead log away.
    if (!unusable && !(await place.isHeld()) && !isAborted(closing.signal)) {
      const advice = 'put it back, or a backup of it, and start again';
      unusable = new LogGoneError(
        `${sqlite.file} was removed or replaced while it was in use, so nothing is acknowledged any more: ${advice}`,
      );
    }
    if (unusable) throw unusable;
  }

  async function write(records: readonly NewRecord[]): Promise<readonly RecordPosition[]> {
    if (unusable) throw unusable;
    const stored = await insertRecords(sqlite, next, records).catch((error: unknown) => {
      if (error instanceof StorageError && error.code === 'STORAGE_FULL') throw asLogError(error);
      // Whether the group is on the disk is unknown, and so is the next offset: this handle acknowledges no more.
      unusable = new LogUnavailableError(`the log has failed and must be opened again: ${String(error)}`, {
        cause: error,
      });
      throw new AppendUnknownError('the write failed', { cause: error });
    });
    // What lies in a file without a name is gone with this process: it is not acknowledged.
    await checkPlace().catch((cause: unknown) => {
      throw new AppendUnknownError('the write cannot be found again', { cause });
    });
    next += stored.length;
    recent.add(stored);
    written.wake();
    return stored.map(({ offset }) => ({ partition: PARTITION, offset }));
  }

  const commits = createGroupCommit({ write, ...MAX_GROUP, defaultDeadlineMs: DEFAULT_DEADLINE_MS });

  async function load(offset: number): Promise<readonly LogRecord[]> {
    const atHand = recent.from(offset, BATCH_RECORDS);
    if (atHand !== null) return atHand;
    return readRecords(sqlite, offset, BATCH_RECORDS).catch((error: unknown) => {
      startOffset({ [PARTITION]: offset }, PARTITION, { low, high: next }); // T: removed under its reader
      throw error instanceof StorageError ? asLogError(error) : error;
    });
  }

  async function* read({ from, group, signal }: ReadOptions): AsyncGenerator<LogBatch, void, undefined> {
    const ending = AbortSignal.any([signal, closing.signal]);
    // With one partition, the readers of a group take turns: the next one gets it when the last one has left.
    const leave = group === undefined ? undefined : await turns.take(group, ending);
    try {
      if (ending.aborted) return;
      const position = await from();
      checkPartitions(position, 1);
      let offset = startOffset(position, PARTITION, { low, high: next });
      while (!isAborted(ending)) {
        if (offset >= next) {
          await written.wait(ending);
          continue;
        }
        const records = await load(offset);
        offset += records.length;
        if (isAborted(ending)) return;
        yield { partition: PARTITION, records, next: offset };
      }
    } finally {
      leave?.();
    }
  }

  let trimming = Promise.resolve();
  /** One after the other: once it is done, all before is gone, whoever has begun that. */
  const trim = (before: Position): Promise<void> =>
    (trimming = trimming.catch(() => undefined).then(() => trimTo(before)));

  /** The place of the last record tells where the offsets go on: it stays, and what it held goes. */
  async function trimTo(before: Position): Promise<void> {
    const to = Math.min(before[PARTITION] ?? 0, next);
    if (to <= low) return;
    const from = Math.max(0, low - 1);
    const last = next - 1;
    low = to;
    recent.dropBefore(to);
    await deleteRecords(sqlite, from, Math.min(to, last));
    if (to > last) await blankRecord(sqlite, last);
  }

  return {
    partitions: 1,
    ...(trims ? { trim } : {}),
    copies: [sqliteCopySource(sqlite)],
    append: (records, options) => commits.append(records, options?.deadlineMs),
    read,
    async end() {
      await checkPlace();
      return { [PARTITION]: next };
    },
    close: async () => {
      await commits.close();
      closing.abort();
      // What was trimmed may have left scraps, where `secure_delete` does not reach; on a full disk they stay for the next stop.
      if (trims) await sqlite.all('VACUUM').catch(() => undefined);
      await sqlite.close();
    },
  };
}

/** A function, as an `await` changes what a signal says. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function asLogError(error: StorageError): Error {
  switch (error.code) {
    case 'STORAGE_FULL':
      return new LogFullError(error.message, { cause: error });
    case 'STORAGE_CORRUPT':
      return new UnsafeLogError(error.message, { cause: error });
    case 'STORAGE_IN_USE':
    case 'STORAGE_FAILED':
      return new LogUnavailableError(error.message, { cause: error });
  }
}
