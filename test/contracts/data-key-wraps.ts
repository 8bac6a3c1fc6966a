// The ReadStore contract: what data keys are wrapped by, and wrapping them anew.
import { describe, expect, test } from 'vitest';
import type { DataKeyRow } from '../../projections/rows.ts';
import { NOW, type OpenFixture } from './read-store-fixture.ts';
import { dataKeyRow } from './read-store-rows.ts';

const under = (sealingKeyId: string, row: DataKeyRow): DataKeyRow => ({
  ...row,
  sealingKeyId,
  wrapped: `anew ${row.id}`,
});

export function dataKeyWrapTests(open: OpenFixture): void {
  describe('the wrapping of data keys', () => {
    test('is walked by id, page by page, without what was destroyed', async () => {
      const { store } = await open();
      const ids = ['a.1', 'a.10', 'a.2', 'b.1', 'c.1'];
      for (const id of [...ids].reverse()) await store.dataKeys.insert(dataKeyRow(id));
      await store.dataKeys.destroy('a.2', NOW);
      const { wraps } = store;
      const found: string[] = [];
      for (let after: string | null = null; ;) {
        const page: readonly DataKeyRow[] = await wraps.scan(after, 2);
        expect(page.length).toBeLessThanOrEqual(2);
        for (const row of page) expect(row).toEqual(dataKeyRow(row.id));
        found.push(...page.map(({ id }) => id));
        after = page.at(-1)?.id ?? null;
        if (after === null) break;
      }
      expect(found).toEqual(['a.1', 'a.10', 'b.1', 'c.1']);
    });

    test('tells which sealing keys are in use', async () => {
      const { store } = await open();
      await store.dataKeys.insert(dataKeyRow('a.1'));
      await store.dataKeys.insert(under('s2', dataKeyRow('b.1')));
      expect([await store.wraps.uses('s1'), await store.wraps.uses('s2'), await store.wraps.uses('s3')]).toEqual([
        true,
        true,
        false,
      ]);
      await store.dataKeys.destroy('a.1', NOW);
      const { wraps } = store;
      expect([await wraps.uses('s1'), await wraps.uses('s2')]).toEqual([false, true]);
    });

    test('is replaced where it is still what was read, and nowhere else', async () => {
      const { store, another } = await open();
      const rows = ['a.1', 'b.1', 'c.1'].map((id) => dataKeyRow(id));
      for (const row of rows) await store.dataKeys.insert(row);
      const rewraps = rows.map((from) => ({ from, to: under('s2', from) }));
      expect(await store.wraps.replace([])).toBe(0);
      expect(await (await another()).wraps.replace(rewraps.slice(1, 2))).toBe(1);
      expect(await store.wraps.replace(rewraps)).toBe(2);
      expect(await store.wraps.replace(rewraps)).toBe(0);
      const late = { from: rows[0]!, to: under('s3', rows[0]!) };
      const absent = { from: dataKeyRow('x.1'), to: under('s2', dataKeyRow('x.1')) };
      expect(await store.wraps.replace([late, absent])).toBe(0);
      expect(await store.wraps.scan(null, 10)).toEqual(rewraps.map(({ to }) => to));
      expect(await store.dataKeys.unknown(['x.1'])).toEqual(['x.1']);
    });

    test('never brings a destroyed one back', async () => {
      const { store } = await open();
      const row = dataKeyRow('a.1');
      await store.dataKeys.insert(row);
      await store.dataKeys.destroy('a.1', NOW);
      const after = store;
      expect(await after.wraps.replace([{ from: row, to: under('s2', row) }])).toBe(0);
      expect(await after.wraps.scan(null, 10)).toEqual([]);
      expect(await after.dataKeys.load(['a.1'])).toEqual(new Map());
      expect(await after.dataKeys.unknown(['a.1'])).toEqual([]);
    });
  });
}
