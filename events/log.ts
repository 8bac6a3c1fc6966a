// The event log: the port that every adapter implements (events/logs/), and the shapes that cross it.
// It knows nothing of what a record means. An acknowledged append is durable; records of one key keep their order.
import type { CopySource } from './file-copies.ts';
import { covers, encodePosition, type Position, type RecordPosition } from './position.ts';

/** A record to append. `key` is the aggregate's id: all records of one key lie in one partition, in order of appending. */
export interface NewRecord {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as it was read back. `key` is null for a record that somebody wrote by hand without one. */
export interface LogRecord extends RecordPosition {
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * It lies in another partition than the records of its key do: somebody wrote it there past this port. Between
   * partitions there is no order, so readers that folded it would disagree (F1).
   */
  readonly misplaced?: true;
}

/**
 * Records of one partition, in order. `next` is the offset to go on from: at least one past the last record, and further
 * where offsets behind it hold nothing that a reader is handed (Kafka's transaction markers); then there may be no record.
 */
export interface LogBatch {
  readonly partition: number;
  readonly records: readonly LogRecord[];
  readonly next: number;
}

/** How to read: from where, with whom, until when. */
export interface ReadOptions {
  /**
   * Where to start, asked anew whenever partitions are assigned (Kafka: inside each rebalance); a partition that the
   * answer does not name starts at 0. A position outside the log is an error, never a jump (T).
   */
  readonly from: () => Position | Promise<Position>;
  /** Readers that name the same group share the partitions; without a group a reader gets all of them. */
  readonly group?: string;
  /** Ends the iteration cleanly. */
  readonly signal: AbortSignal;
}

/** The log's port. Adapters: embedded (libsql) and Kafka. */
export interface EventLog {
  /** How many partitions the log has; fixed when it was created. Partition numbers are 0 … partitions − 1. */
  readonly partitions: number;
  /**
   * Appends in order and answers each record's own position once all of them are durable.
   *
   * @throws {@link LogFullError} nothing was written, the disk is full.
   * @throws {@link LogUnavailableError} nothing was written, the log cannot be reached or has failed.
   * @throws {@link AppendUnknownError} the records may or may not be written (deadline, lost acknowledgement): W1 decides.
   */
  append(records: readonly NewRecord[], options?: { readonly deadlineMs?: number }): Promise<readonly RecordPosition[]>;
  /**
   * Yields batches as they come, for ever, until `signal` aborts. Asking for the next batch says that the last one is
   * done with. A failure that passes by itself is retried inside; what cannot be mended throws ({@link PositionOutOfRangeError}).
   */
  read(options: ReadOptions): AsyncIterable<LogBatch>;
  /** The next offset of every partition: a reader that has reached it has seen all that was acknowledged before the call. */
  end(): Promise<Position>;
  /** What is wrong with it although it works, in our own words, as it was seen last: for readiness. */
  faults?(): readonly string[];
  /**
   * Removes what lies before a position, where nothing does so by itself; the last record stays. For a log that is not
   * kept for ever: absent where it is, and where the log's own retention removes old records.
   */
  trim?(before: Position): Promise<void>;
  /** Its file, where it lies in one that can be copied while it is in use. */
  readonly copies?: readonly CopySource[];
  /** Lets appends under way finish, then releases files and connections. Safe to call twice. */
  close(): Promise<void>;
}

/** Nothing was written: no space is left. */
export class LogFullError extends Error {
  readonly code = 'STORAGE_FULL';
}

/** Nothing was written: the log is away or has failed. */
export class LogUnavailableError extends Error {
  readonly code = 'LOG_UNAVAILABLE';
}

/** The log's file was removed or replaced under this process: what it appended would be gone with it. */
export class LogGoneError extends LogUnavailableError {}

/** Unknown whether the records were written. */
export class AppendUnknownError extends Error {
  readonly code = 'APPEND_UNKNOWN';
}

/** A reader's position lies outside the log: it was truncated, or belongs to another one. */
export class PositionOutOfRangeError extends Error {
  readonly code = 'POSITION_OUT_OF_RANGE';
  /** Where it was asked for, and what the partition holds; absent where it is not about one place. */
  readonly range?: { readonly partition: number; readonly offset: number; readonly low: number; readonly high: number };

  constructor(message: string, range?: PositionOutOfRangeError['range']) {
    super(message);
    if (range) this.range = range;
  }
}

/**
 * Checks that a log still reaches as far as it was read. // T
 *
 * @param end asked for after `reached` was known: a log never becomes shorter.
 * @throws {@link PositionOutOfRangeError}
 */
export function checkReaches(end: Position, reached: Position): void {
  if (covers(end, reached)) return;
  const places = `the log ends at ${encodePosition(end)}, but was read up to ${encodePosition(reached)}`;
  throw new PositionOutOfRangeError(
    `${places}: it has lost events, or is another one; put the one back that was read, and start again`,
  );
}

/** The topic or file is not safe to keep a log in; the message names the setting and the value that is needed. */
export class UnsafeLogError extends Error {
  readonly code = 'UNSAFE_LOG';
}
