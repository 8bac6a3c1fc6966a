// Following, on every store: each accepted event once, in the log's order within its partition, whoever writes meanwhile.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Position } from '../../events/position.ts';
import { follow, type FollowOptions } from '../../projections/follow.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { LogEntry } from '../../projections/rows.ts';
import { createWaiter, type Waiter } from '../../projections/waiter.ts';
import { NOTHING, NOW, type OpenFixture, type ReadStoreFixture } from './read-store-fixture.ts';
import { historyRow, keyIdOf } from './read-store-rows.ts';

const PARTITIONS = 3;
const START: Position = { 0: 0, 1: 0, 2: 0 };
const WORKSPACES = ['acme', 'other'] as const;

/** The entry at a place, if there is one: every third record is one that no fold applied. */
const entryAt = (partition: number, offset: number): LogEntry[] =>
  (partition + offset) % 3 === 2
    ? []
    : [
        historyRow(keyIdOf(partition, String(offset)), 1, {
          position: { partition, offset },
          workspaceId: WORKSPACES[(partition * 5 + offset) % 2]!,
        }),
      ];
const stretch = (partition: number, from: number, before: number): LogEntry[] =>
  Array.from({ length: before - from }, (_, n) => entryAt(partition, from + n)).flat();

const inPartition = (entries: readonly LogEntry[], partition: number): string[] =>
  entries.filter(({ position }) => position.partition === partition).map(({ id }) => id);

export function followContract(name: string, openFixture: OpenFixture, { runs }: { readonly runs: number }): void {
  describe(`following: ${name}`, () => {
    let fixture: ReadStoreFixture;
    let store: ReadStore;
    let waiter: Waiter;
    let over: AbortController;

    beforeEach(async () => {
      fixture = await openFixture();
      ({ store } = fixture);
      over = new AbortController();
      waiter = createWaiter({ store, firstPauseMs: 1, maxPauseMs: 5, followPauseMs: 5 });
    });
    afterEach(async () => {
      over.abort();
      waiter.close();
      await fixture.dispose();
    });

    /** Applies what comes to lie in a partition up to an offset, as a projector does. */
    const projecting = (by: ReadStore, generation = 'g1') => {
      const reached: Record<number, number> = { ...START };
      return async (partition: number, count: number): Promise<void> => {
        const from = reached[partition]!;
        const before = (reached[partition] = from + count);
        const history = stretch(partition, from, before) as never[];
        expect(await by.writer(generation).apply({ ...NOTHING, history }, { [partition]: before })).toBe('applied');
      };
    };
    const following = (options: Partial<FollowOptions> = {}) =>
      follow({ store, waiter, from: START, signal: over.signal, ...options });

    async function readUntil(pages: ReturnType<typeof follow>, wanted: Position): Promise<LogEntry[]> {
      const entries: LogEntry[] = [];
      for (let at: Position = {}; Object.entries(wanted).some(([p, offset]) => (at[Number(p)] ?? 0) < offset);) {
        const { value, done } = await pages.next();
        if (done === true) throw new Error('ended early');
        entries.push(...value.entries);
        at = value.position;
      }
      return entries;
    }

    test('each event comes once, in the order of its partition, from wherever one begins, while others write', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ partition: fc.nat(PARTITIONS - 1), count: fc.integer({ min: 1, max: 9 }) }), {
            minLength: 1,
            maxLength: 12,
          }),
          fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)),
          fc.integer({ min: 1, max: 20 }),
          fc.constantFrom(undefined, ...WORKSPACES),
          async (steps, begin, pageSize, workspaceId) => {
            const fresh = await openFixture();
            const ownWaiter = createWaiter({ store: fresh.store, firstPauseMs: 1, maxPauseMs: 2, followPauseMs: 2 });
            const ended = new AbortController();
            try {
              const ends: Record<number, number> = { 0: 9, 1: 9, 2: 9 };
              for (const { partition, count } of steps) ends[partition]! += count;
              const pages = follow({
                ...{
                  store: fresh.store,
                  waiter: ownWaiter,
                  from: { 0: begin[0], 1: begin[1], 2: begin[2] },
                  pageSize,
                  signal: ended.signal,
                },
                ...(workspaceId === undefined ? {} : { workspaceId }),
              });
              const reading = readUntil(pages, ends);
              const project = projecting(await fresh.another());
              for (const partition of [0, 1, 2]) await project(partition, 9);
              for (const { partition, count } of steps) await project(partition, count);
              const entries = await reading;
              for (const partition of [0, 1, 2]) {
                const expected = stretch(partition, begin[partition]!, ends[partition]!);
                const own = expected.filter((entry) => workspaceId === undefined || entry.workspaceId === workspaceId);
                expect(inPartition(entries, partition)).toEqual(own.map(({ id }) => id));
              }
            } finally {
              ended.abort();
              ownWaiter.close();
              await fresh.dispose();
            }
          },
        ),
        { numRuns: runs },
      );
    });

    test('a page is no larger than asked for, and a busy partition does not hold the others up', async () => {
      const project = projecting(store);
      await project(0, 300);
      await project(1, 3);
      const pages = following({ pageSize: 10 });
      const { value } = await pages.next();
      expect(value?.entries.length).toBeLessThanOrEqual(10);
      expect(value?.position).toEqual({ 0: 7, 1: 3, 2: 0 });
      expect(inPartition(value?.entries ?? [], 1)).toEqual(stretch(1, 0, 3).map(({ id }) => id));
    });

    test('protocol P3: a switch of generations leaves nothing out and repeats nothing', async () => {
      const project = projecting(store);
      await project(0, 6);
      const pages = following();
      const before = await readUntil(pages, { 0: 6 });
      const built = await store.createGeneration(NOW);
      const projectBuilt = projecting(store, built);
      await projectBuilt(0, 12);
      expect(await store.switchGeneration('g1', built)).toBe(true);
      await store.dropGeneration('g1');
      const after = await readUntil(pages, { 0: 12 });
      expect([...before, ...after].map(({ id }) => id)).toEqual(stretch(0, 0, 12).map(({ id }) => id));
    });

    test('it ends when the signal aborts, also while it waits, and when the waiter closes', async () => {
      const waiting = following().next();
      over.abort();
      expect(await waiting).toEqual({ done: true, value: undefined });
      const other = follow({ store, waiter, from: START, signal: new AbortController().signal }).next();
      waiter.close();
      expect(await other).toEqual({ done: true, value: undefined });
    });
  });
}
