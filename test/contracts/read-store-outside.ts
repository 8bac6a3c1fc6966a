// The ReadStore contract: what lies outside generations (data keys, parked records), and the store as a whole.
import { limitRequest } from './limits.ts';
import { describe, expect, test } from 'vitest';
import { MAX_RECORD_BYTES } from '../../events/logs/records.ts';
import { keptOf } from '../../projections/parked.ts';
import { StoreUnavailableError } from '../../projections/read-store.ts';
import type { OperationOutcome, OperationRow } from '../../projections/rows.ts';
import { NOTHING, type OpenFixture } from './read-store-fixture.ts';
import { dataKeyRow, historyRow, keyIdOf, keyRow, minute, parkedRow, secretRow } from './read-store-rows.ts';

const KEY = keyIdOf(1);

export function outsideTests(open: OpenFixture): void {
  describe('data keys', () => {
    test('of many writers of one id exactly one wins, and all are answered what is stored', async () => {
      const { store, another } = await open();
      const stores = [store, await another(), await another()];
      const rows = Array.from({ length: 12 }, (_, number) => dataKeyRow(`${KEY}.1`, `wrapped-${number}`));
      const answers = await Promise.all(rows.map((row, number) => stores[number % 3]!.dataKeys.insert(row)));
      const stored = (await store.dataKeys.load([`${KEY}.1`])).get(`${KEY}.1`);
      expect(rows).toContainEqual(stored);
      expect(answers).toEqual(rows.map(() => stored));
    });

    test('are loaded by id; unknown ones are left out', async () => {
      const { store } = await open();
      const ids = ['a.1', 'b.1', 'b.2'];
      for (const id of ids) await store.dataKeys.insert(dataKeyRow(id));
      expect(await store.dataKeys.load(['a.1', 'b.2', 'b.2', 'c.1', '$gt', ''])).toEqual(
        new Map([
          ['a.1', dataKeyRow('a.1')],
          ['b.2', dataKeyRow('b.2')],
        ]),
      );
      expect((await store.dataKeys.load([])).size).toBe(0);
      expect(await store.dataKeys.unknown(['a.1', 'c.1', 'b.2', '$gt'])).toEqual(['c.1', '$gt']);
      expect(await store.dataKeys.unknown([])).toEqual([]);
    });

    test('whether there is any is known, and a destroyed one counts', async () => {
      const { store } = await open();
      expect(await store.dataKeys.any()).toBe(false);
      await store.dataKeys.insert(dataKeyRow('a.1'));
      expect(await store.dataKeys.any()).toBe(true);
      await store.dataKeys.destroy('a.1', minute(1));
      expect(await store.dataKeys.any()).toBe(true);
    });

    test('a destroyed one never comes back, in no handle and after no restart', async () => {
      const { store, another, reopen } = await open();
      await store.dataKeys.insert(dataKeyRow('a.1'));
      await store.dataKeys.insert(dataKeyRow('b.1'));
      await (await another()).dataKeys.destroy('a.1', minute(1));
      for (const handle of [() => Promise.resolve(store), reopen]) {
        const on = await handle();
        expect(await on.dataKeys.load(['a.1', 'b.1'])).toEqual(new Map([['b.1', dataKeyRow('b.1')]]));
        expect(await on.dataKeys.unknown(['a.1', 'a.2'])).toEqual(['a.2']);
        expect(await on.dataKeys.insert(dataKeyRow('a.1', 'another'))).toBeNull();
        expect(await on.dataKeys.load(['a.1'])).toEqual(new Map());
        expect(await on.dataKeys.destroyed(['a.1', 'a.2', 'b.1'])).toEqual(new Map([['a.1', minute(1)]]));
      }
    });

    test('one that never was can be destroyed, too: nobody makes it later', async () => {
      const { store } = await open();
      await store.dataKeys.destroy('a.1', minute(1));
      expect(await store.dataKeys.insert(dataKeyRow('a.1'))).toBeNull();
      expect(await store.dataKeys.unknown(['a.1'])).toEqual([]);
      expect(await store.dataKeys.destroyed(['a.1'])).toEqual(new Map([['a.1', minute(1)]]));
    });

    test('destroying again changes nothing: the time of the first stays', async () => {
      const { store } = await open();
      await store.dataKeys.insert(dataKeyRow('a.1'));
      for (const at of [2, 1, 3]) await store.dataKeys.destroy('a.1', minute(at));
      expect(await store.dataKeys.destroyed(['a.1'])).toEqual(new Map([['a.1', minute(2)]]));
    });

    test('one that is made and destroyed at the same time is destroyed in the end', async () => {
      const { store, another } = await open();
      const other = await another();
      const ids = Array.from({ length: 20 }, (_, number) => `${KEY}.${number + 1}`);
      await Promise.all(
        ids.flatMap((id) => [store.dataKeys.insert(dataKeyRow(id)), other.dataKeys.destroy(id, minute(1))]),
      );
      expect((await store.dataKeys.load(ids)).size).toBe(0);
      expect((await store.dataKeys.destroyed(ids)).size).toBe(ids.length);
    });
  });

  describe('parked records', () => {
    const hostile = parkedRow(1, 5, {
      aggregateId: null,
      key: 'a\0b\ud800 $gt "quoted" \u202e',
      value: Uint8Array.of(0, 255, 0, 128),
      headers: { __proto__x: '1', 'a.b': '$gt', '': '\0' },
      reason: "not JSON: '\0\udfff'",
    });

    test('keep their bytes and every character', async () => {
      const { store } = await open();
      const rows = [parkedRow(0, 3), hostile, parkedRow(0, 9_007_199_254_740_990, { value: new Uint8Array() })];
      for (const row of rows) await store.parked.park(row);
      for (const row of rows) expect(await store.parked.at(row.position)).toEqual(row);
      expect((await store.parked.at(hostile.position))?.value).toBeInstanceOf(Uint8Array);
      expect(await store.parked.at({ partition: 9, offset: 3 })).toBeNull();
    });

    test('are kept at their largest: whatever a record is made of, no store refuses it', async () => {
      const { store } = await open();
      const worst = '\u0001'.repeat(10_000_000);
      const value = new Uint8Array(MAX_RECORD_BYTES);
      const headers = { a: worst.slice(0, 60_000), b: worst };
      const row = parkedRow(0, 4, keptOf({ key: worst, value, headers }, 'not JSON'));
      await store.parked.park(row);
      expect(await store.parked.at(row.position)).toEqual(row);
      expect(row.value.byteLength + JSON.stringify({ ...row, value: '' }).length).toBeLessThan(4_000_000);
    });

    test('the first at a position stays', async () => {
      const { store } = await open();
      await store.parked.park(parkedRow(0, 3));
      await store.parked.park(parkedRow(0, 3, { reason: 'another', status: 'RETRIED' }));
      expect(await store.parked.open()).toEqual([parkedRow(0, 3)]);
    });

    test('are listed while open, in order, all or of some aggregates', async () => {
      const { store } = await open();
      for (const row of [hostile, parkedRow(0, 10), parkedRow(0, 9), parkedRow(1, 2)]) await store.parked.park(row);
      expect(await store.parked.open()).toEqual([parkedRow(0, 9), parkedRow(0, 10), parkedRow(1, 2), hostile]);
      expect(await store.parked.open({ aggregateIds: [keyIdOf(9), keyIdOf(2), 'x'] })).toEqual([
        parkedRow(0, 9),
        parkedRow(1, 2),
      ]);
      expect(await store.parked.open({ aggregateIds: [] })).toEqual([]);
    });

    test('once resolved they are open no more, and what was done stays', async () => {
      const { store } = await open();
      for (const offset of [1, 2, 3]) await store.parked.park(parkedRow(0, offset));
      await store.parked.resolve([{ partition: 0, offset: 1 }], 'DISCARDED');
      await store.parked.resolve(
        [1, 2, 99].map((offset) => ({ partition: 0, offset })),
        'RETRIED',
      );
      await store.parked.resolve([], 'RETRIED');
      expect(await store.parked.open()).toEqual([parkedRow(0, 3)]);
      expect(await store.parked.at({ partition: 0, offset: 1 })).toEqual(parkedRow(0, 1, { status: 'DISCARDED' }));
      expect(await store.parked.at({ partition: 0, offset: 2 })).toEqual(parkedRow(0, 2, { status: 'RETRIED' }));
    });

    test('among a batch: those of its offsets whatever their status, and open copies of its records', async () => {
      const { store } = await open();
      const copy = parkedRow(1, 1, { digest: 'copied' });
      const resolvedCopy = parkedRow(1, 2, { digest: 'copied' });
      for (const row of [parkedRow(0, 4), parkedRow(0, 5), parkedRow(0, 8), parkedRow(1, 6), copy, resolvedCopy])
        await store.parked.park(row);
      await store.parked.resolve(
        [5, 8].map((offset) => ({ partition: 0, offset })),
        'DISCARDED',
      );
      await store.parked.resolve([resolvedCopy.position], 'RETRIED');
      const among = (digests: readonly string[]) => store.parked.among({ partition: 0, from: 4, to: 8, digests });
      const inside = [parkedRow(0, 4), parkedRow(0, 5, { status: 'DISCARDED' })];
      expect(await among([])).toEqual(inside);
      expect(await among(['copied', '$gt'])).toEqual([...inside, copy]);
    });
  });

  describe('checks of secrets', () => {
    test('the first value under a name stays, whoever comes later', async () => {
      const { store, another } = await open();
      const other = await another();
      expect(await store.checks.all()).toEqual(new Map());
      await store.checks.add('pepper:p1', 'first');
      await other.checks.add('pepper:p1', 'second');
      await other.checks.add('pepper:$p2', 'third');
      const stored = new Map([
        ['pepper:p1', 'first'],
        ['pepper:$p2', 'third'],
      ]);
      expect(await store.checks.all()).toEqual(stored);
      expect(await other.checks.all()).toEqual(stored);
    });
  });

  describe('operations', () => {
    const begun = (commandId: string, fingerprint = 'f'): OperationRow => ({
      commandId,
      fingerprint,
      records: [
        { partition: 0, offset: 9_007_199_254_740_990 },
        { partition: 3, offset: 0 },
      ],
      outcome: null,
    });
    const outcome = (offset: number): OperationOutcome => ({ position: { 0: offset, 11: 2 }, generation: 'g2' });

    test('of many who begin one under the same commandId exactly one does, and all are answered what is stored', async () => {
      const { store, another } = await open();
      const stores = [store, await another(), await another()];
      const rows = Array.from({ length: 12 }, (_, number) => begun('c-1', `fingerprint ${number}`));
      const answers = await Promise.all(rows.map((row, number) => stores[number % 3]!.operations.begin(row)));
      expect(answers.filter(({ begun }) => begun)).toHaveLength(1);
      const stored = await store.operations.load('c-1');
      expect(answers.find(({ begun }) => begun)?.row).toEqual(stored);
      for (const { row } of answers) expect(row).toEqual(stored);
      expect(rows).toContainEqual(stored);
    });

    test('the first outcome stays', async () => {
      const { store, another, reopen } = await open();
      const other = await another();
      await store.operations.begin(begun('c-1'));
      await store.operations.begin(begun('c-2'));
      const answers = await Promise.all([
        store.operations.finish('c-1', outcome(1)),
        other.operations.finish('c-1', outcome(2)),
      ]);
      expect(answers[0]).toEqual(answers[1]);
      expect(await store.operations.finish('c-1', { position: {}, generation: null })).toEqual(answers[0]);
      const again = await reopen();
      expect(await again.operations.load('c-1')).toEqual({ ...begun('c-1'), outcome: answers[0] });
      expect(await again.operations.begin(begun('c-1', 'other'))).toEqual({
        row: { ...begun('c-1'), outcome: answers[0] },
        begun: false,
      });
      expect(await again.operations.load('c-2')).toEqual(begun('c-2'));
      expect(await again.operations.load('c-3')).toBeNull();
    });
  });

  describe('the store', () => {
    test('opened again it has everything', async () => {
      const fixture = await open();
      const { store } = fixture;
      const writes = {
        ...NOTHING,
        history: [historyRow(KEY, 1)],
        secrets: [secretRow(KEY)],
        keys: [{ from: 0, row: keyRow(KEY) }],
      };
      await store.writer('g1').apply(writes, { 0: 1 });
      await store.createGeneration('2026-01-02T00:00:00.000Z');
      await store.dataKeys.insert(dataKeyRow('a.1'));
      await store.parked.park(parkedRow(0, 3));
      const control = await store.control();

      const again = await fixture.reopen();
      expect(await again.control()).toEqual(control);
      await again.read(async (view) => {
        expect(view.checkpoint).toEqual({ 0: 1 });
        expect(await view.key(KEY)).toEqual(keyRow(KEY));
        expect(await view.historyAt(KEY, 1)).toEqual(historyRow(KEY, 1));
        expect((await view.keyBySecret(secretRow(KEY).hash))?.keyId).toBe(KEY);
      });
      expect((await again.dataKeys.load(['a.1'])).size).toBe(1);
      expect(await again.parked.open()).toEqual([parkedRow(0, 3)]);
    });

    test('answers while it is open; closed, everything says that it is away', async () => {
      const { store } = await open();
      await store.control();
      await store.close();
      await store.close();
      for (const call of [
        () => store.control(),
        () => store.read((view) => view.key(KEY)),
        () => store.writer('g1').apply(NOTHING, { 0: 1 }),
        () => store.writer('g1').keys([KEY]),
        () => store.dataKeys.insert(dataKeyRow('a.1')),
        () => store.parked.open(),
        () => store.dataKeys.any(),
        () => store.operations.load('c-1'),
        () => store.operations.begin({ commandId: 'c-1', fingerprint: 'f', records: [], outcome: null }),
        () => store.operations.finish('c-1', { position: {}, generation: null }),
        async () => store.limits.take(limitRequest()),
        async () => store.limits.report([limitRequest()]),
      ]) {
        await expect(call()).rejects.toBeInstanceOf(StoreUnavailableError);
      }
    });
  });
}
