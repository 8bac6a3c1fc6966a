// How far the public topic is, in the embedded store, which belongs to one process: who publishes is known in memory.
import type { Sqlite } from '../../events/logs/sqlite.ts';
import type { Position } from '../../events/position.ts';
import type { Publication } from '../publication.ts';
import { createLocalClaim } from './local-claim.ts';

export const PUBLICATION_SCHEMA = `
  CREATE TABLE IF NOT EXISTS publication (partition INTEGER PRIMARY KEY, "offset" INTEGER NOT NULL) STRICT;
`;

export function embeddedPublication(db: Sqlite): Publication {
  return {
    async position(): Promise<Position> {
      const rows = await db.all<{ partition: number; offset: number }>('SELECT partition, "offset" FROM publication');
      return Object.fromEntries(rows.map(({ partition, offset }) => [partition, offset]));
    },
    async advance(position) {
      const sql = `INSERT INTO publication (partition, "offset") SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
        ON CONFLICT (partition) DO UPDATE SET "offset" = max("offset", excluded."offset")`;
      await db.run(sql, [
        JSON.stringify(Object.entries(position).map(([partition, offset]) => [Number(partition), offset])),
      ]);
    },
    claim: createLocalClaim(() => performance.now()),
  };
}
