// Erasure in the request log in MongoDB. That it is erased is written first: from then on every answer is blank, and every
// batch that is counted; what is stored is blanked next. Whoever inserts looks again afterwards, so that one of the two sees
// the other (P6).
import type { Db } from 'mongodb';
import type { RequestRow } from '../usage.ts';
import type { Stored } from './mongodb-conditions.ts';
import { isDuplicate } from './mongodb-errors.ts';
import { damagedRow } from './stored-json.ts';
import { BLANKED_AT_ONCE, GOES_WAITED_FOR, type Erasures } from './usage-erasure.ts';
import { fromStoredRequest, type StoredRequest } from './usage-record.ts';

const ERASURES = 'usage_erasures';

interface ErasureDocument {
  readonly _id: string;
  readonly until: string;
  /** Nothing that is stored is left to be blanked. */
  readonly done: boolean;
}

/** What of a request's document matters here. */
type RequestDocument = Stored &
  StoredRequest & { readonly keyId: string; readonly time: string; readonly ip: string | null; readonly erased?: true };

export interface MongoErasures {
  erase(keyId: string, until: string): Promise<void>;
  goOn(): Promise<number>;
  of(keyIds: readonly string[]): Promise<Erasures>;
  /** Blanks those of these requests that are erased. */
  blank(ids: readonly string[], erasures: Erasures): Promise<void>;
}

export function mongoErasures(db: Db, requestsName: string): MongoErasures {
  const erasures = db.collection<ErasureDocument>(ERASURES);
  const requests = db.collection<RequestDocument>(requestsName);

  async function blankAll(documents: readonly RequestDocument[]): Promise<void> {
    if (documents.length === 0) return;
    const operations = documents.map((document) => {
      const row: RequestRow = { ...fromStoredRequest(document, damagedRow), ip: null, userAgent: null };
      const update = { $set: { ip: null, row: JSON.stringify(row), erased: true as const } };
      return { updateOne: { filter: { _id: document._id }, update } };
    });
    await requests.bulkWrite(operations, { ordered: false });
  }

  async function blankSome(keyId: string, until: string): Promise<number> {
    const left = { keyId, time: { $lte: until }, erased: { $ne: true as const } };
    const found = await requests.find(left).limit(BLANKED_AT_ONCE).toArray();
    await blankAll(found);
    if (found.length < BLANKED_AT_ONCE) await erasures.updateOne({ _id: keyId, until }, { $set: { done: true } });
    return found.length;
  }

  const raise = (keyId: string, until: string) =>
    erasures.updateOne({ _id: keyId }, { $max: { until }, $set: { done: false } }, { upsert: true });

  return {
    async erase(keyId, until) {
      await raise(keyId, until).catch((error: unknown) => {
        if (!isDuplicate(error)) throw error;
        return raise(keyId, until); // another made it in the same moment
      });
      for (let go = 0; go < GOES_WAITED_FOR; go++) if ((await blankSome(keyId, until)) < BLANKED_AT_ONCE) return;
    },
    async goOn() {
      const open = await erasures.findOne({ done: false });
      return open ? Math.max(1, await blankSome(open._id, open.until)) : 0;
    },
    async of(keyIds) {
      if (keyIds.length === 0) return new Map();
      const found = await erasures.find({ _id: { $in: [...new Set(keyIds)] } }).toArray();
      return new Map(found.map(({ _id, until }) => [_id, until]));
    },
    async blank(ids, known) {
      const found = await requests.find({ _id: { $in: [...ids] }, erased: { $ne: true as const } }).toArray();
      await blankAll(found.filter(({ keyId, time }) => time <= (known.get(keyId) ?? '')));
    },
  };
}
