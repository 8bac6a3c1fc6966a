// Waiting: one query per tick for everybody, none while nobody waits, answered at once where this process did the work.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeRecord } from '../../events/record.ts';
import { projectBatch, readAhead } from '../../projections/batch.ts';
import { createWaiter, type Waiter } from '../../projections/waiter.ts';
import { at, created, createAuthor, noted, testDataKeys } from '../fakes/author.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { until } from '../fakes/running.ts';

const NOTHING = { history: [], secrets: [], keys: [], keyspaces: null };
const soon = (ms = 20_000) => AbortSignal.timeout(ms);

describe('the waiter', () => {
  let store: MemoryStore;
  /** Another process: what it writes does not wake waiters in this one. */
  let elsewhere: MemoryStore;
  let waiter: Waiter;
  const asked = () => (store.calls.get('control') ?? 0) + (store.calls.get('read') ?? 0);

  beforeEach(() => {
    store = createMemoryStore();
    elsewhere = store.connect();
    waiter = createWaiter({ store, firstPauseMs: 5, maxPauseMs: 25 });
  });
  afterEach(() => waiter.close());

  test('answers once the live generation has reached the position, in every partition that it names', async () => {
    const waiting = waiter.whenProcessed({ 0: 2, 1: 1 }, soon());
    let done = false;
    void waiting.then(() => (done = true));
    await elsewhere.writer('g1').apply(NOTHING, { 0: 5 });
    await until(() => asked() >= 3, 'three looks');
    expect(done).toBe(false);
    await elsewhere.writer('g1').apply(NOTHING, { 1: 1 });
    expect(await waiting).toBe(true);
  });

  test('answers false at the deadline, and at once when it is over already', async () => {
    expect(await waiter.whenProcessed({ 0: 1 }, AbortSignal.timeout(20))).toBe(false);
    expect(await waiter.whenProcessed({ 0: 1 }, { signal: AbortSignal.abort() })).toBe(false);
    expect(await waiter.whenEvent('key', 1, AbortSignal.timeout(20))).toBeNull();
  });

  test('protocol W6: nobody waits, nothing is asked', async () => {
    await elsewhere.writer('g1').apply(NOTHING, { 0: 1 });
    await store.writer('g1').apply(NOTHING, { 0: 2 });
    expect(asked()).toBe(0);
    await waiter.whenProcessed({ 0: 2 }, soon());
    const after = asked();
    await store.writer('g1').apply(NOTHING, { 0: 3 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(asked()).toBe(after);
  });

  test('protocol W6: where all who wait follow, the first pause is as long as the longest of others', async () => {
    waiter.close();
    waiter = createWaiter({ store, firstPauseMs: 1, maxPauseMs: 60_000, followPauseMs: 60_000 });
    const following = waiter.whenBeyond({ 0: 0 }, soon());
    await until(() => asked() === 1, 'the first look');
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(asked()).toBe(1);
    const waiting = waiter.whenProcessed({ 0: 1 }, soon());
    await until(() => asked() >= 4, 'looks for one who does not follow');
    await elsewhere.writer('g1').apply(NOTHING, { 0: 1 });
    expect(await Promise.all([following, waiting])).toEqual([true, true]);
  });

  test('protocol W6: a thousand waiters cost one query per tick', async () => {
    const waiting = Array.from({ length: 1000 }, (_, n) => waiter.whenProcessed({ 0: n + 1 }, soon()));
    const author = createAuthor({ dataKeys: testDataKeys(store) });
    const events = Array.from({ length: 100 }, (_, n) =>
      waiter.whenEvent(author.keyId(`k${n}`), 1, AbortSignal.timeout(200)),
    );
    await until(() => asked() >= 3, 'three looks');
    const before = performance.now();
    const looks = asked();
    await until(() => asked() >= looks + 5, 'five more looks');
    // At most one per tick of ≥ 5 ms (a timer may come a little early).
    expect(performance.now() - before).toBeGreaterThan(5 * 4);
    await elsewhere.writer('g1').apply(NOTHING, { 0: 1000 });
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]));
    expect(new Set(await Promise.all(events))).toEqual(new Set([null]));
  });

  test('protocol W6: what this very process applies is answered without a tick', async () => {
    waiter.close();
    waiter = createWaiter({ store, firstPauseMs: 60_000, maxPauseMs: 60_000 });
    const waiting = waiter.whenProcessed({ 0: 1 }, soon());
    await until(() => asked() === 1, 'the first look');
    await store.writer('g1').apply(NOTHING, { 0: 1 });
    expect(await waiting).toBe(true);
    expect(asked()).toBe(2);
  });

  test('protocol W6: an apply while the store is being asked is not missed', async () => {
    waiter.close();
    waiter = createWaiter({ store, firstPauseMs: 60_000, maxPauseMs: 60_000 });
    let held = false;
    let go: () => void = () => undefined;
    store.beforeCall = async (name) => {
      if (name !== 'control' || held) return;
      held = true;
      await new Promise<void>((resolve) => (go = resolve));
    };
    const control = store.control.bind(store);
    // The answer is older than the apply that comes while it is under way.
    store.control = async () => {
      const answer = await store.view('g1').then(({ checkpoint }) => checkpoint);
      const { live, generations } = await control();
      return { live, generations: generations.map((each) => ({ ...each, checkpoint: answer })) };
    };
    const waiting = waiter.whenProcessed({ 0: 1 }, soon());
    await until(() => held, 'the first look');
    await store.writer('g1').apply(NOTHING, { 0: 1 });
    go();
    expect(await waiting).toBe(true);
  });

  test('protocol P3: the pointer is looked up anew each round: a switch answers those who wait', async () => {
    const waiting = waiter.whenProcessed({ 0: 7 }, soon());
    const built = await elsewhere.createGeneration(at(0));
    await elsewhere.writer(built).apply(NOTHING, { 0: 7 });
    let done = false;
    void waiting.then(() => (done = true));
    await until(() => asked() >= 3, 'three looks');
    // What is being built does not count.
    expect(done).toBe(false);
    expect(await elsewhere.switchGeneration('g1', built)).toBe(true);
    await elsewhere.dropGeneration('g1');
    expect(await waiting).toBe(true);
  });

  test('protocol W1: an event whose position is unknown is waited for by its version, and answered with its row', async () => {
    const author = createAuthor({ dataKeys: testDataKeys(store) });
    const id = author.keyId('k');
    const waiting = waiter.whenEvent(id, 2, soon());
    const events = [await author.next(id, created('n')), await author.next(id, noted('KeyDisabled'))];
    const records = events.map((event, offset) => ({ ...encodeRecord(event), partition: 0, offset }));
    const options = { store: elsewhere, writer: elsewhere.writer('g1'), dataKeys: author.dataKeys, now: () => at(0) };
    await projectBatch(options, await readAhead(options, { partition: 0, records: records.slice(0, 1), next: 1 }));
    await until(() => asked() >= 3, 'three looks');
    await projectBatch(options, await readAhead(options, { partition: 0, records: records.slice(1), next: 2 }));
    expect((await waiting)?.attributes.hash).toBe(events[1]?.attributes.hash);
    // Position and event in one look.
    const before = asked();
    expect(await Promise.all([waiter.whenEvent(id, 1, soon()), waiter.whenProcessed({ 0: 2 }, soon())])).toMatchObject([
      { version: 1 },
      true,
    ]);
    expect(asked() - before).toBeLessThanOrEqual(2);
  });

  test('a store that is away for a while delays the answer and does not fail it', async () => {
    store.setDown(true);
    const waiting = waiter.whenProcessed({ 0: 1 }, soon());
    await until(() => asked() >= 3, 'three looks');
    store.setDown(false);
    await elsewhere.writer('g1').apply(NOTHING, { 0: 1 });
    expect(await waiting).toBe(true);
  });

  test('closing lets everybody go', async () => {
    const waiting = [waiter.whenProcessed({ 0: 1 }, soon()), waiter.whenEvent('key', 1, soon())];
    waiter.close();
    expect(await Promise.all(waiting)).toEqual([false, null]);
  });
});
