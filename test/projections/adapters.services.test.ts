// The projections on Kafka and MongoDB; and on MongoDB alone, crashes between any two steps of a batch.
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { openKafkaLog } from '../../events/logs/kafka.ts';
import { openMongoStore } from '../../projections/stores/mongodb.ts';
import type { ApplyStep } from '../../projections/stores/mongodb-apply.ts';
import { readContents } from '../contracts/projections-fixture.ts';
import { projectionsContract } from '../contracts/projections.ts';
import { at, created, createAuthor, defined, noted, recordsOf, regenerated, testDataKeys } from '../fakes/author.ts';
import { asExpected, foldLog } from '../fakes/expected.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { projected, runProjector } from '../fakes/running.ts';

const { KAFKA_BROKERS, MONGODB_URL } = process.env;
if (!KAFKA_BROKERS || !MONGODB_URL) throw new Error('KAFKA_BROKERS and MONGODB_URL must be set: npm run test:services');
const brokers = KAFKA_BROKERS.split(',');

const freshName = (): string => `keyfold_projections_${randomUUID().slice(0, 8)}`;
const urlOf = (database: string): URL => {
  const url = new URL(MONGODB_URL);
  url.pathname = `/${database}`;
  return url;
};

projectionsContract(
  'Kafka and MongoDB',
  async () => {
    const name = freshName();
    const url = urlOf(name);
    const openPair = async () => {
      const log = await openKafkaLog({ brokers, topic: name, partitions: 3 });
      const store = await openMongoStore({ url: url.href, now: at(0) });
      return { log, store };
    };
    const opened = [await openPair()];
    const [first] = opened;
    if (!first) throw new TypeError('nothing was opened');
    return {
      ...first,
      another: async () => {
        const pair = await openPair();
        opened.push(pair);
        return pair;
      },
      dispose: async () => {
        await Promise.all(opened.map(({ log }) => log.close()));
        await Promise.all(opened.map(({ store }) => store.close()));
        const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
        await admin.connect();
        await admin.deleteTopics({ topics: [name] });
        await admin.disconnect();
        const client = new MongoClient(url.href);
        await client.db(name).dropDatabase();
        await client.close();
      },
    };
  },
  { mutations: 300, histories: 20 },
);

describe('protocol P1 on MongoDB', () => {
  const STEPS: readonly ApplyStep[] = ['history', 'secrets', 'keys', 'keyspaces', 'checkpoint'];

  for (const crashAfter of STEPS) {
    test(`protocol P1: a projector that dies after the step "${crashAfter}" of each batch, and is started again, ends at the fold`, async () => {
      const name = freshName();
      const url = urlOf(name);
      const log = createMemoryLog({ partitions: 1, batchSize: 7 });
      let batches = 0;
      const store = await openMongoStore({
        url: url.href,
        now: at(0),
        afterStep: (step) => {
          // Every other time it gets through.
          if (step === crashAfter && batches++ % 2 === 0) throw new Error('crash');
        },
      });
      const author = createAuthor({ dataKeys: testDataKeys(store) });
      await log.append(recordsOf([await author.next('keyspaces', defined())]));
      for (let n = 0; n < 5; n++) {
        const id = author.keyId(`k${n}`);
        await log.append(
          recordsOf([await author.next(id, created(`n${n}`)), await author.next(id, regenerated(`r${n}`, at(9)))]),
        );
        await log.append(
          recordsOf([await author.next(id, noted('KeyDisabled')), await author.rival(id, noted('KeyDisabled'))]),
        );
      }
      const projector = runProjector({ log, store });
      await projected(log, store);
      await projector.stop();
      const { broken, ...expected } = await foldLog(log.records(), author.dataKeys);
      expect(broken).toEqual([]);
      expect(asExpected(await readContents(store))).toEqual({ ...expected, secrets: {} });
      for (const [hash, keyId] of Object.entries(expected.secrets)) {
        expect((await store.read((view) => view.keyBySecret(hash)))?.keyId).toBe(keyId);
      }
      expect(batches).toBeGreaterThan(3);
      await store.close();
      const client = new MongoClient(url.href);
      await client.db(name).dropDatabase();
      await client.close();
    });
  }
});
