// Scraps of erased rows: SQLite leaves some in pages that it joins, so a clean stop makes the files anew that may hold any.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { NOTHING, NOW } from '../contracts/read-store-fixture.ts';
import { keyIdOf, keyRow, minute } from '../contracts/read-store-rows.ts';
import { fold, LATER } from '../contracts/usage.ts';
import { batchOf, partitionOf, type Decision } from '../support/usage.ts';

const KEYS = 40;
const BATCHES = 400;
/** Of the addresses' numbers: four digits each, whose form nobody shortens. */
const FIRST = 0x1000;
let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'keyfold-scraps-'))));
afterEach(() => rm(directory, { recursive: true }));

const moment = (number: number): string => new Date(Date.parse(minute(0)) + number).toISOString();
const caller = (number: number): string => `2001:db8:${(FIRST + number).toString(16)}:beef:c0de:cafe:f00d:77`;

/** Numbers of the callers whose addresses lie anywhere in the file. */
async function held(): Promise<ReadonlySet<number>> {
  const bytes = await readFile(join(directory, 'counts.db'), 'latin1');
  return new Set([...bytes.matchAll(/2001:db8:([\da-f]{4}):beef/g)].map(([, hex]) => parseInt(hex!, 16) - FIRST));
}

test('after a clean stop no page holds a scrap of who called with a key that was forgotten', async () => {
  let random = 7919;
  const below = (bound: number): number => Math.floor(((random = (random * 48_271) % (2 ** 31 - 1)) / 2 ** 31) * bound);
  const store = await openEmbeddedStore({ directory, now: NOW });
  const kept = new Map<number, string>();
  let calls = 0;
  for (let sequence = 1; sequence <= BATCHES; sequence++) {
    const decisions = Array.from({ length: 1 + below(30) }, (): Decision => {
      const [number, keyId] = [calls++, keyIdOf(below(KEYS))];
      kept.set(number, keyId);
      const userAgent = 'x'.repeat(below(number % 3 ? 100 : 500));
      return { keyId, time: moment(number), request: { ip: caller(number), userAgent } };
    });
    await fold(store, partitionOf([batchOf('v1', sequence, decisions)], 0, sequence - 1));
    if (below(4) > 0) continue;
    const gone = keyIdOf(below(KEYS));
    await store.usage.erase(gone, moment(calls));
    while ((await store.usage.sweep(LATER)) > 0);
    for (const [number, keyId] of kept) if (keyId === gone) kept.delete(number);
  }
  await store.close();
  expect(await held()).toEqual(new Set(kept.keys()));
});

test('after a clean stop no page holds a scrap of what a key that was forgotten was called', async () => {
  let random = 104_729;
  const below = (bound: number): number => Math.floor(((random = (random * 48_271) % (2 ** 31 - 1)) / 2 ** 31) * bound);
  const letters = (): string => Array.from({ length: 24 }, () => String.fromCharCode(97 + below(26))).join('');
  const store = await openEmbeddedStore({ directory, now: NOW });
  const writer = store.writer('g1');
  const rows = new Map<string, { readonly version: number; readonly name: string }>();
  const former: string[] = [];
  const rename = (keyId: string, name: string) => {
    const { version: from, name: before } = rows.get(keyId) ?? { version: 0, name: '' };
    if (before !== '') former.push(before);
    rows.set(keyId, { version: from + 1, name });
    const words = name === '' ? [] : [name, 'key', keyId.toLowerCase()];
    return { from, row: keyRow(keyId, from + 1, { details: { name }, search: { name, words } }) };
  };
  let made = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const ids = new Set(Array.from({ length: 1 + below(4) }, () => keyIdOf(below(made + 1))));
    const known = [...ids].filter((keyId) => rows.has(keyId));
    const changes = [
      ...known.map((keyId) => rename(keyId, below(2) > 0 ? '' : letters())),
      ...Array.from({ length: below(batch % 5 ? 3 : 40) }, () => rename(keyIdOf(made++), letters())),
    ];
    expect(await writer.apply({ ...NOTHING, keys: changes }, { 0: batch + 1 })).toBe('applied');
    if (changes.some(({ row }) => row.details.name === '')) await store.usage.erase(known[0]!, minute(batch));
  }
  await store.close();

  const bytes = await readFile(join(directory, 'read.db'), 'latin1');
  /** As it is, and as the index of terms has it, whose words leave out how the one before begins. */
  const holds = (name: string): boolean =>
    bytes.includes(name) || bytes.includes(Buffer.from(name.slice(8)).toString('hex'));
  expect(former.length).toBeGreaterThan(100);
  expect(former.filter(holds)).toEqual([]);
  const names = [...rows.values()].map(({ name }) => name).filter((name) => name !== '');
  expect(names.filter((name) => !bytes.includes(Buffer.from(name.slice(8)).toString('hex')))).toEqual([]);
});
