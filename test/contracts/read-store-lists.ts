// The ReadStore contract: lists, their filters, orders and pages, against a plain reference over random rows.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { ChainHead, HistoryQuery, HistoryRow, KeyQuery, KeyRow, Rows, Window } from '../../projections/rows.ts';
import { historyRows, historyQueries, keyFilters, keyRows, NOW_IN_LISTS, ORDERS } from './read-store-arbitraries.ts';
import { insertKeys, NOTHING, type ContractOptions, type OpenFixture } from './read-store-fixture.ts';
import { compareKeys, historyList, keyCursor, keyList } from './read-store-reference.ts';
import { historyRow, keyIdOf, keyRow } from './read-store-rows.ts';

const PAGE_SIZES = [1, 2, 3, 7, 100];
const ids = (rows: readonly KeyRow[]): string[] => rows.map(({ state }) => state.keyId);

const liveView = async (store: ReadStore): Promise<GenerationView> => store.view((await store.control()).live);

/** Walks a whole list, forward or backward; answers it in list order. */
async function walk<R, C>(
  list: (window: Window<C>) => Promise<Rows<R>>,
  cursor: (row: R) => C,
  limit: number,
  backward: boolean,
): Promise<R[]> {
  let walked: R[] = [];
  let at: C | null = null;
  for (;;) {
    const { rows, more }: Rows<R> = await list({
      limit,
      backward,
      after: backward ? null : at,
      before: backward ? at : null,
    });
    walked = backward ? [...rows, ...walked] : [...walked, ...rows];
    expect(rows.length).toBeLessThanOrEqual(limit);
    if (!more) return walked;
    expect(rows).toHaveLength(limit);
    at = cursor(backward ? rows[0]! : rows.at(-1)!);
  }
}

export function listTests(open: OpenFixture, { runs }: ContractOptions): void {
  describe('lists of keys', () => {
    test('a walk in any order, both ways and with any page size, meets every key exactly once and in order', async () => {
      const { store } = await open();
      const view = await liveView(store);
      let run = 0;
      const property = fc.asyncProperty(keyRows({ maxLength: 25 }), async (make) => {
        const workspaceId = `walk-${++run}`;
        const rows = make(workspaceId);
        await insertKeys(store, rows);
        const query: KeyQuery = { workspaceId, filter: {}, now: NOW_IN_LISTS };
        for (const order of ORDERS) {
          const expected = ids(keyList(rows, query, order));
          for (const backward of [false, true]) {
            for (const limit of PAGE_SIZES) {
              const walked = await walk(
                (window) => view.listKeys(query, order, window),
                (row: KeyRow) => keyCursor(row, order),
                limit,
                backward,
              );
              expect(ids(walked)).toEqual(expected);
            }
          }
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test('a window between any two cursors, also ones of no row, holds what lies between them', async () => {
      const { store } = await open();
      const view = await liveView(store);
      let run = 0;
      const bounds = fc.array(
        fc.tuple(fc.nat(29), fc.nat(29), fc.constantFrom(...ORDERS), fc.boolean(), fc.integer({ min: 1, max: 8 })),
        { minLength: 20, maxLength: 20 },
      );
      const property = fc.asyncProperty(keyRows({ minLength: 30, maxLength: 30 }), bounds, async (make, asked) => {
        const workspaceId = `window-${++run}`;
        const all = make(workspaceId);
        const rows = all.slice(0, 20); // the others are gone by now; their cursors are still around
        await insertKeys(store, rows);
        const query: KeyQuery = { workspaceId, filter: {}, now: NOW_IN_LISTS };
        for (const [from, to, order, backward, limit] of asked) {
          const [first, last] = [all[from]!, all[to]!];
          const compare = compareKeys(order);
          const between = keyList(rows, query, order).filter(
            (row) => compare(first, row) < 0 && compare(row, last) < 0,
          );
          const expected = backward ? between.slice(-limit) : between.slice(0, limit);
          const window = { limit, backward, after: keyCursor(first, order), before: keyCursor(last, order) };
          const found = await view.listKeys(query, order, window);
          expect(ids(found.rows)).toEqual(ids(expected));
          expect(found.more).toBe(between.length > limit);
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    test('every member of the filter, alone and with others, keeps what it says; the count agrees', async () => {
      const { store } = await open();
      const view = await liveView(store);
      let run = 0;
      const queries = fc.array(keyFilters, { minLength: 25, maxLength: 25 });
      const property = fc.asyncProperty(
        keyRows({ minLength: 40, maxLength: 40 }),
        queries,
        fc.constantFrom(...ORDERS),
        async (make, filters, order) => {
          const workspaceId = `filter-${++run}`;
          const rows = [...make(workspaceId), ...make(`foreign-${run}`)];
          await insertKeys(store, rows);
          const single = filters.flatMap(({ filter }) =>
            Object.entries(filter).map((member) => ({ filter: Object.fromEntries([member]) })),
          );
          for (const asked of [...filters, ...single]) {
            const query: KeyQuery = { workspaceId, now: NOW_IN_LISTS, ...asked };
            const expected = ids(keyList(rows, query, order));
            const { rows: found, more } = await view.listKeys(query, order, {
              limit: 100,
              backward: false,
              after: null,
              before: null,
            });
            expect(ids(found), JSON.stringify(query)).toEqual(expected);
            expect(more).toBe(false);
            expect(await view.countKeys(query)).toBe(expected.length);
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
    });

    test('follow a key from version to version', async () => {
      const { store } = await open();
      const writer = store.writer('g1');
      const query = (filter: KeyQuery['filter']): KeyQuery => ({ workspaceId: 'acme', filter, now: NOW_IN_LISTS });
      const count = async (filter: KeyQuery['filter']) => (await liveView(store)).countKeys(query(filter));
      const first = keyRow(keyIdOf(1), 1, {
        details: { name: 'Payments', tags: ['old', 'both'] },
        state: { scopes: ['a:read'] },
      });
      const second = keyRow(keyIdOf(1), 2, {
        details: { name: 'Billing', tags: ['new', 'both'] },
        state: { status: 'DISABLED', unrestricted: true, ownerId: 'u-1', resources: { all: false, ids: ['agent-1'] } },
      });
      await writer.apply({ ...NOTHING, keys: [{ from: 0, row: first }] }, {});
      expect(await count({ text: ['pay'], tags: ['old', 'both'], scope: 'a:read', resource: 'any' })).toBe(1);
      await writer.apply({ ...NOTHING, keys: [{ from: 1, row: second }] }, {});
      for (const gone of [{ text: ['pay'] }, { tags: ['old'] }, { resource: 'any' }, { status: ['ACTIVE'] }] as const)
        expect(await count(gone)).toBe(0);
      for (const held of [
        { text: ['bill'] },
        { tags: ['both', 'new'] },
        { scope: 'whatever' },
        { resource: 'agent-1' },
        { owner: 'u-1' },
        { status: ['DISABLED'] },
      ] as const) {
        expect(await count(held)).toBe(1);
      }
    });

    test('a scan meets every key by id, deleted ones too', async () => {
      const { store } = await open();
      const rows = Array.from({ length: 25 }, (_, number) =>
        keyRow(keyIdOf(number), 1, {
          state: { status: number % 3 ? 'ACTIVE' : 'DELETED', workspaceId: `w${number % 2}` },
        }),
      );
      await insertKeys(store, rows.toReversed());
      const view = await liveView(store);
      const scanned: KeyRow[] = [];
      for (
        let after: string | null = null, page = [...rows];
        page.length > 0;
        after = scanned.at(-1)?.state.keyId ?? null
      ) {
        page = [...(await view.scanKeys(after, 10))];
        scanned.push(...page);
      }
      expect(scanned).toEqual(rows);
    });

    test('heads are those of all keys by id, and of a workspace oldest first, deleted ones too', async () => {
      const { store } = await open();
      const rows = Array.from({ length: 25 }, (_, number) =>
        keyRow(keyIdOf(number), 1 + (number % 4), {
          state: {
            status: number % 3 ? 'ACTIVE' : 'DELETED',
            workspaceId: `w${number % 2}`,
            head: `head of ${number}`,
            createdAt: `2026-01-0${9 - Math.floor(number / 5)}T00:00:00.000Z`,
          },
        }),
      );
      await insertKeys(store, rows.toReversed());
      const view = await liveView(store);
      const scan = async (workspaceId: string | null) => {
        const scanned: ChainHead[] = [];
        for (let page: readonly ChainHead[] | null = null; page?.length !== 0; scanned.push(...page))
          page = await view.scanHeads(workspaceId, scanned.at(-1) ?? null, 4);
        return scanned;
      };
      const heads = rows.map(({ state: { keyId, version, head, workspaceId, createdAt } }) => ({
        ...{ key: keyId, version, head, workspaceId, createdAt },
      }));
      expect(await scan(null)).toEqual(heads);
      const oldestFirst = (a: ChainHead, b: ChainHead) =>
        a.createdAt === b.createdAt ? (a.key < b.key ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1;
      expect(await scan('w1')).toEqual(heads.filter(({ workspaceId }) => workspaceId === 'w1').sort(oldestFirst));
      expect(await scan('w2')).toEqual([]);
    });
  });

  describe('entries of the log', () => {
    test('a stretch of a partition comes in the order of the log, whatever order it was written in, and page by page', async () => {
      const { store } = await open();
      const rows = Array.from({ length: 40 }, (_, number) =>
        historyRow(keyIdOf(number % 7), 1 + Math.floor(number / 7), {
          position: { partition: number % 2, offset: 10 + number },
          workspaceId: `w${number % 3}`,
        }),
      );
      await store.writer('g1').apply({ ...NOTHING, history: rows.toReversed() }, {});
      const view = await liveView(store);
      const inPartition = (partition: number): HistoryRow[] =>
        rows.filter(({ position }) => position.partition === partition);
      for (const partition of [0, 1]) {
        const walked: HistoryRow[] = [];
        for (let from = 0, page = [...rows]; page.length > 0; from = walked.at(-1)!.position.offset + 1) {
          page = [...(await view.listEntries({ partition, from, before: 1000 }, 7))] as HistoryRow[];
          walked.push(...page);
        }
        expect(walked).toEqual(inPartition(partition));
      }
      const range = { partition: 1, from: 15, before: 31 };
      const within = inPartition(1).filter(({ position }) => position.offset >= 15 && position.offset < 31);
      expect(await view.listEntries(range, 100)).toEqual(within);
      expect(await view.listEntries({ ...range, workspaceId: 'w2' }, 100)).toEqual(
        within.filter(({ workspaceId }) => workspaceId === 'w2'),
      );
      expect(await view.listEntries({ partition: 5, from: 0, before: 1000 }, 100)).toEqual([]);
      const links = within.map(({ aggregateId, version, attributes, workspaceId, position }) => ({
        ...{ aggregateId, version, prev: attributes.prev, workspaceId, position },
      }));
      expect(await view.listLinks(range, 100)).toEqual(links);
      expect(await view.listLinks(range, 3)).toEqual(links.slice(0, 3));
      expect(await view.listLinks({ ...range, workspaceId: 'w2' }, 100)).toEqual(
        links.filter(({ workspaceId }) => workspaceId === 'w2'),
      );
    });
  });

  describe('lists of history', () => {
    test('every filter keeps what it says, and a walk both ways meets every event once, by time', async () => {
      const { store } = await open();
      const view = await liveView(store);
      let run = 0;
      const property = fc.asyncProperty(
        historyRows,
        fc.array(historyQueries, { minLength: 15, maxLength: 15 }),
        async (make, queries) => {
          const kind = String(++run);
          const rows = make(kind);
          await store.writer('g1').apply({ ...NOTHING, history: rows }, {});
          const all: HistoryQuery = { scope: { workspaceId: `history-${kind}` } };
          for (const query of [all, ...queries.map((build) => build(kind))]) {
            const expected = historyList(rows, query).map(({ id }) => id);
            expect(await view.countHistory(query)).toBe(expected.length);
            for (const backward of [false, true]) {
              for (const limit of [2, 7, 100]) {
                const walked = await walk(
                  (window) => view.listHistory(query, window),
                  ({ time, aggregateId, version }: HistoryRow) => ({ time, aggregateId, version }),
                  limit,
                  backward,
                );
                expect(
                  walked.map(({ id }) => id),
                  JSON.stringify(query),
                ).toEqual(expected);
              }
            }
          }
        },
      );
      await fc.assert(property, { numRuns: Math.ceil(runs / 2) });
    });
  });
}
