// Sessions of the console in MongoDB: a document each, which the server removes by itself once it is over.
import type { Db } from 'mongodb';
import type { SessionRow, Sessions } from '../sessions.ts';
import { translated } from './mongodb-errors.ts';
import { damagedRow, readStored } from './stored-json.ts';

const SESSIONS = 'sessions';
type Kept = Omit<SessionRow, 'until'>;

interface StoredSession {
  readonly _id: string;
  readonly subject: string;
  readonly createdAt: string;
  readonly until: string;
  /** As {@link until}, for the server. */
  readonly ttl: Date;
  /** As text: names of workspaces are no names of fields. */
  readonly row: string;
}

const toRow = ({ row, until }: StoredSession): SessionRow => ({
  ...readStored<Kept>(row, ['id', 'workspaces'], SESSIONS, damagedRow),
  until,
});

export async function ensureSessionIndexes(db: Db): Promise<void> {
  await db.collection(SESSIONS).createIndexes([{ key: { ttl: 1 }, expireAfterSeconds: 0 }, { key: { subject: 1 } }]);
}

export function mongoSessions(db: Db): Sessions {
  const collection = db.collection<StoredSession>(SESSIONS);
  return {
    add: ({ until, ...row }) =>
      translated(async () => {
        const { id: _id, subject, createdAt } = row;
        await collection.insertOne({ _id, subject, createdAt, until, ttl: new Date(until), row: JSON.stringify(row) });
      }),
    load: (id, now) =>
      translated(async () => {
        const found = await collection.findOne({ _id: id, until: { $gt: now } });
        return found && toRow(found);
      }),
    extend: (id, until) =>
      translated(async () => {
        await collection.updateOne({ _id: id }, { $max: { until, ttl: new Date(until) } });
      }),
    end: (id) => translated(async () => (await collection.deleteOne({ _id: id })).deletedCount > 0),
    endOf: (subject) => translated(async () => (await collection.deleteMany({ subject })).deletedCount),
    list: (now, limit) =>
      translated(async () => {
        const found = collection.find({ until: { $gt: now } }).sort({ createdAt: -1, _id: 1 });
        return (await found.limit(limit).toArray()).map(toRow);
      }),
    sweep: () => Promise.resolve(0),
  };
}
