// What secrets of the settings are recognised by, in MongoDB.
import type { Db } from 'mongodb';
import type { SecretChecks } from '../read-store.ts';
import { isDuplicate, translated } from './mongodb-errors.ts';

interface StoredCheck {
  readonly _id: string;
  readonly value: string;
}

export function mongoChecks(db: Db): SecretChecks {
  const collection = db.collection<StoredCheck>('checks');
  return {
    all: () =>
      translated(async () => new Map((await collection.find().toArray()).map(({ _id, value }) => [_id, value]))),
    add: (_id, value) =>
      translated(async () => {
        await collection.insertOne({ _id, value }).catch((error: unknown) => {
          if (!isDuplicate(error)) throw error;
        });
      }),
  };
}
