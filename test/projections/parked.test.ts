// Parked records: what is parked, whom it quarantines, and the two ways out (F1).
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../events/canonical.ts';
import { KEYSPACES } from '../../events/ids.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { keptOf } from '../../projections/parked.ts';
import { created, discarded, noted, renamed, type Author } from '../fakes/author.ts';
import type { MemoryStore } from '../fakes/memory-store.ts';
import { createBatches, NOW, type Batches } from './batches.ts';

const key = (author: Author): string => author.keyId('k');

describe('parked records', () => {
  let store: MemoryStore;
  let author: Author;
  const project: Batches['project'] = (records, from) => batches.project(records, from);
  let batches: Batches;

  beforeEach(() => {
    batches = createBatches();
    ({ store, author } = batches);
  });

  const open = async () => (await store.parked.open()).map(({ position }) => encodeRecordPosition(position));

  test('protocol F1: a record that leaves a gap is parked with its bytes, and its key is quarantined; others go on', async () => {
    const [first, second, third] = [
      await author.next(key(author), created('n')),
      await author.next(key(author), noted('KeyDisabled')),
      await author.next(key(author), noted('KeyEnabled')),
    ];
    const other = await author.next(author.keyId('other'), created('other'));
    const { parked } = await project([first, third, other].map(encodeRecord));
    expect(parked).toEqual([
      {
        position: { partition: 0, offset: 1 },
        aggregateId: key(author),
        key: key(author),
        value: encodeRecord(third).value,
        headers: {},
        digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
        reason: 'version 3 after 1: events are missing between them',
        time: NOW,
        status: 'OPEN',
      },
    ]);
    expect(store.contents().keys).toHaveLength(2);
    // An event that extends the head still applies while the key is quarantined.
    expect(await project([encodeRecord(second)])).toMatchObject({ applied: 1 });
    expect(await open()).toEqual(['p1_0-1']);
  });

  test('of a record that is too large for any event only a part is parked, with the digest and the size of the whole', async () => {
    const event = encodeRecord(await author.next(key(author), created('n')));
    // It would be read as that event, but for its size.
    const value = Buffer.concat([event.value, Buffer.alloc(20_000_000, ' ')]);
    const { parked } = await project([{ ...event, value }]);
    const [row] = parked;
    expect(row).toMatchObject({
      aggregateId: key(author),
      digest: sha256(value),
      reason: `larger than any event; kept are 65536 of ${value.length} bytes`,
      status: 'OPEN',
    });
    expect(Buffer.compare(row?.value ?? Buffer.alloc(0), value.subarray(0, 65_536))).toBe(0);
    expect(await project([{ ...event, value }], 0)).toMatchObject({ applied: 0, parked: [] });
  });

  test('a key that is no aggregate’s is kept in part, too', async () => {
    const { parked } = await project([{ key: '\u0001'.repeat(900_000), value: Buffer.from('x') }]);
    expect(parked[0]?.key).toBe('\u0001'.repeat(65_536));
    expect(parked[0]?.reason).toBe("not JSON; kept are 65536 of 900000 of the key's characters");
    const headers = { small: 'x', large: 'x'.repeat(65_536), other: 'y' };
    expect(keptOf({ key: null, value: Buffer.from('x'), headers }, 'not JSON')).toMatchObject({
      headers: { small: 'x', other: 'y' },
      reason: 'not JSON; kept are 2 of 3 headers',
    });
  });

  test('a record that was parked is never folded again, though it would fit by now: not when it is redelivered', async () => {
    const first = await author.next(key(author), created('n'));
    const second = await author.next(key(author), noted('KeyDisabled'));
    await project([second, first].map(encodeRecord));
    expect(await open()).toEqual(['p1_0-0']);
    const before = store.contents();
    expect(before.keys[0]?.state.version).toBe(1);
    expect(await project([second, first].map(encodeRecord), 0)).toMatchObject({ applied: 0, parked: [] });
    expect(store.contents()).toEqual(before);
  });

  test('the same bytes once more lift the quarantine when they fold, as applied or as ignored', async () => {
    const first = await author.next(key(author), created('n'));
    const second = await author.next(key(author), noted('KeyDisabled'));
    await project([second, first].map(encodeRecord));
    expect(await project([encodeRecord(second)])).toMatchObject({
      applied: 1,
      lifted: [{ position: { partition: 0, offset: 0 }, status: 'RETRIED' }],
    });
    expect(await open()).toEqual([]);
    expect((await store.parked.at({ partition: 0, offset: 0 }))?.status).toBe('RETRIED');

    const third = await author.next(key(author), noted('KeyEnabled'));
    const fourth = await author.next(key(author), noted('KeyDisabled'));
    await project([encodeRecord(fourth)]);
    expect(await open()).toHaveLength(1);
    // Its version went to another event meanwhile.
    author.setPlace({
      aggregateId: key(author),
      version: 3,
      head: third.attributes.hash,
      time: third.attributes.time,
    });
    const instead = await author.next(key(author), renamed('instead'));
    await project([third, instead].map(encodeRecord));
    expect(await open()).toHaveLength(1);
    expect(await project([encodeRecord(fourth)])).toMatchObject({ applied: 0, parked: [] });
    expect(await open()).toEqual([]);
  });

  test('the same bytes once more that still cannot be read are no second entry, and are settled with the first', async () => {
    const broken = { key: key(author), value: Buffer.from('{"broken": tru') };
    const { position } = await project([broken]);
    const { parked } = await project([broken]);
    expect(parked).toMatchObject([
      { status: 'RETRIED', reason: expect.stringContaining('a copy of p1_0-0') as unknown },
    ]);
    expect(await open()).toEqual([encodeRecordPosition(position)]);
    await project([encodeRecord(await author.next(key(author), created('n')))]);
    await project([encodeRecord(await author.next(key(author), discarded(encodeRecordPosition(position))))]);
    expect(await open()).toEqual([]);
    // Both again, in order, as a rebuild sees them: neither comes back.
    await project([broken, broken], 0);
    expect(await open()).toEqual([]);
  });

  test('an accepted RecordDiscarded lifts the quarantine, and the record is ignored from then on', async () => {
    const broken = { key: key(author), value: Buffer.from('not JSON') };
    const first = await author.next(key(author), created('n'));
    await project([encodeRecord(first), broken]);
    const discard = await author.next(key(author), discarded('p1_0-1'));
    expect(await project([encodeRecord(discard)])).toMatchObject({
      lifted: [{ position: { partition: 0, offset: 1 }, status: 'DISCARDED' }],
    });
    expect(await open()).toEqual([]);
    expect((await store.parked.at({ partition: 0, offset: 1 }))?.status).toBe('DISCARDED');
    expect(await project([encodeRecord(first), broken, encodeRecord(discard)], 0)).toMatchObject({
      parked: [],
      applied: 0,
    });
    expect(await open()).toEqual([]);
  });

  test('a RecordDiscarded that lost its version lifts nothing', async () => {
    const broken = { key: key(author), value: Buffer.from('not JSON') };
    await project([encodeRecord(await author.next(key(author), created('n'))), broken]);
    const winner = await author.next(key(author), noted('KeyDisabled'));
    const loser = await author.rival(key(author), discarded('p1_0-1'));
    await project([winner, loser].map(encodeRecord));
    expect(await open()).toEqual(['p1_0-1']);
  });

  test('a record of no key that exists quarantines nobody, and is discarded through the keyspaces', async () => {
    await project([
      { key: null, value: Buffer.from('who am I') },
      { key: 'no aggregate', value: Buffer.from('x') },
    ]);
    expect(await store.parked.open()).toMatchObject([
      { aggregateId: null, key: null },
      { aggregateId: null, key: 'no aggregate' },
    ]);
    await project([encodeRecord(await author.next(KEYSPACES, discarded('p1_0-0')))]);
    expect(await open()).toEqual(['p1_0-1']);
  });

  test('an event of the wrong kind for its aggregate is parked', async () => {
    const wrong = await author.next(KEYSPACES, created('n'));
    const strange = await author.next('key_not-an-id', created('n'));
    const { parked } = await project([wrong, strange].map(encodeRecord));
    expect(parked.map(({ aggregateId, reason }) => [aggregateId, reason])).toEqual([
      [KEYSPACES, 'KeyCreated does not belong to keyspaces'],
      [null, 'subject is not the id of an aggregate'],
    ]);
    expect(store.contents().keys).toEqual([]);
  });
});
