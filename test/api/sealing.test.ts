// The rotation of sealing keys: counts, wrapping anew beside everything that goes on, and data keys that cannot be opened.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { unwrapKey, wrapKey } from '../../events/sealing.ts';
import { createSealing, type SealingOptions } from '../../services/api/sealing.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, until } from '../fakes/running.ts';

const sealingKey = (id: string) => ({ id, key: new Uint8Array(randomBytes(32)) });
const [s1, s2, s3] = [sealingKey('s1'), sealingKey('s2'), sealingKey('s3')];
const idOf = (number: number): string => `key_${String(number).padStart(6, '0')}.1`;

async function filled(count: number, by = s1) {
  const store = createMemoryStore();
  const plain = new Map<string, Buffer>();
  for (let number = 0; number < count; number++) {
    const key = randomBytes(32);
    plain.set(idOf(number), key);
    await store.dataKeys.insert({ id: idOf(number), ...wrapKey(key, idOf(number), by, randomBytes) });
  }
  return { store, plain };
}

const sealingOf = (store: MemoryStore, sealingKeys: SealingOptions['sealingKeys'], logger = memoryLogger()) =>
  createSealing({ store, sealingKeys, randomBytes, now: () => '2026-01-01T00:00:00.000Z', logger });

async function rewrapped({ rewrap }: ReturnType<typeof createSealing>) {
  rewrap.start(null);
  await until(() => rewrap.view()?.state !== 'RUNNING', 'the end of it');
  return rewrap.view()!;
}

describe('the rotation of sealing keys', () => {
  test('counts data keys by what wraps them: newest first, then what is missing in the settings', async () => {
    const { store } = await filled(1200);
    await store.dataKeys.insert({ id: 'a.1', ...wrapKey(randomBytes(32), 'a.1', s3, randomBytes) });
    store.eraseDataKey(idOf(7));
    expect(await sealingOf(store, [s2, s1]).status()).toEqual({
      dataKeys: 1200,
      sealingKeys: [
        { id: 's2', inSettings: true, newest: true, dataKeys: 0 },
        { id: 's1', inSettings: true, newest: false, dataKeys: 1199 },
        { id: 's3', inSettings: false, newest: false, dataKeys: 1 },
      ],
    });
  });

  test('wraps everything by the newest, the same keys within, and nothing twice', async () => {
    const { store, plain } = await filled(1200);
    const sealing = sealingOf(store, [s2, s1]);
    expect(await rewrapped(sealing)).toMatchObject({ state: 'DONE', result: { rewrapped: 1200, failed: 0 } });
    for (const row of await store.wraps.scan(null, 5000)) {
      expect(row.sealingKeyId).toBe('s2');
      expect(unwrapKey(row, row.id, [s2])).toEqual(plain.get(row.id));
    }
    expect(await rewrapped(sealing)).toMatchObject({ result: { seen: 1200, rewrapped: 0 } });
  });

  test('is one run, whoever asks meanwhile, and tells how far it is', async () => {
    const { store } = await filled(1200);
    const { rewrap } = sealingOf(store, [s2, s1]);
    const told: number[] = [];
    store.beforeCall = () => void told.push(rewrap.view()?.progress.seen ?? -1);
    const first = rewrap.start(null);
    expect(rewrap.start(null).id).toBe(first.id);
    expect(first).toMatchObject({ state: 'RUNNING', result: null });
    await until(() => rewrap.view()?.state === 'DONE', 'the end of it');
    expect(told).toEqual(expect.arrayContaining([0, 500, 1000, 1200]));
    expect(rewrap.start(null).id).not.toBe(first.id);
  });

  test('leaves a data key that is destroyed between reading and writing destroyed', async () => {
    const { store } = await filled(600);
    store.beforeCall = (name) => {
      if (name === 'wraps.replace') store.eraseDataKey(idOf(3));
    };
    expect(await rewrapped(sealingOf(store, [s2, s1]))).toMatchObject({ result: { rewrapped: 599 } });
    expect(await store.dataKeys.load([idOf(3)])).toEqual(new Map());
    expect(await store.dataKeys.unknown([idOf(3)])).toEqual([]);
  });

  test('by several processes at once opens to the same keys, each wrapped anew once', async () => {
    const { store, plain } = await filled(2100);
    const others = [store.connect(), store.connect(), store.connect()];
    const done = await Promise.all(others.map((other) => rewrapped(sealingOf(other, [s2, s1]))));
    expect(done.reduce((sum, { result }) => sum + (result?.rewrapped ?? 0), 0)).toBe(2100);
    for (const row of await store.wraps.scan(null, 5000))
      expect(unwrapKey(row, row.id, [s2])).toEqual(plain.get(row.id));
  });

  test('goes on where it was broken off', async () => {
    const { store } = await filled(2100);
    let pages = 0;
    store.beforeCall = (name) => {
      if (name === 'wraps.replace' && ++pages === 3) throw new Error('away');
    };
    const logger = memoryLogger();
    const sealing = sealingOf(store, [s2, s1], logger);
    expect(await rewrapped(sealing)).toMatchObject({ state: 'FAILED', error: { code: 'INTERNAL' } });
    expect(logger.lines.map(({ message }) => message)).toEqual(['wrapping data keys anew was broken off']);
    expect(await rewrapped(sealing)).toMatchObject({ state: 'DONE', result: { rewrapped: 1100 } });
  });

  test('takes what others make under the older one while it walks', async () => {
    const { store } = await filled(600);
    let made = 0;
    store.beforeCall = (name) => {
      if (name !== 'wraps.replace' || made++ > 0) return;
      const id = 'aaa.1'; // behind where the walk is
      void store.dataKeys.insert({ id, ...wrapKey(randomBytes(32), id, s1, randomBytes) });
    };
    expect(await rewrapped(sealingOf(store, [s2, s1]))).toMatchObject({ result: { rewrapped: 601 } });
    expect(await store.wraps.uses('s1')).toBe(false);
  });

  test('names data keys that cannot be opened, leaves them, and does all others', async () => {
    const { store } = await filled(600);
    await store.dataKeys.insert({ id: 'lost.1', ...wrapKey(randomBytes(32), 'lost.1', s3, randomBytes) });
    const swapped = wrapKey(randomBytes(32), 'another', s1, randomBytes);
    await store.dataKeys.insert({ id: 'swapped.1', ...swapped });
    const { result } = await rewrapped(sealingOf(store, [s2, s1]));
    expect(result).toMatchObject({ rewrapped: 600, failed: 2 });
    expect(result?.failures).toEqual([
      { dataKeyId: 'lost.1', reason: 'sealing key "s3" is missing: add it to KEYFOLD_SEALING_KEYS' },
      { dataKeyId: 'swapped.1', reason: 'sealing key "s1" does not open it: the row was changed' },
    ]);
    expect((await store.dataKeys.load(['swapped.1'])).get('swapped.1')).toEqual({ id: 'swapped.1', ...swapped });
  });

  test('ends between two pages when the process stops', async () => {
    const { store } = await filled(2100);
    const { rewrap } = sealingOf(store, [s2, s1]);
    let stopped: Promise<void> | undefined;
    store.beforeCall = (name) => {
      if (name === 'wraps.replace') stopped ??= rewrap.stop();
    };
    rewrap.start(null);
    await until(() => rewrap.view()?.state !== 'RUNNING', 'the end of it');
    await stopped;
    expect(rewrap.view()?.progress.seen).toBe(500);
    expect(rewrap.view()?.state).toBe('FAILED');
    expect(await store.wraps.uses('s1')).toBe(true);
  });
});
