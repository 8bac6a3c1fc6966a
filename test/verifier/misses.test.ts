// Misses: whatever leaves memory and is read again, from whichever generation and however late, every answer is the fold of
// the log up to the tail.
import { describe, expect, test } from 'vitest';
import { covers, type Position } from '../../events/position.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import { loadView } from '../../services/verifier/load-view.ts';
import { createMisses } from '../../services/verifier/misses.ts';
import { createView, FROM_NOTHING, type View } from '../../services/verifier/view.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { createRandom, SEED } from './random.ts';
import { createHistory } from './random-history.ts';
import { batches, createWriter, project } from './support.ts';
import { code, PEPPERS, setUp, tail } from './view-support.ts';

/** What happens between the checkpoint and the rows, and after the rows, of a read; and of which generation it is. */
interface Script {
  generation?: string;
  afterCheckpoint?: () => Promise<void> | void;
  afterRows?: () => Promise<void> | void;
}

function scripted(store: MemoryStore, script: () => Script): ReadStore {
  return {
    ...store,
    read: async <T>(work: (live: GenerationView) => Promise<T>): Promise<T> => {
      const { generation, afterCheckpoint, afterRows } = script();
      const live = await store.view(generation ?? (await store.control()).live);
      const frozen = { ...live, checkpoint: { ...live.checkpoint } };
      await afterCheckpoint?.();
      const result = await work(frozen);
      await afterRows?.();
      return result;
    },
  };
}

const loadSome = (store: ReadStore, log: MemoryLog, maxKeys: number): Promise<View> =>
  loadView({ store, partitions: log.partitions, peppers: PEPPERS, maxKeys, signal: new AbortController().signal });

function setUpMisses(log: MemoryLog, store: ReadStore, view: () => View, onReach?: () => Promise<void> | void) {
  const results: string[] = [];
  const misses = createMisses({
    ...{ log, store, timeoutMs: 60 },
    whenReached: async (position) => {
      await onReach?.();
      return covers(view().position, position);
    },
    onMiss: (result) => results.push(result),
  });
  return { ...misses, results };
}

/** A view that holds one key, `b`, of two. */
async function oneOfTwo(script: () => Script = () => ({}), onReach?: (view: View, log: MemoryLog) => void) {
  const { log, store, writer } = setUp();
  const [a, b] = [writer.keyId('a'), writer.keyId('b')];
  await log.append([writer.keyspace(), writer.create('a'), writer.create('b')]);
  await project(log, store);
  const view = await loadSome(store, log, 1);
  const read = scripted(store, script);
  const misses = setUpMisses(
    log,
    read,
    () => view,
    () => onReach?.(view, log),
  );
  // Asking for the one has the other leave.
  const evict = async (other: string) => {
    await misses.prepare(view, writer.secretOf(other));
    expect(view.keys.get(other)).not.toBeNull();
  };
  await evict(b);
  return { log, store, writer, view, misses, a, b, evict, text: writer.secretOf(a) };
}

describe('misses', () => {
  test('protocol V1: a miss that reads v1 while the tail folds v2 answers v2', async () => {
    let during: Script = {};
    const { log, writer, view, misses, a, text } = await oneOfTwo(() => during);
    during = {
      afterRows: async () => {
        await log.append([writer.event(a, 'KeyDisabled', {})]);
        tail(view, log);
      },
    };
    expect(view.keys.get(a)).toBeNull();
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('DISABLED');
  });

  test('protocol V1: a record whose checkpoint lies below what is kept does not count; it is read again', async () => {
    let script: Script = {};
    const { log, store, writer, view, misses, a, b, text } = await oneOfTwo(() => script);
    await store.createGeneration('2026-01-02T00:00:00.000Z');
    await project(log, store, { 0: 2 }, 'g2'); // knows of `a`, not of what comes now
    // More events than are kept: those of `a` are thrown away.
    await log.append([writer.event(a, 'KeyDisabled', {})]);
    for (let i = 0; i < 9000; i += 2) {
      log.put(writer.event(b, 'KeyDisabled', {}));
      log.put(writer.event(b, 'KeyEnabled', {}));
    }
    tail(view, log);
    expect(view.kept.base[0]).toBeGreaterThan(4);
    script = { generation: 'g2' };
    expect(await misses.prepare(view, text)).toBe(false);
    expect(view.find(text)).toBeNull();
    expect(view.lacks(text)).toBe(false);
    await project(log, store);
    script = { generation: 'g1' };
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('DISABLED');
  }, 60_000);

  test('protocol V1: a gap is no reason for quarantine: the record is read again until the projector has judged it', async () => {
    const { log, store, writer, view, misses, a, text } = await oneOfTwo();
    const head = writer.head(a);
    await log.append([
      writer.draft(
        a,
        { type: 'KeyDisabled', data: {}, personal: { note: null }, private: {} },
        { ...head, version: head.version + 1 },
      ),
    ]);
    tail(view, log);
    expect(await misses.prepare(view, text)).toBe(false);
    expect(view.quarantine.open.size).toBe(0);
    await project(log, store);
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('QUARANTINED');
  });

  test('protocol V2: a record that is newer than the tail is not used before the tail is there', async () => {
    let hold = true;
    const { log, store, writer, view, misses, a, text } = await oneOfTwo(undefined, (onto, from) => {
      if (!hold) tail(onto, from);
    });
    await log.append([writer.event(a, 'KeyDisabled', {})]);
    await project(log, store);
    expect(await misses.prepare(view, text)).toBe(false);
    expect(view.find(text)).toBeNull();
    hold = false;
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('DISABLED');
  });

  test('protocol V2: what answered v2, left, and is read from another generation at v1 answers v2 again', async () => {
    let script: Script = {};
    const { log, store, writer, view, misses, a, b, evict, text } = await oneOfTwo(() => script);
    await store.createGeneration('2026-01-02T00:00:00.000Z');
    await project(log, store, {}, 'g2');
    await log.append([writer.event(a, 'KeyDisabled', {})]);
    await project(log, store);
    tail(view, log);
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('DISABLED');
    await evict(b);
    expect(view.keys.get(a)).toBeNull();
    script = { generation: 'g2' };
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('DISABLED');
  });

  test('protocol V3: a new key is not denied from the negative cache', async () => {
    const { log, writer, view, misses } = await oneOfTwo();
    const record = writer.create('c');
    const text = writer.secretOf(writer.keyId('c'));
    expect(await misses.prepare(view, text)).toBe(true);
    expect(view.lacks(text)).toBe(true);
    expect(misses.prepare(view, text)).toBeNull();
    await log.append([record]);
    tail(view, log);
    expect(view.lacks(text)).toBe(false);
    // The store does not know it yet: the kept events do.
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('VALID');
  });

  test('protocol V3: a key that is made while the store says that there is none is not denied', async () => {
    let during: Script = {};
    const { log, writer, view, misses } = await oneOfTwo(() => during);
    const record = writer.create('c');
    const text = writer.secretOf(writer.keyId('c'));
    during = {
      afterRows: async () => {
        during = {};
        await log.append([record]);
        tail(view, log);
      },
    };
    expect(await misses.prepare(view, text)).toBe(true);
    expect(code(view, text)).toBe('VALID');
  });

  test('one read is under way for a key at a time, and more than may wait are refused at once', async () => {
    let reads = 0;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { log, store, writer, view, b } = await oneOfTwo();
    const slow = scripted(store, () => ({ afterCheckpoint: () => (reads++, gate) }));
    const misses = createMisses({
      ...{ log, store: slow, maxWaiting: 1, onMiss: () => undefined },
      whenReached: () => Promise.resolve(true),
    });
    const text = writer.secretOf(writer.keyId('a'));
    const [first, second] = [misses.prepare(view, text), misses.prepare(view, text)];
    expect(second).toBe(first);
    writer.create('c');
    expect(await misses.prepare(view, writer.secretOf(writer.keyId('c')))).toBe(false);
    expect(misses.prepare(view, writer.secretOf(b))).toBeNull();
    release();
    expect(await first).toBe(true);
    expect(reads).toBe(1);
  });

  test('keys that come last wait for one another: however many there are, the others are read meanwhile', async () => {
    let reads = 0;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { log, store, writer, view, text } = await oneOfTwo();
    const slow = scripted(store, () => ({ afterCheckpoint: () => (++reads <= 2 ? gate : undefined) }));
    const results: string[] = [];
    const misses = createMisses({
      ...{ log, store: slow, onMiss: (result: string) => void results.push(result) },
      whenReached: () => Promise.resolve(true),
    });
    const guesses = Array.from({ length: 200 }, async (_, number) => {
      writer.create(`guess ${number}`);
      return misses.prepare(view, writer.secretOf(writer.keyId(`guess ${number}`)), true);
    });
    expect(await misses.prepare(view, text)).toBe(true);
    expect(results.filter((result) => result === 'found')).toHaveLength(1);
    release();
    expect((await Promise.all(guesses)).filter((read) => read === false).length).toBeGreaterThanOrEqual(200 - 32);
    expect(reads).toBeLessThanOrEqual(1 + 32);
  });

  test('a view that holds all keys asks nobody of one that it does not know', async () => {
    const { log, store, writer } = setUp();
    await log.append([writer.keyspace(), writer.create('a')]);
    await project(log, store);
    const view = await loadSome(store, log, 1);
    expect(view.complete).toBe(true);
    store.setDown(true);
    writer.create('b');
    expect(setUpMisses(log, store, () => view).prepare(view, writer.secretOf(writer.keyId('b')))).toBeNull();
  });
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

/** The fold of the log up to where a view is. */
function foldTo(log: MemoryLog, position: Position): View {
  const view = createView(FROM_NOTHING, PEPPERS);
  // By partition is as good as any order: all of an aggregate is in one.
  for (const { partition, records } of batches(log)) {
    const end = position[partition] ?? 0;
    for (const record of records.slice(0, end)) view.fold(record);
    view.passed({ partition, next: end });
  }
  return view;
}

describe(`a view that holds two of six keys (SEED=${SEED})`, () => {
  test('answers as the fold of the log up to its tail, over generations at any position and reads that take their time', async () => {
    const seen = { found: 0, absent: 0, failed: 0 };
    const codes = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const seed = SEED + round;
      const random = createRandom(seed * 31);
      const log = createMemoryLog({ partitions: 2 });
      const store = createMemoryStore();
      const writer = createWriter({ seed });
      const step = createHistory(seed, log, store, writer, NAMES);
      const somewhere = (): Position =>
        Object.fromEntries(batches(log).map(({ partition, next }) => [partition, random.below(next + 1)]));
      for (let i = 0; i < 15; i++) await step();
      await project(log, store, somewhere());
      await store.createGeneration('2026-01-02T00:00:00.000Z');
      await project(log, store, somewhere(), 'g2');
      // Nothing is answered before the view has folded up to an end that was asked for after it was loaded (L6).
      const view = tail(await loadSome(store, log, 2), log);
      const tailSome = (): void => {
        for (const { partition, records } of batches(log)) {
          const from = view.position[partition] ?? 0;
          for (const record of records.slice(from, from + random.below(4))) view.fold(record);
        }
      };
      const something = async (): Promise<void> => {
        for (let i = random.below(3); i > 0; i--) {
          const dice = random.below(4);
          if (dice === 0) await step();
          else if (dice === 1) tailSome();
          else await project(log, store, somewhere(), random.pick(['g1', 'g2']));
        }
      };
      const read = scripted(store, () => ({
        generation: random.pick(['g1', 'g2']),
        afterCheckpoint: something,
        afterRows: something,
      }));
      const misses = setUpMisses(
        log,
        read,
        () => view,
        () => (random.chance(80) ? void tail(view, log) : tailSome()),
      );
      const texts = NAMES.flatMap((name) => [0, 1].map((back) => writer.secretOf(writer.keyId(name), back)));
      for (let i = 0; i < 60; i++) {
        await something();
        const text = random.pick([...texts, ...NAMES.map((name) => writer.secretOf(writer.keyId(name)))]);
        if (text === 'none') continue;
        await misses.prepare(view, text);
        if (view.find(text) === null && !view.lacks(text)) continue; // STALE
        const expected = code(foldTo(log, view.position), text);
        codes.add(expected);
        expect(code(view, text), `SEED=${seed} ${i}`).toBe(expected);
      }
      expect(view.keys.size).toBeLessThanOrEqual(2);
      for (const result of misses.results) seen[result as keyof typeof seen]++;
    }
    expect(seen.found).toBeGreaterThan(100);
    expect([...codes].sort()).toEqual(['DISABLED', 'NOT_FOUND', 'QUARANTINED', 'REVOKED', 'VALID']);
  }, 300_000);
});
