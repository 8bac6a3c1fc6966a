// What every read store must keep of facts about time: the record that lies first in the log, a timeline in which they stand
// between the events, and when which key is to be looked at next.
import { describe, expect, test } from 'vitest';
import { factAt } from '../../events/fact-record.ts';
import { factRow, placeOf } from '../../projections/facts.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { FactRow, LogEntry, TimelineQuery } from '../../projections/rows.ts';
import { insertKeys, NOTHING, type OpenFixture } from './read-store-fixture.ts';
import { historyRow, keyIdOf, keyRow, minute } from './read-store-rows.ts';

const DAY_MINUTES = 1440;

export function factTests(open: OpenFixture): void {
  const fact = (keyId: string, expiresAt: string, days: number, offset: number, workspaceId = 'acme'): FactRow =>
    factRow(factAt({ keyId, workspaceId, keyspace: 'default', expiresAt }, days), { partition: 0, offset });

  async function walk(store: ReadStore, query: TimelineQuery, limit: number, backward: boolean): Promise<string[]> {
    const view = await store.view((await store.control()).live);
    const pages: string[][] = [];
    let place: LogEntry | undefined;
    for (let more = true; more;) {
      const cursor = place ? placeOf(place) : null;
      const page = await view.listTimeline(query, {
        ...{ limit, backward },
        after: backward ? null : cursor,
        before: backward ? cursor : null,
      });
      pages.push(page.rows.map(({ id }) => id));
      place = backward ? page.rows[0] : page.rows.at(-1);
      more = page.more && place !== undefined;
    }
    return (backward ? pages.toReversed() : pages).flat();
  }

  describe('facts about time', () => {
    test('protocol E6: of two records of one id the one that lies first in the log stays, whichever was written first', async () => {
      const { store } = await open();
      const { live } = await store.control();
      const writer = store.writer(live);
      const key = keyIdOf(1);
      for (const offset of [7, 5, 9, 5])
        await writer.apply({ ...NOTHING, facts: [fact(key, minute(0), 0, offset)] }, {});
      const first = fact(key, minute(0), 0, 5);
      const view = await store.view(live);
      expect(await view.facts([first.id, 'another'])).toEqual(new Map([[first.id, first]]));
      expect(await view.listEntries({ partition: 0, from: 0, before: 100 }, 10)).toEqual([first]);
      expect(await view.countTimeline({ scope: { workspaceId: 'acme' } })).toBe(1);
      expect(await view.facts([])).toEqual(new Map());
    });

    test('a stretch of the log has events and facts, in its order, and no more than is asked for', async () => {
      const { store } = await open();
      const { live } = await store.control();
      const history = [1, 2, 3].map((version) =>
        historyRow(keyIdOf(1), version, { position: { partition: 0, offset: version * 10 } }),
      );
      const facts = [fact(keyIdOf(1), minute(0), 0, 15), fact(keyIdOf(2), minute(0), 0, 35, 'foreign')];
      await store.writer(live).apply({ ...NOTHING, history, facts }, {});
      const view = await store.view(live);
      const range = { partition: 0, from: 0, before: 100 };
      const offsets = async (more: object, limit: number) =>
        (await view.listEntries({ ...range, ...more }, limit)).map(({ position }) => position.offset);
      expect(await offsets({}, 100)).toEqual([10, 15, 20, 30, 35]);
      expect(await offsets({}, 2)).toEqual([10, 15]);
      expect(await offsets({ from: 11, before: 31 }, 100)).toEqual([15, 20, 30]);
      expect(await offsets({ workspaceId: 'acme' }, 100)).toEqual([10, 15, 20, 30]);
      expect(await offsets({ partition: 1 }, 100)).toEqual([]);
      // As this store has filed them, lists find them under what they are.
      expect(await view.misfiled(range, 100)).toEqual([]);
    });

    test('a timeline has them between the events, both ways and with any page size, a fact before the events of its time', async () => {
      const { store } = await open();
      const { live } = await store.control();
      const [a, b] = [keyIdOf(1), keyIdOf(2)];
      // Each key: an event a day at midnight; facts at some of these moments, and between them.
      const day = (days: number): string => minute(days * DAY_MINUTES);
      const history = [a, b].flatMap((keyId, kind) =>
        [1, 2, 3, 4, 5].map((version) =>
          historyRow(keyId, version, { time: day(version), position: { partition: kind, offset: version } }),
        ),
      );
      const facts = [
        fact(a, day(3), 1, 50),
        fact(a, day(3), 0, 51),
        fact(a, day(2), 0, 52),
        fact(a, minute(3.5 * DAY_MINUTES), 0, 53),
        fact(b, day(3), 0, 54),
        fact(b, day(30), 0, 55, 'foreign'),
      ];
      await store.writer(live).apply({ ...NOTHING, history, facts }, {});
      const all: readonly LogEntry[] = [...history, ...facts];
      const text = (entry: LogEntry): string => {
        const { time, aggregateId, version } = placeOf(entry);
        return `${time} ${aggregateId} ${String(version + 5000)}`;
      };
      const expected = (keep: (entry: LogEntry) => boolean): string[] =>
        all
          .filter(keep)
          .sort((x, y) => (text(x) < text(y) ? -1 : 1))
          .map(({ id }) => id);
      const isEvent = (entry: LogEntry): boolean => 'version' in entry;
      const queries: readonly (readonly [TimelineQuery, (entry: LogEntry) => boolean])[] = [
        [{ scope: { workspaceId: 'acme' } }, ({ workspaceId }) => workspaceId === 'acme'],
        [{ scope: { workspaceId: 'foreign' } }, ({ workspaceId }) => workspaceId === 'foreign'],
        [{ scope: { aggregateId: a } }, ({ aggregateId }) => aggregateId === a],
        [
          { scope: { workspaceId: 'acme', aggregateId: b } },
          (entry) => entry.aggregateId === b && entry.workspaceId === 'acme',
        ],
        [
          { scope: { aggregateId: a }, types: ['KeyExpired'] },
          (entry) => entry.aggregateId === a && entry.type === 'KeyExpired',
        ],
        [{ scope: { aggregateId: a }, types: ['KeyDisabled'] }, (entry) => entry.aggregateId === a && isEvent(entry)],
        [
          { scope: { aggregateId: a }, types: ['KeyDisabled', 'KeyExpiring'] },
          (entry) => entry.aggregateId === a && entry.type !== 'KeyExpired',
        ],
        [
          { scope: { aggregateId: a }, from: day(2), to: day(3) },
          (entry) => entry.aggregateId === a && entry.time === day(2),
        ],
        [{ scope: { aggregateId: a }, actor: 'user:ada' }, (entry) => entry.aggregateId === a && isEvent(entry)],
        [
          { scope: { workspaceId: 'acme' }, requestId: 'request-3' },
          (entry) => isEvent(entry) && entry.id.endsWith('@3'),
        ],
        [{ scope: { aggregateId: a }, types: [] }, () => false],
      ];
      const view = await store.view(live);
      for (const [query, keep] of queries) {
        const ids = expected(keep);
        expect(await view.countTimeline(query), JSON.stringify(query)).toBe(ids.length);
        for (const limit of [1, 2, 3, 100])
          for (const backward of [false, true])
            expect(await walk(store, query, limit, backward), `${JSON.stringify(query)} by ${limit}`).toEqual(ids);
      }
      // What is decided from is of events alone.
      const window = { limit: 100, backward: false, after: null, before: null };
      const { rows } = await view.listHistory({ scope: { aggregateId: a } }, window);
      expect(rows.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
      expect(await view.countHistory({ scope: { workspaceId: 'acme' } })).toBe(10);
    });

    test('keys are due from their moment on, soonest first; moved on only as they were read', async () => {
      const { store } = await open();
      const { live } = await store.control();
      const writer = store.writer(live);
      await insertKeys(store, [
        keyRow(keyIdOf(1), 1, { noticeAt: minute(30) }),
        keyRow(keyIdOf(2), 1, { noticeAt: minute(20) }),
        keyRow(keyIdOf(3), 1),
        keyRow(keyIdOf(4), 1, { noticeAt: minute(10) }),
      ]);
      const due = async (until: number, limit = 10): Promise<(readonly [string, string | null])[]> =>
        (await (await store.view(live)).noticing(minute(until), limit)).map(({ state, noticeAt }) => [
          state.keyId,
          noticeAt,
        ]);
      expect(await due(9)).toEqual([]);
      expect(await due(29)).toEqual([
        [keyIdOf(4), minute(10)],
        [keyIdOf(2), minute(20)],
      ]);
      expect(await due(99, 1)).toEqual([[keyIdOf(4), minute(10)]]);
      await writer.notice([
        { keyId: keyIdOf(4), version: 1, noticeAt: minute(10), next: null },
        { keyId: keyIdOf(2), version: 2, noticeAt: minute(20), next: null },
        { keyId: keyIdOf(1), version: 1, noticeAt: minute(29), next: null },
        { keyId: keyIdOf(9), version: 1, noticeAt: minute(29), next: minute(40) },
      ]);
      await writer.notice([]);
      expect(await due(99)).toEqual([
        [keyIdOf(2), minute(20)],
        [keyIdOf(1), minute(30)],
      ]);
      await writer.notice([{ keyId: keyIdOf(2), version: 1, noticeAt: minute(20), next: minute(50) }]);
      expect(await due(99)).toEqual([
        [keyIdOf(1), minute(30)],
        [keyIdOf(2), minute(50)],
      ]);
      // An event has the say, whatever was moved meanwhile.
      const row = keyRow(keyIdOf(2), 2, { noticeAt: minute(25) });
      expect(await writer.apply({ ...NOTHING, keys: [{ from: 1, row }] }, {})).toBe('applied');
      expect(await due(29)).toEqual([[keyIdOf(2), minute(25)]]);
    });
  });
}
