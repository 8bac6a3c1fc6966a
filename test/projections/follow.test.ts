// Following on the stores that need nothing but Node, and what only a scripted store shows.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { follow } from '../../projections/follow.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { createWaiter, type Waiter } from '../../projections/waiter.ts';
import { followContract } from '../contracts/follow.ts';
import { NOTHING, NOW } from '../contracts/read-store-fixture.ts';
import { historyRow, keyIdOf } from '../contracts/read-store-rows.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { until } from '../fakes/running.ts';

const unsupported = () => Promise.reject(new Error('not needed'));

followContract(
  'the memory store',
  () => {
    const store = createMemoryStore({ now: NOW });
    return Promise.resolve({
      store,
      another: () => Promise.resolve(store.connect()),
      reopen: unsupported,
      destroyDataKey: unsupported,
      dispose: () => store.close(),
    });
  },
  { runs: 50 },
);

followContract(
  'the embedded store',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyfold-follow-'));
    const store = await openEmbeddedStore({ directory, now: NOW });
    return {
      store,
      another: () => Promise.resolve(store),
      reopen: unsupported,
      destroyDataKey: unsupported,
      dispose: async () => {
        await store.close();
        await rm(directory, { recursive: true });
      },
    };
  },
  { runs: 10 },
);

describe('a follower', () => {
  let store: MemoryStore;
  let elsewhere: MemoryStore;
  let waiter: Waiter;
  const row = (offset: number) => historyRow(keyIdOf(offset), 1, { position: { partition: 0, offset } });
  const apply = (offset: number) =>
    elsewhere.writer('g1').apply({ ...NOTHING, history: [row(offset)] }, { 0: offset + 1 });
  const following = () => {
    const backOff = { firstMs: 1, maxMs: 2 };
    return follow({ store, waiter, from: { 0: 0 }, signal: new AbortController().signal, backOff });
  };

  beforeEach(() => {
    store = createMemoryStore();
    elsewhere = store.connect();
    waiter = createWaiter({ store, firstPauseMs: 1, maxPauseMs: 2, followPauseMs: 2 });
  });
  afterEach(() => waiter.close());

  test('protocol P2: what lies beyond the checkpoint is not shown, since something may still come before it', async () => {
    let go: () => void = () => undefined;
    elsewhere.beforeStep = ({ kind }) => (kind === 'checkpoint' ? new Promise((resolve) => (go = resolve)) : undefined);
    const applying = apply(0);
    let shown = false;
    const next = following()
      .next()
      .finally(() => (shown = true));
    await until(() => (store.calls.get('control') ?? 0) > 5, 'five looks');
    expect(store.contents().history).toHaveLength(1);
    expect(shown).toBe(false);
    go();
    await applying;
    expect((await next).value).toEqual({ entries: [row(0)], position: { 0: 1 }, behind: false });
  });

  test('waits a store out that is away, whether it looks or reads', async () => {
    const pages = following();
    store.setDown(true);
    const first = pages.next();
    await until(() => (store.calls.get('control') ?? 0) > 3, 'three looks');
    let failures = 3;
    store.beforeCall = (name) => {
      if (name === 'read' && failures-- > 0) store.setDown(true);
      if (name === 'control') store.setDown(false);
    };
    store.setDown(false);
    await apply(0);
    expect((await first).value).toMatchObject({ entries: [{ id: row(0).id }], position: { 0: 1 } });
    expect(failures).toBeLessThan(0);
  });

  test('what the store says that is not an outage ends it with that', async () => {
    await apply(0);
    store.beforeCall = (name) => {
      if (name === 'read') throw new RangeError('a defect');
    };
    await expect(following().next()).rejects.toThrow(RangeError);
  });

  test('is not held up by a store that hangs when it is to end', async () => {
    await apply(0);
    const stop = new AbortController();
    store.beforeCall = (name) => (name === 'read' ? new Promise<void>(() => undefined) : undefined);
    const next = follow({ store, waiter, from: { 0: 0 }, signal: stop.signal }).next();
    await until(() => store.calls.get('read') === 1, 'the read');
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('reads nothing ahead of whoever pulls', async () => {
    const pages = following();
    await apply(0);
    await pages.next();
    await apply(1);
    const { calls } = store;
    const before = [calls.get('read'), calls.get('control')];
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([calls.get('read'), calls.get('control')]).toEqual(before);
  });

  test('protocol W6: a thousand followers share one look per tick, and whoever else waits is not made to wait longer', async () => {
    waiter.close();
    waiter = createWaiter({ store, firstPauseMs: 5, maxPauseMs: 10, followPauseMs: 60_000 });
    const first = Array.from({ length: 1000 }, () => following().next());
    const looks = () => store.calls.get('control') ?? 0;
    await until(() => looks() >= 4, 'four looks');
    expect(looks()).toBeLessThan(20);
    expect(await waiter.whenProcessed({ 0: 1 }, AbortSignal.timeout(40))).toBe(false);
    await apply(0);
    expect(await waiter.whenProcessed({ 0: 1 }, AbortSignal.timeout(20_000))).toBe(true);
    expect(new Set((await Promise.all(first)).map(({ value }) => value?.entries.length))).toEqual(new Set([1]));
  });
});
