// The tables of MongoDB's generations, as their views read them: look-ups share queries, lists have their own.
import type { ClientSession, Db, MongoClient } from 'mongodb';
import type { GenerationId } from '../read-store.ts';
import type { SecretRow } from '../rows.ts';
import { FILED_FACT_COLUMNS, STORED_FACT_COLUMNS, type FactRecord, type StoredFact } from './fact-record.ts';
import {
  FILED_HISTORY_COLUMNS,
  STORED_HISTORY_COLUMNS,
  type HistoryRecord,
  type StoredHistory,
} from './history-record.ts';
import { STORED_KEY_COLUMNS, type StoredKey } from './key-record.ts';
import { mongoTable, type Stored, type TableInSession } from './mongodb-conditions.ts';
import { collectionNames } from './mongodb-schema.ts';
import { damagedRow } from './stored-json.ts';
import type { Tables } from './view.ts';

/** A generation's tables, read in a session: after all that it has seen. */
export type MongoTables = (id: GenerationId, session?: ClientSession) => Tables;

export function mongoTables(client: MongoClient, db: Db): MongoTables {
  const made = new Map<GenerationId, (session?: ClientSession) => Tables>();

  function make(id: GenerationId): (session?: ClientSession) => Tables {
    const names = collectionNames(id);
    const table = <R>(name: string, columns: readonly string[], key: string): TableInSession<R> =>
      mongoTable<R>({ client, collection: db.collection<Stored>(name), columns, id: key });
    const keys = table<StoredKey>(names.keys, STORED_KEY_COLUMNS, 'id');
    const history = table<StoredHistory>(names.history, STORED_HISTORY_COLUMNS, 'id');
    const facts = table<StoredFact>(names.facts, STORED_FACT_COLUMNS, 'id');
    const filedHistory = table<HistoryRecord>(names.history, FILED_HISTORY_COLUMNS, 'id');
    const filedFacts = table<FactRecord>(names.facts, FILED_FACT_COLUMNS, 'id');
    const secrets = table<SecretRow>(names.secrets, ['hash', 'keyId'], 'hash');
    const keyspaces = table<{ readonly row: string }>(names.keyspaces, ['row'], 'id');
    return (session) => ({
      keys: keys(session),
      history: history(session),
      facts: facts(session),
      filed: { history: filedHistory(session), facts: filedFacts(session) },
      secrets: secrets(session),
      keyspaces: keyspaces(session),
      damaged: damagedRow,
    });
  }

  return (id, session) => {
    let tables = made.get(id);
    if (!tables) made.set(id, (tables = make(id)));
    return tables(session);
  };
}
