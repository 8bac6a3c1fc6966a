// The contract of checkpoints: what every store keeps of what was signed, whoever signs it and however often.
import { describe, expect, test } from 'vitest';
import type { SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import type { Subtree } from '../../events/proof/tree.ts';
import { NOW, type OpenFixture } from './read-store-fixture.ts';

const hex = (n: number): string => n.toString(16).padStart(64, '0');
const row = (number: number, root = hex(number)): SignedCheckpoint => ({
  checkpoint: {
    id: `checkpoint@${number}`,
    number,
    source: '/keyfold',
    time: NOW,
    count: 3,
    workspaces: 2,
    root,
    position: `p1_0-${number}`,
    previous: number === 1 ? null : hex(number - 1),
  },
  signature: `head..of ${number}`,
});
const subtree = (id: string, count: number): Subtree => ({ id, count, root: hex(count) });
const sorted = (rows: readonly Subtree[]): readonly Subtree[] => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;

export function checkpointTests(open: OpenFixture): void {
  describe('checkpoints', () => {
    test('are there once they were added, for every process, after it was opened again, newest or oldest first, page by page', async () => {
      const { store, another, reopen } = await open();
      expect(await store.checkpoints.newest()).toBeNull();
      expect(await store.checkpoints.at(1)).toBeNull();
      expect(await store.checkpoints.list({ newestFirst: true, limit: 5 })).toEqual([]);
      expect(await store.checkpoints.subtrees(7)).toEqual([]);
      for (let number = 1; number <= 12; number++) expect(await store.checkpoints.add(row(number), [])).toBe(true);
      const seen = async (checkpoints: typeof store.checkpoints) => {
        const numbers = async (range: Parameters<typeof checkpoints.list>[0]) =>
          (await checkpoints.list(range)).map(({ checkpoint }) => checkpoint.number);
        expect(await checkpoints.newest()).toEqual(row(12));
        expect(await checkpoints.at(5)).toEqual(row(5));
        expect(await checkpoints.at(13)).toBeNull();
        expect(await numbers({ newestFirst: true, limit: 3 })).toEqual([12, 11, 10]);
        expect(await numbers({ newestFirst: true, below: 10, limit: 3 })).toEqual([9, 8, 7]);
        expect(await numbers({ newestFirst: false, above: 9, limit: 10 })).toEqual([10, 11, 12]);
        expect(await numbers({ newestFirst: false, above: 3, below: 6, limit: 10 })).toEqual([4, 5]);
      };
      await seen((await another()).checkpoints);
      await seen((await reopen()).checkpoints);
    });

    test('a number is signed once: of many who sign it at once one does, and only what it wrote is read', async () => {
      const { store, another } = await open();
      const other = await another();
      await store.checkpoints.add(row(1), [subtree('acme', 1), subtree('', 1)]);
      for (let number = 2; number <= 15; number++) {
        const attempts = [store, other, store, other].map((each, n) => ({
          each,
          row: row(number, hex(1000 * number + n)),
          changed: [subtree('acme', 100 * number + n), ...(n === 2 ? [subtree(`only ${number}`, n)] : [])],
        }));
        const won = await Promise.all(attempts.map((a) => a.each.checkpoints.add(a.row, a.changed)));
        expect(won.filter(Boolean)).toHaveLength(1);
        const winner = attempts[won.indexOf(true)]!;
        expect(await other.checkpoints.at(number)).toEqual(winner.row);
        const found = await store.checkpoints.subtrees(number);
        for (const each of winner.changed) expect(found).toContainEqual(each);
        expect(found.some(({ id }) => id === `only ${number}`)).toBe(winner.changed.length === 2);
      }
    });

    test('subtrees are as of the number that is asked for: what did not change since stays', async () => {
      const { store, reopen } = await open();
      const odd = 'w-\u{1f511} $a.b';
      await store.checkpoints.add(row(1), [subtree('acme', 1), subtree('', 1)]);
      await store.checkpoints.add(row(2), [subtree(odd, 2)]);
      await store.checkpoints.add(row(3), []);
      await store.checkpoints.add(row(4), [subtree('acme', 4), subtree(odd, 3)]);
      const { checkpoints } = await reopen();
      const first = [subtree('', 1), subtree('acme', 1)];
      expect(sorted(await checkpoints.subtrees(1))).toEqual(first);
      expect(sorted(await checkpoints.subtrees(2))).toEqual([...first, subtree(odd, 2)]);
      expect(sorted(await checkpoints.subtrees(3))).toEqual([...first, subtree(odd, 2)]);
      expect(sorted(await checkpoints.subtrees(9))).toEqual([subtree('', 1), subtree('acme', 4), subtree(odd, 3)]);
    });

    test('more subtrees than are written at once are all there', async () => {
      const { store } = await open();
      const many = Array.from({ length: 2500 }, (_, n) => subtree(`w${n}`, n + 1));
      await store.checkpoints.add(row(1), many);
      expect(sorted(await store.checkpoints.subtrees(1))).toEqual(sorted(many));
    });

    test('a public key stays under its id, whatever comes later', async () => {
      const { store, another, reopen } = await open();
      const other = { ...KEY, x: 'B'.repeat(43) };
      expect(await store.checkpoints.keys()).toEqual(new Map());
      expect(await store.checkpoints.addKey('k1', KEY)).toEqual(KEY);
      expect(await (await another()).checkpoints.addKey('k1', other)).toEqual(KEY);
      await store.checkpoints.addKey('k2', other);
      const expected = new Map([
        ['k1', KEY],
        ['k2', other],
      ]);
      expect(await (await reopen()).checkpoints.keys()).toEqual(expected);
    });

    test('one leads at a time, by the store’s clock: until its time is over, or it leaves', async () => {
      const { store, another } = await open();
      const [one, other] = [store.checkpoints, (await another()).checkpoints];
      expect(await one.lead('a', 60_000)).toBe(true);
      expect(await other.lead('b', 60_000)).toBe(false);
      expect(await one.lead('a', 60_000)).toBe(true);
      expect(await one.lead('a', 0)).toBe(true);
      expect(await other.lead('b', 60_000)).toBe(true);
      expect(await one.lead('a', 60_000)).toBe(false);
      await one.leave('a');
      expect(await one.lead('a', 60_000)).toBe(false);
      await other.leave('b');
      const both = await Promise.all([one.lead('a', 60_000), other.lead('b', 60_000)]);
      expect(both.toSorted()).toEqual([false, true]);
    });

    test('what was published only goes up', async () => {
      const { store, reopen } = await open();
      expect(await store.checkpoints.published()).toBe(0);
      await store.checkpoints.setPublished(4);
      await store.checkpoints.setPublished(2);
      expect(await (await reopen()).checkpoints.published()).toBe(4);
    });
  });
}
