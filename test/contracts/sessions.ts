// The ReadStore contract: sessions of the console. Kept under a hash, over at their time, and never back once they are ended.
import { describe, expect, test } from 'vitest';
import type { SessionRow } from '../../projections/sessions.ts';
import type { OpenFixture } from './read-store-fixture.ts';

// Far ahead: a server that removes what is over goes by its own clock.
const at = (hour: number): string => new Date(Date.UTC(2090, 0, 1, hour)).toISOString();

const row = (n: number, more: Partial<SessionRow> = {}): SessionRow => ({
  ...{ id: String(n).padStart(64, '0'), subject: 'ada', email: 'ada@example.com', operator: true, method: 'code' },
  workspaces: { demo: 'admin', $where: 'viewer', 'a.b': 'auditor', constructor: 'member' } as SessionRow['workspaces'],
  ...{ createdAt: at(0), expiresAt: at(24), until: at(8) },
  ...more,
});

export function sessionTests(open: OpenFixture): void {
  describe('sessions', () => {
    test('are there as they were added, for every process, and when the store is opened again', async () => {
      const { store, another, reopen } = await open();
      const [first, second] = [row(1), row(2, { email: null, operator: false, method: 'oidc', workspaces: {} })];
      await store.sessions.add(first);
      await store.sessions.add(second);
      expect(await (await another()).sessions.load(first.id, at(1))).toEqual(first);
      const again = await reopen();
      expect(await again.sessions.load(first.id, at(1))).toEqual(first);
      expect(await again.sessions.load(second.id, at(1))).toEqual(second);
      expect(await again.sessions.load(row(3).id, at(1))).toBeNull();
    });

    test('never take the place of one another', async () => {
      const { store } = await open();
      await store.sessions.add(row(1));
      await expect(store.sessions.add(row(1, { subject: 'eve' }))).rejects.toThrow();
      expect(await store.sessions.load(row(1).id, at(1))).toEqual(row(1));
    });

    test('are over at their time, to the millisecond, and later when they are used', async () => {
      const { store } = await open();
      const { id } = row(1);
      await store.sessions.add(row(1));
      expect(await store.sessions.load(id, new Date(Date.parse(at(8)) - 1).toISOString())).not.toBeNull();
      expect(await store.sessions.load(id, at(8))).toBeNull();
      await store.sessions.extend(id, at(10));
      expect(await store.sessions.load(id, at(9))).toEqual(row(1, { until: at(10) }));
      await store.sessions.extend(id, at(9)); // of another process, later
      expect(await store.sessions.load(id, at(9))).toEqual(row(1, { until: at(10) }));
    });

    test('are gone when they are ended, for every process, and no use brings them back', async () => {
      const { store, another, reopen } = await open();
      const { id } = row(1);
      await store.sessions.add(row(1));
      await store.sessions.add(row(2));
      expect(await store.sessions.end(id)).toBe(true);
      expect(await store.sessions.end(id)).toBe(false);
      const other = await another();
      await other.sessions.extend(id, at(20));
      expect(await other.sessions.load(id, at(0))).toBeNull();
      const again = await reopen();
      expect(await again.sessions.load(id, at(0))).toBeNull();
      expect(await again.sessions.load(row(2).id, at(0))).toEqual(row(2));
    });

    test('of somebody are ended together, whatever they are called, and nobody else’s', async () => {
      const { store, another } = await open();
      for (const [n, subject] of ['eve', 'ada', 'eve', '$ne'].entries()) await store.sessions.add(row(n, { subject }));
      expect(await (await another()).sessions.endOf('eve')).toBe(2);
      expect(await store.sessions.endOf('eve')).toBe(0);
      const left = await store.sessions.list(at(1), 10);
      expect(left.map(({ subject }) => subject).sort()).toEqual(['$ne', 'ada']);
      expect(await store.sessions.endOf('$ne')).toBe(1);
    });

    test('are listed newest first, without those that are over', async () => {
      const { store } = await open();
      const rows = [3, 1, 2].map((n) => row(n, { createdAt: at(n), until: at(8 + n) }));
      for (const each of [...rows, row(4, { until: at(7) })]) await store.sessions.add(each);
      const ids = async (now: string, limit = 10) =>
        (await store.sessions.list(now, limit)).map(({ id }) => Number(id));
      expect(await ids(at(7))).toEqual([3, 2, 1]);
      expect(await ids(at(9), 1)).toEqual([3]);
      expect(await ids(at(10))).toEqual([3]);
      expect((await store.sessions.list(at(10), 10))[0]).toEqual(rows[0]);
    });

    test('that are over go, and no other one does', async () => {
      const { store } = await open();
      await store.sessions.add(row(1));
      await store.sessions.add(row(2, { until: at(12) }));
      while ((await store.sessions.sweep(at(8))) > 0);
      expect(await store.sessions.load(row(1).id, at(8))).toBeNull();
      expect(await store.sessions.load(row(2).id, at(8))).toEqual(row(2, { until: at(12) }));
    });
  });
}
