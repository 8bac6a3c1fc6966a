// The ReadStore contract: usage and the request log. Each record counts once, whatever is repeated or interrupted.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogBatch } from '../../events/log.ts';
import type { UsageBatch } from '../../events/usage.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { Rows, Window } from '../../projections/rows.ts';
import { NOTHING_FOLDED, reduceUsage } from '../../projections/usage-reduce.ts';
import type { RequestCursor, RequestQuery, RequestRow, UsageWrites } from '../../projections/usage.ts';
import { batchOf, partitionOf, type Decision } from '../support/usage.ts';
import { insertKeys, NOTHING, NOW, type ContractOptions, type OpenFixture } from './read-store-fixture.ts';
import { keyIdOf, keyRow, minute } from './read-store-rows.ts';

const A = keyIdOf(1);
const B = keyIdOf(2);
export const LATER = minute(600);
const DAYS = 30;

/** As a projector folds: onto the checkpoint that the store has. */
export async function writesOf(store: ReadStore, batch: LogBatch): Promise<UsageWrites> {
  const checkpoint = (await store.usage.checkpoints()).get(batch.partition) ?? NOTHING_FOLDED;
  return reduceUsage({ checkpoint, logDays: () => DAYS, forgetAfterMs: 14 * 86_400_000, now: LATER }, batch).writes;
}

/** Until it is written, as a projector does. */
export async function fold(store: ReadStore, batch: LogBatch): Promise<void> {
  while ((await store.usage.apply(await writesOf(store, batch))) === 'conflict');
}

const all = async ({ usage }: ReadStore, now = LATER): Promise<readonly RequestRow[]> => {
  const query: RequestQuery = { workspaceId: 'acme', filter: {}, now };
  return (await usage.listRequests(query, { limit: 5000, backward: false, after: null, before: null })).rows;
};

/** All that is counted, to be compared. */
async function counted(store: ReadStore, keyIds: readonly string[]) {
  const range = { from: minute(-6000), to: minute(6000) };
  const sorted = <T>(items: readonly T[]): T[] =>
    items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const { live } = await store.control();
  const rows = await (await store.view(live)).keys(keyIds);
  return {
    totals: new Map([...(await store.usage.totals(keyIds))].sort()),
    secrets: [...(await store.usage.secretUses(keyIds))].sort().map(([id, uses]) => [id, sorted(uses)]),
    hours: sorted(await store.usage.sums({ scopes: keyIds, ...range, bucket: 'HOUR' })),
    days: sorted(await store.usage.sums({ scopes: ['acme/default'], ...range, bucket: 'DAY' })),
    requests: (await all(store)).map(({ id }) => id),
    rows: [...rows].sort().map(([id, { usage }]) => [id, usage]),
  };
}

const check = (keyId: string, at: number, more: Partial<Decision> = {}): Decision => ({
  keyId,
  time: minute(at),
  ...more,
});

export function usageTests(open: OpenFixture, { runs }: ContractOptions): void {
  describe('usage', () => {
    test('is added up by key, by secret, by hour and by day, and shown by the rows of keys', async () => {
      const { store } = await open();
      await insertKeys(store, [keyRow(A), keyRow(B)]);
      const first = batchOf('v1', 1, [
        check(A, 1),
        check(A, 3),
        check(A, 62, { code: 'DISABLED' }),
        check(B, 2, { secret: 'PREVIOUS', keyVersion: 4 }),
      ]);
      const second = batchOf('v2', 1, [check(A, 2), check(A, 61, { keyVersion: 2 })]);
      await fold(store, partitionOf([first, second]));

      const totals = await store.usage.totals([A, B, keyIdOf(3)]);
      expect(totals).toEqual(
        new Map([
          [A, { lastUsedAt: minute(61), lastSeenAt: minute(62), requestCount: 5 }],
          [B, { lastUsedAt: minute(2), lastSeenAt: minute(2), requestCount: 1 }],
        ]),
      );
      const view = await store.view('g1');
      expect((await view.key(A))?.usage).toEqual(totals.get(A));
      const used = { firstUsedAt: minute(61), lastUsedAt: minute(61), lastSeenAt: minute(61) };
      expect((await store.usage.secretUses([A, B])).get(A)).toEqual([
        {
          ...{ keyVersion: 1, secret: 'CURRENT', count: 4 },
          ...{ firstUsedAt: minute(1), lastUsedAt: minute(3), lastSeenAt: minute(62) },
        },
        { keyVersion: 2, secret: 'CURRENT', count: 1, ...used },
      ]);
      const sums = async (scopes: string[], bucket: 'HOUR' | 'DAY') =>
        (await store.usage.sums({ scopes, from: minute(0), to: minute(1440), bucket })).toSorted((a, b) =>
          JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
        );
      const sum = (start: number, code: string, secret: string, count: number) => ({
        ...{ start: minute(start), code, secret, count },
      });
      expect(await sums([A], 'HOUR')).toEqual([
        sum(0, 'VALID', 'CURRENT', 3),
        sum(60, 'DISABLED', 'CURRENT', 1),
        sum(60, 'VALID', 'CURRENT', 1),
      ]);
      expect(await sums(['acme/default', 'acme/other', 'globex/default'], 'DAY')).toEqual([
        sum(0, 'DISABLED', 'CURRENT', 1),
        sum(0, 'VALID', 'CURRENT', 4),
        sum(0, 'VALID', 'PREVIOUS', 1),
      ]);
      expect(await sums([], 'DAY')).toEqual([]);
    });

    test('counts beyond 32 bits', async () => {
      const { store } = await open();
      const batch = batchOf('v1', 1, [check(A, 1)]);
      const counts = batch.counts.map((count) => ({ ...count, count: 4_000_000_000 }));
      await fold(
        store,
        partitionOf([
          { ...batch, counts },
          { ...batch, sequence: 2, counts },
        ]),
      );
      expect((await store.usage.totals([A])).get(A)?.requestCount).toBe(8_000_000_000);
      const [sum] = await store.usage.sums({ scopes: [A], from: minute(0), to: minute(60), bucket: 'HOUR' });
      expect(sum?.count).toBe(8_000_000_000);
    });

    test('protocol P6: a batch that was delivered again, or sent twice and lies at another offset, counts once', async () => {
      const { store } = await open();
      await insertKeys(store, [keyRow(A)]);
      const batches = [
        batchOf('v1', 1, [check(A, 1)]),
        batchOf('v2', 1, [check(A, 2)]),
        batchOf('v1', 2, [check(A, 3)]),
      ];
      await fold(store, partitionOf(batches));
      const once = await counted(store, [A]);
      expect(once.totals.get(A)?.requestCount).toBe(3);
      await fold(store, partitionOf(batches)); // delivered again
      await fold(store, partitionOf([batches[1]!, batches[0]!, batches[2]!], 0, 3)); // sent twice
      expect(await counted(store, [A])).toEqual(once);
      expect((await store.usage.checkpoints()).get(0)?.offset).toBe(6);
      await fold(store, partitionOf([batchOf('v1', 3, [check(A, 4)])], 0, 6));
      expect((await store.usage.totals([A])).get(A)?.requestCount).toBe(4);
    });

    test('protocol P6: partitions count apart from each other, though they meet in one counter', async () => {
      const { store } = await open();
      await fold(store, partitionOf([batchOf('v1', 1, [check(A, 1)]), batchOf('v1', 2, [check(A, 2)])], 0));
      await fold(store, partitionOf([batchOf('v2', 1, [check(A, 3)])], 1));
      await fold(store, partitionOf([batchOf('v2', 1, [check(A, 3)])], 1));
      expect((await store.usage.totals([A])).get(A)?.requestCount).toBe(3);
      const checkpoints = await store.usage.checkpoints();
      expect([...checkpoints].map(([partition, { offset }]) => [partition, offset]).sort()).toEqual([
        [0, 2],
        [1, 1],
      ]);
      expect(checkpoints.get(0)?.verifiers).toEqual(new Map([['v1', { sequence: 2, seenAt: minute(2) }]]));
    });

    test('protocol P6: two projectors that fold the same records in other portions count each once', async () => {
      const { store, another } = await open();
      const other = await another();
      await insertKeys(store, [keyRow(A), keyRow(B)]);
      const batches = Array.from({ length: 12 }, (_, n) =>
        batchOf(`v${n % 3}`, Math.floor(n / 3) + 1, [check(A, n), check(n % 2 ? A : B, n)]),
      );
      const portions = (size: number) =>
        Array.from({ length: Math.ceil(12 / size) }, (_, n) =>
          partitionOf(batches.slice(n * size, (n + 1) * size), 0, n * size),
        );
      const run = async (on: ReadStore, size: number) => {
        for (const portion of portions(size)) await fold(on, portion);
      };
      await Promise.all([run(store, 5), run(other, 2), run(store, 12)]);
      expect((await store.usage.totals([A])).get(A)?.requestCount).toBe(18);
      expect((await store.usage.totals([B])).get(B)?.requestCount).toBe(6);
      expect((await store.view('g1').then((view) => view.key(A)))?.usage.requestCount).toBe(18);
      expect(await all(store)).toHaveLength(24);
    });

    test('protocol P6: a crash after any step neither loses nor doubles', async () => {
      const { store, crashing, reopen } = await open();
      if (!crashing) throw new Error('this store says not how it crashes');
      await insertKeys(store, [keyRow(A), keyRow(B)]);
      const batches = [
        batchOf('v1', 1, [check(A, 1), check(B, 2)]),
        batchOf('v2', 1, [check(A, 5, { code: 'EXPIRED' })]),
        batchOf('v1', 2, [check(A, 7)]),
      ];
      let crashes = 0;
      for (let steps = 1; ; steps++) {
        const doomed = await crashing(steps);
        const writes = await writesOf(doomed, partitionOf(batches));
        const crashed = await doomed.usage.apply(writes).then(
          () => false,
          () => true,
        );
        if (!crashed) break;
        crashes += 1;
      }
      expect(crashes).toBeGreaterThan(1);
      const after = await reopen();
      await fold(after, partitionOf([...batches, batchOf('v1', 3, [check(B, 9)])]));
      const { totals, rows, requests } = await counted(after, [A, B]);
      expect(totals).toEqual(
        new Map([
          [A, { lastUsedAt: minute(7), lastSeenAt: minute(7), requestCount: 3 }],
          [B, { lastUsedAt: minute(9), lastSeenAt: minute(9), requestCount: 2 }],
        ]),
      );
      expect(rows).toEqual([...totals]);
      expect(requests).toHaveLength(5);
    });

    test('whatever is repeated, resent, interrupted or done twice, what is counted is what was decided', async () => {
      const decisions = fc.record({
        key: fc.constantFrom(10, 11, 12),
        at: fc.integer({ min: 0, max: 500 }),
        code: fc.constantFrom('VALID', 'DISABLED', 'RATE_LIMITED'),
        secret: fc.constantFrom('CURRENT', 'PREVIOUS'),
      } as const);
      const sent = fc.record({
        verifier: fc.constantFrom('v1', 'v2', 'v3'),
        decisions: fc.array(decisions, { maxLength: 6 }),
        again: fc.boolean(),
      });
      let run = 0;
      const { store, crashing, reopen } = await open();
      let on = store;
      const property = fc.asyncProperty(
        fc.array(sent, { minLength: 1, maxLength: 12 }),
        fc.array(fc.record({ from: fc.nat(11), size: fc.integer({ min: 1, max: 6 }), crash: fc.boolean() }), {
          maxLength: 8,
        }),
        async (sends, deliveries) => {
          run += 1;
          const partition = run;
          const own = (number: number) => keyIdOf(number, `${run}`);
          const sequences = new Map<string, number>();
          const log: UsageBatch[] = [];
          const decided: Decision[] = [];
          for (const { verifier, decisions: some, again } of sends) {
            const made = some.map(({ key, at, code, secret }) => check(own(key), at, { code, secret }));
            const sequence = (sequences.get(verifier) ?? 0) + 1;
            sequences.set(verifier, sequence);
            decided.push(...made);
            const batch = batchOf(`r${run}-${verifier}`, sequence, made);
            log.push(batch, ...(again ? [batch] : []));
          }
          const keyIds = [10, 11, 12].map((number) => own(number));
          await insertKeys(
            on,
            keyIds.map((id) => keyRow(id)),
          );
          for (const [number, { from, size, crash }] of deliveries.entries()) {
            // What is delivered begins at or before the checkpoint: a log is read without gaps.
            const reached = (await on.usage.checkpoints()).get(partition)?.offset ?? 0;
            const start = Math.min(from, reached);
            const portion = partitionOf(log.slice(start, start + size), partition, start);
            if (crash && crashing) {
              on = await crashing((number % 3) + 1);
              await on.usage.apply(await writesOf(on, portion)).catch(() => undefined);
              on = await reopen();
            } else await fold(on, portion);
          }
          await fold(on, partitionOf(log, partition));
          const { totals, rows, hours, requests } = await counted(on, keyIds);
          for (const keyId of keyIds) {
            const made = decided.filter((each) => each.keyId === keyId);
            const last = (of: readonly Decision[]) =>
              of
                .map(({ time }) => time)
                .sort()
                .at(-1) ?? null;
            const expected = {
              lastUsedAt: last(made.filter(({ code }) => code === 'VALID')),
              lastSeenAt: last(made),
              requestCount: made.length,
            };
            if (made.length > 0) expect(totals.get(keyId)).toEqual(expected);
            expect(new Map(rows as [string, unknown][]).get(keyId)).toEqual(expected);
          }
          expect(hours.reduce((sum, { count }) => sum + count, 0)).toBe(decided.length);
          const kept = requests.filter((id) => id.startsWith(`r${run}-`));
          expect(kept).toHaveLength(decided.length);
        },
      );
      await fc.assert(property, { numRuns: runs });
      expect(run).toBeGreaterThanOrEqual(runs);
    });

    test('verifiers that were not seen for longer than is kept of the log are forgotten, others not', async () => {
      const { store } = await open();
      await fold(store, partitionOf([batchOf('old', 7, [check(A, -30 * 1440)]), batchOf('new', 1, [check(A, 1)])]));
      expect([...((await store.usage.checkpoints()).get(0)?.verifiers.keys() ?? [])]).toEqual(['new']);
    });
  });

  describe('usage on the rows of keys', () => {
    test('is left alone when the key changes, and never goes back', async () => {
      const { store } = await open();
      await insertKeys(store, [keyRow(A)]);
      await fold(store, partitionOf([batchOf('v1', 1, [check(A, 9)])]));
      const used = { lastUsedAt: minute(9), lastSeenAt: minute(9), requestCount: 1 };
      await store.writer('g1').apply({ ...NOTHING, keys: [{ from: 1, row: keyRow(A, 2) }] }, { 0: 1 });
      expect((await store.view('g1').then((view) => view.key(A)))?.usage).toEqual(used);
      await fold(store, partitionOf([batchOf('v1', 2, [check(A, 3, { code: 'REVOKED' })])], 0, 1));
      expect((await store.view('g1').then((view) => view.key(A)))?.usage).toEqual({ ...used, requestCount: 2 });
    });

    test('protocol P6: a generation that is built beside the live one has it before the switch', async () => {
      const { store } = await open();
      await insertKeys(store, [keyRow(A), keyRow(B)]);
      await fold(store, partitionOf([batchOf('v1', 1, [check(A, 1), check(B, 1)])]));
      const building = await store.createGeneration(NOW);
      const insert = (id: string) =>
        store.writer(building).apply({ ...NOTHING, keys: [{ from: 0, row: keyRow(id) }] }, {});
      await insert(A);
      await fold(store, partitionOf([batchOf('v1', 2, [check(A, 5), check(B, 6)])], 0, 1));
      await insert(B);
      const [live, built] = [await store.view('g1'), await store.view(building)];
      for (const id of [A, B]) {
        expect((await live.key(id))?.usage.requestCount).toBe(2);
        expect((await built.key(id))?.usage).toEqual((await live.key(id))?.usage);
      }
    });

    test('a key that is made and used at the same moment shows its use, in whatever order the two are written', async () => {
      const { store, another } = await open();
      const other = await another();
      const ids = Array.from({ length: 20 }, (_, n) => keyIdOf(100 + n));
      await Promise.all(
        ids.flatMap((id, n) => [
          store.writer('g1').apply({ ...NOTHING, keys: [{ from: 0, row: keyRow(id) }] }, {}),
          fold(other, partitionOf([batchOf(`v${n}`, 1, [check(id, n)])], n)),
        ]),
      );
      const rows = await (await store.view('g1')).keys(ids);
      expect(ids.map((id) => rows.get(id)?.usage.requestCount)).toEqual(ids.map(() => 1));
    });

    test('lists of keys are ordered and filtered by it', async () => {
      const { store } = await open();
      const ids = [1, 2, 3].map((n) => keyIdOf(n));
      await insertKeys(
        store,
        ids.map((id) => keyRow(id)),
      );
      const order = { field: 'LAST_USED_AT', direction: 'DESC' } as const;
      const list = async (unusedSince?: string) => {
        const filter = unusedSince === undefined ? {} : { unusedSince };
        const window = { limit: 10, backward: false, after: null, before: null };
        const view = await store.view('g1');
        const { rows } = await view.listKeys({ workspaceId: 'acme', filter, now: NOW }, order, window);
        return rows.map(({ state }) => ids.indexOf(state.keyId) + 1);
      };
      await list(); // what was read before is not shown again
      await fold(store, partitionOf([batchOf('v1', 1, [check(ids[1]!, 5), check(ids[2]!, 50)])]));
      expect((await list()).slice(0, 2)).toEqual([3, 2]);
      expect((await list(minute(20))).toSorted()).toEqual([1, 2]);
    });
  });

  describe('the request log', () => {
    test('keeps each check as it was, newest first, until its days are over', async () => {
      const { store } = await open();
      const odd = { path: '/💥/$gt', userAgent: 'a "b"', ip: '2001:db8::1', asked: { scopes: ['a:read'], cost: 3 } };
      await fold(store, partitionOf([batchOf('v.1', 1, [check(A, 1), check(A, 3, { request: odd })])]));
      const rows = await all(store);
      expect(rows.map(({ id }) => id)).toEqual(['v.1.1.1', 'v.1.1.0']);
      expect(rows[0]).toMatchObject({ ...odd, time: minute(3), expiresAt: minute(3 + DAYS * 1440) });
      expect(await store.usage.requests(['v.1.1.0', 'v.1.1.9'], LATER)).toEqual(new Map([['v.1.1.0', rows[1]]]));

      const over = minute(1 + DAYS * 1440);
      expect((await all(store, over)).map(({ id }) => id)).toEqual(['v.1.1.1']);
      expect(await store.usage.requests(['v.1.1.0'], over)).toEqual(new Map());
      await store.usage.sweep(over);
      expect((await all(store, over)).map(({ id }) => id)).toEqual(['v.1.1.1']);
      expect((await store.usage.totals([A])).get(A)?.requestCount).toBe(2); // D12
    });

    test('every filter, alone and with others, both ways and with any page size, finds what a plain look finds', async () => {
      const { store } = await open();
      const codes = ['VALID', 'DISABLED', 'IP_NOT_ALLOWED'] as const;
      const decisions = Array.from({ length: 40 }, (_, n): Decision => {
        const [ip, path] = [n % 4 === 0 ? null : `192.0.2.${n % 3}`, n % 5 === 0 ? null : `/a${'/b'.repeat(n % 3)}`];
        const keyspace = n % 7 === 0 ? 'guarded' : 'default';
        return check(n % 2 ? A : B, Math.floor(n / 3), {
          ...{ code: codes[n % 3]!, secret: n % 2 ? 'CURRENT' : 'PREVIOUS', keyspace },
          request: { ip, path, requestId: `q-${n % 8}` },
        });
      });
      await fold(
        store,
        partitionOf([batchOf('v1', 1, decisions), batchOf('v2', 1, [check(A, 1, { workspaceId: 'globex' })])]),
      );
      const rows = await all(store);
      expect(rows).toHaveLength(40);
      const queries: Partial<RequestQuery>[] = [
        {},
        { keyId: A },
        { keyId: 'key_none' },
        { keyspaces: ['guarded', 'none'] },
        { keyspaces: [] },
        { filter: { requestId: 'q-3' } },
        { filter: { codes: ['VALID', 'DISABLED'] } },
        { keyId: B, filter: { codes: ['DISABLED'], from: minute(3) } },
        { filter: { ip: '192.0.2.1' } },
        { filter: { path: '/a/b' } },
        { filter: { path: '/a', secret: 'PREVIOUS' } },
        { filter: { path: '' } },
        { filter: { secret: 'RETIRED' } },
        { filter: { from: minute(2), to: minute(9) } },
        { filter: { requestId: '$gt' } },
      ];
      for (const part of queries) {
        const query: RequestQuery = { workspaceId: 'acme', filter: {}, now: LATER, ...part };
        const expected = rows.filter((row) => isAsked(row, query)).map(({ id }) => id);
        expect(await store.usage.countRequests(query)).toBe(expected.length);
        for (const backward of [false, true])
          for (const limit of [3, 7, 100]) expect(await walk(store, query, limit, backward)).toEqual(expected);
      }
    });
  });
}

function isAsked(row: RequestRow, { keyId, keyspaces, filter }: RequestQuery): boolean {
  const { requestId, codes, ip, path, secret, from, to } = filter;
  return (
    (keyId === undefined || row.keyId === keyId) &&
    (!keyspaces || keyspaces.includes(row.keyspace)) &&
    (requestId === undefined || row.requestId === requestId) &&
    (!codes || codes.includes(row.code)) &&
    (ip === undefined || row.ip === ip) &&
    (path === undefined || row.path?.startsWith(path) === true) &&
    (secret === undefined || row.secret === secret) &&
    (from === undefined || row.time >= from) &&
    (to === undefined || row.time < to)
  );
}

async function walk({ usage }: ReadStore, query: RequestQuery, limit: number, backward: boolean): Promise<string[]> {
  let walked: string[] = [];
  for (let at: RequestCursor | null = null; ;) {
    const window: Window<RequestCursor> = {
      limit,
      backward,
      after: backward ? null : at,
      before: backward ? at : null,
    };
    const { rows, more }: Rows<RequestRow> = await usage.listRequests(query, window);
    const ids = rows.map(({ id }) => id);
    walked = backward ? [...ids, ...walked] : [...walked, ...ids];
    if (!more) return walked;
    at = (backward ? rows[0] : rows.at(-1)) ?? null;
  }
}
