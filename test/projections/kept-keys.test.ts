// Rows that lists keep: served only where they are what is stored, and a list with them is the list without them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredStatus } from '../../events/key/state.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { KeyCursor, KeyOrder, KeyQuery, KeyRow, Window } from '../../projections/rows.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { createKeptKeys } from '../../projections/stores/kept-keys.ts';
import { ORDERS } from '../contracts/read-store-arbitraries.ts';
import { NOTHING, NOW } from '../contracts/read-store-fixture.ts';
import { keyIdOf, keyRow, minute } from '../contracts/read-store-rows.ts';

const head = ({ state, usage }: KeyRow) => ({ id: state.keyId, version: state.version, usage });

describe('kept rows', () => {
  test('are given at their version only, with the usage that is stored now', () => {
    const kept = createKeptKeys();
    const [a, b] = [keyRow(keyIdOf(1), 3), keyRow(keyIdOf(2), 1)];
    kept.keep([a, b]);
    const usage = { lastUsedAt: NOW, lastSeenAt: NOW, requestCount: 7 };
    expect(kept.rowsOf([head(b), { ...head(a), usage }])).toEqual([b, { ...a, usage }]);
    expect(kept.rowsOf([head(b), { ...head(a), version: 4 }])).toBeNull();
    expect(kept.rowsOf([{ ...head(a), version: 2 }])).toBeNull();
    expect(kept.rowsOf([head(keyRow(keyIdOf(3)))])).toBeNull();
  });

  test('are bounded: what was kept first leaves first', () => {
    const kept = createKeptKeys(2);
    const rows = [1, 2, 3].map((number) => keyRow(keyIdOf(number)));
    for (const row of rows) kept.keep([row]);
    expect(rows.map((row) => kept.rowsOf([head(row)]) !== null)).toEqual([false, true, true]);
  });

  test('of keys that have changed are dropped', () => {
    const kept = createKeptKeys();
    const rows = [1, 2].map((number) => keyRow(keyIdOf(number)));
    kept.keep(rows);
    kept.drop([keyIdOf(1)]);
    expect(rows.map((row) => kept.rowsOf([head(row)]) !== null)).toEqual([false, true]);
  });
});

describe('lists of the embedded store', () => {
  let directory = '';
  let store: ReadStore;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyfold-kept-'));
    store = await openEmbeddedStore({ directory, now: NOW });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const unfiltered: KeyQuery = { workspaceId: 'acme', filter: {}, now: NOW };
  /** The same list, asked for in a way that keeps nothing from being read. */
  const filtered: KeyQuery = { ...unfiltered, filter: { status: ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED'] } };
  const newest: KeyOrder = { field: 'CREATED_AT', direction: 'DESC' };
  const first = (limit: number): Window<KeyCursor> => ({ limit, backward: false, after: null, before: null });
  const list = (query: KeyQuery, order = newest, window = first(20)) =>
    store.read((view) => view.listKeys(query, order, window));
  const write = async (rows: readonly KeyRow[], generation = 'g1'): Promise<void> => {
    const keys = rows.map((row) => ({ from: row.state.version - 1, row }));
    expect(await store.writer(generation).apply({ ...NOTHING, keys }, { 0: 1 })).toBe('applied');
  };

  test('are the lists that are read anew, whatever was listed before and has changed since', async () => {
    const statuses: readonly StoredStatus[] = ['ACTIVE', 'DISABLED', 'REVOKED', 'DELETED'];
    const versions = new Map<number, number>();
    const change = fc.record({
      number: fc.nat(25),
      status: fc.constantFrom(...statuses),
      createdAt: fc.nat(5).map(minute),
      expiresAt: fc.option(fc.nat(5).map(minute)),
      name: fc.constantFrom('b', 'a', 'c'),
      workspaceId: fc.constantFrom('acme', 'acme', 'acme', 'other'),
      keyspace: fc.constantFrom('default', 'default', 'payments'),
    });
    const step = fc.record({
      change,
      order: fc.constantFrom(...ORDERS),
      limit: fc.integer({ min: 1, max: 8 }),
      backward: fc.boolean(),
      narrow: fc.boolean(),
    });
    const check = async ({
      change: { number, name, ...state },
      order,
      limit,
      backward,
      narrow,
    }: typeof step extends fc.Arbitrary<infer S> ? S : never) => {
      const version = (versions.get(number) ?? 0) + 1;
      versions.set(number, version);
      const usage = {
        lastUsedAt: number % 3 === 0 ? minute(number) : null,
        requestCount: 9_007_199_254_740_991 - number,
      };
      await write([keyRow(keyIdOf(number), version, { state, details: { name }, usage })]);
      const only = narrow ? { keyspaces: ['default'] } : {};
      let place: KeyCursor | null = null;
      for (let page = 0; page < 4; page++) {
        const window: Window<KeyCursor> = {
          limit,
          backward,
          after: backward ? null : place,
          before: backward ? place : null,
        };
        const got = await list({ ...unfiltered, ...only }, order, window); // before what is read anew is kept
        const expected = await list({ ...filtered, ...only }, order, window);
        expect(got).toEqual(expected);
        expect(await list({ ...unfiltered, ...only }, order, window)).toEqual(expected);
        const end: KeyRow | undefined = backward ? expected.rows.at(0) : expected.rows.at(-1);
        if (!expected.more || !end) break;
        const values = {
          CREATED_AT: end.state.createdAt,
          NAME: end.search.name,
          EXPIRES_AT: end.state.expiresAt,
          LAST_USED_AT: end.usage.lastUsedAt,
        };
        place = { value: values[order.field], id: end.state.keyId };
      }
    };
    await fc.assert(fc.asyncProperty(step, check), { numRuns: 150, endOnFailure: true });
  });

  test('are right behind any number of deleted keys', async () => {
    const rows = Array.from({ length: 600 }, (_, number) =>
      keyRow(keyIdOf(number), 1, { state: { createdAt: minute(number), status: number < 5 ? 'ACTIVE' : 'DELETED' } }),
    );
    await write(rows);
    for (const limit of [3, 20]) {
      const expected = rows.slice(0, 5).reverse().slice(0, limit);
      for (let again = 0; again < 2; again++)
        expect(await list(unfiltered, newest, first(limit))).toEqual({ rows: expected, more: limit < 5 });
    }
  });

  test('are those of their generation, though ids and versions are the same', async () => {
    const row = keyRow(keyIdOf(1));
    const rebuilt = keyRow(keyIdOf(1), 1, { details: { name: 'as it is made now' } });
    await write([row]);
    for (let again = 0; again < 2; again++) expect((await list(unfiltered)).rows).toEqual([row]);
    const next = await store.createGeneration(NOW);
    await write([rebuilt], next);
    expect(await store.switchGeneration('g1', next)).toBe(true);
    for (let again = 0; again < 2; again++) expect((await list(unfiltered)).rows).toEqual([rebuilt]);
  });

  test('parse a row once', async () => {
    await write([keyRow(keyIdOf(1)), keyRow(keyIdOf(2))]);
    const before = await list(unfiltered);
    await write([keyRow(keyIdOf(2), 2)]);
    await list(unfiltered);
    const after = await list(unfiltered);
    expect(after.rows[1]?.state).toBe((await list(unfiltered)).rows[1]?.state);
    expect(after.rows[1]?.state).toEqual(before.rows[1]?.state);
  });
});

test('rows that were read before a key changed are not kept after it', () => {
  const kept = createKeptKeys();
  const [a, b] = [keyRow(keyIdOf(1)), keyRow(keyIdOf(2))];
  const since = kept.drops();
  kept.drop([a.state.keyId]);
  kept.keep([a, b], since);
  expect(kept.rowsOf([head(a)])).toBeNull();
  expect(kept.rowsOf([head(b)])).toHaveLength(1);
  // Of what was read too long ago nothing is known.
  for (let change = 0; change < 100; change++) kept.drop([`other ${change}`]);
  kept.drop([b.state.keyId]);
  kept.keep([b], since);
  expect(kept.rowsOf([head(b)])).toBeNull();
});
