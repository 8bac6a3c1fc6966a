// The ReadStore contract: generations, the pointer, and readers and writers of a generation that is dropped under them.
import { describe, expect, test } from 'vitest';
import type { ReadStore } from '../../projections/read-store.ts';
import { NOTHING, NOW, type OpenFixture } from './read-store-fixture.ts';
import { historyRow, keyIdOf, keyRow, minute } from './read-store-rows.ts';

const KEY = keyIdOf(1);

const status = async (store: ReadStore) =>
  Object.fromEntries((await store.control()).generations.map((generation) => [generation.id, generation.status]));

async function rebuilt(store: ReadStore, name: string): Promise<string> {
  const id = await store.createGeneration(minute(1));
  const row = keyRow(KEY, 1, { details: { name } });
  await store.writer(id).apply({ ...NOTHING, history: [historyRow(KEY, 1)], keys: [{ from: 0, row }] }, { 0: 1 });
  return id;
}

export function generationTests(open: OpenFixture): void {
  describe('generations', () => {
    test('a new store has one, live and empty', async () => {
      const { store } = await open();
      expect(await store.control()).toEqual({
        live: 'g1',
        generations: [{ id: 'g1', status: 'live', checkpoint: {}, createdAt: NOW, failure: null, commandId: null }],
      });
    });

    test('each is numbered one above the highest so far, a dropped one counted', async () => {
      const { store, another } = await open();
      expect(await store.createGeneration(minute(2))).toBe('g2');
      await store.dropGeneration('g2');
      expect(await store.createGeneration(minute(3))).toBe('g3');
      const ids = await Promise.all([store.createGeneration(minute(4)), (await another()).createGeneration(minute(4))]);
      expect(ids.sort()).toEqual(['g4', 'g5']);
      expect(await status(store)).toEqual({
        g1: 'live',
        g2: 'dropped',
        g3: 'building',
        g4: 'building',
        g5: 'building',
      });
      expect((await store.control()).generations[2]?.createdAt).toBe(minute(3));
    });

    test('a command makes one, whoever asks under its commandId and however often, whatever became of it', async () => {
      const { store, another, reopen } = await open();
      const stores = [store, await another(), await another()];
      const asked = Array.from({ length: 9 }, (_, n) => stores[n % 3]!.createGeneration(minute(n), 'c-1'));
      expect(new Set(await Promise.all(asked))).toEqual(new Set(['g2']));
      expect(await store.createGeneration(minute(9), 'c-2')).toBe('g3');
      expect(await store.createGeneration(minute(9))).toBe('g4');
      expect(await store.createGeneration(minute(9), null)).toBe('g5');
      await store.failGeneration('g2', 'differs');
      expect(await store.createGeneration(minute(9), 'c-1')).toBe('g2');
      await store.dropGeneration('g2');
      const again = await reopen();
      expect(await again.createGeneration(minute(9), 'c-1')).toBe('g2');
      const commands = (await again.control()).generations.map(({ id, commandId }) => [id, commandId]);
      expect(commands).toEqual([
        ['g1', null],
        ['g2', 'c-1'],
        ['g3', 'c-2'],
        ['g4', null],
        ['g5', null],
      ]);
    });

    test('hold rows and checkpoints of their own', async () => {
      const { store } = await open();
      await store.writer('g1').apply({ ...NOTHING, keys: [{ from: 0, row: keyRow(KEY, 4) }] }, { 0: 4 });
      const built = await rebuilt(store, 'rebuilt');
      expect((await (await store.view('g1')).key(KEY))?.state.version).toBe(4);
      expect((await (await store.view(built)).key(KEY))?.details.name).toBe('rebuilt');
      expect((await store.view('g1')).checkpoint).toEqual({ 0: 4 });
      expect((await store.view(built)).checkpoint).toEqual({ 0: 1 });
      expect(await store.read((view) => Promise.resolve(view.generation))).toBe('g1');
    });

    test('protocol P3: the pointer moves from the live one only, to one that is being built, and marks the old one dropped', async () => {
      const { store, another } = await open();
      const [second, third] = [await rebuilt(store, 'second'), await rebuilt(store, 'third')];
      expect(await store.switchGeneration(second, third)).toBe(false);
      expect(await store.switchGeneration('g1', 'g1')).toBe(false);
      expect(await store.switchGeneration('g1', 'g99')).toBe(false);
      expect(await status(store)).toEqual({ g1: 'live', g2: 'building', g3: 'building' });

      const other = await another();
      const switched = await Promise.all([store.switchGeneration('g1', second), other.switchGeneration('g1', third)]);
      expect(switched.sort()).toEqual([false, true]);
      const { live } = await other.control();
      expect(await status(store)).toEqual({ g1: 'dropped', g2: 'building', g3: 'building', [live]: 'live' });
      expect(await store.read(async (view) => (await view.key(KEY))?.details.name)).toBe(
        live === second ? 'second' : 'third',
      );
    });

    test('protocol P3: the pointer never takes readers back: it moves to a generation that has read as far, in every partition', async () => {
      const { store, another } = await open();
      const old = (await another()).writer('g1');
      const id = await store.createGeneration(NOW);
      const built = store.writer(id);
      const switched = () => store.switchGeneration('g1', id);
      await old.apply(NOTHING, { 0: 5, 2: 0 });
      expect(await switched()).toBe(false);
      await built.apply(NOTHING, { 0: 4, 1: 9 });
      expect(await switched()).toBe(false);
      await built.apply(NOTHING, { 0: 5 });
      await old.apply(NOTHING, { 3: 1 });
      expect(await switched()).toBe(false);
      expect((await store.control()).live).toBe('g1');
      await built.apply(NOTHING, { 3: 2 });
      expect(await switched()).toBe(true);
      expect((await store.control()).live).toBe(id);
    });

    test('one that failed says why, and is never switched to; the live one cannot fail', async () => {
      const { store } = await open();
      const built = await rebuilt(store, 'differs');
      await store.failGeneration(built, 'key_… differs: "name" $gt');
      await store.failGeneration('g1', 'no');
      expect((await store.control()).generations.map(({ status, failure }) => ({ status, failure }))).toEqual([
        { status: 'live', failure: null },
        { status: 'failed', failure: 'key_… differs: "name" $gt' },
      ]);
      expect(await store.switchGeneration('g1', built)).toBe(false);
      expect(await (await store.view(built)).key(KEY)).not.toBeNull();
      await store.dropGeneration(built);
      expect(await status(store)).toEqual({ g1: 'live', g2: 'dropped' });
    });

    test('the live one cannot be dropped; dropping another again is harmless', async () => {
      const { store } = await open();
      const built = await rebuilt(store, 'rebuilt');
      await expect(store.dropGeneration('g1')).rejects.toThrow('live');
      await store.dropGeneration(built);
      await store.dropGeneration(built);
      expect(await status(store)).toEqual({ g1: 'live', g2: 'dropped' });
      await expect(store.view(built)).rejects.toMatchObject({ code: 'GENERATION_DROPPED' });
    });

    test('protocol P3: a reader whose generation is dropped begins again on the live one and never answers from the empty one', async () => {
      const { store, another } = await open();
      await store.writer('g1').apply({ ...NOTHING, keys: [{ from: 0, row: keyRow(KEY) }] }, { 0: 1 });
      const other = await another();
      const seen: string[] = [];
      const answer = await store.read(async (view) => {
        seen.push(view.generation);
        if (seen.length === 1) {
          const built = await rebuilt(other, 'rebuilt');
          await other.switchGeneration('g1', built);
          await other.dropGeneration('g1');
        }
        return { name: (await view.key(KEY))?.details.name, count: (await view.scanKeys(null, 9)).length };
      });
      expect(seen).toEqual(['g1', 'g2']);
      expect(answer).toEqual({ name: 'rebuilt', count: 1 });
    });

    test('protocol P3: readers during many rebuilds always find the key', async () => {
      const { store, another } = await open();
      await store.writer('g1').apply({ ...NOTHING, keys: [{ from: 0, row: keyRow(KEY) }] }, { 0: 1 });
      const other = await another();
      let done = false;
      let reads = 0;
      const reader = async () => {
        while (!done) {
          const found = await store.read(async (view) => [
            view.checkpoint[0],
            await view.key(KEY),
            await view.historyAt(KEY, 9),
          ]);
          expect(found[0]).toBe(1);
          expect(found[1]).not.toBeNull();
          reads += 1;
        }
      };
      const rebuild = async () => {
        for (let live = 'g1', round = 0; round < 10; round++) {
          const built = await rebuilt(other, `round ${round}`);
          const before = reads;
          expect(await other.switchGeneration(live, built)).toBe(true);
          await other.dropGeneration(live);
          while (reads === before) await other.control(); // a reader has been served since
          live = built;
        }
        done = true;
      };
      await Promise.all([rebuild().finally(() => (done = true)), reader(), reader()]);
    });

    test('what a reader itself throws is passed on, and it is not run again', async () => {
      const { store } = await open();
      let runs = 0;
      const reading = store.read(() => {
        runs += 1;
        return Promise.reject(new Error('not found'));
      });
      await expect(reading).rejects.toThrow('not found');
      expect(runs).toBe(1);
    });

    test('protocol P3: a writer whose generation is dropped is told so: it reads no emptiness and brings nothing back', async () => {
      const { store, another } = await open();
      const built = await rebuilt(store, 'rebuilt');
      const zombie = (await another()).writer(built);
      await store.dropGeneration(built);
      const dropped = { code: 'GENERATION_DROPPED' };
      await expect(zombie.checkpoint()).rejects.toMatchObject(dropped);
      await expect(zombie.keys([KEY])).rejects.toMatchObject(dropped);
      await expect(zombie.keyspaces()).rejects.toMatchObject(dropped);
      const writes = { ...NOTHING, history: [historyRow(KEY, 1)], keys: [{ from: 0, row: keyRow(KEY) }] };
      await expect(zombie.apply(writes, { 0: 9 })).rejects.toMatchObject(dropped);
      await expect(zombie.apply(NOTHING, {})).rejects.toMatchObject(dropped);
      expect((await store.control()).generations[1]).toMatchObject({ status: 'dropped', checkpoint: { 0: 1 } });
    });

    test('a name that is no generation is refused before it reaches the store', async () => {
      const { store } = await open();
      for (const id of ['', 'g0', 'g1; DROP TABLE keys_g1', 'g1.status', '$live', '__proto__']) {
        expect(() => store.writer(id)).toThrow(TypeError);
        await expect(store.view(id)).rejects.toThrow();
        await expect(store.dropGeneration(id)).rejects.toThrow();
      }
    });
  });
}
