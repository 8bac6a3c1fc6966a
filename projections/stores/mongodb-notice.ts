// Moving keys on to when they are looked at next (E6), on MongoDB: guarded by what was read, so that it can be repeated.
import type { Db } from 'mongodb';
import type { GenerationId, Noticed } from '../read-store.ts';
import { collectionNames } from './mongodb-schema.ts';

interface KeyDocument {
  readonly _id: string;
  readonly version: number;
  readonly noticeAt: string | null;
}

export async function mongoNotice(db: Db, id: GenerationId, keys: readonly Noticed[]): Promise<void> {
  if (keys.length === 0) return;
  const operations = keys.map(({ keyId: _id, version, noticeAt, next }) => ({
    updateOne: { filter: { _id, version, noticeAt }, update: { $set: { noticeAt: next } } },
  }));
  await db.collection<KeyDocument>(collectionNames(id).keys).bulkWrite(operations, { ordered: false });
}
