// What data keys are wrapped by, on the embedded store. Destroyed ones have no key left, and are never met.
import type { Sqlite } from '../../events/logs/sqlite.ts';
import type { DataKeyWraps } from '../data-key-wraps.ts';
import type { DataKeyRow } from '../rows.ts';

const WHOLE = 'sealingKeyId IS NOT NULL AND wrapped IS NOT NULL';
const SCAN = `SELECT id, sealingKeyId, wrapped FROM dataKeys WHERE id > ? AND ${WHOLE} ORDER BY id LIMIT ?`;
/** The guard: nothing is equal to the nothing that a destroyed one holds. */
const REPLACE = `UPDATE dataKeys SET sealingKeyId = new.value ->> 3, wrapped = new.value ->> 4 FROM json_each(?) AS new
  WHERE dataKeys.id = new.value ->> 0 AND sealingKeyId = new.value ->> 1 AND wrapped = new.value ->> 2`;

export function embeddedWraps(db: Sqlite): DataKeyWraps {
  return {
    scan: (after, limit) => db.all<DataKeyRow>(SCAN, [after ?? '', limit]),
    uses: async (sealingKeyId) => {
      const sql = 'SELECT 1 AS one FROM dataKeys WHERE sealingKeyId = ? LIMIT 1';
      return (await db.all(sql, [sealingKeyId])).length > 0; // off this thread: it may look at all of them
    },
    replace: async (rewraps) => {
      if (rewraps.length === 0) return 0;
      const tuples = rewraps.map(({ from, to }) => [
        from.id,
        from.sealingKeyId,
        from.wrapped,
        to.sealingKeyId,
        to.wrapped,
      ]);
      return db.run(REPLACE, [JSON.stringify(tuples)]);
    },
  };
}
