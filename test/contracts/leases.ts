// The ReadStore contract: leases and barriers, which receipts are read from.
import { describe, expect, test } from 'vitest';
import type { Position } from '../../events/position.ts';
import type { LeaseRow } from '../../projections/leases.ts';
import { NOW, type OpenFixture } from './read-store-fixture.ts';

const lease = (id: string, n = 1, position: Position = { 0: 1 }): LeaseRow => ({
  ...{ id, n, position, asOf: NOW, reportedAt: NOW, lengthMs: 30_000 },
});
const sorted = (rows: readonly LeaseRow[]): readonly LeaseRow[] => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));

export function leaseTests(open: OpenFixture): void {
  describe('leases', () => {
    test('are there once they were joined, as they were last renewed, for every process', async () => {
      const { store, another } = await open();
      await store.leases.join(lease('a'));
      await store.leases.join({ ...lease('b'), asOf: null });
      const renewed = lease('a', 2, { 0: 7, 3: 1 });
      expect(await (await another()).leases.renew(renewed)).toBe(true);
      const rows = [renewed, { ...lease('b'), asOf: null }];
      expect(sorted(await store.leases.all())).toEqual(rows);
      expect(sorted(await store.leases.raise({ 0: 1 }))).toEqual(rows);
    });

    test('protocol L2: a renewal never inserts, an id is taken once', async () => {
      const { store } = await open();
      expect(await store.leases.renew(lease('gone', 5))).toBe(false);
      expect(await store.leases.all()).toEqual([]);
      await store.leases.join(lease('a'));
      await expect(store.leases.join(lease('a', 9))).rejects.toThrow();
      expect(await store.leases.all()).toEqual([lease('a')]);
    });

    test('protocol L2: a lease is ended at the n that was seen, or not at all; a renewal that lands later finds none', async () => {
      const { store, another } = await open();
      await store.leases.join(lease('a'));
      await store.leases.renew(lease('a', 2));
      expect(await store.leases.end('a', 1)).toBe(false);
      const answers = await Promise.all([store.leases.end('a', 2), (await another()).leases.end('a', 2)]);
      expect(answers.toSorted()).toEqual([false, true]);
      expect(await store.leases.renew(lease('a', 3))).toBe(false);
      expect(await store.leases.all()).toEqual([]);
    });

    test('a clean stop takes its own lease away and no other', async () => {
      const { store } = await open();
      await store.leases.join(lease('a'));
      await store.leases.join(lease('b'));
      await store.leases.leave('a');
      await store.leases.leave('nobody');
      expect(await store.leases.all()).toEqual([lease('b')]);
    });

    test('protocol L1: of a joiner and a barrier at once, the barrier is met by one of the two, always', async () => {
      const { store, another } = await open();
      const other = await another();
      for (let round = 1; round <= 30; round++) {
        const id = `joiner-${round}`;
        const [barriers, rows] = await Promise.all([
          store.leases.join(lease(id)),
          other.leases.raise({ 0: round, 1: 100 }),
        ]);
        const seen = rows.some((row) => row.id === id);
        expect(seen || barriers[0] === round).toBe(true);
      }
    });

    test('barriers only rise, partition by partition, whoever raises them', async () => {
      const { store, another } = await open();
      const other = await another();
      await Promise.all([store.leases.raise({ 0: 5, 1: 1 }), other.leases.raise({ 0: 3, 2: 4 })]);
      await store.leases.raise({});
      await other.leases.raise({ 1: 0 });
      expect(await store.leases.join(lease('a'))).toEqual({ 0: 5, 1: 1, 2: 4 });
    });
  });
}
