// The past on MongoDB.
import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll } from 'vitest';
import { openMongoStore } from '../../projections/stores/mongodb.ts';
import { pastContract } from '../contracts/past.ts';
import { at } from '../fakes/author.ts';

const { MONGODB_URL } = process.env;
if (!MONGODB_URL) throw new Error('MONGODB_URL must be set: npm run test:services');
const client = new MongoClient(MONGODB_URL);
afterAll(() => client.close());

pastContract(
  'MongoDB',
  async () => {
    const name = `keyfold_past_${randomUUID().slice(0, 8)}`;
    const url = new URL(MONGODB_URL);
    url.pathname = `/${name}`;
    const store = await openMongoStore({ url: url.href, now: at(0) });
    const dispose = async () => {
      await store.close();
      await client.db(name).dropDatabase();
    };
    return { store, dispose };
  },
  { histories: 5 },
);
