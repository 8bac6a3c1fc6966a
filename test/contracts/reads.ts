// The ReadStore contract: records of reading. Durable, listed newest first, never another workspace's, gone once they expire.
import { describe, expect, test } from 'vitest';
import type { ReadQuery, ReadRow } from '../../projections/reads.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { OpenFixture } from './read-store-fixture.ts';
import { minute } from './read-store-rows.ts';

// Far ahead: a server that removes what has expired goes by its own clock.
const [BEFORE, FIRST, SECOND, NEVER] = ['2089', '2090', '2091', '2099'].map(
  (year) => `${year}-01-01T00:00:00.000Z`,
) as [string, string, string, string];

const row = (n: number, more: Partial<ReadRow> = {}): ReadRow => ({
  ...{
    id: `read-${String(n).padStart(3, '0')}`,
    workspaceId: 'acme',
    time: minute(n),
    actor: 'user:ada',
    role: 'auditor',
  },
  ...{ requestId: `r-${n}`, ip: '192.0.2.1', userAgent: null, kinds: ['HISTORY'], expiresAt: NEVER },
  fields: [{ field: 'Workspace.history', arguments: { first: 10 }, keys: [], times: 1 }],
  ...more,
});

const list = async ({ reads }: ReadStore, query: Partial<ReadQuery> = {}, limit = 1000) =>
  reads.list(
    { workspaceId: 'acme', filter: {}, now: BEFORE, ...query },
    { limit, backward: false, after: null, before: null },
  );
const ids = async (store: ReadStore, query: Partial<ReadQuery> = {}): Promise<readonly string[]> =>
  (await list(store, query)).rows.map(({ id }) => id);

export function readTests(open: OpenFixture): void {
  describe('records of reading', () => {
    test('are there as they were added, for every process, newest first, of one workspace alone', async () => {
      const { store, another } = await open();
      await store.reads.add([row(1), row(2, { kinds: ['REQUESTS', 'READS'] }), row(3, { workspaceId: 'globex' })]);
      await store.reads.add([]);
      const other = await another();
      expect((await list(other)).rows).toEqual([row(2, { kinds: ['REQUESTS', 'READS'] }), row(1)]);
      expect(await ids(other, { workspaceId: 'globex' })).toEqual(['read-003']);
      expect(await ids(other, { workspaceId: 'nobody' })).toEqual([]);
    });

    test('are there when the store is opened again', async () => {
      const { store, reopen } = await open();
      await store.reads.add([row(1)]);
      expect((await list(await reopen())).rows).toEqual([row(1)]);
    });

    test('are filtered by reader, kind and time, and counted alike', async () => {
      const { store } = await open();
      await store.reads.add([
        row(1, { actor: 'user:eve' }),
        row(2, { kinds: ['HISTORY', 'READS'] }),
        row(3, { kinds: ['EXPORT'] }),
        row(4, { kinds: ['READS'] }),
      ]);
      const found = async (filter: ReadQuery['filter']) => {
        const rows = await ids(store, { filter });
        expect(await store.reads.count({ workspaceId: 'acme', filter, now: BEFORE })).toBe(rows.length);
        return rows.map((id) => Number(id.slice(-1)));
      };
      expect(await found({})).toEqual([4, 3, 2, 1]);
      expect(await found({ actor: 'user:eve' })).toEqual([1]);
      expect(await found({ kind: 'READS' })).toEqual([4, 2]);
      expect(await found({ kind: 'HISTORY' })).toEqual([2, 1]);
      expect(await found({ kind: 'AS_OF' })).toEqual([]);
      expect(await found({ from: minute(2), to: minute(4) })).toEqual([3, 2]);
    });

    test('are walked page by page both ways, each met once, also those of one moment', async () => {
      const { store } = await open();
      await store.reads.add(Array.from({ length: 25 }, (_, n) => row(n, { time: minute(Math.floor(n / 4)) })));
      const all = await ids(store);
      expect(all).toHaveLength(25);
      const query = { workspaceId: 'acme', filter: {}, now: BEFORE };
      for (const backward of [false, true]) {
        const met: string[] = [];
        let cursor: ReadRow | null = null;
        for (let more = true; more;) {
          const place = backward ? { after: null, before: cursor } : { after: cursor, before: null };
          const page = await store.reads.list(query, { limit: 4, backward, ...place });
          const rows = page.rows.map(({ id }) => id);
          if (backward) met.unshift(...rows);
          else met.push(...rows);
          cursor = (backward ? page.rows.at(0) : page.rows.at(-1)) ?? null;
          ({ more } = page);
        }
        expect(met).toEqual(all);
      }
    });

    test('protocol D3: are not shown once they have expired, and go; no other one does', async () => {
      const { store } = await open();
      await store.reads.add([row(1, { expiresAt: FIRST }), row(2, { expiresAt: SECOND }), row(3)]);
      expect(await ids(store, { now: BEFORE })).toHaveLength(3);
      expect(await ids(store, { now: FIRST })).toEqual(['read-003', 'read-002']);
      expect(await ids(store, { now: SECOND })).toEqual(['read-003']);
      while ((await store.reads.sweep(SECOND)) > 0);
      expect(await ids(store, { now: SECOND })).toEqual(['read-003']);
    });
  });
}
