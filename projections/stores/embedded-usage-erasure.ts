// Erasure in the request log of the embedded store. That it is erased is written first: from then on every answer is blank,
// and every batch that is counted; what is stored is blanked next, some at a time.
import type { Statements } from '../../events/logs/sqlite.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { noteScraps, SCRAPS_SCHEMA } from './embedded-scraps.ts';
import { BLANKED_AT_ONCE, GOES_WAITED_FOR, type Erasures } from './usage-erasure.ts';

/** `done`: nothing that is stored is left to be blanked. */
export const ERASURES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS erasures (
    keyId TEXT PRIMARY KEY, until TEXT NOT NULL, done INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS erasures_open ON erasures (keyId) WHERE done = 0;
  ${SCRAPS_SCHEMA}
`;

const ERASE = `INSERT INTO erasures (keyId, until, done) VALUES (?, ?, 0)
  ON CONFLICT (keyId) DO UPDATE SET until = max(until, excluded.until), done = 0`;
const BLANK = `UPDATE requests SET ip = NULL, row = json_set(row, '$.ip', NULL, '$.userAgent', NULL)
  WHERE id IN (
    SELECT id FROM requests WHERE keyId = ?1 AND time <= ?2 AND json_valid(row)
      AND (ip IS NOT NULL OR row ->> 'ip' IS NOT NULL OR row ->> 'userAgent' IS NOT NULL)
    LIMIT ${BLANKED_AT_ONCE})`;

export interface EmbeddedErasures {
  erase(keyId: string, until: string): Promise<void>;
  /** Blanks some of what is left; answers how much there was to do, 0 for nothing. */
  goOn(): Promise<number>;
}

export function embeddedErasures(counts: EmbeddedFile): EmbeddedErasures {
  async function blankSome(keyId: string, until: string): Promise<number> {
    const blanked = await counts.run(BLANK, [keyId, until]);
    if (blanked < BLANKED_AT_ONCE)
      await counts.run('UPDATE erasures SET done = 1 WHERE keyId = ? AND until = ?', [keyId, until]);
    return blanked;
  }

  return {
    async erase(keyId, until) {
      await noteScraps(counts);
      await counts.run(ERASE, [keyId, until]);
      for (let go = 0; go < GOES_WAITED_FOR; go++) if ((await blankSome(keyId, until)) < BLANKED_AT_ONCE) return;
    },
    async goOn() {
      const open = await counts.get<{ keyId: string; until: string }>(
        'SELECT keyId, until FROM erasures WHERE done = 0 LIMIT 1',
      );
      return open ? Math.max(1, await blankSome(open.keyId, open.until)) : 0;
    },
  };
}

export async function readErasures(on: Statements, keyIds: readonly string[]): Promise<Erasures> {
  if (keyIds.length === 0) return new Map();
  const sql = 'SELECT keyId, until FROM erasures WHERE keyId IN (SELECT value FROM json_each(?))';
  const found = await on.all<{ keyId: string; until: string }>(sql, [JSON.stringify([...new Set(keyIds)])]);
  return new Map(found.map(({ keyId, until }) => [keyId, until]));
}
