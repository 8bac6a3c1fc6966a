// Erasure by the projector: a data key is destroyed when, and only when, an event that says so is applied; before anything
// of it counts, so that a crash at any point is mended; in every generation alike.
import { describe, expect, test } from 'vitest';
import { dataKeyId } from '../../events/ids.ts';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { encodeRecord } from '../../events/record.ts';
import { DataKeyErasedError } from '../../projections/personal.ts';
import { requestRebuild } from '../../projections/rebuild.ts';
import { at, created, noted, recordsOf, renamed, testDataKeys } from '../fakes/author.ts';
import { projected, runProjector, until } from '../fakes/running.ts';
import { batchOf, partitionOf } from '../support/usage.ts';
import { createBatches } from './batches.ts';
import { NOTHING_FOLDED, reduceUsage } from '../../projections/usage-reduce.ts';
import { crashing, expectFold, projectedBy, stopAll, world, type World } from './world.ts';

const forgotten = (keyId: string, number = 1): AnyNewEvent => ({
  type: 'KeyForgotten',
  data: { destroyedDataKey: dataKeyId(keyId, number) },
  personal: {},
  private: {},
});
const erased = (keyId: string): AnyNewEvent => ({
  type: 'KeyDeleted',
  data: { destroyedDataKey: dataKeyId(keyId, 1) },
  personal: { note: null },
  private: {},
});

/** A key that is forgotten and renamed, one that is deleted and erased, and one that stays. */
async function history({ author }: World) {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => author.keyId(name));
  return [
    await author.next(a!, created('Name of a')),
    await author.next(b!, created('Name of b')),
    await author.next(c!, created('Name of c')),
    await author.next(a!, renamed('Other name of a')),
    await author.next(a!, forgotten(a!)),
    await author.next(b!, erased(b!)),
    await author.next(a!, renamed('New name of a')),
    await author.next(c!, noted('KeyDisabled', 'a note')),
  ];
}

async function expectErased({ store, author }: World): Promise<void> {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => author.keyId(name));
  const { keys } = store.contents();
  const nameOf = (id: string) => keys.find(({ state }) => state.keyId === id)?.details.name;
  expect([nameOf(a!), nameOf(b!), nameOf(c!)]).toEqual(['New name of a', '', 'Name of c']);
  const destroyed = await store.dataKeys.destroyed([1, 2].flatMap((n) => [a, b, c].map((id) => dataKeyId(id!, n))));
  expect([...destroyed.keys()].sort()).toEqual([`${a!}.1`, `${b!}.1`].sort());
}

describe('protocol P1', () => {
  test('protocol P1: a crash before any step of a batch that erases, then the batch again: erased in the end', async () => {
    const dry = world({ partitions: 1 });
    const events = await history(dry);
    await dry.log.append(recordsOf(events));
    let steps = 0;
    dry.store.beforeStep = () => void (steps += 1);
    const calls = ['dataKeys.destroy', 'usage.erase', 'control'];
    let erasing = 0;
    dry.store.beforeCall = (name) => {
      if (calls.includes(name)) erasing += 1;
    };
    await stopAll(await projectedBy(dry));
    await expectErased(dry);
    expect(steps).toBeGreaterThan(10);
    expect(erasing).toBeGreaterThan(4);

    const trials = [
      ...Array.from({ length: steps }, (_, crashAt) => ['beforeStep', crashAt] as const),
      ...[0, 1].flatMap((crashAt) => calls.slice(0, 2).map((name) => [name, crashAt] as const)),
    ];
    for (const [where, crashAt] of trials) {
      const w = world({ partitions: 1 });
      await w.log.append(recordsOf(await history(w)));
      const crash = crashing(crashAt);
      if (where === 'beforeStep') w.store.beforeStep = crash;
      else
        w.store.beforeCall = (name) => {
          if (name === where) crash();
        };
      const dying = runProjector({ ...w, dataKeys: w.author.dataKeys, backOff: { firstMs: 60_000, maxMs: 60_000 } });
      await until(() => dying.loops().get('g1')?.status === 'retrying', `the crash at ${where} ${crashAt}`);
      await stopAll(dying);
      expect((await w.store.control()).generations[0]?.checkpoint).toEqual({});
      // Whatever had been written of the batch, the data keys of what counts are gone before it counts.
      const next = runProjector({ log: w.log, store: w.store.connect(), dataKeys: testDataKeys(w.store, 5) });
      await projected(w.log, w.store);
      await stopAll(next);
      await expectErased(w);
      await expectFold(w, `crash at ${where} ${crashAt}`);
    }
  }, 60_000);

  test('protocol P1: the data key is destroyed before a row of the event is there', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w)));
    const id = `${w.author.keyId('a')}.1`;
    const rows: boolean[] = [];
    const other = w.store.connect();
    w.store.beforeStep = async () => void rows.push((await other.dataKeys.destroyed([id])).has(id));
    await stopAll(await projectedBy(w));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.every(Boolean)).toBe(true);
  });
});

describe('protocol F1', () => {
  test('protocol F1: an event that lost its version destroys nothing, and neither does one that is parked', async () => {
    const batches = createBatches();
    const { author, store } = batches;
    const id = author.keyId('n');
    await batches.project([encodeRecord(await author.next(id, created('Name')))]);
    const first = await author.next(id, renamed('Kept name'));
    const lost = await author.rival(id, forgotten(id));
    await batches.project([encodeRecord(first), encodeRecord(lost)]);
    expect((await store.dataKeys.destroyed([`${id}.1`])).size).toBe(0);
    author.setPlace({ ...author.place(id), head: 'f'.repeat(64) });
    const { parked } = await batches.project([encodeRecord(await author.next(id, forgotten(id)))]);
    expect(parked).toHaveLength(1);
    expect((await store.dataKeys.destroyed([`${id}.1`])).size).toBe(0);
    expect(store.contents().keys[0]?.details.name).toBe('Kept name');
  });

  test('no event destroys the data key of another key', async () => {
    const batches = createBatches();
    const { author, store } = batches;
    const [mine, other] = [author.keyId('mine'), author.keyId('mine2')];
    await batches.project([encodeRecord(await author.next(other, created('Other')))]);
    await batches.project([encodeRecord(await author.next(mine, created('Mine')))]);
    await batches.project([encodeRecord(await author.next(mine, forgotten(other)))]);
    expect((await store.dataKeys.destroyed([`${mine}.1`, `${other}.1`])).size).toBe(0);
  });
});

describe('a rebuild', () => {
  test('protocol P3: ends equal though keys are forgotten while it runs, whichever generation is first', async () => {
    for (const slow of ['g1', 'g2']) {
      const w = world({ partitions: 1 });
      const [first, ...rest] = await history(w);
      await w.log.append(recordsOf([first!]));
      w.store.beforeStep = ({ generation }) =>
        generation === slow ? new Promise((resolve) => setTimeout(resolve, 2)) : undefined;
      const projector = runProjector({ ...w, batchSize: 1 });
      await projected(w.log, w.store);
      await requestRebuild(w.store, at(1));
      projector.nudge();
      for (const event of rest) await w.log.append(recordsOf([event]));
      await until(async () => (await w.store.control()).live === 'g2', 'the switch');
      await projected(w.log, w.store);
      await stopAll(projector);
      expect((await w.store.control()).generations.map(({ status }) => status)).toEqual(['dropped', 'live']);
      await expectErased(w);
      await expectFold(w);
    }
  });

  test('that has failed keeps no row of a key that is forgotten later, and health goes on saying why it failed', async () => {
    const w = world({ partitions: 1 });
    const [first, ...rest] = await history(w);
    await w.log.append(recordsOf([first!]));
    const projector = await projectedBy(w);
    const failed = await requestRebuild(w.store, at(1));
    await until(
      async () =>
        (await w.store.control()).generations.some(({ id, status }) => id === failed && status !== 'building'),
      'the rebuild',
    );
    await stopAll(projector);
    const again = await requestRebuild(w.store, at(2));
    const writer = w.store.writer(again);
    const row = (await w.store.read((view) => view.key(w.author.keyId('a'))))!;
    const writes = { history: [], secrets: [], keys: [{ from: 0, row }], keyspaces: null };
    await writer.apply(writes, {});
    await w.store.failGeneration(again, 'differs');
    expect(JSON.stringify(w.store.contents(again))).toContain('Name of a');
    await w.log.append(recordsOf(rest));
    await stopAll(await projectedBy(w));
    expect(JSON.stringify(w.store.contents(again))).not.toContain('Name of a');
    const { generations } = await w.store.control();
    expect(generations.at(-1)).toMatchObject({ id: again, status: 'dropped', failure: 'differs' });
  });
});

describe('the request log', () => {
  test('has no callers up to the forgetting, whether their calls were counted before or come later', async () => {
    const batches = createBatches();
    const { author, store } = batches;
    const id = author.keyId('n');
    const count = async (sequence: number, seconds: number) => {
      const request = { ip: '198.51.100.9', userAgent: 'curl/8' };
      const batch = partitionOf([batchOf('v1', sequence, [{ keyId: id, time: at(seconds), request }])], 0, sequence);
      const checkpoint = (await store.usage.checkpoints()).get(0) ?? NOTHING_FOLDED;
      const loaded = { checkpoint, logDays: () => 30, forgetAfterMs: 1e12, now: at(1000) };
      await store.usage.apply(reduceUsage(loaded, batch).writes);
    };
    await batches.project([encodeRecord(await author.next(id, created('Name')))]);
    await count(1, 10);
    await batches.project([encodeRecord(await author.next(id, forgotten(id), { now: at(50) }))]);
    await count(2, 49);
    await count(3, 51);
    const window = { limit: 10, backward: false, after: null, before: null };
    const { rows } = await store.usage.listRequests({ workspaceId: 'acme', filter: {}, now: at(1000) }, window);
    expect(rows.map(({ time, ip }) => [time, ip])).toEqual([
      [at(51), '198.51.100.9'],
      [at(49), null],
      [at(10), null],
    ]);
  });
});

describe('data keys in memory', () => {
  test('one that was destroyed is handed out no more by the process that destroyed it, nor by one that goes on under the next', async () => {
    const { store, author } = createBatches();
    const id = author.keyId('n');
    const [mine, other] = [testDataKeys(store), testDataKeys(store, 2)];
    for (const of of [mine, other]) await of.forWriting(id, 1);
    await mine.destroy(`${id}.1`, at(1));
    await expect(mine.forWriting(id, 1)).rejects.toBeInstanceOf(DataKeyErasedError);
    // Another process learns it with the state that says so.
    await other.forWriting(id, 2);
    await expect(other.forWriting(id, 1)).rejects.toBeInstanceOf(DataKeyErasedError);
    expect((await mine.forWriting(id, 2)).id).toBe(`${id}.2`);
  });
});
