// The embedded store's tables: those outside generations, and those that every generation has of its own.
// Each list and filter has an index; ids break ties, so that no list is sorted while it is read.
import type { GenerationId } from '../read-store.ts';
import { termsSchema } from './embedded-terms.ts';
import { generationNumber } from './generations.ts';

/** Pointer (the one live row), checkpoints and marks of all generations: read by one statement (P4). */
export const CONTROL_SCHEMA = `
  CREATE TABLE IF NOT EXISTS generations (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, checkpoint TEXT NOT NULL,
    createdAt TEXT NOT NULL, failure TEXT, commandId TEXT
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS generations_live ON generations (status) WHERE status = 'live';
`;

/** What lies outside generations, and what the log cannot give back. */
export const KEPT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS dataKeys (
    id TEXT PRIMARY KEY, sealingKeyId TEXT, wrapped TEXT, destroyedAt TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parked (
    partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, status TEXT NOT NULL, aggregateId TEXT,
    digest TEXT NOT NULL, row TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (partition, "offset")
  ) STRICT;
  CREATE INDEX IF NOT EXISTS parked_open ON parked (aggregateId) WHERE status = 'OPEN';
  CREATE INDEX IF NOT EXISTS parked_digest ON parked (digest) WHERE status = 'OPEN';
  CREATE TABLE IF NOT EXISTS operations (
    commandId TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, records TEXT NOT NULL, outcome TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS checks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS limits (keyId TEXT PRIMARY KEY, until INTEGER NOT NULL, row TEXT NOT NULL) STRICT;
`;

/** The names of a generation's tables. */
export interface TableNames {
  readonly keys: string;
  readonly terms: string;
  readonly history: string;
  readonly facts: string;
  readonly secrets: string;
  readonly keyspaces: string;
}

export function tableNames(id: GenerationId): TableNames {
  const suffix = `g${generationNumber(id)}`;
  return {
    keys: `keys_${suffix}`,
    terms: `terms_${suffix}`,
    history: `history_${suffix}`,
    facts: `facts_${suffix}`,
    secrets: `secrets_${suffix}`,
    keyspaces: `keyspaces_${suffix}`,
  };
}

const KEY_INDEXES = [
  ...['createdAt', 'name', 'expiresAt', 'lastUsedAt'].map((column) => `workspaceId, ${column}, id`),
  ...['keyspace', 'status', 'type'].map((column) => `workspaceId, ${column}, createdAt, id`),
];
/** Of columns that are mostly null: null is never asked for. */
const SPARSE_KEY_INDEXES = {
  environment: 'workspaceId, environment, createdAt, id',
  owner: 'workspaceId, owner, createdAt, id',
  predecessor: 'predecessor, createdAt, id',
  retiresAt: 'retiresAt, id',
  noticeAt: 'noticeAt, id',
};
const HISTORY_INDEXES = [
  'commandId, aggregateId',
  'partition, "offset"',
  'workspaceId, time, aggregateId, version',
  ...['type', 'actor', 'requestId'].map((column) => `workspaceId, ${column}, time, aggregateId, version`),
];

const FACT_INDEXES = [
  'partition, "offset"',
  'aggregateId, time, version',
  'workspaceId, time, aggregateId, version',
  'workspaceId, type, time, aggregateId, version',
];

/** Statements that make a generation's tables, one each. */
export function generationSchema(id: GenerationId): readonly string[] {
  const { keys, terms, history, facts, secrets, keyspaces } = tableNames(id);
  const indexes = (table: string, columns: readonly string[]) =>
    columns.map((list, number) => `CREATE INDEX IF NOT EXISTS ${table}_${number} ON ${table} (${list})`);
  return [
    `CREATE TABLE IF NOT EXISTS ${keys} (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL, workspaceId TEXT NOT NULL, keyspace TEXT NOT NULL,
      status TEXT NOT NULL, type TEXT NOT NULL, environment TEXT, owner TEXT, name TEXT NOT NULL,
      createdAt TEXT NOT NULL, expiresAt TEXT, predecessor TEXT, retiresAt TEXT, noticeAt TEXT, terms TEXT NOT NULL, row TEXT NOT NULL,
      lastUsedAt TEXT, lastSeenAt TEXT, requestCount REAL NOT NULL
    ) STRICT`,
    ...indexes(keys, KEY_INDEXES),
    ...Object.entries(SPARSE_KEY_INDEXES).map(
      ([column, list]) =>
        `CREATE INDEX IF NOT EXISTS ${keys}_${column} ON ${keys} (${list}) WHERE ${column} IS NOT NULL`,
    ),
    termsSchema({ terms }),
    `CREATE TABLE IF NOT EXISTS ${history} (
      aggregateId TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, workspaceId TEXT, time TEXT NOT NULL,
      actor TEXT NOT NULL, commandId TEXT NOT NULL, requestId TEXT NOT NULL,
      partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY (aggregateId, version)
    ) STRICT`,
    ...indexes(history, HISTORY_INDEXES),
    `CREATE TABLE IF NOT EXISTS ${facts} (
      id TEXT PRIMARY KEY, aggregateId TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
      workspaceId TEXT NOT NULL, time TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, row TEXT NOT NULL
    ) STRICT`,
    ...indexes(facts, FACT_INDEXES),
    `CREATE TABLE IF NOT EXISTS ${secrets} (hash TEXT PRIMARY KEY, keyId TEXT NOT NULL) STRICT, WITHOUT ROWID`,
    `CREATE TABLE IF NOT EXISTS ${keyspaces} (
      id TEXT PRIMARY KEY, version INTEGER NOT NULL, row TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
  ];
}

export function dropStatements(id: GenerationId): readonly string[] {
  return Object.values(tableNames(id)).map((table) => `DROP TABLE IF EXISTS ${String(table)}`);
}
