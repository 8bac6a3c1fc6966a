// Facts about time that somebody wrote into the log by hand: what the events of a key do not lead to is no fact of it. It is
// parked, shuts nobody out, and takes no place from the genuine one; what was genuine where it lies always counts.
import { beforeEach, describe, expect, test } from 'vitest';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { encodeFact, factAt, type Expiring } from '../../events/fact-record.ts';
import type { NewRecord } from '../../events/log.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { at, created, noted, WORKSPACE, type Author } from '../fakes/author.ts';
import type { MemoryStore } from '../fakes/memory-store.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { projected, runProjector, until } from '../fakes/running.ts';
import { requestRebuild } from '../../projections/rebuild.ts';
import { createView, FROM_NOTHING } from '../../services/verifier/view.ts';
import { createBatches, type Batches } from './batches.ts';

const DAY = 86_400;
const EXPIRY = at(40 * DAY);
const LATER = at(90 * DAY);
const REASON = 'no event before it gives its key this expiry';

const moved = (before: string | null, after: string | null): AnyNewEvent => ({
  ...{ type: 'ExpiryChanged', personal: {}, private: {} },
  data: { before, after },
});

describe('facts that were written by hand', () => {
  let batches: Batches;
  let store: MemoryStore;
  let author: Author;
  beforeEach(() => {
    batches = createBatches();
    ({ store, author } = batches);
  });

  const next = async (event: AnyNewEvent, seconds?: number): Promise<NewRecord> =>
    encodeRecord(await author.next(author.keyId('k'), event, seconds === undefined ? {} : { now: at(seconds) }));
  const made = (expiresAt: string | null): Promise<NewRecord> => next(created('n', { data: { expiresAt } }));
  const fact = (days = 0, more: Partial<Expiring> = {}): NewRecord => {
    const about = { keyId: author.keyId('k'), workspaceId: WORKSPACE, keyspace: 'default', expiresAt: EXPIRY };
    return encodeFact(factAt({ ...about, ...more }, days));
  };
  const facts = (): string[] => store.contents().facts.map(({ position }) => encodeRecordPosition(position));
  const open = async () =>
    (await store.parked.open()).map(({ position, aggregateId, reason }) => [
      ...[encodeRecordPosition(position), aggregateId, reason],
    ]);

  const forgeries: readonly (readonly [string, string | null, () => NewRecord])[] = [
    ['of a key that never expires', null, () => fact()],
    ['of another expiry than its key has', LATER, () => fact()],
    ['of another workspace', EXPIRY, () => fact(0, { workspaceId: 'globex' })],
    ['of another keyspace', EXPIRY, () => fact(0, { keyspace: 'other' })],
    ['of a key that there is not', EXPIRY, () => fact(0, { keyId: author.keyId('nobody') })],
    ['of a moment before its expiry was set', EXPIRY, () => fact(365)],
  ];
  test.each(forgeries)(
    'protocol E6: a fact %s is parked, shuts nobody out and is in no history',
    async (_, end, forged) => {
      const { parked } = await batches.project([await made(end), forged()]);
      expect(parked).toHaveLength(1);
      expect(facts()).toEqual([]);
      expect(await open()).toEqual([['p1_0-1', null, REASON]]);
      // Alone in its batch it is judged alike, and again as a redelivery.
      await batches.project([forged()]);
      await batches.project([forged()], 1);
      expect(facts()).toEqual([]);
      expect(await open()).toEqual([['p1_0-1', null, REASON]]);
      expect(store.parkedRows().map(({ status }) => status)).toEqual(['OPEN', 'RETRIED']);
    },
  );

  test('protocol E6: a forged record of an id takes no place from the genuine one, in one batch or in two', async () => {
    for (const [index, together] of [true, false].entries()) {
      const own = createBatches();
      const keyId = own.author.keyId('k');
      const about = { keyId, workspaceId: WORKSPACE, keyspace: 'default', expiresAt: EXPIRY };
      const event = await own.author.next(keyId, created('n', { data: { expiresAt: EXPIRY } }));
      const records = [
        encodeRecord(event),
        encodeFact(factAt({ ...about, workspaceId: 'globex' }, 0)),
        encodeFact(factAt(about, 0)),
      ];
      if (together) await own.project(records);
      else for (const record of records) await own.project([record]);
      const [only, ...rest] = own.store.contents().facts;
      expect(rest, String(index)).toEqual([]);
      expect(only).toMatchObject({ workspaceId: WORKSPACE, position: { partition: 0, offset: 2 } });
    }
  });

  test('protocol E6: a fact that was genuine where it lies counts, whatever happened to its key before and after', async () => {
    const lies = [
      await made(EXPIRY),
      fact(30), // 1
      await next(moved(EXPIRY, LATER), 35 * DAY),
      fact(7), // 3: noticed before that was read
      await next(moved(LATER, null), 50 * DAY),
      fact(0, { expiresAt: LATER }), // 5
      await next({ type: 'KeyRevoked', data: { reason: null }, personal: { note: null }, private: {} }, 60 * DAY),
      fact(), // 7: late
    ];
    const expected = ['p1_0-1', 'p1_0-3', 'p1_0-5', 'p1_0-7'];
    await batches.project(lies);
    expect(facts()).toEqual(expected);
    // One by one, and behind a projector that is further on.
    for (const [offset, record] of lies.entries()) await batches.project([record], offset);
    expect(facts()).toEqual(expected);
    expect(store.parkedRows()).toEqual([]);
    const single = createBatches();
    for (const record of lies) await single.project([record]);
    expect(single.store.contents().facts).toEqual(store.contents().facts);
    expect(single.store.parkedRows()).toEqual([]);
  });

  test('protocol E6: what is said before its expiry is set is parked, also by a projector that is behind another', async () => {
    const lies = [await made(null), fact(), await next(moved(null, EXPIRY), DAY), fact()];
    await batches.project(lies.slice(0, 1));
    // Another projector has written what lies further on.
    await batches.project(lies.slice(2, 3), 2);
    await batches.project(lies.slice(1, 2), 1);
    expect([facts(), await open()]).toEqual([[], [['p1_0-1', null, REASON]]]);
    // The same bytes where they are true settle what was parked.
    await batches.project(lies.slice(3), 3);
    expect([facts(), await open()]).toEqual([['p1_0-3'], []]);
  });

  test('protocol F1: verifiers, which fold no facts, shut the key out neither before nor after', async () => {
    const records = [await made(null), fact(), await next(noted('KeyDisabled'))];
    await batches.project(records);
    const view = createView(FROM_NOTHING, []);
    for (const [offset, record] of records.entries()) view.fold({ ...record, partition: 0, offset });
    expect(view.isQuarantined(author.keyId('k'))).toBe(false);
    expect((await store.parked.open()).flatMap(({ aggregateId }) => aggregateId ?? [])).toEqual([]);
    expect(store.contents().keys[0]?.state).toMatchObject({ version: 2, status: 'DISABLED' });
  });
});

test('protocol E6: a running projector and a rebuild keep the same facts, and park the same', async () => {
  const store = createMemoryStore();
  const log = createMemoryLog();
  const { author } = createBatches();
  const projector = runProjector({ log, store });
  const keyId = author.keyId('k');
  const about = { keyId, workspaceId: WORKSPACE, keyspace: 'default', expiresAt: EXPIRY };
  const put = async (record: NewRecord): Promise<void> => {
    await log.append([record]);
    await projected(log, store);
  };
  await put(encodeRecord(await author.next(keyId, created('n', { data: { expiresAt: EXPIRY } }))));
  await put(encodeFact(factAt({ ...about, workspaceId: 'globex' }, 0)));
  await put(encodeFact(factAt(about, 7)));
  await put(encodeRecord(await author.next(keyId, moved(EXPIRY, LATER))));
  await put(encodeFact(factAt(about, 0)));
  const before = { facts: store.contents().facts, parked: store.parkedRows() };
  expect([before.facts.length, before.parked.length]).toEqual([2, 1]);
  const rebuilt = await requestRebuild(store, at(0));
  projector.nudge();
  await until(async () => (await store.control()).live === rebuilt, 'the rebuild is live');
  expect({ facts: store.contents().facts, parked: store.parkedRows() }).toEqual(before);
  await projector.stop();
});
