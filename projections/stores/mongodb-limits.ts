// Limits on MongoDB: one document a key, counted and changed by one pipeline under the server's own clock ($$NOW), in one
// round trip. The same rules as local-limits.ts; a TTL index takes away the documents of keys that are idle.
import type { AnyBulkWriteOperation, Collection, Db, Document } from 'mongodb';
import { GRANT_MS, SPARE_PART, type LimitAnswer, type LimitRequest, type Limits } from '../limits.ts';
import { StoreUnavailableError } from '../read-store.ts';
import { grainOf, type Tokens } from '../token-log.ts';
import { isDuplicate, onlyDuplicates, translated } from './mongodb-errors.ts';

export const LIMITS = 'limits';

/** `v`: verifier, `o`: its last turn, `r`: its last report, `g`: what it was granted, `t`: epoch milliseconds, `n`: tokens. */
interface StoredLimit {
  readonly _id: string;
  readonly used: readonly { readonly t: number; readonly n: number }[];
  readonly holders: readonly {
    readonly v: string;
    readonly o: number;
    readonly r: number;
    readonly g: number;
    readonly t: number;
    readonly n: number;
  }[];
  readonly now: number;
  readonly free: number;
  readonly expires: Date;
}

type Told = Pick<StoredLimit, 'used' | 'holders' | 'now' | 'free'> & { readonly oldest?: number | null };

/** Another verifier made the key's document at the same moment: then it is there. */
const ATTEMPTS = 3;
/** Beyond the last moment that counts, so that a server's clock may be set back a little. */
const KEPT_MS = 60_000;

export function mongoLimits(db: Db): Limits {
  const collection = db.collection<StoredLimit>(LIMITS);
  return {
    take: (request) => translated(async () => toAnswer(await update(collection, request), request)),
    report: (requests) =>
      translated(async () => {
        const operations = requests.map((request): AnyBulkWriteOperation<StoredLimit> => ({
          updateOne: { filter: { _id: request.keyId }, update: pipeline({ ...request, ...NOTHING }), upsert: true },
        }));
        await again(onlyDuplicates, () => collection.bulkWrite(operations, { ordered: false }));
      }),
  };
}

const NOTHING = { want: 0, spare: 0 };

export async function ensureLimitIndexes(db: Db): Promise<void> {
  await db.collection(LIMITS).createIndexes([{ key: { expires: 1 }, expireAfterSeconds: 0 }]);
}

/** R5: done twice it changes nothing more and answers the same, since the turn is the same. */
async function again<T>(isExpected: (error: unknown) => boolean, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isExpected(error)) throw error;
    }
  }
}

async function update(collection: Collection<StoredLimit>, request: LimitRequest): Promise<Told> {
  for (let attempt = 1; ; attempt++) {
    const told: Told | null = await again(isDuplicate, () =>
      collection.findOneAndUpdate({ _id: request.keyId }, pipeline(request), {
        upsert: true,
        returnDocument: 'after',
        projection: {
          ...{ _id: 0, now: 1, free: 1, holders: 1 },
          used: { $cond: [{ $lte: ['$free', 0] }, '$used', []] },
          oldest: { $min: times('$used') },
        },
      }),
    );
    if (told !== null) return told;
    if (attempt === ATTEMPTS) throw new StoreUnavailableError('MongoDB answers no document to an upsert');
  }
}

function toAnswer({ used, holders, now, free, oldest }: Told, request: LimitRequest): LimitAnswer {
  const { verifier, turn } = request;
  const mine = holders.find(({ v }) => v === verifier);
  const others = holders.filter(({ v, n }) => v !== verifier && n > 0).map(toTokens);
  const all = [...(oldest == null ? [] : [oldest]), ...others.map(({ at }) => at)];
  return {
    ...{ now, free },
    granted: mine?.o === turn ? mine.g : 0,
    oldest: all.length === 0 ? null : Math.min(...all),
    used: used.map(toTokens).sort(byTime),
    held: free <= 0 ? others.sort(byTime) : [],
  };
}

const toTokens = ({ t, n }: { readonly t: number; readonly n: number }): Tokens => ({ at: t, tokens: n });
const byTime = (a: Tokens, b: Tokens): number => a.at - b.at;

const times = (entries: string): Document => ({ $map: { input: entries, as: 'e', in: '$$e.t' } });
const total = (entries: string): Document => ({ $sum: { $map: { input: entries, as: 'e', in: '$$e.n' } } });

function pipeline({ limit, windowMs, verifier, turn, report, held, want, spare }: LimitRequest): Document[] {
  const grain = grainOf(limit, windowMs);
  const me = { $literal: verifier };
  const counts = (entries: string) => ({
    $filter: {
      input: { $ifNull: [entries, []] },
      as: 'e',
      cond: { $gt: ['$$e.t', { $subtract: [{ $toLong: '$$NOW' }, windowMs] }] },
    },
  });
  const holding = (test: '$eq' | '$ne') => ({
    $filter: { input: '$holders', as: 'h', cond: { [test]: ['$$h.v', me] } },
  });
  /** The end of the slice. */
  const usedAt = { $multiply: [{ $ceil: { $divide: [{ $subtract: ['$now', '$$u.ago'] }, grain] } }, grain] };
  const uses = {
    $map: { input: { $literal: report?.uses ?? [] }, as: 'u', in: { t: usedAt, n: '$$u.tokens' } },
  };
  const isNews = { $and: ['$fresh', { $gt: [report?.number ?? 0, { $ifNull: ['$mine.r', 0] }] }] };
  const added = {
    $let: {
      vars: { i: { $indexOfArray: ['$times', '$$e.t'] } },
      in: {
        t: '$$e.t',
        n: { $add: ['$$e.n', { $cond: [{ $gte: ['$$i', 0] }, { $arrayElemAt: ['$tokens', '$$i'] }, 0] }] },
      },
    },
  };
  const more = { $filter: { input: '$news', as: 'u', cond: { $not: [{ $in: ['$$u.t', '$known'] }] } } };
  const needed = { $max: [0, { $min: [want, '$free'] }] };
  const besides = {
    $max: [0, { $min: [spare, { $floor: { $divide: [{ $subtract: ['$free', want] }, SPARE_PART] } }] }],
  };
  const granted = { $add: [needed, besides] };
  const mine = {
    v: me,
    o: turn,
    r: { $max: [report?.number ?? 0, { $ifNull: ['$mine.r', 0] }] },
    t: { $add: ['$now', GRANT_MS] },
    g: granted,
    n: { $add: [held, granted] },
  };
  return [
    { $set: { now: { $toLong: '$$NOW' }, used: counts('$used'), holders: counts('$holders') } },
    { $set: { mine: { $arrayElemAt: [holding('$eq'), 0] }, others: holding('$ne') } },
    { $set: { fresh: { $lt: [{ $ifNull: ['$mine.o', 0] }, turn] } } },
    { $set: { news: { $cond: [isNews, uses, []] } } },
    {
      $set: {
        times: times('$news'),
        tokens: { $map: { input: '$news', as: 'u', in: '$$u.n' } },
        known: times('$used'),
      },
    },
    { $set: { used: { $concatArrays: [{ $map: { input: '$used', as: 'e', in: added } }, more] } } },
    { $set: { free: { $subtract: [limit, { $add: [total('$used'), total('$others'), held] }] } } },
    { $set: { holders: { $cond: ['$fresh', { $concatArrays: ['$others', [mine]] }, '$holders'] } } },
    {
      $set: {
        free: { $subtract: [limit, { $add: [total('$used'), total('$holders')] }] },
        expires: { $max: ['$expires', { $toDate: { $add: ['$now', windowMs + GRANT_MS + KEPT_MS] } }] },
      },
    },
    { $unset: ['mine', 'others', 'fresh', 'news', 'times', 'tokens', 'known'] },
  ];
}
