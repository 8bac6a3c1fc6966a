// Usage in MongoDB, without transactions: requests and counters, what keys are listed by, then the checkpoint. A counter
// keeps how far each partition is added up in it, in the same document, and is updated under that guard only: so each
// record counts once in it, whatever crashed, came again, or is done by two projectors at once (P6).
import type { AnyBulkWriteOperation, Db, MongoClient } from 'mongodb';
import type { Control } from '../read-store.ts';
import type { KeyRow } from '../rows.ts';
import { tallyOf, type CounterWrite, type RequestRow, type Tally, type UsageStore, type UsageSum } from '../usage.ts';
import { mongoTable, toFilter, type Stored } from './mongodb-conditions.ts';
import { isDuplicate, onlyDuplicates, translated } from './mongodb-errors.ts';
import { collectionNames } from './mongodb-schema.ts';
import { damagedRow } from './stored-json.ts';
import { mongoErasures } from './mongodb-usage-erasure.ts';
import { withoutCaller } from './usage-erasure.ts';
import { bucketStart, usageReads } from './usage-reads.ts';
import {
  COUNTER_COLUMNS,
  counterHead,
  fromStoredCheckpoint,
  keysOf,
  toRequestRecord,
  toVerifiersText,
  type RequestRecord,
  type StoredCheckpoint,
  type StoredCounter,
  type StoredRequest,
  type UsageStep,
} from './usage-record.ts';

const COUNTERS = 'usage_counters';
const REQUESTS = 'requests';
const CHECKPOINTS = 'usage_checkpoints';

type CounterDocument = Stored &
  Partial<Omit<StoredCounter, 'id'>> & {
    readonly ttl: Date | null;
    /** By partition: the offset behind the last record that is added up. */
    readonly sources: Readonly<Record<string, number>>;
  };
type RequestDocument = Stored & Omit<RequestRecord, 'id'> & { readonly ttl: Date };
type CheckpointDocument = Stored & Omit<StoredCheckpoint, 'partition'>;

/** Writes in one command: few enough for each command to answer well within its time, also on a slow server. */
const MOST = 100;
/** Of counting, rows and guarded writes: few enough for changes of keys, which somebody waits for, to come between. */
const MOST_ROWS = 50;
const MOST_GUARDED = 20;

type Turn = () => Promise<void>;

/** How writes are made in commands of some each. */
interface Pieces {
  readonly most: number;
  /** Awaited before each. */
  readonly turn?: Turn;
}

async function* inPieces<T>(all: readonly T[], { most, turn }: Pieces): AsyncGenerator<readonly T[], void, undefined> {
  for (let from = 0; from < all.length; from += most) {
    await turn?.();
    yield all.slice(from, from + most);
  }
}

const index = (...columns: string[]) => ({ key: new Map(columns.map((column): [string, 1] => [column, 1])) });
/** The server removes what has expired by itself; what it has not got to yet is not shown. */
const TTL = { ...index('ttl'), expireAfterSeconds: 0 };

export async function ensureUsageIndexes(db: Db): Promise<void> {
  await db.collection(COUNTERS).createIndexes([index('scope', 'kind', 'hour'), TTL]);
  await db
    .collection(REQUESTS)
    .createIndexes([
      TTL,
      index('workspaceId', 'time', '_id'),
      index('keyId', 'time', '_id'),
      index('keyId', 'code', 'time', '_id'),
      ...['requestId', 'code', 'ip', 'path', 'secret'].map((column) => index('workspaceId', column, 'time', '_id')),
    ]);
}

export interface MongoUsageOptions {
  readonly client: MongoClient;
  readonly db: Db;
  readonly control: () => Promise<Control>;
  /** For a batch: what is awaited before each of its pieces, since changes of keys go first. */
  readonly afterChanges: () => Turn;
  readonly afterStep: (step: UsageStep) => void;
}

export function mongoUsage({ client, db, control, afterChanges, afterStep }: MongoUsageOptions): UsageStore {
  const counters = db.collection<CounterDocument>(COUNTERS);
  const requests = db.collection<RequestDocument>(REQUESTS);
  const checkpoints = db.collection<CheckpointDocument>(CHECKPOINTS);
  const erasures = mongoErasures(db, REQUESTS);
  const tableOf = <R>(name: string, columns: readonly string[]) =>
    mongoTable<R>({ client, collection: db.collection<Stored>(name), columns, id: 'id' })();
  const stored = tableOf<StoredCounter>(COUNTERS, COUNTER_COLUMNS);

  const reads = usageReads({
    // A member that nothing was added to is not there.
    counters: { ...stored, find: async (...asked) => (await stored.find(...asked)).map(whole) },
    requests: tableOf<StoredRequest>(REQUESTS, ['row']),
    sums: (condition, startLength) =>
      translated(async () => {
        const found = await counters
          .aggregate<Omit<UsageSum, keyof Bucket> & { readonly _id: Bucket }>([
            { $match: toFilter(condition, (column) => column) },
            {
              $group: {
                _id: { start: { $substrBytes: ['$hour', 0, startLength] }, code: '$code', secret: '$secret' },
                count: { $sum: '$count' },
              },
            },
          ])
          .toArray();
        return found.map(({ _id, count }) => ({ ..._id, start: bucketStart(_id.start), count }));
      }),
    erasures: (keyIds) => translated(() => erasures.of(keyIds)),
    damaged: damagedRow,
  });

  async function insertRequests(rows: readonly RequestRow[], turn: Turn): Promise<void> {
    if (rows.length === 0) return;
    const keyIds = rows.map(({ keyId }) => keyId);
    const erased = await erasures.of(keyIds);
    for await (const some of inPieces(rows, { most: MOST_ROWS, turn }))
      await insertRecords(some.map((row) => toRequestRecord(withoutCaller(row, erased))));
    // What was erased meanwhile has looked for rows to blank before these were there.
    const later = [...(await erasures.of(keyIds))].filter(([keyId, until]) => until !== erased.get(keyId));
    if (later.length === 0) return;
    const ids = rows.map(({ id }) => id);
    await erasures.blank(ids, new Map(later));
  }

  async function insertRecords(rows: readonly RequestRecord[]): Promise<void> {
    const documents = rows.map(({ id: _id, ...rest }) => ({ _id, ...rest, ttl: new Date(rest.expiresAt) }));
    await requests.insertMany(documents, { ordered: false }).catch((error: unknown) => {
      if (!onlyDuplicates(error)) throw error;
    });
  }

  /** Adds all steps that are not in the documents yet. */
  async function addUp(partition: number, writes: readonly CounterWrite[], turn: Turn): Promise<void> {
    for (let left = writes; left.length > 0; left = await missing(partition, left)) {
      let written = 0;
      for await (const some of inPieces(left, { most: MOST_GUARDED, turn })) {
        const operations = some.map((write) => addition(partition, write));
        const result = await counters.bulkWrite(operations, { ordered: false }).catch((error: unknown) => {
          if (!onlyDuplicates(error)) throw error;
          return null;
        });
        written += result ? result.matchedCount + result.upsertedCount : 0;
      }
      if (written === left.length) return;
    }
  }

  /** A guard did not hold: what of the steps is behind what the document holds of the partition. */
  async function missing(partition: number, writes: readonly CounterWrite[]): Promise<CounterWrite[]> {
    const ids = writes.map((write) => counterHead(write).id);
    const found = await counters.find({ _id: { $in: ids } }, { projection: { sources: 1 } }).toArray();
    const sources = new Map(found.map(({ _id, sources: of }) => [_id, of[String(partition)] ?? 0]));
    return writes.flatMap((write) => {
      const steps = write.steps.filter(({ offset }) => offset >= (sources.get(counterHead(write).id) ?? 0));
      return steps.length === 0 ? [] : [{ ...write, steps }];
    });
  }

  /** $max, outside the version guard, in every generation that is live or building. */
  async function copyToRows(keyIds: readonly string[], turn: Turn): Promise<void> {
    if (keyIds.length === 0) return;
    const totals = await reads.totals(keyIds);
    // Looked up after the counters: a generation that comes later makes its rows with what they hold.
    const { generations } = await control();
    for (const { id, status } of generations) {
      if (status === 'live' || status === 'building')
        await raiseUsage(db, collectionNames(id).keys, totals, { most: MOST_GUARDED, turn });
    }
  }

  return {
    ...reads,
    checkpoints: () =>
      translated(async () => {
        const found = await checkpoints.find().toArray();
        return new Map(
          found.map(({ _id, ...rest }) => {
            const partition = Number(_id);
            return [partition, fromStoredCheckpoint({ partition, ...rest }, damagedRow)];
          }),
        );
      }),
    apply: (writes) =>
      translated(async () => {
        const { partition, checkpoint } = writes;
        const turn = afterChanges();
        await insertRequests(writes.requests, turn);
        afterStep('requests');
        await addUp(partition, writes.counters, turn);
        afterStep('counters');
        await copyToRows(keysOf(writes.counters), turn);
        afterStep('copied');
        const document = { offset: checkpoint.offset, verifiers: toVerifiersText(checkpoint) };
        await checkpoints
          .updateOne(
            { _id: String(partition), offset: { $lt: checkpoint.offset } },
            { $set: document },
            { upsert: true },
          )
          .catch((error: unknown) => {
            if (!isDuplicate(error)) throw error; // another projector is further
          });
        afterStep('checkpoint');
        return 'applied' as const;
      }),
    sweep: () => translated(() => erasures.goOn()),
    erase: (keyId, until) => translated(() => erasures.erase(keyId, until)),
  };
}

type Bucket = Pick<UsageSum, 'start' | 'code' | 'secret'>;

const whole = (counter: StoredCounter): StoredCounter => ({
  ...counter,
  firstUsedAt: (counter as Partial<Tally>).firstUsedAt ?? null,
  lastUsedAt: (counter as Partial<Tally>).lastUsedAt ?? null,
});

/** Made where there is no such document; else added where none of the steps is in it. */
function addition(partition: number, write: CounterWrite): AnyBulkWriteOperation<CounterDocument> {
  const { id: _id, ...head } = counterHead(write);
  const { count, firstUsedAt, lastUsedAt, lastSeenAt } = tallyOf(write.steps);
  const source = `sources.${partition}`;
  const first = write.steps[0]?.offset ?? 0;
  const last = write.steps.at(-1)?.offset ?? 0;
  const ttl = head.expiresAt === null ? null : new Date(head.expiresAt);
  return {
    updateOne: {
      filter: { _id, [source]: { $not: { $gt: first } } },
      update: {
        $setOnInsert: { ...head, ttl } as object,
        $inc: { count },
        $max: { lastSeenAt, ...(lastUsedAt === null ? {} : { lastUsedAt }) } as object,
        ...(firstUsedAt === null ? {} : { $min: { firstUsedAt } as object }),
        $set: { [source]: last + 1 } as object,
      },
      upsert: true,
    },
  };
}

/** Raises what keys are listed by; rows that are not there stay so. */
export async function raiseUsage(
  db: Db,
  name: string,
  totals: ReadonlyMap<string, KeyRow['usage']>,
  pieces: Pieces = { most: MOST },
): Promise<void> {
  const keys = db.collection<Stored>(name);
  for await (const some of inPieces([...totals], pieces)) {
    const operations = some.map(([_id, { lastUsedAt, lastSeenAt, requestCount }]) => {
      const raised = { lastSeenAt, requestCount, ...(lastUsedAt === null ? {} : { lastUsedAt }) };
      return { updateOne: { filter: { _id }, update: { $max: raised } } };
    });
    await keys.bulkWrite(operations, { ordered: false });
  }
}
