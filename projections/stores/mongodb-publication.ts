// How far the public topic is, in MongoDB: one document, raised partition by partition; who publishes is decided by the
// server's clock.
import type { Db } from 'mongodb';
import type { Position } from '../../events/position.ts';
import type { Publication } from '../publication.ts';
import { claimDocument, type Claimed } from './mongodb-claim.ts';
import { translated } from './mongodb-errors.ts';

interface StoredPublication extends Claimed {
  readonly position?: Readonly<Record<string, number>>;
}

const THE_ONE = { _id: 'publication' } as const;

export function mongoPublication(db: Db): Publication {
  const collection = db.collection<StoredPublication>('publication');

  return {
    position: () => translated(async (): Promise<Position> => (await collection.findOne(THE_ONE))?.position ?? {}),
    advance: (position) =>
      translated(async () => {
        const raised = Object.entries(position).map(([partition, offset]) => [`position.${partition}`, offset]);
        if (raised.length === 0) return;
        await collection.updateOne(THE_ONE, { $max: Object.fromEntries(raised) as object }, { upsert: true });
      }),
    claim: (holder, lengthMs) => translated(() => claimDocument(collection, THE_ONE._id, holder, lengthMs)),
  };
}
