// Data keys: made once, durable before they are used, opened only while they are there.
import { beforeEach, describe, expect, test } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import { MissingSealingKeyError } from '../../events/sealing.ts';
import { createDataKeys, DataKeyErasedError } from '../../projections/personal.ts';
import { created, createAuthor, noted, seededBytes, sealingKeys, testDataKeys, type Author } from '../fakes/author.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';

describe('data keys', () => {
  let store: MemoryStore;
  let author: Author;
  let id: string;

  beforeEach(() => {
    store = createMemoryStore();
    author = createAuthor({ dataKeys: testDataKeys(store) });
    id = author.keyId('k');
  });

  test('protocol E2: a data key is in the store, wrapped, before it can be written under', async () => {
    let stored = false;
    store.beforeCall = () => void (stored = true);
    const { id: keyId, key } = await testDataKeys(store).forWriting(id, 1);
    expect(stored).toBe(true);
    const row = (await store.dataKeys.load([keyId])).get(keyId);
    expect(row).toMatchObject({ id: `${id}.1`, sealingKeyId: 's1' });
    expect(row?.wrapped).not.toContain(Buffer.from(key).toString('base64'));
  });

  test('a store that is away gives no data key, so nothing is sealed under one that could be lost', async () => {
    store.setDown(true);
    await expect(testDataKeys(store).forWriting(id, 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('two processes that make the same data key at once use the same one', async () => {
    const [one, two] = await Promise.all([
      testDataKeys(store, 1).forWriting(id, 1),
      testDataKeys(store, 2).forWriting(id, 1),
    ]);
    expect(one).toEqual(two);
    expect(await testDataKeys(store, 3).forWriting(id, 2)).not.toEqual(one);
    expect(await testDataKeys(store, 4).forWriting(KEYSPACES, 1)).toMatchObject({ id: 'keyspaces.1' });
  });

  test('is written once per process and number', async () => {
    const keys = testDataKeys(store);
    for (let n = 0; n < 5; n++) await keys.forWriting(id, 1);
    expect(store.calls.get('dataKeys.insert')).toBe(1);
  });

  test('opens personal parts in order, from events and from history rows alike, with one question to the store', async () => {
    const other = author.keyId('other');
    const events = [
      await author.next(id, created('one')),
      await author.next(other, created('two')),
      await author.next(id, noted('KeyDisabled', 'why')),
    ];
    const before = store.calls.get('dataKeys.load') ?? 0;
    expect(await author.dataKeys.open(events)).toMatchObject([
      { name: 'one', ip: '192.0.2.7' },
      { name: 'two' },
      { note: 'why' },
    ]);
    expect(store.calls.get('dataKeys.load')).toBe(before + 1);
    const rows = events.map(({ type, sealed, attributes }) => ({ type, sealed, attributes }));
    expect(await testDataKeys(store).open(rows)).toMatchObject([{ name: 'one' }, { name: 'two' }, { note: 'why' }]);
    expect(await author.dataKeys.open([])).toEqual([]);
  });

  test('an erased data key opens nothing, in the process that made it neither, and is never made again', async () => {
    const event = await author.next(id, created('one'));
    expect(await author.dataKeys.open([event])).toMatchObject([{ name: 'one' }]);
    store.eraseDataKey(`${id}.1`);
    expect(await author.dataKeys.open([event])).toEqual([null]);
    await expect(testDataKeys(store).forWriting(id, 1)).rejects.toBeInstanceOf(DataKeyErasedError);
    expect(await author.dataKeys.open([event])).toEqual([null]);
  });

  test('a data key that is destroyed while many parts are being opened is not remembered by it', async () => {
    const events = [];
    for (let n = 0; n < 60; n++) events.push(await author.next(author.keyId(`k${n}`), created(`key ${n}`)));
    const opener = testDataKeys(store);
    const last = events.at(-1)?.attributes.datakeyid ?? '';
    const opening = opener.open(events);
    await new Promise((resolve) => setImmediate(resolve)); // the first of its turns is over
    await opener.destroy(last, '2026-01-01T00:00:00.000Z');
    expect((await opening).slice(0, -1)).not.toContain(null);
    await expect(opener.forWriting(author.keyId('k59'), 1)).rejects.toBeInstanceOf(DataKeyErasedError);
  });

  test('a data key that is gone is told apart from one that was erased', async () => {
    const lost: string[] = [];
    const onLost = (ids: readonly string[]) => lost.push(...ids);
    const gone = await author.next(id, created('one'));
    const elsewhere = createMemoryStore();
    const keys = createDataKeys({ store: elsewhere, sealingKeys, randomBytes: seededBytes(6), onLost });
    expect(await keys.open([gone])).toEqual([null]);
    expect(lost).toEqual([`${id}.1`]);
    await keys.forWriting(id, 1);
    elsewhere.eraseDataKey(`${id}.1`);
    expect(await keys.open([gone])).toEqual([null]);
    expect(lost).toHaveLength(1);
  });

  test('a part that was changed opens as nothing, and is told apart from one that is erased', async () => {
    const event = await author.next(id, created('one'));
    const changed: string[] = [];
    const keys = createDataKeys({
      store,
      sealingKeys,
      randomBytes: seededBytes(5),
      onChanged: (eventId) => changed.push(eventId),
    });
    const bytes = Buffer.from(event.sealed, 'base64');
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    expect(await keys.open([event, { ...event, sealed: bytes.toString('base64') }])).toMatchObject([
      { name: 'one' },
      null,
    ]);
    expect(changed).toEqual([`${id}@1`]);
    store.eraseDataKey(`${id}.1`);
    expect(await keys.open([event])).toEqual([null]);
    expect(changed).toHaveLength(1);
  });

  test('a missing sealing key is an error that names the setting, never a blank', async () => {
    const event = await author.next(id, created('one'));
    const other = { id: 's2', key: Buffer.alloc(32, 9) };
    const keys = createDataKeys({ store, sealingKeys: [other], randomBytes: seededBytes(9) });
    await expect(keys.open([event])).rejects.toThrow('sealing key "s1" is missing: add it to KEYFOLD_SEALING_KEYS');
    const mistaken = createDataKeys({ store, sealingKeys: [{ ...other, id: 's1' }], randomBytes: seededBytes(9) });
    await expect(mistaken.open([event])).rejects.toBeInstanceOf(MissingSealingKeyError);
    await expect(mistaken.open([event])).rejects.toThrow('KEYFOLD_SEALING_KEYS holds another key under this id');
    const none = createDataKeys({ store, sealingKeys: [], randomBytes: seededBytes(9) });
    await expect(none.forWriting(author.keyId('new'), 1)).rejects.toBeInstanceOf(MissingSealingKeyError);
    // With the older key behind the newer one, both are served, and new keys are wrapped by the newer.
    const rotated = createDataKeys({ store, sealingKeys: [other, ...sealingKeys], randomBytes: seededBytes(9) });
    expect(await rotated.open([event])).toMatchObject([{ name: 'one' }]);
    await rotated.forWriting(author.keyId('new'), 1);
    const newId = `${author.keyId('new')}.1`;
    expect((await store.dataKeys.load([newId])).get(newId)?.sealingKeyId).toBe('s2');
  });

  test('keeps a bounded number of unwrapped keys, and works without any of them', async () => {
    const keys = createDataKeys({ store, sealingKeys, randomBytes: seededBytes(3), capacity: 2 });
    const first = await keys.forWriting(author.keyId('n0'), 1);
    for (let n = 1; n < 10; n++) await keys.forWriting(author.keyId(`n${n}`), 1);
    expect(await keys.forWriting(author.keyId('n0'), 1)).toEqual(first);
    expect(store.calls.get('dataKeys.insert')).toBe(11);
  });
});
