// The embedded read store: the port's contract, and what is its own: one queue, a full disk, one process per folder.
import { copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventType } from '../../events/catalogue.ts';
import { openSqlite } from '../../events/logs/sqlite.ts';
import { StorageError } from '../../events/logs/sqlite-errors.ts';
import { NO_KEYSPACES } from '../../events/keyspaces/state.ts';
import { StoreFullError, type GenerationView, type ReadStore } from '../../projections/read-store.ts';
import type { HistoryQuery, KeyQuery } from '../../projections/rows.ts';
import { embeddedTables } from '../../projections/stores/embedded-tables.ts';
import type { EmbeddedFile } from '../../projections/stores/embedded-errors.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { generationView } from '../../projections/stores/view.ts';
import { ORDERS } from '../contracts/read-store-arbitraries.ts';
import { NOTHING, NOW } from '../contracts/read-store-fixture.ts';
import { dataKeyRow, historyRow, keyIdOf, keyRow, parkedRow } from '../contracts/read-store-rows.ts';
import { readStoreContract } from '../contracts/read-store.ts';

const crashAfter = (steps: number) => () => {
  if ((steps -= 1) <= 0) throw new Error('crashed');
};
const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'keyfold-store-'));

readStoreContract(
  'the embedded store',
  async () => {
    const directory = await temporaryFolder();
    let store = await openEmbeddedStore({ directory, now: NOW });
    const reopen = async () => {
      await store.close();
      return (store = await openEmbeddedStore({ directory, now: 'another time' }));
    };
    return {
      store,
      another: () => Promise.resolve(store),
      reopen,
      crashing: async (steps) => {
        await store.close();
        const afterUsageStep = crashAfter(steps);
        return (store = await openEmbeddedStore({ directory, now: NOW, afterUsageStep }));
      },
      dispose: async () => {
        await store.close();
        await rm(directory, { recursive: true });
      },
    };
  },
  { runs: 20 },
);

describe('the embedded store', () => {
  let directory = '';
  let store: ReadStore | undefined;
  const open = async (maxPageCount?: number): Promise<ReadStore> =>
    (store = await openEmbeddedStore({ directory, now: NOW, ...(maxPageCount === undefined ? {} : { maxPageCount }) }));

  beforeEach(async () => {
    directory = await temporaryFolder();
  });
  afterEach(async () => {
    await store?.close();
    await rm(directory, { recursive: true });
  });

  const batch = (from: number, count: number) => {
    const rows = Array.from({ length: count }, (_, number) => keyRow(keyIdOf(from + number)));
    return {
      ...NOTHING,
      history: rows.map(({ state }) => historyRow(state.keyId, 1)),
      keys: rows.map((row) => ({ from: 0, row })),
    };
  };
  const all: KeyQuery = { workspaceId: 'acme', filter: {}, now: NOW };

  test('protocol P4: a reader never sees part of a batch, nor rows that are rolled back', async () => {
    const filled = await open();
    const writer = filled.writer('g1');
    await writer.apply(batch(0, 100), { 0: 100 });
    let done = false;
    const seen = new Set<string>();
    const reader = async () => {
      while (!done) {
        const { checkpoint, keys, history } = await filled.read(async (view) => ({
          checkpoint: view.checkpoint[0] ?? 0,
          keys: await view.countKeys(all),
          history: await view.countHistory({ scope: { workspaceId: 'acme' } }),
        }));
        expect(keys % 100).toBe(0);
        expect(keys).toBeGreaterThanOrEqual(checkpoint);
        expect(history).toBeGreaterThanOrEqual(keys);
        expect(history % 100).toBe(0);
        seen.add(`${keys}`);
      }
    };
    const project = async () => {
      for (let round = 1; round <= 20; round++) {
        const loser = batch(round * 100 - 1, 101); // its first key is there already: all of it is rolled back
        expect(await writer.apply(loser, { 0: 9999 })).toBe('conflict');
        expect(await writer.apply(batch(round * 100, 100), { 0: (round + 1) * 100 })).toBe('applied');
      }
    };
    await Promise.all([project().finally(() => (done = true)), reader(), reader(), reader()]);
    expect(seen.size).toBeGreaterThan(1);
    expect(await writer.checkpoint()).toEqual({ 0: 2100 });
  });

  test('read models that another version has laid out otherwise are taken away when they are opened, and no others', async () => {
    const filled = await open();
    await filled.writer('g1').apply(batch(0, 5), { 0: 5 });
    await filled.dataKeys.insert(dataKeyRow('a.1'));
    await filled.close();
    let remade = 0;
    const reopen = async () =>
      (store = await openEmbeddedStore({ directory, now: NOW, onRemade: () => (remade += 1) }));
    await (await reopen()).close();
    expect(remade).toBe(0);

    const file = await openSqlite({ file: join(directory, 'read.db'), synced: false });
    await file.run('DROP TABLE terms_g1');
    await file.run('PRAGMA user_version = 1');
    await file.close();
    const again = await reopen();
    expect(remade).toBe(1);
    expect((await again.control()).generations).toMatchObject([{ id: 'g1', status: 'live', checkpoint: {} }]);
    expect(await again.read((view) => view.countKeys(all))).toBe(0);
    expect([...(await again.dataKeys.load(['a.1'])).keys()]).toEqual(['a.1']);
    expect(await again.writer('g1').apply(batch(0, 5), { 0: 5 })).toBe('applied');
    expect(await again.read((view) => view.countKeys(all))).toBe(5);
  });

  test('protocol P4: what was acknowledged survives the rollback of another caller', async () => {
    const { dataKeys, parked, ...first } = await open();
    const own = first.writer('g1');
    await own.apply(batch(0, 1), {});
    const calls: Promise<unknown>[] = [];
    for (let number = 0; number < 50; number++) {
      calls.push(
        own.apply(batch(0, 20), {}),
        dataKeys.insert(dataKeyRow(`a.${number}`)),
        parked.park(parkedRow(0, number)),
      );
    }
    await Promise.all(calls);
    await first.close();
    const again = await open();
    expect((await again.dataKeys.load(Array.from({ length: 50 }, (_, number) => `a.${number}`))).size).toBe(50);
    expect(await again.parked.open()).toHaveLength(50);
    expect(await (await again.view('g1')).countKeys(all)).toBe(1);
  });

  test('a file that lost its last byte is refused, by its name and with what to do', async () => {
    const store = await open();
    await store.writer('g1').apply(batch(0, 20), { 0: 20 });
    await store.close();
    const file = join(directory, 'read.db');
    await truncate(file, (await stat(file)).size - 1);
    await expect(open()).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      message: `${file} is damaged: its last page is cut. Remove it, and its -wal: it is made again from the log.`,
    });
  });

  test.each([
    ['keys_g1', 'keys', (view: GenerationView) => view.scanKeys(null, 10)],
    ['keys_g1', 'keys', (view: GenerationView) => view.scanHeads(null, null, 10)],
    ['history_g1', 'history', (view: GenerationView) => view.historyAt(keyIdOf(0), 1)],
    ['history_g1', 'history', (view: GenerationView) => view.listLinks({ partition: 0, from: 0, before: 99 }, 10)],
    ['keyspaces_g1', 'keyspaces', (view: GenerationView) => view.keyspaces()],
  ])(
    'a broken row of %s is damage: it is told to whoever opened the store, with the file and what to do',
    async (table, place, read) => {
      const first = await open();
      const state = { ...NO_KEYSPACES, version: 1 };
      const history = [historyRow(keyIdOf(0), 1)];
      await first.writer('g1').apply({ ...batch(0, 1), history, keyspaces: { from: 0, state } }, { 0: 1 });
      await first.close();
      const file = join(directory, 'read.db');
      for (const broken of ['{"state":', '{}', 'null']) {
        const sqlite = await openSqlite({ file });
        await sqlite.run(`UPDATE ${table} SET row = ?`, [broken]);
        await sqlite.close();
        const told: StorageError[] = [];
        const store = await openEmbeddedStore({ directory, now: NOW, onDamaged: (error) => told.push(error) });
        await expect(store.read<unknown>((view) => read(view))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
        await store.close();
        const message = `${file} is damaged: a row of ${place}. Remove it, and its -wal: it is made again from the log.`;
        expect(told).toEqual([expect.objectContaining({ code: 'STORAGE_CORRUPT', message })]);
      }
    },
  );

  test('protocol P2: read models that lost their power begin again from an earlier checkpoint, with the rows of just that', async () => {
    const writer = (await open()).writer('g1');
    for (let number = 0; number < 10; number++) await writer.apply(batch(number * 20, 20), { 0: (number + 1) * 20 });
    const files = ['kept.db', 'kept.db-wal', 'read.db'];
    const wal = await readFile(join(directory, 'read.db-wal'));
    const seen = new Set<number>();
    for (let left = 0; left <= 8; left++) {
      const torn = await mkdtemp(join(tmpdir(), 'keyfold-torn-'));
      for (const file of files) await copyFile(join(directory, file), join(torn, file));
      const kept = Buffer.from(wal.subarray(0, Math.floor((wal.length * left) / 8)));
      const end = kept.length - 3000;
      if (left % 2 === 1) kept.fill(0xff, end - 50, end); // a frame that never arrived, before one that did
      await writeFile(join(torn, 'read.db-wal'), kept);
      const again = await openEmbeddedStore({ directory: torn, now: NOW });
      const { checkpoint, keys } = await again.read(async (view) => ({
        checkpoint: view.checkpoint[0] ?? 0,
        keys: await view.countKeys(all),
      }));
      expect(keys).toBe(checkpoint);
      seen.add(checkpoint);
      await again.close();
      await rm(torn, { recursive: true });
    }
    expect(seen.size).toBeGreaterThan(3);
    expect(Math.max(...seen)).toBe(200);
  });

  test('a full disk is told apart, nothing of the batch is kept, and writing goes on once there is space', async () => {
    const full = await open(400);
    await full.createGeneration(NOW);
    const building = full.writer('g2');
    const fill = async () => {
      for (let from = 0; ; from += 50) await building.apply(batch(from, 50), { 0: from + 50 });
    };
    await expect(fill()).rejects.toBeInstanceOf(StoreFullError);
    const held = await building.checkpoint();
    expect(await (await full.view('g2')).countKeys(all)).toBe(held[0]);
    await expect(full.writer('g1').apply(batch(0, 200), { 0: 200 })).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(await full.read((view) => view.key(keyIdOf(0)))).toBeNull(); // reading goes on all the while

    await full.dropGeneration('g2');
    expect(await full.writer('g1').apply(batch(0, 200), { 0: 200 })).toBe('applied');
    expect(await full.read((view) => view.countKeys(all))).toBe(200);
  });

  test('protocol L7: opened again it knows no lease', async () => {
    const first = await open();
    const times = { asOf: NOW, reportedAt: NOW, lengthMs: 30_000 };
    await first.leases.join({ id: 'killed', n: 1, position: {}, ...times });
    await first.close();
    expect(await (await open()).leases.all()).toEqual([]);
  });

  test('a folder belongs to one process: a second store is refused', async () => {
    await open();
    const second = openEmbeddedStore({ directory, now: NOW });
    await expect(second).rejects.toBeInstanceOf(StorageError);
    await expect(second).rejects.toMatchObject({ code: 'STORAGE_IN_USE' });
  });

  test('no list is sorted while it is read: each order and filter walks an index, from where the cursor stands', async () => {
    await (await open()).close();
    const file = await openSqlite({ file: join(directory, 'read.db') });
    const plans: string[] = [];
    const explain = async (sql: string, params: never) => {
      const plan = await file.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
      plans.push(...plan.map(({ detail }) => `${detail} <- ${sql}`));
    };
    const explained = {
      ...file,
      damaged: damagedRow,
      all: async (sql: string, params: never) => {
        await explain(sql, params);
        return [];
      },
      get: async (sql: string, params: never) => {
        await explain(sql, params);
        return undefined;
      },
    } as unknown as EmbeddedFile;
    const view = generationView('g1', {}, embeddedTables(explained)('g1'));

    const page = { limit: 5, backward: false, before: null };
    const keyspaces = ['default', 'payments'];
    for (const order of ORDERS) {
      for (const value of [null, NOW]) {
        const after = value === null ? null : { value, id: keyIdOf(3) };
        await view.listKeys({ ...all, keyspaces }, order, { ...page, after });
      }
    }
    const byCreation = { field: 'CREATED_AT', direction: 'DESC' } as const;
    const filters: KeyQuery['filter'][] = [
      { type: 'secret' },
      { keyspace: 'default' },
      { environment: 'live' },
      { owner: 'u' },
      { status: ['REVOKED'] },
      { status: ['REVOKED', 'DELETED'] },
    ];
    for (const filter of filters) await view.listKeys({ ...all, filter }, byCreation, { ...page, after: null });

    const scope = { workspaceId: 'acme' };
    const types: readonly EventType[] = ['KeyCreated', 'KeyDisabled'];
    const histories: HistoryQuery[] = [
      { scope },
      { scope, types },
      { scope, types: types.slice(1) },
      { scope, actor: 'user:ada' },
      { scope, requestId: 'r' },
      { scope, from: NOW, to: NOW },
      { scope: { aggregateId: keyIdOf(1) } },
      { scope: { ...scope, aggregateId: keyIdOf(1) } },
    ];
    for (const query of histories) {
      for (const backward of [false, true]) {
        const after = { time: NOW, aggregateId: keyIdOf(1), version: 3 };
        await view.listHistory(query, { ...page, backward, after });
      }
    }
    await view.scanKeys(keyIdOf(1), 5);
    await view.retiring(NOW, 5);
    await view.successors([keyIdOf(1)]);
    await view.historyByCommand(keyIdOf(1), 'c');
    await file.close();
    expect(plans.filter((plan) => plan.startsWith('SEARCH')).length).toBeGreaterThan(40);
    expect(plans.filter((plan) => /^SCAN (?:keys|history)|TEMP B-TREE/.test(plan))).toEqual([]);
  });
});
