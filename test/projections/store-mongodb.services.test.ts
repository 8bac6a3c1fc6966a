// The read store on MongoDB: the port's contract, and what is its own: steps of a batch, concerns, many starts, outages.
import { NO_KEYSPACES } from '../../events/keyspaces/state.ts';
import { MongoClient, type CommandStartedEvent } from 'mongodb';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { StoreUnavailableError, type ReadStore } from '../../projections/read-store.ts';
import type { ApplyStep } from '../../projections/stores/mongodb-apply.ts';
import { openMongoStore, type OpenMongoStoreOptions } from '../../projections/stores/mongodb.ts';
import { writesOf } from '../contracts/usage.ts';
import { batchOf, partitionOf } from '../support/usage.ts';
import { contents, foldBatch, NOTHING, NOW, project, type TestEvent } from '../contracts/read-store-fixture.ts';
import { dataKeyRow, historyRow, keyIdOf, keyRow, minute, parkedRow, secretRow } from '../contracts/read-store-rows.ts';
import { readStoreContract } from '../contracts/read-store.ts';
import { startProxy } from './proxy.ts';

const server = process.env.MONGODB_URL;
if (!server) throw new Error('MONGODB_URL must name a MongoDB server: npm run test:services');

const client = new MongoClient(server);
let databases = 0;

/** The address of a database of its own. */
function freshDatabase(): { readonly name: string; readonly url: string } {
  const name = `keyfold_store_${process.pid}_${++databases}`;
  return { name, url: urlOf(name) };
}

function urlOf(database: string, host?: string): string {
  const url = new URL(server ?? '');
  url.pathname = `/${database}`;
  url.searchParams.set('directConnection', 'true');
  if (host) url.host = host;
  return url.href;
}

/** Opens stores and closes them, and drops their databases, after the test. */
const cleanups: (() => Promise<unknown>)[] = [];
async function open(options: Partial<OpenMongoStoreOptions> & { readonly url: string }): Promise<ReadStore> {
  const store = await openMongoStore({ now: NOW, ...options });
  cleanups.unshift(() => store.close());
  return store;
}
const dispose = async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
};
const database = () => {
  const { name, url } = freshDatabase();
  cleanups.push(() => client.db(name).dropDatabase());
  return url;
};

afterAll(() => client.close());

readStoreContract(
  'MongoDB',
  async () => {
    const { name, url } = freshDatabase();
    cleanups.push(() => client.db(name).dropDatabase());
    const store = await open({ url });
    return {
      store,
      another: () => open({ url, now: 'another time' }),
      reopen: async () => {
        await store.close();
        return open({ url, now: 'another time' });
      },
      crashing: (steps) => {
        let left = steps;
        const afterUsageStep = () => {
          if ((left -= 1) <= 0) throw new Error('crashed');
        };
        return open({ url, afterUsageStep });
      },
      dispose,
    };
  },
  { runs: 4 },
);

describe('the store on MongoDB', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    await dispose();
  });

  const KEYS = [0, 1, 2].map((number) => keyIdOf(number));
  const EVENTS: readonly TestEvent[] = Array.from({ length: 12 }, (_, offset) => ({
    keyId: KEYS[offset % 3]!,
    version: Math.floor(offset / 3) + 1,
    position: { partition: 0, offset },
  }));

  test.each<ApplyStep>(['history', 'facts', 'secrets', 'keys', 'keyspaces', 'checkpoint'])(
    'protocol P1: a projector that is killed after the step "%s" leaves nothing that its successor does not mend',
    async (fatal) => {
      const url = database();
      const store = await open({ url });
      const expected = await store.createGeneration(NOW);
      await project(store.writer(expected), EVENTS.slice(0, 4));
      await project(store.writer(expected), EVENTS.slice(4));

      const crash = (step: ApplyStep) => {
        if (step === fatal) throw new Error('killed');
      };
      const doomed = (await open({ url, afterStep: crash })).writer('g1');
      const successor = store.writer('g1');
      for (const batch of [EVENTS.slice(0, 4), EVENTS.slice(4)]) {
        await expect(
          doomed.apply(await foldBatch(doomed, batch), { 0: batch.at(-1)!.position.offset + 1 }),
        ).rejects.toThrow('killed');
        await project(successor, batch);
      }
      expect(await contents(await store.view('g1'), KEYS)).toEqual(await contents(await store.view(expected), KEYS));
    },
  );

  test('protocol P1: the guarded update comes after the history, facts and secrets that it stands for, the checkpoint last', async () => {
    const steps: ApplyStep[] = [];
    const store = await open({ url: database(), afterStep: (step) => steps.push(step) });
    const writes = {
      ...NOTHING,
      history: [historyRow(KEYS[0]!, 1)],
      secrets: [secretRow(KEYS[0]!)],
      keys: [{ from: 0, row: keyRow(KEYS[0]!) }],
    };
    await store.writer('g1').apply(writes, { 0: 1 });
    expect(steps).toEqual(['history', 'facts', 'secrets', 'keys', 'keyspaces', 'checkpoint']);
  });

  test('counting waits for changes of keys that are under way', async () => {
    const order: string[] = [];
    const store = await open({
      url: database(),
      counting: { pieceMs: 60_000, workMs: 60_000 },
      afterStep: (step) => order.push(step),
      afterUsageStep: (step) => order.push(`usage: ${step}`),
    });
    const counted = await writesOf(store, partitionOf([batchOf('v1', 1, [{ keyId: KEYS[0]!, time: NOW }])]));
    const rows = Array.from({ length: 300 }, (_, number) => keyIdOf(number));
    const writes = {
      ...NOTHING,
      history: rows.map((id) => historyRow(id, 1)),
      keys: rows.map((id) => ({ from: 0, row: keyRow(id) })),
    };
    await Promise.all([store.writer('g1').apply(writes, { 0: 300 }), store.usage.apply(counted)]);
    expect(order.indexOf('checkpoint')).toBeLessThan(order.indexOf('usage: requests'));
    expect(order).toContain('usage: checkpoint');
  });

  test('protocol P1: one that was frozen before its keys and resumes behind its successor overwrites nothing', async () => {
    const url = database();
    const store = await open({ url });
    const frozen = (await open({ url })).writer('g1');
    const stale = await foldBatch(frozen, EVENTS.slice(0, 4));
    await project(store.writer('g1'), EVENTS);
    const before = await contents(await store.view('g1'), KEYS);
    expect(await frozen.apply(stale, { 0: 4 })).toBe('conflict');
    expect(await contents(await store.view('g1'), KEYS)).toEqual(before);
  });

  test('protocol P3: a writer that outlived its generation leaves no collection behind', async () => {
    const { name, url } = freshDatabase();
    cleanups.push(() => client.db(name).dropDatabase());
    const store = await open({ url });
    const id = await store.createGeneration(NOW);
    const writer = store.writer(id);
    const writes = await foldBatch(writer, EVENTS.slice(0, 3));
    await store.dropGeneration(id);
    for (const from of [0, 5]) {
      const keys = writes.keys.map(({ row }) => ({ from, row }));
      await expect(writer.apply({ ...writes, keys }, { 0: 3 })).rejects.toMatchObject({ code: 'GENERATION_DROPPED' });
    }
    const collections = await client.db(name).listCollections({}, { nameOnly: true }).toArray();
    expect(collections.filter((collection) => collection.name.endsWith(`_${id}`))).toEqual([]);
  });

  test('several processes that start at once on an empty database make one first generation', async () => {
    const url = database();
    const times = Array.from({ length: 5 }, (_, number) => minute(number));
    const stores = await Promise.all(times.map((now) => open({ url, now })));
    const controls = await Promise.all(stores.map((store) => store.control()));
    expect(new Set(controls.map((control) => JSON.stringify(control))).size).toBe(1);
    expect(controls[0]).toMatchObject({ live: 'g1', generations: [{ id: 'g1', status: 'live' }] });
    expect(times).toContain(controls[0]?.generations[0]?.createdAt);
  });

  test('protocol P2 W2: whatever the address says, writes are majority and journalled, reads majority, and one read is one session', async () => {
    const commands = recordCommands();
    const store = await open({
      url: `${database()}&w=1&journal=false&readConcernLevel=local&readPreference=secondaryPreferred&monitorCommands=true`,
    });
    await project(store.writer('g1'), EVENTS);
    await store.dataKeys.insert(dataKeyRow('a.1'));
    await store.parked.park(parkedRow(0, 1));
    await store.parked.resolve([{ partition: 0, offset: 1 }], 'RETRIED');
    await store.dropGeneration(await store.createGeneration(NOW));
    const writes = commands.filter(({ commandName }) =>
      ['insert', 'update', 'delete', 'findAndModify'].includes(commandName),
    );
    expect(writes.length).toBeGreaterThan(8);
    for (const { command } of writes) expect(command).toMatchObject({ writeConcern: { w: 'majority', j: true } });

    commands.splice(0);
    await store.read(async (view) => {
      await view.key(KEYS[0]!);
      await view.historyByCommand(KEYS[0]!, 'command-1');
    });
    const reads = commands.map(
      ({ command }) => command as { find: string; lsid: { id: { toString(): string } }; readConcern: object },
    );
    expect(reads.map(({ find }) => find)).toEqual(['control', 'keys_g1', 'history_g1', 'control']);
    expect(reads[1]?.lsid).toEqual(reads[2]?.lsid); // what is shared with others hands its time on to the session
    for (const [number, { readConcern }] of reads.entries()) {
      expect(readConcern).toMatchObject({ level: 'majority' });
      if (number > 0) expect(readConcern).toHaveProperty('afterClusterTime');
    }
    const preferences = commands.map(
      ({ command }) => (command as { $readPreference?: { mode: string } }).$readPreference?.mode ?? 'primary',
    );
    expect(preferences.filter((mode) => !/^primary(?:Preferred)?$/.test(mode))).toEqual([]); // Preferred: one server, asked directly
  });

  test('many readers at once share their look-ups, and each is answered as if it were alone', async () => {
    const commands = recordCommands();
    const store = await open({ url: `${database()}&monitorCommands=true` });
    await project(store.writer('g1'), EVENTS);
    commands.splice(0);
    const absent = keyIdOf(99);
    const asked = Array.from({ length: 60 }, (_, number) => [...KEYS, absent][number % 4]!);
    const answers = await Promise.all(
      asked.map((id, number) =>
        store.read((view) =>
          Promise.all([
            view.key(id),
            view.historyAt(id, (number % 5) + 1),
            view.historyByCommand(id, `command-${(number % 5) + 1}`),
            view.keyspaces(),
          ]),
        ),
      ),
    );
    for (const [number, id] of asked.entries()) {
      const version = (number % 5) + 1;
      const [key, event, made, keyspaces] = answers[number]!;
      expect(key?.state.keyId).toBe(id === absent ? undefined : id);
      expect(event?.id).toBe(id === absent || version === 5 ? undefined : `${id}@${version}`);
      expect(made).toEqual(event);
      expect(keyspaces).toEqual(NO_KEYSPACES);
    }
    expect(commands.length).toBeLessThan(30); // alone they would be 360
  });

  test('a large batch goes in commands that a slow server can answer in time; a guard in any of them is heeded', async () => {
    const commands = recordCommands();
    const writer = (await open({ url: `${database()}&monitorCommands=true` })).writer('g1');
    for (const stale of [0, 140]) {
      const keyIds = Array.from({ length: 150 }, (_, number) => keyIdOf(number, `${stale}`));
      const write = (version: number, from: (number: number) => number) =>
        writer.apply(
          { ...NOTHING, keys: keyIds.map((keyId, number) => ({ from: from(number), row: keyRow(keyId, version) })) },
          {},
        );
      expect(await write(1, () => 0)).toBe('applied');
      expect(await write(2, () => 1)).toBe('applied');
      expect(await write(3, (number) => (number === stale ? 1 : 2))).toBe('conflict');
      const versions = [...(await writer.keys(keyIds)).values()].map(({ state }) => state.version);
      expect(versions.filter((version) => version === 2)).toHaveLength(1);
    }
    const sizes = commands.map(({ command }) => (command as { updates?: readonly unknown[] }).updates?.length ?? 0);
    expect(Math.max(...sizes)).toBe(100);
  });

  test('a database that the address does not name is called keyfold', async () => {
    const named: string[] = [];
    const spy = vi.spyOn(MongoClient.prototype, 'db');
    const away = 'mongodb://127.0.0.1:1/?directConnection=true';
    for (const url of [away, away.replace('/?', '?'), away.replace('/?', '/other?')]) {
      await expect(openMongoStore({ url, now: NOW, selectionTimeoutMs: 50 })).rejects.toBeInstanceOf(
        StoreUnavailableError,
      );
      named.push(spy.mock.lastCall?.[0] ?? '');
    }
    expect(named).toEqual(['keyfold', 'keyfold', 'other']);
  });

  test('while the server is away every call says so in time, and works again once it is back', async () => {
    const proxy = await startProxy(new URL(server));
    const { name, url } = freshDatabase();
    cleanups.push(
      () => proxy.close(),
      () => client.db(name).dropDatabase(),
    );
    await (
      await open({ url })
    )
      .writer('g1')
      .apply({ ...NOTHING, keys: [{ from: 0, row: keyRow(KEYS[0]!) }] }, { 0: 1 });
    const store = await open({ url: urlOf(name, proxy.host), selectionTimeoutMs: 500, answerTimeoutMs: 1_000 });
    for (const outage of [() => proxy.cut(), () => proxy.freeze()]) {
      outage();
      const calls = [
        () => store.control(),
        () => store.read((view) => view.key(KEYS[0]!)),
        () => store.writer('g1').keys(KEYS),
        () => store.writer('g1').apply({ ...NOTHING, history: [historyRow(KEYS[0]!, 1)] }, { 0: 2 }),
        () => store.dataKeys.insert(dataKeyRow('a.1')),
        () => store.parked.park(parkedRow(0, 1)),
      ];
      const started = performance.now();
      const outcomes = await Promise.allSettled(calls.map((call) => call()));
      expect(
        outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as Error).constructor.name),
      ).toEqual(calls.map(() => 'StoreUnavailableError'));
      expect(performance.now() - started).toBeLessThan(30_000);
      proxy.mend();
      await vi.waitFor(() => store.control(), { timeout: 15_000, interval: 50 });
      expect(await store.read((view) => view.key(KEYS[0]!))).toEqual(keyRow(KEYS[0]!));
    }
  });
});

/** What clients with `monitorCommands=true` in their address send from now on. */
function recordCommands(): CommandStartedEvent[] {
  const commands: CommandStartedEvent[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const emit = MongoClient.prototype.emit as (this: MongoClient, ...args: unknown[]) => boolean;
  vi.spyOn(MongoClient.prototype, 'emit').mockImplementation(function (this: MongoClient, ...args: unknown[]) {
    if (args[0] === 'commandStarted') commands.push(args[1] as CommandStartedEvent);
    return emit.apply(this, args);
  });
  return commands;
}
