// The projector: events per second into the read models; on MongoDB beside a bare loop that writes the same documents.
import { MongoClient, type AnyBulkWriteOperation } from 'mongodb';
import { fill, type Dataset } from './dataset.ts';
import { settingsOf, withCore, type Environment } from './environment.ts';
import { HMAC_US } from './floor.ts';
import { round, type Row } from './report.ts';

const BATCH = 500;
const EVENTS = 20_000;
/** Events a second on embedded storage. */
const TARGET = 5000;

/** Its ratio: an event's microseconds beside those of an HMAC alone. */
export function embeddedProjector({ projectedPerSecond, hmacUs }: Dataset, events: number): Row {
  return {
    what: 'projector, embedded',
    measured: `${round(projectedPerSecond, 0)} events/s beside ${round(hmacUs)} µs of an HMAC alone`,
    ratio: round(1e6 / projectedPerSecond / hmacUs, 0),
    target: `≥ ${TARGET}/s where an HMAC takes ${HMAC_US} µs: ≤ ${round(1e6 / TARGET / HMAC_US, 0)}`,
    rounds: `${events} events`,
  };
}

export async function mongoProjector(environment: Environment): Promise<Row> {
  const { projectedPerSecond } = await withCore(environment, (core) => fill(core, EVENTS));
  const bare = await bareLoop(environment);
  return {
    what: 'projector, Kafka + MongoDB',
    measured: `${round(projectedPerSecond, 0)} events/s beside ${round(bare, 0)}/s of a bare loop with the same writes`,
    ratio: round(projectedPerSecond / bare),
    target: '≥ 0.5',
    rounds: `${EVENTS} events`,
  };
}

/** Writes the documents that the projector has written once more, table by table in its order and batches. */
async function bareLoop(environment: Environment): Promise<number> {
  const { storage } = settingsOf(environment);
  if (storage.kind !== 'distributed') throw new Error('no MongoDB');
  const client = new MongoClient(storage.mongodbUrl);
  const db = client.db();
  const options = { writeConcern: { w: 'majority', journal: true }, ordered: false } as const;
  const tables = await Promise.all(
    ['history_g1', 'secrets_g1', 'keys_g1'].map(async (name) => {
      const copy = db.collection(`bare_${name}`);
      const indexes = (await db.collection(name).indexes()).filter((index) => index.name !== '_id_');
      if (indexes.length > 0) await copy.createIndexes(indexes);
      return { copy, documents: await db.collection(name).find().toArray() };
    }),
  );
  const checkpoint = db.collection<{ _id: string; offset: number }>('bare_control');
  const start = performance.now();
  for (let at = 0; at < EVENTS; at += BATCH) {
    for (const { copy, documents } of tables) {
      const writes = documents
        .slice(at, at + BATCH)
        .map((document): AnyBulkWriteOperation => ({ insertOne: { document } }));
      if (writes.length > 0) await copy.bulkWrite(writes, options);
    }
    await checkpoint.updateOne(
      { _id: 'bare' },
      { $max: { offset: at + BATCH } },
      { upsert: true, writeConcern: options.writeConcern },
    );
  }
  const perSecond = EVENTS / ((performance.now() - start) / 1000);
  await db.dropDatabase();
  await client.close();
  return perSecond;
}
