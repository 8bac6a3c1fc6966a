// The ReadStore contract: text that some language takes for more than text, in every place where a user's text is kept.
import { describe, expect, test } from 'vitest';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { KeyOrder, KeyQuery, KeyRow } from '../../projections/rows.ts';
import { HOSTILE, hostileMetadata, NOW_IN_LISTS, ORDERS } from './read-store-arbitraries.ts';
import { insertKeys, NOTHING, type OpenFixture } from './read-store-fixture.ts';
import { keyList } from './read-store-reference.ts';
import { historyRow, keyIdOf, keyRow } from './read-store-rows.ts';

const ids = (rows: readonly KeyRow[]): string[] => rows.map(({ state }) => state.keyId);

const liveView = async (store: ReadStore): Promise<GenerationView> => store.view((await store.control()).live);

export function hostileTextTests(open: OpenFixture): void {
  describe('hostile text', () => {
    test('is stored byte for byte, and found as text only', async () => {
      const { store } = await open();
      const rows = HOSTILE.map((text, number) =>
        keyRow(keyIdOf(number), 1, {
          state: {
            ownerId: text,
            environment: text,
            resources: { all: false, ids: [text] },
            revocation: { reason: text, at: NOW_IN_LISTS, by: { kind: 'user', id: text } },
          },
          details: {
            name: text,
            description: text,
            email: text,
            tags: [text, 'every'],
            metadata: hostileMetadata(text),
          },
          search: { name: text, words: [text] },
        }),
      );
      await insertKeys(store, rows);
      const view = await liveView(store);
      for (const [number, text] of HOSTILE.entries()) {
        const row = rows[number]!;
        expect(JSON.stringify(await view.key(row.state.keyId))).toBe(JSON.stringify(row));
        for (const filter of [
          { text: [text] },
          { tags: [text] },
          { owner: text },
          { environment: text },
          { resource: text },
        ]) {
          const query: KeyQuery = { workspaceId: 'acme', filter, now: NOW_IN_LISTS };
          const order: KeyOrder = { field: 'NAME', direction: 'ASC' };
          const found = await view.listKeys(query, order, { limit: 100, backward: false, after: null, before: null });
          expect(ids(found.rows), JSON.stringify(filter)).toEqual(ids(keyList(rows, query, order)));
        }
        expect(await view.countHistory({ scope: { workspaceId: 'acme' }, actor: text, requestId: text })).toBe(0);
      }
    });

    test('in history is stored byte for byte', async () => {
      const { store } = await open();
      const rows = HOSTILE.map((text, number) => {
        const data = { after: hostileMetadata(text) } as never;
        return historyRow(keyIdOf(number), 1, { actor: `user:${text}`, requestId: text, data, sealed: text });
      });
      await store.writer('g1').apply({ ...NOTHING, history: rows }, {});
      const view = await liveView(store);
      for (const row of rows) {
        expect(JSON.stringify(await view.historyAt(row.aggregateId, 1))).toBe(JSON.stringify(row));
        const { actor, requestId } = row;
        expect(await view.countHistory({ scope: { workspaceId: 'acme' }, actor, requestId })).toBe(1);
      }
    });

    test('with NUL or lone surrogates, which is refused upstream, harms nothing else', async () => {
      const { store } = await open();
      const window = { limit: 10, backward: false, after: null, before: null };
      for (const [number, text] of ['a\0b', '\0', '\ud800', 'x\udfffy'].entries()) {
        const row = keyRow(keyIdOf(number), 1, {
          details: { name: text, tags: [text], metadata: { [text]: text } },
          state: { ownerId: text },
        });
        await store
          .writer('g1')
          .apply({ ...NOTHING, keys: [{ from: 0, row }] }, {})
          .catch(() => undefined);
        await store
          .read((view) =>
            view.listKeys(
              { workspaceId: 'acme', filter: { text: [text], owner: text, tags: [text] }, now: NOW_IN_LISTS },
              ORDERS[0]!,
              window,
            ),
          )
          .catch(() => undefined);
      }
      await insertKeys(store, [keyRow(keyIdOf(100), 1, { state: { workspaceId: 'sane' } })]);
      expect(await (await liveView(store)).countKeys({ workspaceId: 'sane', filter: {}, now: NOW_IN_LISTS })).toBe(1);
    });
  });
}
