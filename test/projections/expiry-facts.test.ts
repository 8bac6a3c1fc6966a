// Facts about time: what a key's expiry has said of it in the log, once each and in order, whoever notices and whenever.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { decodeFact } from '../../events/fact-record.ts';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import { createExpiryFacts, type ExpiryFacts } from '../../projections/expiry-facts.ts';
import { factRow } from '../../projections/facts.ts';
import type { Projector } from '../../projections/projector.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { requestRebuild } from '../../projections/rebuild.ts';
import { isFact } from '../../projections/rows.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { created, createAuthor, defined, noted, recordsOf, testDataKeys, type Author } from '../fakes/author.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-03-01T08:00:00.000Z');
/** ISO time: so many days after the start. */
const day = (days: number): string => new Date(START + days * DAY).toISOString();

const expires = (expiresAt: string | null): AnyNewEvent => created('n', { data: { expiresAt } });
const moved = (before: string | null, after: string | null): AnyNewEvent => ({
  type: 'ExpiryChanged',
  data: { before, after },
  personal: {},
  private: {},
});
const revoked: AnyNewEvent = { type: 'KeyRevoked', data: { reason: null }, personal: { note: null }, private: {} };
const deleted: AnyNewEvent = {
  type: 'KeyDeleted',
  data: { destroyedDataKey: null },
  personal: { note: null },
  private: {},
};
const speaksOf = (reminders: number[]): ProfileInput => ({ ...DEFAULT_PROFILE, expiry: { reminders } });

describe('facts about time', () => {
  let store: MemoryStore;
  let log: MemoryLog;
  let author: Author;
  let time: string;
  let projector: Projector;

  const noticer = (own: ReadStore = store.connect(), batchSize = 500): ExpiryFacts =>
    createExpiryFacts({ log, store: own, now: () => time, logger: memoryLogger(), intervalMs: 5, batchSize });

  /** Looks until nothing is due any more; answers how many facts were appended. */
  async function notice(facts: ExpiryFacts = noticer()): Promise<number> {
    await projected(log, store);
    let sum = 0;
    for (let more = true; more;) {
      const looked = await facts.noticeDue();
      sum += looked.facts;
      ({ more } = looked);
    }
    await projected(log, store);
    return sum;
  }
  const happens = async (name: string, event: AnyNewEvent, now: string): Promise<void> => {
    const id = name === 'keyspaces' ? name : author.keyId(name);
    await log.append(recordsOf([await author.next(id, event, { now })]));
    await projected(log, store);
  };
  /** What was said of a key, in the order of the log: `30 @ 0.0`. */
  const said = (name: string): string[] =>
    store
      .contents()
      .facts.filter(({ aggregateId }) => aggregateId === author.keyId(name))
      .map(
        ({ type, data, time: moment }) =>
          `${'days' in data ? data.days : type} @ ${(Date.parse(moment) - START) / DAY}`,
      );
  /** Records of facts in the log, copies too. */
  const records = (): number => [0, 1, 2].flatMap((partition) => factsIn(partition)).length;
  const factsIn = (partition: number) =>
    log.partitions > partition
      ? log.records(partition).filter(({ value }) => Buffer.from(value).includes('keyfold.KeyExpir'))
      : [];

  beforeEach(async () => {
    store = createMemoryStore();
    log = createMemoryLog();
    author = createAuthor({ dataKeys: testDataKeys(store) });
    time = day(0);
    projector = runProjector({ log, store });
    await happens('keyspaces', defined(), day(-1));
  });
  afterEach(() => projector.stop());

  test('protocol E6: a key is spoken of 30, 7 and 1 days before it expires and when it does, each at its moment', async () => {
    await happens('k', expires(day(40)), day(0));
    for (const [now, expected] of [
      [day(0), []],
      [day(9.999), []],
      [day(10), ['30 @ 10']],
      [day(32.9), ['30 @ 10']],
      [day(33), ['30 @ 10', '7 @ 33']],
      [day(39), ['30 @ 10', '7 @ 33', '1 @ 39']],
      [day(39.999), ['30 @ 10', '7 @ 33', '1 @ 39']],
      [day(40), ['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40']],
      [day(4000), ['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40']],
    ] as const) {
      time = now;
      await notice();
      expect(said('k')).toEqual(expected);
    }
    expect(records()).toBe(4);
  });

  test('protocol E6: the record says which expiry it speaks of, is its key’s, and its id is of the key, the fact and the moment', async () => {
    await happens('k', expires(day(40)), day(0));
    time = day(10);
    await notice();
    const keyId = author.keyId('k');
    const [fact] = store.contents().facts;
    expect(fact?.attributes).toEqual({
      id: `${keyId}@KeyExpiring@${day(10)}`,
      source: '/keyfold',
      type: 'keyfold.KeyExpiring.v1',
      subject: keyId,
      time: day(10),
      dataschema: 'urn:keyfold:schema:KeyExpiring.v1',
      workspaceid: 'acme',
    });
    expect(fact?.data).toEqual({ keyspace: 'default', expiresAt: day(40), days: 30 });
    const [record] = [0, 1, 2].flatMap(factsIn);
    expect(record?.key).toBe(keyId);
    const json = JSON.parse(Buffer.from(record!.value).toString()) as unknown;
    const decoded = decodeFact('KeyExpiring', json, keyId);
    expect(decoded.ok && factRow(decoded.fact, record!)).toEqual(fact);
  });

  test('protocol E6: what came due while nobody looked is said late, in order, once', async () => {
    await happens('k', expires(day(40)), day(0));
    await happens('late', expires(day(41)), day(0));
    time = day(500);
    expect(await notice()).toBe(8);
    expect(said('k')).toEqual(['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40']);
    expect(said('late')).toEqual(['30 @ 11', '7 @ 34', '1 @ 40', 'KeyExpired @ 41']);
    expect(await notice()).toBe(0);
    expect(records()).toBe(8);
  });

  test('a moment before the key was made, or at that instant, is none', async () => {
    await happens('short', expires(day(7)), day(0));
    await happens('shorter', expires(day(0.5)), day(0));
    time = day(100);
    await notice();
    expect(said('short')).toEqual(['1 @ 6', 'KeyExpired @ 7']);
    expect(said('shorter')).toEqual(['KeyExpired @ 0.5']);
  });

  test('a key that has no expiry is never spoken of, nor looked at', async () => {
    await happens('k', expires(null), day(0));
    time = day(5000);
    expect(await notice()).toBe(0);
    expect(await store.read((view) => view.noticing(day(9000), 10))).toEqual([]);
  });

  test('a disabled key is spoken of; one that is revoked or deleted no more', async () => {
    for (const name of ['disabled', 'revoked', 'deleted']) await happens(name, expires(day(40)), day(0));
    time = day(12);
    await notice();
    await happens('disabled', noted('KeyDisabled'), day(13));
    await happens('revoked', revoked, day(13));
    await happens('deleted', deleted, day(13));
    time = day(50);
    await notice();
    expect(said('disabled')).toEqual(['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40']);
    expect(said('revoked')).toEqual(['30 @ 10']);
    expect(said('deleted')).toEqual(['30 @ 10']);
  });

  test('what a key was at the moment counts, though it is another by the time that it is noticed', async () => {
    await happens('revoked later', expires(day(40)), day(0));
    await happens('moved later', expires(day(40)), day(0));
    await happens('revoked later', revoked, day(34));
    await happens('moved later', moved(day(40), day(60)), day(40.5));
    time = day(100);
    await notice();
    expect(said('revoked later')).toEqual(['30 @ 10', '7 @ 33']);
    expect(said('moved later')).toEqual([
      ...['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40'],
      ...['7 @ 53', '1 @ 59', 'KeyExpired @ 60'],
    ]);
  });

  test('an expiry that is moved is spoken of anew: its moments are others, and those before it was moved are none', async () => {
    await happens('k', expires(day(40)), day(0));
    time = day(34);
    await notice();
    await happens('k', moved(day(40), day(50)), day(35));
    time = day(36);
    await notice();
    await happens('k', moved(day(50), null), day(44));
    await happens('k', moved(null, day(45)), day(44.5));
    time = day(100);
    await notice();
    expect(said('k')).toEqual(['30 @ 10', '7 @ 33', '7 @ 43', 'KeyExpired @ 45']);
  });

  test('an expiry that is moved away and back says nothing twice', async () => {
    await happens('k', expires(day(40)), day(0));
    time = day(11);
    await notice();
    await happens('k', moved(day(40), day(90)), day(12));
    await happens('k', moved(day(90), day(40)), day(13));
    time = day(100);
    await notice();
    expect(said('k')).toEqual(['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40']);
    expect(records()).toBe(4);
  });

  test('the profile decides how many days before, as it was at the moment', async () => {
    await happens('keyspaces', defined(speaksOf([90, 2]), 2), day(1));
    await happens('k', expires(day(100)), day(2));
    time = day(20);
    await notice();
    await happens('keyspaces', defined(speaksOf([]), 3), day(97));
    await happens('keyspaces', defined(speaksOf([1]), 4), day(98.5));
    time = day(200);
    await notice();
    expect(said('k')).toEqual(['90 @ 10', '1 @ 99', 'KeyExpired @ 100']);
  });

  test('a profile whose reminders change speaks of keys that it had before, from then on', async () => {
    await happens('keyspaces', defined(speaksOf([]), 2), day(1));
    await happens('k', expires(day(100)), day(2));
    for (time = day(3); time < day(80); time = new Date(Date.parse(time) + DAY).toISOString()) await notice();
    await happens('keyspaces', defined(speaksOf([30, 15]), 3), day(80));
    time = day(85);
    await notice();
    expect(said('k')).toEqual(['15 @ 85']);
  });

  test('protocol E6: two who notice at once append copies, and the first record of each id counts', async () => {
    await happens('k', expires(day(40)), day(0));
    const [one, other] = [noticer(), noticer()];
    time = day(39.5);
    await Promise.all([one.noticeDue(), other.noticeDue()]);
    await projected(log, store);
    expect(records()).toBe(6);
    expect(said('k')).toEqual(['30 @ 10', '7 @ 33', '1 @ 39']);
    const offsets = store.contents().facts.map(({ position }) => position.offset);
    const firsts = [0, 1, 2].flatMap(factsIn).map(({ offset }) => offset);
    expect(offsets).toEqual(firsts.slice(0, 3));
    expect(store.parkedRows()).toEqual([]);
  });

  test('a process that was suspended between its look and its append changes nothing when it goes on', async () => {
    await happens('k', expires(day(40)), day(0));
    let frozen: (() => void) | undefined;
    const slow = createExpiryFacts({
      store: store.connect(),
      log: {
        ...log,
        append: async (...appended: Parameters<MemoryLog['append']>) => {
          await new Promise<void>((go) => (frozen = go));
          return log.append(...appended);
        },
      },
      now: () => day(10),
      logger: memoryLogger(),
    });
    const zombie = slow.noticeDue();
    await until(() => frozen !== undefined, 'the zombie is about to append');
    time = day(33);
    await notice();
    const before = store.contents();
    frozen?.();
    expect(await zombie).toMatchObject({ facts: 1 });
    await projected(log, store);
    expect(store.contents()).toEqual(before);
    time = day(100);
    await notice();
    expect(said('k')).toEqual(['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40']);
  });

  test('a crash after the append, before the key is moved on, says nothing twice', async () => {
    await happens('k', expires(day(40)), day(0));
    time = day(10);
    const crashing = store.connect();
    crashing.beforeCall = (name) => {
      if (name === 'notice') throw new Error('crash');
    };
    await expect(noticer(crashing).noticeDue()).rejects.toThrow('crash');
    await notice();
    expect(said('k')).toEqual(['30 @ 10']);
    expect(records()).toBe(1);
  });

  test('an append of which nothing is known is tried again with the same bytes', async () => {
    await happens('k', expires(day(40)), day(0));
    time = day(10);
    let calls = 0;
    const forgetful = createExpiryFacts({
      store: store.connect(),
      log: {
        ...log,
        append: async (...appended: Parameters<MemoryLog['append']>) => {
          const positions = await log.append(...appended);
          if (calls++ === 0) throw new Error('no acknowledgement');
          return positions;
        },
      },
      now: () => time,
      logger: memoryLogger(),
    });
    await expect(forgetful.noticeDue()).rejects.toThrow('no acknowledgement');
    await forgetful.noticeDue(); // before its projection, maybe: a copy
    await notice();
    expect(said('k')).toEqual(['30 @ 10']);
  });

  test('after a rebuild nothing is said again, and what comes is', async () => {
    await happens('k', expires(day(40)), day(0));
    await happens('gone', expires(day(20)), day(0));
    await happens('moved', expires(day(20)), day(0));
    time = day(12);
    await notice();
    await happens('moved', moved(day(20), day(30)), day(13));
    time = day(25);
    await notice();
    const before = store.contents();
    const rebuilt = await requestRebuild(store, time);
    projector.nudge();
    await until(async () => (await store.control()).live === rebuilt, 'the rebuild is live');
    expect(store.contents().facts).toEqual(before.facts);
    expect(await notice()).toBe(0);
    time = day(100);
    await notice();
    expect(said('k')).toEqual(['30 @ 10', '7 @ 33', '1 @ 39', 'KeyExpired @ 40']);
    expect(said('gone')).toEqual(['7 @ 13', '1 @ 19', 'KeyExpired @ 20']);
    expect(said('moved')).toEqual(['7 @ 23', '1 @ 29', 'KeyExpired @ 30']);
  });

  test('nothing is judged before the read models know what the key had become by then', async () => {
    await happens('k', expires(day(40)), day(0));
    await projector.stop();
    const id = author.keyId('k');
    await log.append(recordsOf([await author.next(id, revoked, { now: day(5) })]));
    time = day(11);
    const facts = noticer();
    expect(await facts.noticeDue()).toEqual({ facts: 0, more: false });
    projector = runProjector({ log, store });
    expect(await notice(facts)).toBe(0);
    expect(said('k')).toEqual([]);
  });

  test('protocol L11: a clock that runs back takes nothing back', async () => {
    await happens('k', expires(day(40)), day(0));
    const facts = noticer();
    time = day(9);
    await notice(facts);
    time = day(11);
    await notice(facts);
    time = day(1);
    await notice(facts);
    expect(said('k')).toEqual(['30 @ 10']);
    expect(await store.read((view) => view.noticing(day(11), 10))).toEqual([]);
  });

  test('a log that has lost what the read models were made from is not written to', async () => {
    await happens('k', expires(day(40)), day(0));
    time = day(11);
    const shorter = createMemoryLog({ partitions: log.partitions });
    const facts = createExpiryFacts({ log: shorter, store, now: () => time, logger: memoryLogger() });
    await expect(facts.noticeDue()).rejects.toThrow('the log ends at');
    expect(
      [0, 1, 2].flatMap((partition) => (partition < shorter.partitions ? shorter.records(partition) : [])),
    ).toEqual([]);
  });

  test('it goes on by itself, and through an outage of the store', async () => {
    await happens('k', expires(day(40)), day(0));
    const facts = noticer(store.connect());
    time = day(10);
    facts.start();
    await until(() => said('k').length === 1, 'the first reminder');
    store.setDown(true);
    time = day(33);
    store.setDown(false);
    await until(() => said('k').length === 2, 'the second reminder');
    await facts.stop();
  });

  test('10,000 keys that expire over a year are each spoken of once, in order, by two projectors in batches', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyfold-facts-'));
    const kept = await openEmbeddedStore({ directory, now: day(0) });
    const folder = runProjector({ log, store: kept, dataKeys: author.dataKeys });
    try {
      const names = Array.from({ length: 10_000 }, (_, number) => `many-${number}`);
      const ends = names.map((_, number) => START + (20 + (number % 1000) * 0.345) * DAY);
      const events = [];
      for (const [number, name] of names.entries()) {
        const end = new Date(ends[number] ?? 0).toISOString();
        events.push(await author.next(author.keyId(name), expires(end), { now: day(1) }));
      }
      await log.append(recordsOf(events));
      await projector.stop();
      await projected(log, kept, undefined, 120_000);
      const both = [noticer(kept, 300), noticer(kept, 500)];
      for (const now of [day(5), day(19), day(60), day(61), day(200), day(400)]) {
        time = now;
        for (let more = true; more;) {
          await projected(log, kept, undefined, 60_000);
          more = (await Promise.all(both.map((each) => each.noticeDue()))).some((looked) => looked.more);
        }
      }
      await projected(log, kept, undefined, 60_000);
      const found = new Map<string, string[]>();
      for (let from = 0, partition = 0; partition < log.partitions;) {
        const range = { partition, from, before: Number.MAX_SAFE_INTEGER };
        const page = await kept.read((view) => view.listEntries(range, 2000));
        for (const entry of page.filter(isFact))
          found.set(entry.aggregateId, [...(found.get(entry.aggregateId) ?? []), entry.time]);
        const last = page.at(-1);
        if (last) from = last.position.offset + 1;
        else [partition, from] = [partition + 1, 0];
      }
      for (const [number, name] of names.entries()) {
        const end = ends[number] ?? 0;
        const moments = [30, 7, 1, 0].map((days) => end - days * DAY).filter((moment) => moment > START + DAY);
        expect(found.get(author.keyId(name))).toEqual(moments.map((moment) => new Date(moment).toISOString()));
      }
      expect(await kept.read((view) => view.noticing(day(400), 1))).toEqual([]);
    } finally {
      await folder.stop();
      await kept.close();
      await rm(directory, { recursive: true });
    }
  }, 300_000);
});
