// The quarantine's rules, pure: what projector and verifier both follow.
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../events/canonical.ts';
import type { AnyEvent } from '../../events/catalogue.ts';
import { KEYSPACES } from '../../events/ids.ts';
import type { LogRecord } from '../../events/log.ts';
import {
  isSettled,
  NO_QUARANTINE,
  quarantineAfter,
  quarantined,
  readRecord,
  withClosed,
  withEntry,
} from '../../events/quarantine.ts';
import { encodeRecord } from '../../events/record.ts';
import { created, createAuthor, discarded, noted, testDataKeys, type Author } from '../fakes/author.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

describe('the quarantine', () => {
  let author: Author;
  let id: string;
  let discard: AnyEvent;
  const junk = (offset: number, text = 'junk', key: string | null = id): LogRecord => ({
    partition: 0,
    offset,
    key,
    value: Buffer.from(text),
    headers: {},
  });

  beforeEach(async () => {
    author = createAuthor({ dataKeys: testDataKeys(createMemoryStore()) });
    id = author.keyId('k');
    discard = await author.next(KEYSPACES, discarded('p1_0-3'));
  });

  test('a broken record shuts out the aggregate that its key names, and nobody if it names none', () => {
    const first = quarantineAfter(NO_QUARANTINE, junk(3), 'broken', null);
    expect(first.parked).toEqual({
      entry: { position: { partition: 0, offset: 3 }, digest: sha256('junk'), aggregateId: id },
      copyOf: null,
    });
    const second = quarantineAfter(first.quarantine, junk(4, 'other', 'no id'), 'broken', null);
    const third = quarantineAfter(second.quarantine, junk(5, 'third', null), 'broken', null);
    expect(third.quarantine.open.size).toBe(3);
    expect(quarantined(third.quarantine)).toEqual(new Set([id]));
  });

  test('the same bytes while they are parked shut nobody out again, and are settled', () => {
    const { quarantine } = quarantineAfter(NO_QUARANTINE, junk(3), 'broken', null);
    const copy = quarantineAfter(quarantine, junk(7), 'broken', null);
    expect(copy.parked?.copyOf).toEqual({ partition: 0, offset: 3 });
    expect(copy.quarantine.open.size).toBe(1);
    expect(isSettled(copy.quarantine, { partition: 0, offset: 7 })).toBe(true);
    // Once the first is settled, the same bytes are a new matter.
    const after = withClosed(copy.quarantine, { partition: 0, offset: 3 });
    expect(quarantineAfter(after, junk(9), 'broken', null).parked?.copyOf).toBeNull();
  });

  test('the same bytes that fold, as applied or as ignored, lift every entry that has them', () => {
    for (const verdict of ['applied', 'ignored'] as const) {
      const both = withEntry(quarantineAfter(NO_QUARANTINE, junk(3), 'broken', null).quarantine, {
        position: { partition: 0, offset: 4 },
        digest: sha256('junk'),
        aggregateId: id,
      });
      const change = quarantineAfter(both, junk(9), verdict, null);
      expect(change.lifted).toEqual([
        { position: { partition: 0, offset: 3 }, status: 'RETRIED' },
        { position: { partition: 0, offset: 4 }, status: 'RETRIED' },
      ]);
      expect(quarantined(change.quarantine).size).toBe(0);
      expect(isSettled(change.quarantine, { partition: 0, offset: 3 })).toBe(true);
    }
    const { quarantine } = quarantineAfter(NO_QUARANTINE, junk(3), 'broken', null);
    expect(quarantineAfter(quarantine, junk(9, 'other bytes'), 'applied', null).quarantine).toBe(quarantine);
  });

  test('an accepted RecordDiscarded of any aggregate lifts what it names; one that was not accepted lifts nothing', () => {
    const { quarantine } = quarantineAfter(NO_QUARANTINE, junk(3), 'broken', null);
    const record = { ...junk(9), ...encodeRecord(discard) };
    expect(quarantineAfter(quarantine, record, 'ignored', discard)).toEqual({ quarantine, parked: null, lifted: [] });
    const change = quarantineAfter(quarantine, record, 'applied', discard);
    expect(change.lifted).toEqual([{ position: { partition: 0, offset: 3 }, status: 'DISCARDED' }]);
    expect(quarantined(change.quarantine).size).toBe(0);
  });

  test('a position that is discarded before a reader comes to it is settled when it comes', () => {
    const { quarantine } = quarantineAfter(NO_QUARANTINE, { ...junk(9), ...encodeRecord(discard) }, 'applied', discard);
    expect(isSettled(quarantine, { partition: 0, offset: 3 })).toBe(true);
    expect(isSettled(quarantine, { partition: 1, offset: 3 })).toBe(false);
    expect(isSettled(NO_QUARANTINE, { partition: 0, offset: 3 })).toBe(false);
  });

  test('an event goes to the aggregate of its kind, and to nobody else', async () => {
    const ofKey = await author.next(id, created('n'));
    expect(readRecord(encodeRecord(ofKey))).toMatchObject({ kind: 'key' });
    expect(readRecord(encodeRecord(discard))).toMatchObject({ kind: 'keyspaces' });
    const strays = [await author.next(KEYSPACES, noted('KeyDisabled')), await author.next('key_short', created('n'))];
    for (const stray of strays) expect(readRecord(encodeRecord(stray))).toMatchObject({ kind: 'unreadable' });
  });
});
