// Lists by terms on the embedded store: few keys are looked at one by one, of many a list is walked until a page is full.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlite, type Sqlite } from '../../events/logs/sqlite.ts';
import type { KeyQuery } from '../../projections/rows.ts';
import type { EmbeddedFile } from '../../projections/stores/embedded-errors.ts';
import { embeddedTables } from '../../projections/stores/embedded-tables.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import { generationView } from '../../projections/stores/view.ts';
import { NOTHING, NOW } from '../contracts/read-store-fixture.ts';
import { keyIdOf, keyRow, minute } from '../contracts/read-store-rows.ts';

const KEYS = 2500;
const RARE = new Set([17, 1234, 2499]);
const DIFFERENT = 'Ünïcode "quoted" OR *';
const SCOPES = ['one', 'two', 'three'];

const rows = Array.from({ length: KEYS }, (_, number) => {
  const words = ['service', number % 2 ? 'payments' : 'orders', ...(RARE.has(number) ? ['serviette', DIFFERENT] : [])];
  const tags = RARE.has(number) ? ['Seldom seen', 'seldom'] : ['usual'];
  const state = {
    createdAt: minute(number),
    scopes: [SCOPES[number % 3] ?? ''],
    resources: { all: false, ids: [] },
  };
  return keyRow(keyIdOf(number), 1, { state, details: { tags }, search: { name: `n${KEYS - number}`, words } });
});
const rare = [...RARE].map((number) => keyIdOf(number));
const every = (remainder: number, of: number) =>
  rows.filter((_, number) => number % of === remainder).map(({ state }) => state.keyId);

let directory: string;
let file: Sqlite;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyfold-terms-'));
  const store = await openEmbeddedStore({ directory, now: NOW });
  for (let from = 0; from < KEYS; from += 500) {
    const keys = rows.slice(from, from + 500).map((row) => ({ from: 0, row }));
    await store.writer('g1').apply({ ...NOTHING, keys }, { 0: from + 500 });
  }
  await store.close();
  file = await openSqlite({ file: join(directory, 'read.db'), synced: false });
});
afterAll(async () => {
  await file.close();
  await rm(directory, { recursive: true });
});

/** The first keys of a list, how many there are, and how SQLite reads them. */
async function listed(filter: KeyQuery['filter']) {
  const plans: string[] = [];
  const all: Sqlite['all'] = async (sql, params) => {
    const steps = await file.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    plans.push(...steps.map(({ detail }) => detail).filter((detail) => detail.includes('keys_g1')));
    return file.all(sql, params);
  };
  const db = { ...file, all, damaged: damagedRow } as unknown as EmbeddedFile;
  const view = generationView('g1', {}, embeddedTables(db)('g1'));
  const query: KeyQuery = { workspaceId: 'acme', filter, now: NOW };
  const window = { limit: 10, backward: false, after: null, before: null };
  const { rows: page } = await view.listKeys(query, { field: 'CREATED_AT', direction: 'ASC' }, window);
  return { ids: page.map(({ state }) => state.keyId), count: await view.countKeys(query), plans: plans.join('\n') };
}

const LOOKED_UP = /^SEARCH keys_g1 USING INTEGER PRIMARY KEY \(rowid=\?\)(?:\n|$)/;
const WALKED = /^SEARCH keys_g1 USING INDEX keys_g1_\d \(workspaceId=\?/;

test.each<[string, KeyQuery['filter'], readonly string[], RegExp]>([
  ['a tag that few have', { tags: ['seldom'] }, rare, LOOKED_UP],
  ['a tag with a space and capitals', { tags: ['Seldom seen'] }, rare, LOOKED_UP],
  ['a tag that differs in capitals', { tags: ['seldom seen'] }, [], LOOKED_UP],
  ['a tag that nobody has', { tags: ['never'] }, [], LOOKED_UP],
  ['two tags, one of them rare', { tags: ['usual', 'seldom'] }, [], LOOKED_UP],
  ['the beginning of a word that few have', { text: ['servie'] }, rare, LOOKED_UP],
  ['a word in the language of the index', { text: [DIFFERENT.slice(0, -1)] }, rare, LOOKED_UP],
  ['a word that many have, and one that few have', { text: ['service', 'serviette'] }, rare, LOOKED_UP],
  ['a word that many have', { text: ['payments'] }, every(1, 2), WALKED],
  ['a short beginning', { text: ['ord'] }, every(0, 2), WALKED],
  ['a scope that many have', { scope: 'two' }, every(1, 3), LOOKED_UP],
  ['a resource that nobody may reach', { resource: 'r' }, [], LOOKED_UP],
])('%s', async (_, filter, expected, plan) => {
  const { ids, count, plans } = await listed(filter);
  expect(ids).toEqual(expected.slice(0, 10));
  expect(count).toBe(expected.length);
  expect(plans).toMatch(plan);
});

test('a list by terms shows all keys that have them, and no others, however many change and how often', async () => {
  const own = await mkdtemp(join(tmpdir(), 'keyfold-terms-'));
  const store = await openEmbeddedStore({ directory: own, now: NOW });
  const writer = store.writer('g1');
  let random = 7919;
  const below = (bound: number): number => Math.floor(((random = (random * 48_271) % (2 ** 31 - 1)) / 2 ** 31) * bound);
  const some = (of: readonly string[]): string[] => of.filter(() => below(3) > 0);
  const held = new Map<string, { readonly version: number; readonly tags: string[]; readonly words: string[] }>();
  const change = (keyId: string) => {
    const from = held.get(keyId)?.version ?? 0;
    const words = [...some(['key', 'prod']), below(50).toString(36), below(1e9).toString(36)];
    const now = { version: from + 1, tags: some(['red', 'green', 'blue']), words };
    held.set(keyId, now);
    return { from, row: keyRow(keyId, now.version, { details: { tags: now.tags }, search: { name: 'key', words } }) };
  };
  const countBy = async (filter: KeyQuery['filter']) =>
    store.read((view) => view.countKeys({ workspaceId: 'acme', filter, now: NOW }));

  for (let batch = 1; batch <= 60; batch++) {
    const size = [3, 30, 300, 1000][below(4)] ?? 1;
    const known = [...held.keys()];
    const ids = new Set(
      Array.from({ length: known.length > 0 ? below(size) : 0 }, () => known[below(known.length)] ?? ''),
    );
    for (let made = below(size); made > 0; made--) ids.add(keyIdOf(known.length + made));
    expect(await writer.apply({ ...NOTHING, keys: [...ids].map(change) }, { 0: batch })).toBe('applied');
    if (batch % 10 > 0) continue;
    const rows = [...held.values()];
    for (const tag of ['red', 'green', 'blue'])
      expect(await countBy({ tags: [tag] }), tag).toBe(rows.filter(({ tags }) => tags.includes(tag)).length);
    for (const word of ['key', 'pro', 'a', '1', 'z9', rows[below(rows.length)]?.words.at(-1) ?? ''])
      expect(await countBy({ text: [word] }), word).toBe(
        rows.filter(({ words }) => words.some((each) => each.startsWith(word))).length,
      );
  }
  await store.close();
  await rm(own, { recursive: true });
});
