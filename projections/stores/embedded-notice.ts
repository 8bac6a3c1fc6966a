// Moving keys on to when they are looked at next (E6), on the embedded store: one statement for all of them.
import type { Statements } from '../../events/logs/sqlite.ts';
import type { GenerationId, Noticed } from '../read-store.ts';
import { tableNames } from './embedded-schema.ts';

export function embeddedNotice(id: GenerationId): (tx: Statements, keys: readonly Noticed[]) => Promise<void> {
  const { keys: table } = tableNames(id);
  const member = (name: string): string => `value ->> '$.${name}'`;
  const sql = `WITH looked AS (SELECT ${member('keyId')} AS id, ${member('version')} AS version,
      ${member('noticeAt')} AS noticeAt, ${member('next')} AS next FROM json_each(?))
    UPDATE ${table} SET noticeAt = looked.next FROM looked
    WHERE ${table}.id = looked.id AND ${table}.version = looked.version AND ${table}.noticeAt = looked.noticeAt`;
  return async (tx, keys) => {
    if (keys.length > 0) await tx.all(sql, [JSON.stringify(keys)]);
  };
}
