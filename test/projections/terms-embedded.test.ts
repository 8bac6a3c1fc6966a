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
