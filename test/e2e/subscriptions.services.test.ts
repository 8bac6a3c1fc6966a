// Subscriptions on Kafka and MongoDB: what was changed through one API is told by another, across a rebuild of the read
// models and the stop of the API that told it so far. Following itself keeps its contract on MongoDB.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMongoStore } from '../../projections/stores/mongodb.ts';
import { followContract } from '../contracts/follow.ts';
import { NOW } from '../contracts/read-store-fixture.ts';
import { until } from '../fakes/running.ts';
import { payload, type Api } from '../support/api.ts';
import {
  makeInstallation,
  makePlace,
  sharedServers,
  startProcesses,
  type Installation,
  type Processes,
} from '../support/distributed.ts';
import { messagesOf, nextOf, subscribe } from '../support/sse.ts';

followContract(
  'MongoDB',
  async () => {
    const place = makePlace(sharedServers());
    const open = () => openMongoStore({ url: place.env.MONGODB_URL ?? '', now: NOW });
    const opened = [await open()];
    const unsupported = () => Promise.reject(new Error('not needed'));
    return {
      store: opened[0]!,
      another: async () => {
        const store = await open();
        opened.push(store);
        return store;
      },
      reopen: unsupported,
      destroyDataKey: unsupported,
      dispose: async () => {
        for (const store of opened) await store.close();
        await place.drop();
      },
    };
  },
  { runs: 3 },
);

let installation: Installation;
let system: Processes;
beforeAll(async () => {
  installation = await makeInstallation(sharedServers());
  system = await startProcesses(installation, { api: 2, projector: 1, verifier: 0 });
}, 240_000);
afterAll(async () => {
  await system.stop();
  await installation.dispose();
}, 60_000);

test('what is changed through one API is told by the other, over a rebuild and the end of the API that told it', async () => {
  const [writing, told] = [await system.api({}, 0), await system.api({}, 1)];
  const { workspace } = await told.query<{ workspace: { position: string } }>('{ workspace(id: "acme") { position } }');
  let position = workspace.position;
  const expected: string[] = [];
  const seen: string[] = [];
  const create = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const made = await writing.settle('createKey', { workspaceId: 'acme', keyspace: 'default', name: `k${n}` });
      expected.push(`${payload(made).key!.keyId}@1`);
    }
  };
  const follow = async ({ url, token }: Api, ends: { complete: boolean }): Promise<void> => {
    for await (const message of messagesOf(await subscribe({ url, token, headers: { 'last-event-id': position } }))) {
      if (message.event === 'complete') ends.complete = true;
      if (message.event !== 'next') continue;
      seen.push(nextOf(message).data!.keyEvents.id);
      position = message.id!;
    }
  };
  const allSeen = () => until(() => seen.length >= expected.length, 'all that was made', 60_000);

  const first = { complete: false };
  const following = follow(told, first);
  await create(20);
  await allSeen();
  payload(await writing.settle('rebuildProjections', {}));
  await create(20);
  await until(async () => (await writing.health()).projections[0]?.generation !== 'g1', 'the switch', 60_000);
  await create(20);
  await allSeen();

  await Promise.all([system.processes.api[1]!.stop(), following]);
  expect(first.complete).toBe(true);
  await create(5);
  void follow(writing, { complete: false }).catch(() => undefined);
  await allSeen();
  expect([...seen].sort()).toEqual([...expected].sort());
}, 240_000);
