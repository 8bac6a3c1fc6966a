// One generation's tables in the embedded store, as its views read them.
import type { Statements } from '../../events/logs/sqlite.ts';
import type { GenerationId } from '../read-store.ts';
import type { SecretRow } from '../rows.ts';
import { sqlTable } from './embedded-conditions.ts';
import { tableNames } from './embedded-schema.ts';
import { STORED_HISTORY_COLUMNS, type StoredHistory } from './history-record.ts';
import { STORED_KEY_COLUMNS, type StoredKey } from './key-record.ts';
import type { Tables } from './view.ts';

export function embeddedTables(db: Statements, id: GenerationId): Tables {
  const { keys, terms, history, secrets, keyspaces } = tableNames(id);
  return {
    keys: sqlTable<StoredKey>(db, keys, STORED_KEY_COLUMNS, terms),
    history: sqlTable<StoredHistory>(db, history, STORED_HISTORY_COLUMNS),
    secrets: sqlTable<SecretRow>(db, secrets, ['hash', 'keyId']),
    keyspaces: sqlTable<{ readonly row: string }>(db, keyspaces, ['row']),
  };
}
