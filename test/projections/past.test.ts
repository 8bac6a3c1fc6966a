// The past, on every store that can be had without a server; and what one answer may cost.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPast, PastTooLargeError } from '../../projections/past.ts';
import { countPast, listPast } from '../../projections/past-list.ts';
import type { KeyQuery } from '../../projections/rows.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { pastContract } from '../contracts/past.ts';
import { at, seededRandom, WORKSPACE } from '../fakes/author.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { SPAN, writeHistory } from '../fakes/past.ts';

pastContract(
  'the store in memory',
  () => Promise.resolve({ store: createMemoryStore(), dispose: () => Promise.resolve() }),
  { histories: 25 },
);

pastContract(
  'the embedded store',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyfold-past-'));
    const store = await openEmbeddedStore({ directory, now: at(0) });
    const dispose = async () => {
      await store.close();
      await rm(directory, { recursive: true });
    };
    return { store, dispose };
  },
  { histories: 25 },
);

describe('what one answer may cost', () => {
  async function manyKeys(count: number) {
    const store = createMemoryStore();
    const made = await writeHistory(store, 1, seededRandom(1), count);
    return {
      store,
      made,
      query: { workspaceId: WORKSPACE, now: at(SPAN / 2), filter: { status: ['ACTIVE'] } } as KeyQuery,
    };
  }

  test('is done in small pieces, between which others have their turn', { timeout: 60_000 }, async () => {
    const { store, made, query } = await manyKeys(300);
    const turns: number[] = [];
    let turn = 0;
    let running = true;
    const others = (): void => {
      turn += 1;
      if (running) setImmediate(others);
    };
    others();
    const pieces = { keys: 0, events: 0, opened: 0 };
    await store.read((view) => {
      const past = createPast({
        openPersonal: (rows) => {
          turns.push(turn);
          pieces.opened = Math.max(pieces.opened, rows.length);
          return made.dataKeys.open(rows);
        },
        view: {
          facts: (ids) => view.facts(ids),
          listMade: async (...asked) => {
            turns.push(turn);
            const found = await view.listMade(...asked);
            pieces.keys = Math.max(pieces.keys, found.rows.length);
            return found;
          },
          pastEvents: async (asked) => {
            turns.push(turn);
            const found = await view.pastEvents(asked);
            pieces.events = Math.max(pieces.events, found.rows.length);
            return found;
          },
        },
      });
      return listPast(
        past,
        query,
        { field: 'NAME', direction: 'ASC' },
        { limit: 10, backward: false, after: null, before: null },
      );
    });
    running = false;
    expect(pieces).toMatchObject({ keys: 100, events: 200 });
    expect(pieces.opened).toBeGreaterThan(50);
    expect(pieces.opened).toBeLessThanOrEqual(100);
    expect(turns.length).toBeGreaterThan(6);
    // Of two pieces that follow each other at most the first of the one kind and the first of the other share a turn.
    expect(new Set(turns).size).toBeGreaterThan(turns.length / 3);
  });

  test('is bounded: beyond it there is an error, not an answer without end', { timeout: 60_000 }, async () => {
    const { store, made, query } = await manyKeys(30);
    let clock = 0;
    const answer = store.read((view) =>
      countPast(
        createPast({ view, openPersonal: (rows) => made.dataKeys.open(rows), clock: () => (clock += 3000) }),
        query,
      ),
    );
    await expect(answer).rejects.toBeInstanceOf(PastTooLargeError);
  });
});
