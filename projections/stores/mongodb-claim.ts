// A claim in MongoDB: of those who want one document, one has it at a time, by the server's clock, however theirs are set.
import type { Collection } from 'mongodb';
import { isDuplicate } from './mongodb-errors.ts';

/** The members of a document that say whose it is. */
export interface Claimed {
  readonly _id: string;
  readonly holder?: string;
  /** Epoch milliseconds. */
  readonly until?: number;
}

/** Takes or renews the document for the next `lengthMs`; `false` while it is somebody else's. */
export async function claimDocument<T extends Claimed>(
  collection: Collection<T>,
  id: T['_id'],
  holder: string,
  lengthMs: number,
): Promise<boolean> {
  const documents = collection as unknown as Collection<Claimed>;
  const me = { $literal: holder };
  const now = { $toLong: '$$NOW' };
  // Mine already, or nobody's any more.
  const free = { $cond: [{ $eq: ['$holder', me] }, true, { $lte: [{ $ifNull: ['$until', 0] }, now] }] };
  const update = {
    holder: { $cond: [free, me, '$holder'] },
    until: { $cond: [free, { $add: [now, lengthMs] }, '$until'] },
  };
  const options = { upsert: true, returnDocument: 'after' } as const;
  try {
    return (await documents.findOneAndUpdate({ _id: id }, [{ $set: update }], options))?.holder === holder;
  } catch (error) {
    // Another process has made the document at the same moment: it is the one.
    if (isDuplicate(error)) return false;
    throw error;
  }
}
