// The ReadStore contract: erasure in the request log. Who called with a key up to a time is in no answer any more, whether
// it was counted before or comes later.
import { describe, expect, test } from 'vitest';
import type { ReadStore } from '../../projections/read-store.ts';
import { BLANKED_AT_ONCE, GOES_WAITED_FOR } from '../../projections/stores/usage-erasure.ts';
import type { RequestFilter, RequestRow } from '../../projections/usage.ts';
import { batchOf, partitionOf, type Decision } from '../support/usage.ts';
import type { OpenFixture } from './read-store-fixture.ts';
import { keyIdOf, minute } from './read-store-rows.ts';
import { fold, LATER } from './usage.ts';

const A = keyIdOf(1);
const B = keyIdOf(2);
/** Far ahead: a server that removes by itself what has expired by its own clock removes nothing of it. */
const moment = (at: number): string => minute(3_000_000 + at);
const WHO = { ip: '198.51.100.77', userAgent: 'erased-agent/1' };
const NOBODY = { ip: null, userAgent: null };

const call = (keyId: string, at: number): Decision => ({ keyId, time: moment(at), request: WHO });

async function callers(store: ReadStore, filter: RequestFilter = {}): Promise<readonly RequestRow[]> {
  const window = { limit: 10_000, backward: true, after: null, before: null };
  return (await store.usage.listRequests({ workspaceId: 'acme', filter, now: LATER }, window)).rows;
}
/** By key and minute: who called. */
const told = (rows: readonly RequestRow[]) =>
  Object.fromEntries(rows.map(({ keyId, time, ip, userAgent }) => [`${keyId} ${time}`, { ip, userAgent }]));

export function usageErasureTests(open: OpenFixture): void {
  describe('erasure in the request log', () => {
    test('takes who called up to a time from one key, and leaves all else', async () => {
      const { store, reopen } = await open();
      await fold(store, partitionOf([batchOf('v1', 1, [call(A, 1), call(A, 2), call(A, 3), call(B, 1)])]));
      await store.usage.erase(A, moment(2));
      const left = {
        ...{ [`${A} ${moment(1)}`]: NOBODY, [`${A} ${moment(2)}`]: NOBODY },
        ...{ [`${A} ${moment(3)}`]: WHO, [`${B} ${moment(1)}`]: WHO },
      };
      expect(told(await callers(store))).toEqual(left);
      const [first] = (await callers(store)).filter(({ keyId, time }) => keyId === A && time === moment(1));
      expect(first).toMatchObject({ path: '/orders', requestId: 'r-0', method: 'GET' });
      expect((await store.usage.requests([first!.id], LATER)).get(first!.id)).toEqual(first);
      expect(Object.keys(told(await callers(store, { ip: WHO.ip }))).sort()).toEqual(
        [`${A} ${moment(3)}`, `${B} ${moment(1)}`].sort(),
      );
      expect((await store.usage.totals([A])).get(A)?.requestCount).toBe(3);
      expect(told(await callers(await reopen()))).toEqual(left);
    });

    test('holds for calls that are counted only afterwards, by their time', async () => {
      const { store } = await open();
      await store.usage.erase(A, moment(5));
      await store.usage.erase(A, moment(4)); // the latest one counts
      await fold(store, partitionOf([batchOf('v1', 1, [call(A, 4), call(A, 5), call(A, 6), call(B, 4)])]));
      expect(told(await callers(store))).toEqual({
        ...{ [`${A} ${moment(4)}`]: NOBODY, [`${A} ${moment(5)}`]: NOBODY },
        ...{ [`${A} ${moment(6)}`]: WHO, [`${B} ${moment(4)}`]: WHO },
      });
    });

    test('again it takes what came since', async () => {
      const { store } = await open();
      await fold(store, partitionOf([batchOf('v1', 1, [call(A, 1)])]));
      await store.usage.erase(A, moment(1));
      await fold(store, partitionOf([batchOf('v1', 2, [call(A, 2)])], 0, 1));
      expect(Object.values(told(await callers(store)))).toEqual(expect.arrayContaining([NOBODY, WHO]));
      await store.usage.erase(A, moment(2));
      expect(Object.values(told(await callers(store)))).toEqual([NOBODY, NOBODY]);
    });

    test('of very many calls no answer shows one, before sweeps have been through all of them, and after', async () => {
      const { store } = await open();
      const many = BLANKED_AT_ONCE * GOES_WAITED_FOR + 2;
      await fold(
        store,
        partitionOf([
          batchOf(
            'v1',
            1,
            Array.from({ length: many }, () => call(A, 1)),
          ),
        ]),
      );
      await store.usage.erase(A, moment(1));
      const isBlank = async () => {
        const rows = await callers(store);
        return rows.length === many && rows.every(({ ip, userAgent }) => ip === null && userAgent === null);
      };
      expect(await isBlank()).toBe(true);
      while ((await store.usage.sweep(minute(2))) > 0);
      expect(await isBlank()).toBe(true);
      expect(await callers(store, { ip: WHO.ip })).toEqual([]);
    });

    test('and counting at the same moment: whichever comes first, nothing is left', async () => {
      const { store, another } = await open();
      const other = await another();
      const keyIds = Array.from({ length: 15 }, (_, number) => keyIdOf(number + 10));
      await Promise.all([
        ...keyIds.map((keyId) => other.usage.erase(keyId, moment(1))),
        ...keyIds.map((keyId, partition) =>
          fold(store, partitionOf([batchOf(`v${partition}`, 1, [call(keyId, 1)])], partition)),
        ),
      ]);
      expect(Object.values(told(await callers(store)))).toEqual(keyIds.map(() => NOBODY));
    });
  });
}
