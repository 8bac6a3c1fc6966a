// Poison: forty broken records. None crashes anything, none is skipped silently, its key is quarantined and nobody else,
// and both ways out work: an event that discards it, and the same bytes again once they can be read.
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../events/canonical.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { discarded, createAuthor, created, noted, recordsOf, testDataKeys } from '../fakes/author.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { POISONS } from '../fakes/poison.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';

describe('poison', () => {
  test('there are forty shapes, each with its own name', () => {
    expect(new Set(POISONS.map(({ name }) => name)).size).toBe(40);
  });

  for (const poisoned of POISONS) {
    test(`${poisoned.name}: parked with bytes, reason and position; its key is quarantined, others go on; discarding brings it back`, async () => {
      const store = createMemoryStore();
      const log = createMemoryLog({ partitions: 1 });
      const author = createAuthor({ dataKeys: testDataKeys(store) });
      const [id, other] = [author.keyId('poisoned'), author.keyId('other')];
      const first = await author.next(id, created('poisoned'));
      const before = author.place(id);
      const good = await author.next(id, noted('KeyDisabled'));
      const later = await author.next(id, noted('KeyEnabled'));
      const poison = poisoned.make(good, later);

      await log.append([encodeRecord(first), poison]);
      await log.append(
        recordsOf([await author.next(other, created('other')), await author.next(other, noted('KeyDisabled'))]),
      );
      const logger = memoryLogger();
      const projector = runProjector({ log, store, logger });
      await projected(log, store);

      const [parked, ...more] = await store.parked.open();
      expect(more).toEqual([]);
      expect(parked).toMatchObject({ position: { partition: 0, offset: 1 }, aggregateId: id, key: id });
      expect(Buffer.from(parked!.value).equals(poison.value)).toBe(true);
      expect(parked?.reason.length).toBeGreaterThan(3);
      expect(parked?.reason.length).toBeLessThan(300);
      expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
      expect(
        store
          .contents()
          .keys.map(({ state }) => [state.keyId, state.version])
          .sort(),
      ).toEqual(
        [
          [id, 1],
          [other, 2],
        ].sort(),
      );
      expect(projector.ready()).toBe(true);

      author.setPlace(before);
      await log.append(recordsOf([await author.next(id, discarded(encodeRecordPosition(parked!.position)))]));
      await log.append(recordsOf([await author.next(id, noted('KeyDisabled', 'after all'))]));
      await projected(log, store);
      expect(await store.parked.open()).toEqual([]);
      expect(store.contents().keys.find(({ state }) => state.keyId === id)?.state).toMatchObject({
        version: 3,
        status: 'DISABLED',
      });
      await projector.stop();
    });
  }

  test('a record that a later build can read is taken when it is retried, and a rebuild with that build agrees', async () => {
    const store = createMemoryStore();
    const log = createMemoryLog({ partitions: 1 });
    const author = createAuthor({ dataKeys: testDataKeys(store) });
    const id = author.keyId('k');
    const [first, second] = [await author.next(id, created('n')), await author.next(id, noted('KeyDisabled'))];
    // As an older build left it: the second record was unreadable to it, and parked.
    await log.append(recordsOf([first, second]));
    await store.parked.park({
      position: { partition: 0, offset: 1 },
      aggregateId: id,
      ...encodeRecord(second),
      digest: sha256(encodeRecord(second).value),
      reason: 'unknown type',
      time: '2026-01-01T00:00:00.000Z',
      status: 'OPEN',
    });
    const projector = runProjector({ log, store });
    await projected(log, store);
    expect(store.contents().keys[0]?.state.version).toBe(1);
    const [parked] = await store.parked.open();
    await log.append([{ key: parked!.key!, value: parked!.value, headers: parked!.headers }]);
    await projected(log, store);
    expect(await store.parked.open()).toEqual([]);
    expect(store.contents().history.map(({ position }) => position.offset)).toEqual([0, 2]);
    expect(store.contents().keys[0]?.state).toMatchObject({ version: 2, status: 'DISABLED' });

    const live = store.contents();
    await store.createGeneration('2026-01-02T00:00:00.000Z');
    projector.nudge();
    await until(async () => (await store.control()).live !== 'g1', 'the end of the rebuild');
    expect(store.contents()).toEqual(live);
    await projector.stop();
  });
});
