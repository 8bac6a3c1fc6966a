// Leases in MongoDB: a document each, and one for the barriers. Nothing expires by the server's clock, which may be set:
// a lease that was declared over too early would make a receipt a lie (L2).
import type { ClientSession, Db, MongoClient } from 'mongodb';
import type { Position } from '../../events/position.ts';
import type { LeaseRow, Leases } from '../leases.ts';
import { isDuplicate, translated } from './mongodb-errors.ts';

type StoredLease = Omit<LeaseRow, 'id'> & { readonly _id: string };

const BARRIERS = 'barriers';
interface StoredBarriers {
  readonly _id: typeof BARRIERS;
  readonly position?: Position;
}

const toRow = ({ _id: id, ...row }: StoredLease): LeaseRow => ({ id, ...row });

export function mongoLeases(client: MongoClient, db: Db): Leases {
  const leases = db.collection<StoredLease>('leases');
  const barriers = db.collection<StoredBarriers>(BARRIERS);
  /** L9: what is read second is read after what was written first. */
  const inSession = <T>(work: (session: ClientSession) => Promise<T>): Promise<T> =>
    translated(() => client.withSession({ causalConsistency: true }, work));

  async function readRows(session: ClientSession): Promise<readonly LeaseRow[]> {
    return (await leases.find({}, { session }).toArray()).map(toRow);
  }

  async function raiseBarriers(position: Position, session: ClientSession): Promise<void> {
    const raised = Object.entries(position).map(([partition, offset]) => [`position.${partition}`, offset]);
    if (raised.length === 0) return;
    const write = () =>
      barriers.updateOne({ _id: BARRIERS }, { $max: Object.fromEntries(raised) as object }, { session, upsert: true });
    await write().catch((error: unknown) => {
      // Another raised the very first barrier in the same moment.
      if (!isDuplicate(error)) throw error;
      return write();
    });
  }

  return {
    join: ({ id: _id, ...row }) =>
      inSession(async (session) => {
        await leases.insertOne({ _id, ...row }, { session });
        return (await barriers.findOne({ _id: BARRIERS }, { session }))?.position ?? {};
      }),
    renew: ({ id: _id, ...row }) =>
      inSession(async (session) => (await leases.updateOne({ _id }, { $set: row }, { session })).matchedCount === 1),
    end: (_id, n) => inSession(async (session) => (await leases.deleteOne({ _id, n }, { session })).deletedCount === 1),
    leave: (_id) =>
      inSession(async (session) => {
        await leases.deleteOne({ _id }, { session });
      }),
    raise: (position) =>
      inSession(async (session) => {
        await raiseBarriers(position, session);
        return readRows(session);
      }),
    all: () => inSession(readRows),
  };
}
