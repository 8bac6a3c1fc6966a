// The ReadStore contract: batches, their guards and checkpoints, and the reads by key that go with them.
import { describe, expect, test } from 'vitest';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import { profile } from '../../events/keyspaces/profile.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import type { ReadStore, Writes } from '../../projections/read-store.ts';
import { contents, foldBatch, NOTHING, NOW, project, type OpenFixture, type TestEvent } from './read-store-fixture.ts';
import { historyRow, keyIdOf, keyRow, minute, secretRow } from './read-store-rows.ts';

const KEY = keyIdOf(1);
const KEYS = Array.from({ length: 8 }, (_, number) => keyIdOf(number));

/** Five versions of eight keys, interleaved, one partition. */
const EVENTS: readonly TestEvent[] = Array.from({ length: 40 }, (_, offset) => ({
  keyId: KEYS[(offset * 3) % 8]!,
  version: Math.floor(offset / 8) + 1,
  position: { partition: 0, offset },
}));
const BATCHES = Array.from({ length: 8 }, (_, batch) => EVENTS.slice(batch * 5, batch * 5 + 5));

const live = async (store: ReadStore) => store.view((await store.control()).live);
const keyspaces = (version: number, name: string): KeyspacesState => ({
  version,
  head: 'a'.repeat(64),
  time: minute(version),
  profiles: {
    default: { version, changedAt: minute(version), profile: profile.parse({ ...DEFAULT_PROFILE, name }), formats: [] },
  },
});

export function writeTests(open: OpenFixture): void {
  describe('a batch', () => {
    test('is read back as it was written, each row by its key', async () => {
      const { store } = await open();
      const made = keyRow(KEY, 1, { state: { predecessor: KEYS[0]!, revocation: null } });
      const sibling = keyRow(KEYS[2]!, 1, { state: { predecessor: KEYS[0]!, createdAt: minute(-1) } });
      const writes: Writes = {
        history: [
          historyRow(KEY, 1),
          historyRow(KEYS[2]!, 1, { workspaceId: null }),
          historyRow(KEYS[4]!, 1, { type: 'RecordDiscarded' }),
        ],
        secrets: [secretRow(KEY), secretRow(KEYS[3]!)],
        keys: [made, sibling].map((row) => ({ from: 0, row })),
        keyspaces: { from: 0, state: keyspaces(1, 'First') },
      };
      expect(await store.writer('g1').apply(writes, { 0: 7, 3: 9_007_199_254_740_990 })).toBe('applied');

      await store.read(async (view) => {
        expect(view.generation).toBe('g1');
        expect(view.checkpoint).toEqual({ 0: 7, 3: 9_007_199_254_740_990 });
        expect(await view.key(KEY)).toEqual(made);
        expect(await view.key(keyIdOf(99))).toBeNull();
        expect(await view.keys([KEY, KEY, KEYS[2]!, keyIdOf(99)])).toEqual(
          new Map([made, sibling].map((row) => [row.state.keyId, row])),
        );
        expect(await view.keys([])).toEqual(new Map());
        expect(await view.successors([KEYS[0]!, KEY])).toEqual(
          new Map([
            [KEYS[0], [sibling, made]],
            [KEY, []],
          ]),
        );
        expect(await view.keyspaces()).toEqual(keyspaces(1, 'First'));
        expect(await view.historyAt(KEY, 1)).toEqual(historyRow(KEY, 1));
        expect(await view.historyAt(KEY, 2)).toBeNull();
        expect(await view.historyByCommand(KEY, 'command-1')).toEqual(historyRow(KEY, 1));
        expect(await view.historyByCommand(KEYS[2]!, 'command-1')).toEqual(
          historyRow(KEYS[2]!, 1, { workspaceId: null }),
        );
        expect(await view.historyByCommand(KEY, 'command-2')).toBeNull();
        expect(await view.historyByOperatorCommand('command-1')).toEqual(
          historyRow(KEYS[4]!, 1, { type: 'RecordDiscarded' }),
        );
        expect(await view.historyByOperatorCommand('command-2')).toBeNull();
        expect(await view.keyBySecret(secretRow(KEY).hash)).toEqual(made.state);
        expect(await view.keyBySecret(secretRow(KEYS[3]!).hash)).toBeNull();
        expect(await view.keyBySecret('unknown')).toBeNull();
      });
      const writer = store.writer('g1');
      expect(await writer.keys([KEY])).toEqual(new Map([[KEY, made]]));
      expect(await writer.keyspaces()).toEqual(keyspaces(1, 'First'));
      expect(await writer.checkpoint()).toEqual({ 0: 7, 3: 9_007_199_254_740_990 });
    });

    test('an empty store has no rows, no profiles and an empty checkpoint', async () => {
      const { store } = await open();
      await store.read(async (view) => {
        expect(view.checkpoint).toEqual({});
        expect(await view.key(KEY)).toBeNull();
        expect(await view.keyspaces()).toEqual(NO_KEYSPACES);
        expect(await view.scanKeys(null, 10)).toEqual([]);
        expect(await view.retiring(minute(100), 10)).toEqual([]);
      });
      expect(await store.writer('g1').keyspaces()).toEqual(NO_KEYSPACES);
    });

    test('usage is written with the first version and left alone by later ones', async () => {
      const { store } = await open();
      const usage = { lastUsedAt: minute(5), lastSeenAt: minute(6), requestCount: 5_000_000_000 };
      const writer = store.writer('g1');
      await writer.apply({ ...NOTHING, keys: [{ from: 0, row: keyRow(KEY, 1, { usage }) }] }, {});
      await writer.apply({ ...NOTHING, keys: [{ from: 1, row: keyRow(KEY, 2) }] }, {});
      expect((await writer.keys([KEY])).get(KEY)).toEqual(keyRow(KEY, 2, { usage }));
    });

    test('protocol P1: written twice, or again after a crash between any two of its steps, it counts once', async () => {
      const { store } = await open();
      const expected = await store.createGeneration(NOW);
      for (const batch of BATCHES) await project(store.writer(expected), batch);

      const writer = store.writer('g1');
      for (const batch of BATCHES) {
        const { history, secrets, keys } = await foldBatch(writer, batch);
        await writer.apply({ ...NOTHING, history: history.slice(0, 2) }, {}); // crashed among the history
        await writer.apply({ ...NOTHING, history, secrets: secrets.slice(0, 2) }, {});
        await writer.apply({ ...NOTHING, history, secrets, keys: keys.slice(0, 1) }, {});
        await writer.apply({ ...NOTHING, history, secrets, keys: keys.slice(1) }, {}); // crashed before the checkpoint
        await project(writer, batch);
        await project(writer, batch);
      }
      for (const batch of BATCHES) await project(writer, batch); // redelivered from the start
      expect(await contents(await live(store), KEYS)).toEqual(await contents(await store.view(expected), KEYS));
    });

    test('history and secrets are never overwritten', async () => {
      const { store } = await open();
      const writer = store.writer('g1');
      const secret = secretRow(KEY);
      await writer.apply(
        { ...NOTHING, history: [historyRow(KEY, 1)], secrets: [secret], keys: [{ from: 0, row: keyRow(KEY) }] },
        {},
      );
      const other = [historyRow(KEY, 1, { commandId: 'other' }), historyRow(KEY, 2)];
      expect(await writer.apply({ ...NOTHING, history: other, secrets: [{ ...secret, keyId: KEYS[5]! }] }, {})).toBe(
        'applied',
      );
      const view = await live(store);
      expect(await view.historyAt(KEY, 1)).toEqual(historyRow(KEY, 1));
      expect(await view.historyAt(KEY, 2)).toEqual(historyRow(KEY, 2));
      expect((await view.keyBySecret(secret.hash))?.keyId).toBe(KEY);
    });

    test('protocol P1: a guard that does not hold is a conflict, changes no key and writes no checkpoint', async () => {
      const { store, another } = await open();
      const first = store.writer('g1');
      const second = (await another()).writer('g1');
      await first.apply(
        { ...NOTHING, keys: [{ from: 0, row: keyRow(KEY, 2) }], keyspaces: { from: 0, state: keyspaces(2, 'A') } },
        { 0: 2 },
      );

      for (const from of [0, 1, 3]) {
        const stale = { from, row: keyRow(KEY, from + 1, { details: { name: 'late' } }) };
        expect(await second.apply({ ...NOTHING, keys: [stale] }, { 0: 9 })).toBe('conflict');
        const staleState = { from, state: keyspaces(from + 1, 'late') };
        expect(await second.apply({ ...NOTHING, keyspaces: staleState }, { 0: 9 })).toBe('conflict');
      }
      expect(await second.apply({ ...NOTHING, keys: [{ from: 1, row: keyRow(KEYS[4]!, 2) }] }, { 0: 9 })).toBe(
        'conflict',
      );
      expect((await first.keys([KEY, KEYS[4]!])).get(KEY)).toEqual(keyRow(KEY, 2));
      expect((await first.keys([KEYS[4]!])).size).toBe(0);
      expect(await first.keyspaces()).toEqual(keyspaces(2, 'A'));
      expect(await first.checkpoint()).toEqual({ 0: 2 });

      expect(
        await second.apply(
          { ...NOTHING, keys: [{ from: 2, row: keyRow(KEY, 3) }], keyspaces: { from: 2, state: keyspaces(3, 'B') } },
          { 0: 3 },
        ),
      ).toBe('applied');
      expect(await first.keyspaces()).toEqual(keyspaces(3, 'B'));
    });

    test('protocol P2: a checkpoint never goes back, partition by partition', async () => {
      const { store, another } = await open();
      const writer = store.writer('g1');
      const zombie = (await another()).writer('g1');
      await writer.apply(NOTHING, { 0: 5, 1: 5 });
      await zombie.apply(NOTHING, { 0: 3, 1: 6, 2: 1 });
      await zombie.apply(NOTHING, { 0: 0 });
      await zombie.apply(NOTHING, {});
      expect(await writer.checkpoint()).toEqual({ 0: 5, 1: 6, 2: 1 });
      expect((await store.control()).generations[0]?.checkpoint).toEqual({ 0: 5, 1: 6, 2: 1 });
    });

    test('protocol P2: two projectors that race over the same batches leave what one alone does', async () => {
      const { store, another } = await open();
      const alone = await store.createGeneration(NOW);
      for (const batch of BATCHES) await project(store.writer(alone), batch);

      const racer = async (of: ReadStore) => {
        for (const batch of BATCHES) await project(of.writer('g1'), batch);
      };
      await Promise.all([racer(store), racer(await another()), racer(await another())]);
      expect(await contents(await store.view('g1'), KEYS)).toEqual(await contents(await store.view(alone), KEYS));
    });

    test('tells listeners of the same store once it is applied, and not of a conflict', async () => {
      const { store } = await open();
      const writer = store.writer('g1');
      let calls = 0;
      const stop = store.onApply(() => (calls += 1));
      const writes = { ...NOTHING, keys: [{ from: 0, row: keyRow(KEY) }] };
      await writer.apply(writes, {});
      expect(calls).toBe(1);
      await writer.apply(writes, {});
      expect(calls).toBe(1);
      stop();
      await writer.apply(NOTHING, { 0: 1 });
      expect(calls).toBe(1);
    });

    test('finds the keys whose previous secret retires, soonest first, until it is retired', async () => {
      const { store } = await open();
      const retiring = (number: number, retiresAt: string) =>
        keyRow(keyIdOf(number), 1, {
          state: { previousSecret: { scheme: 'hmac-sha256', pepperId: 'p1', hash: 'h', retiresAt } },
        });
      const rows = [retiring(1, minute(30)), retiring(2, minute(10)), retiring(3, minute(20)), keyRow(keyIdOf(4))];
      const writer = store.writer('g1');
      await writer.apply({ ...NOTHING, keys: rows.map((row) => ({ from: 0, row })) }, {});
      const found = async (until: string, limit: number) =>
        (await (await live(store)).retiring(until, limit)).map(({ state }) => state.keyId);
      expect(await found(minute(9), 10)).toEqual([]);
      expect(await found(minute(20), 10)).toEqual([keyIdOf(2), keyIdOf(3)]);
      expect(await found(minute(99), 2)).toEqual([keyIdOf(2), keyIdOf(3)]);
      await writer.apply({ ...NOTHING, keys: [{ from: 1, row: keyRow(keyIdOf(2), 2) }] }, {});
      expect(await found(minute(99), 10)).toEqual([keyIdOf(3), keyIdOf(1)]);
    });
  });
}
