// The contract of the past: a state, a list and a review as of any time equal what the plain fold of the log up to that time
// says, whatever the store.
import { afterEach, describe, expect, test } from 'vitest';
import { dataKeyId } from '../../events/ids.ts';
import { countReview, reviewAccess, type Reviewed } from '../../projections/access-review.ts';
import { createPast, keysAsOf, type Past } from '../../projections/past.ts';
import { countPast, listPast } from '../../projections/past-list.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { KeyCursor, KeyFilter, KeyOrder, KeyQuery, KeyRow, Rows, Window } from '../../projections/rows.ts';
import { at, seededRandom, WORKSPACE } from '../fakes/author.ts';
import { foldedAt, SPAN, withoutSecrets, writeHistory, type PastWorld } from '../fakes/past.ts';
import { keyCursor, keyList } from './read-store-reference.ts';

/** A store that nobody has written to. */
export type OpenPast = () => Promise<{ readonly store: ReadStore; readonly dispose: () => Promise<unknown> }>;

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

const reading = <T>(
  { dataKeys }: Pick<PastWorld, 'dataKeys'>,
  store: ReadStore,
  work: (past: Past, view: GenerationView) => Promise<T>,
) => store.read((view) => work(createPast({ view, openPersonal: (rows) => dataKeys.open(rows) }), view));

/** A time anywhere, often the very one of an event. */
function timesOf(world: PastWorld, random: () => number): () => string {
  const all = world.log
    .records()
    .map(({ value }) => (JSON.parse(Buffer.from(value).toString()) as { time: string }).time);
  return () => (random() < 0.5 ? all[Math.floor(random() * all.length)]! : at(Math.floor(random() * (SPAN + 20)) - 10));
}

const ORDERS: readonly KeyOrder[] = (['CREATED_AT', 'NAME', 'EXPIRES_AT'] as const).flatMap((field) =>
  (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
);

function randomFilter(random: () => number): KeyFilter {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const all: Required<Omit<KeyFilter, 'unusedSince'>> = {
    text: pick([['al'], ['öl'], ['k'], ['zeta', 'k1']]),
    status: pick([['ACTIVE'], ['DELETED'], ['EXPIRED', 'DISABLED'], ['REVOKED', 'ACTIVE', 'DELETED']]),
    tags: pick([['red'], ['red', 'blue'], []]),
    owner: pick(['u-1', 'u-17']),
    environment: pick(['live', 'test']),
    type: pick(['secret', 'other']),
    scope: pick(['a:read', 'a:write']),
    granting: pick([[{ keyspace: 'default', scopes: ['a:write'] }], []]),
    resource: pick(['r1', 'r2']),
    keyspace: pick(['default', 'other']),
    expiresBefore: at(Math.floor(random() * SPAN)),
  };
  return Object.fromEntries(Object.entries(all).filter(() => random() < 0.15));
}

/** Every row of a list, read page by page. */
async function walk<R>(
  size: number,
  backward: boolean,
  read: (window: Window<KeyCursor>) => Promise<Rows<R>>,
  place: (row: R) => KeyCursor,
): Promise<R[]> {
  const all: R[] = [];
  let window: Window<KeyCursor> = { limit: size, backward, after: null, before: null };
  for (;;) {
    const { rows, more } = await read(window);
    expect(rows.length).toBeLessThanOrEqual(size);
    if (backward) all.unshift(...rows);
    else all.push(...rows);
    const last = backward ? rows[0] : rows.at(-1);
    if (!more || !last) return all;
    window = { ...window, ...(backward ? { before: place(last) } : { after: place(last) }) };
  }
}

export function pastContract(name: string, open: OpenPast, { histories }: { readonly histories: number }): void {
  describe(`the past on ${name}`, () => {
    const disposals: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const dispose of disposals.splice(0)) await dispose();
    });
    async function world(seed: number, random: () => number): Promise<{ store: ReadStore; made: PastWorld }> {
      const { store, dispose } = await open();
      disposals.push(dispose);
      return { store, made: await writeHistory(store, seed, random) };
    }

    test(
      `asOf at ${histories * 20} random times in random histories equals folding the log to that time (SEED=${SEED})`,
      { timeout: 120_000 },
      async () => {
        for (let run = 0; run < histories; run++) {
          const random = seededRandom(SEED + run);
          const { store, made } = await world(SEED + run, random);
          for (const id of random() < 0.5 ? made.forgotten : []) erase(store, id);
          const time = timesOf(made, random);
          for (let times = 0; times < 20; times++) {
            const asOf = time();
            const expected = await foldedAt(made, asOf);
            const found = await reading(made, store, async (past, view) =>
              keysAsOf(past, [...(await view.keys([...made.keyIds, made.foreign])).values()], asOf),
            );
            const by = (rows: Iterable<KeyRow>) =>
              new Map([...rows].map((row) => [row.state.keyId, withoutSecrets(row)]));
            expect(by(found.values()), `SEED=${SEED + run} ${asOf}`).toEqual(by(expected));
          }
        }
      },
    );

    test(
      `lists as of a time, with any filter, order and page, equal a naive reference (SEED=${SEED})`,
      { timeout: 120_000 },
      async () => {
        for (let run = 0; run < Math.ceil(histories * 0.6); run++) {
          const random = seededRandom(SEED + 1000 + run);
          const { store, made } = await world(SEED + 1000 + run, random);
          const time = timesOf(made, random);
          for (let times = 0; times < 8; times++) {
            const asOf = time();
            const rows = await foldedAt(made, asOf);
            const keyspaces = random() < 0.3 ? { keyspaces: ['other'] } : {};
            const query: KeyQuery = { workspaceId: WORKSPACE, now: asOf, filter: randomFilter(random), ...keyspaces };
            for (const order of ORDERS) {
              const expected = keyList(rows, query, order);
              const size = 1 + Math.floor(random() * 5);
              const found = await walk(
                size,
                random() < 0.5,
                (window) => reading(made, store, (past) => listPast(past, query, order, window)),
                (row) => keyCursor(row, order),
              );
              const told = `SEED=${SEED + 1000 + run} ${asOf} ${JSON.stringify([query, order])}`;
              expect(found.map(withoutSecrets), told).toEqual(expected.map(withoutSecrets));
            }
            const count = await reading(made, store, (past) => countPast(past, query));
            expect(count).toBe(keyList(rows, query, ORDERS[0]!).length);
          }
        }
      },
    );

    test(
      `an access review equals a naive reference, whatever its pages (SEED=${SEED})`,
      { timeout: 120_000 },
      async () => {
        for (let run = 0; run < Math.ceil(histories * 0.6); run++) {
          const random = seededRandom(SEED + 2000 + run);
          const { store, made } = await world(SEED + 2000 + run, random);
          const time = timesOf(made, random);
          for (let times = 0; times < 8; times++) {
            const [from, to] = [time(), time()].sort() as [string, string];
            if (from === to) continue;
            const expected = await naiveReview(made, from, to);
            const query = { workspaceId: WORKSPACE, from, to };
            const most = 1 + Math.floor(random() * 6);
            const found = await walk<Reviewed>(
              1 + Math.floor(random() * 5),
              false,
              (window) => reading(made, store, (past) => reviewAccess(past, query, window, most)),
              ({ key }) => keyCursor(key, ORDERS[0]!),
            );
            const shown = found.map(({ key, before, after, changes }) => ({
              ...{
                key: key.state.keyId,
                before: before && withoutSecrets(before),
                after: after && withoutSecrets(after),
              },
              changes: changes.map(({ id }) => id),
            }));
            expect(shown, `SEED=${SEED + 2000 + run} ${from} ${to}`).toEqual(expected);
            expect(await reading(made, store, (past) => countReview(past, query))).toBe(expected.length);
          }
        }
      },
    );

    /** Destroys a data key past the store, where that can be done. */
    function erase(store: ReadStore, keyId: string): void {
      if ('eraseDataKey' in store) (store as { eraseDataKey: (id: string) => void }).eraseDataKey(dataKeyId(keyId, 1));
    }
  });
}

async function naiveReview(made: PastWorld, from: string, to: string): Promise<readonly object[]> {
  const [before, after] = [await foldedAt(made, from), await foldedAt(made, to)];
  const events = made.log
    .records()
    .map(
      ({ value }) =>
        JSON.parse(Buffer.from(value).toString()) as { id: string; subject: string; version: number; time: string },
    )
    .filter(({ time }) => from < time && time <= to)
    .sort((a, b) => a.version - b.version);
  return after
    .filter(({ state }) => state.workspaceId === WORKSPACE)
    .map((row) => ({ row, was: before.find(({ state }) => state.keyId === row.state.keyId) ?? null }))
    .map(({ row, was }) => ({ row, was, changes: events.filter(({ subject }) => subject === row.state.keyId) }))
    .filter(({ was, changes }) => was?.state.status !== 'DELETED' || changes.length > 0)
    .sort(({ row: { state: a } }, { row: { state: b } }) =>
      a.createdAt === b.createdAt ? (a.keyId < b.keyId ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1,
    )
    .map(({ row, was, changes }) => ({
      ...{ key: row.state.keyId, before: was && withoutSecrets(was), after: withoutSecrets(row) },
      changes: changes.map(({ id }) => id),
    }));
}
