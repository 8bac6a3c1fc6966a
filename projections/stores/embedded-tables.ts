// The tables of the embedded store's generations, as their views read them.
import type { GenerationId } from '../read-store.ts';
import type { SecretRow } from '../rows.ts';
import { embeddedAtHand } from './embedded-at-hand.ts';
import { embeddedChains } from './embedded-chains.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { sqlTable } from './embedded-conditions.ts';
import { tableNames } from './embedded-schema.ts';
import { FILED_FACT_COLUMNS, STORED_FACT_COLUMNS, type FactRecord, type StoredFact } from './fact-record.ts';
import {
  FILED_HISTORY_COLUMNS,
  STORED_HISTORY_COLUMNS,
  type HistoryRecord,
  type StoredHistory,
} from './history-record.ts';
import { STORED_KEY_COLUMNS, type StoredKey } from './key-record.ts';
import type { Tables } from './view.ts';

/** A generation's tables; made once. */
export function embeddedTables(db: EmbeddedFile): (id: GenerationId) => Tables {
  const made = new Map<GenerationId, Tables>();
  return (id) => {
    let tables = made.get(id);
    if (!tables) made.set(id, (tables = tablesOf(db, id)));
    return tables;
  };
}

function tablesOf(db: EmbeddedFile, id: GenerationId): Tables {
  const { keys, terms, history, facts, secrets, keyspaces } = tableNames(id);
  return {
    keys: sqlTable<StoredKey>(db, keys, STORED_KEY_COLUMNS, { terms }),
    history: sqlTable<StoredHistory>(db, history, STORED_HISTORY_COLUMNS),
    facts: sqlTable<StoredFact>(db, facts, STORED_FACT_COLUMNS),
    filed: {
      history: sqlTable<HistoryRecord>(db, history, FILED_HISTORY_COLUMNS),
      facts: sqlTable<FactRecord>(db, facts, FILED_FACT_COLUMNS),
    },
    secrets: sqlTable<SecretRow>(db, secrets, ['hash', 'keyId']),
    keyspaces: sqlTable<{ readonly row: string }>(db, keyspaces, ['row']),
    damaged: db.damaged,
    chains: embeddedChains(db, { keys, history }),
    atHand: embeddedAtHand(db, { keys, keyspaces }),
  };
}
