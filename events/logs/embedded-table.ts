// The embedded log's table: how records lie in the file, and how they are written, read and checked.
// Every row carries a checksum over itself and its offset: a damaged, missing or displaced record is named, never skipped.
import { createHash } from 'node:crypto';
import type { LogRecord, NewRecord } from '../log.ts';
import type { SqlValue } from './sqlite-bind.ts';
import { damaged } from './sqlite-errors.ts';
import type { Sqlite, Statements } from './sqlite.ts';

export const LOG_SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (
    offset INTEGER PRIMARY KEY,
    key TEXT,
    value BLOB NOT NULL,
    headers TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT`;

/** Rows of one statement: few enough for 32,766 parameters, and for the cache of prepared statements. */
const ROWS_PER_STATEMENT = 64;
const TAIL_RECORDS = 512;
/** Of the values that are read at once: they are checked in one go. */
const READ_BYTES = 2_000_000;
const NO_HEADERS = '{}';
/** Of a record that was removed, and whose place was kept. */
const REMOVED_HEADERS = '{"removed":"true"}';

interface LogRow {
  readonly offset: number;
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: string;
  readonly checksum: number;
}

/** Of the next records: what each comes to with those before it. */
const SIZES = `SELECT offset, sum(size) OVER (ORDER BY offset) AS bytes
  FROM (SELECT offset, length(value) AS size FROM log WHERE offset >= ?1 ORDER BY offset LIMIT ?2)`;
const READ = `SELECT offset, key, value, headers, checksum FROM log
  WHERE offset BETWEEN ?1 AND coalesce((SELECT max(offset) FROM (${SIZES}) WHERE bytes <= ?3), ?1)
  ORDER BY offset LIMIT ?2`;

/** Writes records from `offset` on, all or none, synced. Answers them as they will be read. */
export async function insertRecords(
  sqlite: Sqlite,
  offset: number,
  records: readonly NewRecord[],
): Promise<LogRecord[]> {
  const stored = records.map(({ key, value, headers }, index): LogRecord => {
    // Copies: what readers are given from memory must be what is in the file, whatever the caller does to his.
    return { partition: 0, offset: offset + index, key, value: new Uint8Array(value), headers: { ...headers } };
  });
  if (stored.length <= ROWS_PER_STATEMENT) {
    await insertRows(sqlite, stored); // one statement commits by itself
  } else {
    await sqlite.transaction(async (tx) => {
      for (let start = 0; start < stored.length; start += ROWS_PER_STATEMENT) {
        await insertRows(tx, stored.slice(start, start + ROWS_PER_STATEMENT));
      }
    });
  }
  return stored;
}

async function insertRows(statements: Statements, records: readonly LogRecord[]): Promise<void> {
  const rows = Array<string>(records.length).fill('(?, ?, ?, ?, ?)').join(', ');
  const params: SqlValue[] = [];
  for (const { offset, key, value, headers } of records) {
    const text = encodeHeaders(headers);
    params.push(offset, key, value, text, checksum(offset, key, value, text));
  }
  await statements.all(`INSERT INTO log (offset, key, value, headers, checksum) VALUES ${rows}`, params);
}

/**
 * Reads up to `limit` records from `offset` on, which must lie before the end; fewer, at least one, where they are large.
 *
 * @throws {@link StorageError} `STORAGE_CORRUPT`, naming the record.
 */
export async function readRecords(sqlite: Sqlite, offset: number, limit: number): Promise<LogRecord[]> {
  const rows = await sqlite.all<LogRow>(READ, [offset, limit, READ_BYTES]);
  if (rows.length === 0) throw damaged(sqlite.file, `record ${offset}`);
  return rows.map((row, index) => {
    const expected = offset + index;
    if (row.offset !== expected || row.checksum !== checksum(row.offset, row.key, row.value, row.headers)) {
      throw damaged(sqlite.file, `record ${expected}`);
    }
    const headers = JSON.parse(row.headers) as Record<string, string>;
    return { partition: 0, offset: row.offset, key: row.key, value: row.value, headers };
  });
}

/**
 * Checks the records written last, and answers the offset behind them, and the first one that is there.
 *
 * @param trims whether records may have been removed from the front; else the first offset is 0.
 */
export async function verifyTail(
  sqlite: Sqlite,
  trims = false,
): Promise<{ readonly low: number; readonly next: number }> {
  const sql = 'SELECT min(offset) AS first, max(offset) + 1 AS end FROM log';
  const found = await sqlite.get<{ first: number | null; end: number | null }>(sql);
  const next = found?.end ?? 0;
  const first = trims ? (found?.first ?? 0) : 0;
  if (next === 0) return { low: 0, next };
  for (let offset = Math.max(first, next - TAIL_RECORDS); offset < next;)
    offset += (await readRecords(sqlite, offset, TAIL_RECORDS)).length;
  const removed = await sqlite.get('SELECT 1 AS one FROM log WHERE offset = ? AND headers = ?', [
    first,
    REMOVED_HEADERS,
  ]);
  return { low: removed ? first + 1 : first, next };
}

/** Removes what a record holds; its place stays. */
export async function blankRecord(sqlite: Sqlite, offset: number): Promise<void> {
  const nothing = new Uint8Array();
  await sqlite.run('UPDATE log SET key = NULL, value = ?, headers = ?, checksum = ? WHERE offset = ?', [
    nothing,
    REMOVED_HEADERS,
    checksum(offset, null, nothing, REMOVED_HEADERS),
    offset,
  ]);
}

/** Removes the records of offsets `from` to before `to`, some at a time: others are served in between. */
export async function deleteRecords(sqlite: Sqlite, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += ROWS_PER_STATEMENT) {
    await sqlite.run('DELETE FROM log WHERE offset >= ? AND offset < ?', [
      start,
      Math.min(to, start + ROWS_PER_STATEMENT),
    ]);
  }
}

function encodeHeaders(headers: Readonly<Record<string, string>>): string {
  for (const _ in headers) return JSON.stringify(headers);
  return NO_HEADERS;
}

/** 48 bits of SHA-256: against damage, not against forgery (that is the hash chain's work). */
function checksum(offset: number, key: string | null, value: Uint8Array, headers: string): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([offset, key, headers]))
    .update(value)
    .digest();
  return hash.readUIntBE(0, 6);
}
