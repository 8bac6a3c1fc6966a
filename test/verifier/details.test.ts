// Details on request: cached within a bound, as new as the view, and nothing while the store is away.
import { describe, expect, test } from 'vitest';
import { createDetailsReader } from '../../services/verifier/details.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createWriter, project } from './support.ts';

async function setUp(names: readonly string[]) {
  const log = createMemoryLog({ partitions: 1 });
  const store = createMemoryStore();
  const writer = createWriter();
  await log.append(names.map((name) => writer.create(name)));
  await project(log, store);
  return { store, writer, reads: () => store.calls.get('read') ?? 0 };
}

describe('details', () => {
  test('are read once, and again when the key has changed', async () => {
    const { store, writer, reads } = await setUp(['a']);
    const details = createDetailsReader({ store });
    const keyId = writer.keyId('a');
    expect(await details.read(keyId, 1)).toEqual({ name: '', metadata: null });
    await details.read(keyId, 1);
    expect(reads()).toBe(1);
    await details.read(keyId, 2);
    expect(reads()).toBe(2);
  });

  test('of no more keys than the bound are held', async () => {
    const { store, writer, reads } = await setUp(['a', 'b', 'c']);
    const details = createDetailsReader({ store, maxCached: 2 });
    for (const name of ['a', 'b', 'c', 'b', 'c']) await details.read(writer.keyId(name), 1);
    expect(reads()).toBe(3);
    await details.read(writer.keyId('a'), 1);
    expect(reads()).toBe(4);
  });

  test('are null for a key that the store lacks, while the store is away, and when it takes too long', async () => {
    const { store, writer } = await setUp(['a']);
    const details = createDetailsReader({ store, timeoutMs: 20 });
    expect(await details.read(writer.keyId('unknown'), 1)).toBeNull();
    store.setDown(true);
    expect(await details.read(writer.keyId('a'), 1)).toBeNull();
    store.setDown(false);
    store.beforeCall = () => new Promise(() => undefined);
    expect(await details.read(writer.keyId('a'), 1)).toBeNull();
  });
});

test('what is erased is let go, and what was being read meanwhile is not kept', async () => {
  const { store, writer, reads } = await setUp(['a']);
  const details = createDetailsReader({ store });
  const keyId = writer.keyId('a');
  await details.read(keyId, 1);
  await details.read(keyId, 1);
  expect(reads()).toBe(1);
  details.forget([keyId]);
  const reading = details.read(keyId, 1);
  details.forget([keyId]);
  await reading;
  await details.read(keyId, 1);
  expect(reads()).toBe(3);
});
