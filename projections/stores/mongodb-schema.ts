// MongoDB's collections and indexes: those outside generations, and those that every generation has of its own.
// Each list and filter has an index; `_id` breaks ties, so that the server can read every list in order.
import type { Db, IndexDescription } from 'mongodb';
import type { GenerationId } from '../read-store.ts';
import { generationNumber } from './generations.ts';
import { isMissingCollection } from './mongodb-errors.ts';
import { ensureLimitIndexes } from './mongodb-limits.ts';

export const CONTROL = 'control';
export const DATA_KEYS = 'data_keys';
export const PARKED = 'parked';

/** The names of a generation's collections. */
export interface CollectionNames {
  readonly keys: string;
  readonly history: string;
  readonly facts: string;
  readonly secrets: string;
  readonly keyspaces: string;
}

export function collectionNames(id: GenerationId): CollectionNames {
  const suffix = `g${generationNumber(id)}`;
  return {
    keys: `keys_${suffix}`,
    history: `history_${suffix}`,
    facts: `facts_${suffix}`,
    secrets: `secrets_${suffix}`,
    keyspaces: `keyspaces_${suffix}`,
  };
}

const ascending = (...columns: string[]): IndexDescription => ({
  key: new Map(columns.map((column): [string, 1] => [column, 1])),
});

const KEY_INDEXES = [
  ...['createdAt', 'name', 'expiresAt', 'lastUsedAt'].map((column) => ascending('workspaceId', column, '_id')),
  ...['keyspace', 'status', 'type', 'environment', 'owner'].map((column) =>
    ascending('workspaceId', column, 'createdAt', '_id'),
  ),
  ascending('workspaceId', 'terms'), // multikey: words, tags, scopes, resources
  { ...ascending('predecessor', 'createdAt', '_id'), partialFilterExpression: { predecessor: { $type: 'string' } } },
  { ...ascending('retiresAt', '_id'), partialFilterExpression: { retiresAt: { $type: 'string' } } },
  { ...ascending('noticeAt', '_id'), partialFilterExpression: { noticeAt: { $type: 'string' } } },
];
const HISTORY_INDEXES = [
  ascending('aggregateId', 'version'),
  ascending('commandId', 'aggregateId'),
  ascending('partition', 'offset'),
  ascending('workspaceId', 'time', 'aggregateId', 'version'),
  ...['type', 'actor', 'requestId'].map((column) => ascending('workspaceId', column, 'time', 'aggregateId', 'version')),
];
const FACT_INDEXES = [
  ascending('partition', 'offset'),
  ascending('aggregateId', 'time', 'version'),
  ascending('workspaceId', 'time', 'aggregateId', 'version'),
  ascending('workspaceId', 'type', 'time', 'aggregateId', 'version'),
];
const PARKED_INDEXES = [
  ascending('partition', 'offset'),
  ascending('status', 'aggregateId'),
  ascending('status', 'digest'),
];

/** Makes what is missing; what is there already stays as it is. */
export async function ensureCommonIndexes(db: Db): Promise<void> {
  await db.collection(PARKED).createIndexes(PARKED_INDEXES);
  await ensureLimitIndexes(db);
}

export async function ensureGenerationIndexes(db: Db, id: GenerationId): Promise<void> {
  const { keys, history, facts } = collectionNames(id);
  await db.collection(keys).createIndexes(KEY_INDEXES);
  await db.collection(history).createIndexes(HISTORY_INDEXES);
  await db.collection(facts).createIndexes(FACT_INDEXES);
}

export async function dropCollections(db: Db, id: GenerationId): Promise<void> {
  for (const name of Object.values(collectionNames(id)) as string[]) {
    await db.dropCollection(name).catch((error: unknown) => {
      if (!isMissingCollection(error)) throw error;
    });
  }
}
