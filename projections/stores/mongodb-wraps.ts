// What data keys are wrapped by, in MongoDB. Destroyed ones have no key left, and are never met.
import type { Db } from 'mongodb';
import type { DataKeyWraps } from '../data-key-wraps.ts';
import type { DataKeyRow } from '../rows.ts';
import { translated } from './mongodb-errors.ts';
import { DATA_KEYS } from './mongodb-schema.ts';

interface StoredDataKey {
  readonly _id: string;
  readonly sealingKeyId: string | null;
  readonly wrapped: string | null;
}

const WHOLE = { sealingKeyId: { $type: 'string' }, wrapped: { $type: 'string' } } as const;

export function mongoWraps(db: Db): DataKeyWraps {
  const collection = db.collection<StoredDataKey>(DATA_KEYS);

  async function scan(after: string | null, limit: number): Promise<readonly DataKeyRow[]> {
    const found = await collection
      .find({ _id: { $gt: after ?? '' }, ...WHOLE })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return found.flatMap(({ _id: id, sealingKeyId, wrapped }) =>
      sealingKeyId === null || wrapped === null ? [] : [{ id, sealingKeyId, wrapped }],
    );
  }

  return {
    scan: (after, limit) => translated(() => scan(after, limit)),
    uses: (sealingKeyId) =>
      translated(async () => (await collection.findOne({ sealingKeyId }, { projection: { _id: 1 } })) !== null),
    replace: (rewraps) =>
      translated(async () => {
        if (rewraps.length === 0) return 0;
        const updates = rewraps.map(({ from: { id, sealingKeyId, wrapped }, to }) => ({
          updateOne: {
            filter: { _id: id, sealingKeyId, wrapped },
            update: { $set: { sealingKeyId: to.sealingKeyId, wrapped: to.wrapped } },
          },
        }));
        return (await collection.bulkWrite(updates, { ordered: false })).modifiedCount;
      }),
  };
}
