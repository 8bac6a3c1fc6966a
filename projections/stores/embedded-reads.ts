// Records of reading in the embedded store: in counts.db, on disk before they are acknowledged.
import type { ReadRecords } from '../reads.ts';
import { sqlTable } from './embedded-conditions.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { insertRows } from './embedded-rows.ts';
import { READ_COLUMNS, readLists, toReadRecord, type StoredRead } from './read-record.ts';

export const READS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS reads (
    id TEXT PRIMARY KEY, workspaceId TEXT NOT NULL, time TEXT NOT NULL, actor TEXT NOT NULL, kinds INTEGER NOT NULL,
    expiresAt TEXT NOT NULL, row TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS reads_time ON reads (workspaceId, time, id);
  CREATE INDEX IF NOT EXISTS reads_actor ON reads (workspaceId, actor, time, id);
  CREATE INDEX IF NOT EXISTS reads_expiresAt ON reads (expiresAt);
`;

/** Rows that one sweep removes at most: others are served in between. */
const SWEPT_AT_ONCE = 500;
const insert = insertRows('reads', READ_COLUMNS, 'DO NOTHING');

export function embeddedReads(counts: EmbeddedFile): ReadRecords {
  return {
    ...readLists(sqlTable<StoredRead>(counts, 'reads', ['row']), counts.damaged),
    add: (rows) => counts.transaction((tx) => insert(tx, rows.map(toReadRecord))),
    sweep: (now) =>
      counts.run(
        `DELETE FROM reads WHERE id IN (SELECT id FROM reads WHERE expiresAt <= ? ORDER BY expiresAt LIMIT ${SWEPT_AT_ONCE})`,
        [now],
      ),
  };
}
