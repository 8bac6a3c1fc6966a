// Records of reading in MongoDB: a document each, which the server removes by itself once it has expired.
import type { Db, MongoClient } from 'mongodb';
import type { ReadRecords } from '../reads.ts';
import { mongoTable, type Stored } from './mongodb-conditions.ts';
import { translated } from './mongodb-errors.ts';
import { readLists, toReadRecord, type ReadRecord, type StoredRead } from './read-record.ts';
import { damagedRow } from './stored-json.ts';

const READS = 'reads';
type ReadDocument = Stored & Omit<ReadRecord, 'id'> & { readonly ttl: Date };

const index = (...columns: string[]) => ({ key: new Map(columns.map((column): [string, 1] => [column, 1])) });

export async function ensureReadIndexes(db: Db): Promise<void> {
  await db
    .collection(READS)
    .createIndexes([
      { ...index('ttl'), expireAfterSeconds: 0 },
      index('workspaceId', 'time', '_id'),
      index('workspaceId', 'actor', 'time', '_id'),
    ]);
}

export function mongoReads(client: MongoClient, db: Db): ReadRecords {
  const collection = db.collection<ReadDocument>(READS);
  const table = mongoTable<StoredRead>({
    client,
    collection: db.collection<Stored>(READS),
    columns: ['row'],
    id: 'id',
  })();
  return {
    ...readLists(table, damagedRow),
    add: (rows) =>
      translated(async () => {
        const documents = rows.map(toReadRecord).map(({ id: _id, ...rest }) => {
          return { _id, ...rest, ttl: new Date(rest.expiresAt) };
        });
        if (documents.length > 0) await collection.insertMany(documents);
      }),
    sweep: () => Promise.resolve(0),
  };
}
