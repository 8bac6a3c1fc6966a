// The projector under everything that may happen to it: crashes between any two steps, redelivery, zombies, outages and
// generations that go. Each bracketed trace of the protocol's P rules is played on scripted logs and stores.
import { describe, expect, test } from 'vitest';
import type { AnyEvent } from '../../events/catalogue.ts';
import { PositionOutOfRangeError } from '../../events/log.ts';
import { encodeRecord } from '../../events/record.ts';
import type { BatchResult } from '../../projections/batch.ts';
import { createDataKeys } from '../../projections/personal.ts';
import type { Projector } from '../../projections/projector.ts';
import {
  createAuthor,
  created,
  defined,
  noted,
  recordsOf,
  regenerated,
  renamed,
  at,
  seededBytes,
  testDataKeys,
  type Author,
} from '../fakes/author.ts';
import { asExpected, foldLog } from '../fakes/expected.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';

interface World {
  readonly log: MemoryLog;
  readonly store: MemoryStore;
  readonly author: Author;
}

function world(options: Parameters<typeof createMemoryLog>[0] = {}): World {
  const store = createMemoryStore();
  return { log: createMemoryLog(options), store, author: createAuthor({ dataKeys: testDataKeys(store) }) };
}

/** Keys with a few events each, one after the other. */
async function history({ author }: World, keys: number, events = 5): Promise<AnyEvent[]> {
  const all: AnyEvent[] = [];
  for (let n = 0; n < keys; n++) {
    const id = author.keyId(`k${n}`);
    all.push(await author.next(id, created(`name ${n}`)));
    for (let e = 1; e < events; e++) {
      const event = e === 1 ? regenerated(`r${n}`, at(9000)) : e % 2 === 0 ? noted('KeyDisabled') : noted('KeyEnabled');
      all.push(await author.next(id, event));
    }
  }
  return all;
}

async function expectFold({ log, store, author }: World, message?: string): Promise<void> {
  const { broken, ...expected } = await foldLog(log.records(), author.dataKeys);
  expect(broken).toEqual([]);
  expect(asExpected(store.contents()), message).toEqual(expected);
}

const stopAll = (...projectors: readonly Projector[]) => Promise.all(projectors.map((projector) => projector.stop()));

describe('the projector', () => {
  test('projects what is in the log and what comes after, from all partitions', async () => {
    const w = world();
    await w.log.append(recordsOf(await history(w, 10)));
    const projector = runProjector(w);
    await projected(w.log, w.store);
    await w.log.append(recordsOf([await w.author.next(w.author.keyId('k3'), renamed('later'))]));
    await w.log.append(recordsOf([await w.author.next('keyspaces', defined())]));
    await projected(w.log, w.store);
    await stopAll(projector);
    await expectFold(w);
    expect(new Set(w.log.records().map(({ partition }) => partition)).size).toBe(3);
  });

  test('goes on from its checkpoint after a restart', async () => {
    const w = world();
    await w.log.append(recordsOf(await history(w, 5)));
    const first = runProjector(w);
    await projected(w.log, w.store);
    await stopAll(first);
    await w.log.append(recordsOf([await w.author.next(w.author.keyId('k0'), renamed('x'))]));
    let records = 0;
    const second = runProjector({
      ...w,
      store: w.store.connect(),
      hooks: { onBatch: (_, batch) => (records += batch.records) },
    });
    await projected(w.log, w.store);
    await stopAll(second);
    expect(records).toBe(1);
    await expectFold(w);
  });

  test('tells its hooks what became of each batch, and how far it is behind', async () => {
    const w = world({ partitions: 1 });
    const batches: BatchResult[] = [];
    const lags: number[] = [];
    const events = await history(w, 2);
    await w.log.append(recordsOf([...events, ...events.slice(0, 3)]));
    const hooks = {
      onBatch: (_: string, batch: BatchResult) => void batches.push(batch),
      onLag: (_: string, lag: number) => void lags.push(lag),
    };
    const projector = runProjector({ ...w, batchSize: 4, hooks });
    await projected(w.log, w.store);
    await until(() => lags.at(-1) === 0, 'no lag');
    await stopAll(projector);
    expect(batches.map(({ records }) => records)).toEqual([4, 4, 4, 1]);
    expect(batches.reduce((sum, { applied }) => sum + applied, 0)).toBe(10);
  });

  test('projects a batch of 2,000 events of one key as one row', async () => {
    const w = world({ partitions: 1, batchSize: 5000 });
    const id = w.author.keyId('hot');
    const events = [await w.author.next(id, created('hot'))];
    for (let n = 1; n < 2000; n++)
      events.push(await w.author.next(id, noted(n % 2 === 0 ? 'KeyEnabled' : 'KeyDisabled')));
    let writes = 0;
    w.store.beforeStep = ({ kind }) => {
      if (kind === 'keys') writes += 1;
    };
    await w.log.append(recordsOf(events));
    const projector = runProjector({ ...w, batchSize: 500 });
    await projected(w.log, w.store);
    await stopAll(projector);
    expect(writes).toBe(4);
    await expectFold(w);
  });
});

describe('protocol P1', () => {
  test('protocol P1: a crash between any two steps, then the batch again: nothing is skipped, nothing comes twice', async () => {
    const dry = world({ partitions: 1 });
    const events = await history(dry, 3, 4);
    events.push(await dry.author.next('keyspaces', defined()));
    let steps = 0;
    dry.store.beforeStep = () => void (steps += 1);
    await dry.log.append(recordsOf(events));
    await stopAll(await projectedBy(dry));
    expect(steps).toBeGreaterThan(20);

    for (let crashAt = 0; crashAt < steps; crashAt++) {
      const w = world({ partitions: 1 });
      await w.log.append(recordsOf(events));
      w.store.beforeStep = crashing(crashAt);
      // The process dies there: its projector is stopped, and another begins from the store's checkpoint.
      const dying = runProjector({ ...w, dataKeys: dry.author.dataKeys, backOff: { firstMs: 60_000, maxMs: 60_000 } });
      await until(() => dying.loops().get('g1')?.status === 'retrying', `the crash at step ${crashAt}`);
      await stopAll(dying);
      expect((await w.store.control()).generations[0]?.checkpoint).toEqual({});
      const next = runProjector({ log: w.log, store: w.store.connect(), dataKeys: dry.author.dataKeys });
      await projected(w.log, w.store);
      await stopAll(next);
      await expectFold({ ...w, author: dry.author }, `crash at step ${crashAt}`);
    }
  });

  test('protocol P1: a process that dies at one step after the other, for ever going on where it was, ends at the fold', async () => {
    const w = world();
    await w.log.append(recordsOf(await history(w, 6)));
    let crashes = 0;
    let step = 0;
    // Every step fails once: the same process retries, and each retry gets one step further.
    w.store.beforeStep = () => {
      if (step++ === crashes) {
        crashes += 1;
        step = 0;
        throw new Error('crash');
      }
    };
    const projector = runProjector(w);
    await projected(w.log, w.store);
    await stopAll(projector);
    expect(crashes).toBeGreaterThan(10);
    await expectFold(w);
  });

  test('protocol P1: a hot key whose older records are delivered again after newer ones keeps its newest state', async () => {
    const w = world({ partitions: 1, batchSize: 3 });
    const events = await history(w, 1, 30);
    const projector = runProjector(w);
    for (const [index, event] of events.entries()) {
      await w.log.append([encodeRecord(event)]);
      await projected(w.log, w.store);
      if (index % 4 === 3) w.log.rewind(0, Math.max(0, index - 7));
    }
    w.log.rewind(0, 0);
    await projected(w.log, w.store);
    await stopAll(projector);
    await expectFold(w);
    expect(w.store.contents().keys[0]?.state.version).toBe(30);
  });

  test('protocol P1: records that lie in the log in the wrong order are parked once, whatever is delivered again', async () => {
    const w = world({ partitions: 1, batchSize: 2 });
    const [first, second, third] = await history(w, 1, 3);
    await w.log.append([second!, first!, third!].map(encodeRecord));
    const projector = runProjector(w);
    await projected(w.log, w.store);
    for (const offset of [0, 1, 2, 0]) {
      w.log.rewind(0, offset);
      await w.log.append([encodeRecord(first!)]);
      await projected(w.log, w.store);
    }
    await stopAll(projector);
    // Never folded after all when it came again behind its predecessor: every reader of the log agrees.
    expect(w.store.contents().keys[0]?.state.version).toBe(1);
    expect(w.store.parkedRows().map(({ position }) => position.offset)).toEqual([0, 2]);
  });
});

describe('protocol P2', () => {
  test('protocol P2: two projectors that both have all partitions lose nothing and write nothing twice', async () => {
    const w = world({ batchSize: 7 });
    const conflicts: number[] = [];
    const hooks = { onBatch: (_: string, batch: BatchResult) => void conflicts.push(batch.conflicts) };
    // Two groups: ownership protects nothing.
    const one = runProjector({ ...w, group: 'one', hooks });
    const two = runProjector({ ...w, store: w.store.connect(), group: 'two', hooks });
    for (const event of await history(w, 30)) await w.log.append([encodeRecord(event)]);
    await projected(w.log, w.store);
    await stopAll(one, two);
    expect(conflicts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    await expectFold(w);
  });

  test('protocol P2: a frozen projector that resumes behind its successor, at every step, changes nothing', async () => {
    const dry = world({ partitions: 1 });
    const events = await history(dry, 2, 4);
    const later = [
      await dry.author.next(dry.author.keyId('k0'), renamed('later')),
      await dry.author.next(dry.author.keyId('k1'), renamed('later')),
    ];
    let steps = 0;
    dry.store.beforeStep = () => void (steps += 1);
    await dry.log.append(recordsOf(events));
    await stopAll(await projectedBy(dry));

    for (let freezeAt = 0; freezeAt < steps; freezeAt++) {
      const w = world({ partitions: 1 });
      await w.log.append(recordsOf(events));
      const { dataKeys } = dry.author;
      let step = 0;
      let thaw: () => void = () => undefined;
      let frozen = false;
      w.store.beforeStep = async () => {
        if (step++ !== freezeAt) return;
        frozen = true;
        await new Promise<void>((resolve) => (thaw = resolve));
      };
      const zombie = runProjector({ ...w, group: 'zombie', dataKeys });
      await until(() => frozen, 'the freeze');
      const successor = runProjector({ log: w.log, store: w.store.connect(), group: 'successor', dataKeys });
      await w.log.append(recordsOf(later));
      await projected(w.log, w.store);
      const expected = asExpected(w.store.contents());
      thaw();
      await until(() => zombie.loops().get('g1')?.status === 'running', 'the zombie');
      await w.log.append(recordsOf([events[0]!]));
      await projected(w.log, w.store);
      await stopAll(zombie, successor);
      expect(asExpected(w.store.contents()), `frozen at step ${freezeAt}`).toEqual(expected);
      await expectFold({ ...w, author: dry.author }, `frozen at step ${freezeAt}`);
    }
  });

  test('protocol P2: the checkpoint of a projector that falls behind never takes it back', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 3)));
    const projector = runProjector(w);
    await projected(w.log, w.store);
    await stopAll(projector);
    const before = (await w.store.control()).generations[0]?.checkpoint;
    await w.store.writer('g1').apply({ history: [], secrets: [], keys: [], keyspaces: null }, { 0: 2 });
    expect((await w.store.control()).generations[0]?.checkpoint).toEqual(before);
  });

  test('protocol P2: processes of one group share the partitions, and asking for the checkpoint anew hands them over without a gap', async () => {
    const w = world({ partitions: 6, batchSize: 5 });
    const projectors = [runProjector(w)];
    const events = await history(w, 24);
    for (const [index, event] of events.entries()) {
      await w.log.append([encodeRecord(event)]);
      if (index % 30 === 10) projectors.push(runProjector({ ...w, store: w.store.connect() }));
      if (index % 30 === 25) await projectors.shift()?.stop();
      if (index % 17 === 0) w.log.rebalance();
    }
    await projected(w.log, w.store);
    await stopAll(...projectors);
    await expectFold(w);
  });
});

describe('protocol P3', () => {
  test('protocol P3: a projector whose generation is dropped ends, and never reads the log from 0 into what is gone', async () => {
    const w = world();
    await w.log.append(recordsOf(await history(w, 5)));
    const projector = runProjector({ ...w, intervalMs: 1_000_000 });
    await projected(w.log, w.store);
    const built = await w.store.createGeneration(at(0));
    await w.store.writer(built).apply({ history: [], secrets: [], keys: [], keyspaces: null }, await w.log.end());
    expect(await w.store.switchGeneration('g1', built)).toBe(true);
    await w.store.dropGeneration('g1');
    w.log.rebalance();
    await until(() => projector.loops().get('g1')?.status === 'ended', 'the end of the loop');
    expect(w.store.contents('g1')).toMatchObject({ keys: [], history: [] });
    await stopAll(projector);
  });

  test('protocol P3: an event that comes while the generation is dropped ends the loop too, without a row', async () => {
    const w = world();
    const projector = runProjector({ ...w, intervalMs: 1_000_000 });
    await until(() => projector.loops().get('g1')?.status === 'running', 'the loop');
    const built = await w.store.createGeneration(at(0));
    await w.store.switchGeneration('g1', built);
    await w.store.dropGeneration('g1');
    await w.log.append(recordsOf(await history(w, 1)));
    await until(() => projector.loops().get('g1')?.status === 'ended', 'the end of the loop');
    expect(w.store.contents('g1')).toMatchObject({ keys: [], history: [] });
    projector.nudge();
    await projected(w.log, w.store);
    expect(projector.loops().get(built)?.status).toBe('running');
    await stopAll(projector);
    await expectFold(w);
  });
});

describe('protocol P5', () => {
  test('protocol P5: a store that is away is waited for, readiness says so, and nothing is lost', async () => {
    const w = world();
    const logger = memoryLogger();
    const projector = runProjector({ ...w, logger });
    await until(() => projector.ready(), 'readiness');
    w.store.setDown(true);
    await w.log.append(recordsOf(await history(world(), 0)));
    await until(() => !projector.ready(), 'unreadiness');
    expect(projector.readiness().reasons).toEqual(['the read store does not answer']);
    w.store.setDown(false);
    await w.log.append(recordsOf(await history(w, 5)));
    w.store.setDown(true);
    await until(() => !projector.ready(), 'unreadiness');
    w.store.setDown(false);
    await projected(w.log, w.store);
    await until(() => projector.ready(), 'readiness');
    await stopAll(projector);
    await expectFold(w);
    expect(logger.lines.filter(({ level }) => level === 'warn').length).toBeLessThan(10);
  });

  test('protocol P5: a log that is away is waited for too', async () => {
    const w = world();
    const projector = runProjector(w);
    await until(() => projector.ready(), 'readiness');
    w.log.setDown(true);
    await until(() => !projector.ready(), 'unreadiness');
    expect(projector.readiness().reasons).toEqual(['the log does not answer']);
    w.log.failReads(new Error('a connection broke'));
    w.log.setDown(false);
    await w.log.append(recordsOf(await history(w, 3)));
    await projected(w.log, w.store);
    await until(() => projector.ready(), 'readiness');
    await stopAll(projector);
    await expectFold(w);
  });

  test('protocol P5: an unreadable record between good ones is parked before the checkpoint passes it', async () => {
    const w = world({ partitions: 1 });
    const [first, second] = await history(w, 1, 2);
    await w.log.append([encodeRecord(first!)]);
    w.log.put({ key: w.author.keyId('k0'), value: Buffer.from('{"not": "an event"}'), partition: 0 });
    await w.log.append([encodeRecord(second!)]);
    const order: string[] = [];
    w.store.beforeStep = ({ kind }) => void order.push(kind);
    w.store.beforeCall = (name) => {
      if (name === 'park') order.push(name);
    };
    const projector = runProjector(w);
    await projected(w.log, w.store);
    await stopAll(projector);
    expect(order.indexOf('park')).toBeGreaterThan(-1);
    expect(order.indexOf('park')).toBeLessThan(order.indexOf('checkpoint'));
    expect(w.store.parkedRows()).toMatchObject([
      { position: { partition: 0, offset: 1 }, status: 'OPEN', aggregateId: w.author.keyId('k0') },
    ]);
    expect(w.store.contents().keys[0]?.state.version).toBe(2);
  });

  test('protocol P5: a crash between parking and the checkpoint parks nothing twice', async () => {
    const w = world({ partitions: 1 });
    w.log.put({ key: 'x', value: Buffer.from('1'), partition: 0 });
    w.store.beforeStep = crashing(0);
    const projector = runProjector(w);
    await projected(w.log, w.store);
    await stopAll(projector);
    expect(w.store.calls.get('park')).toBe(1);
    expect(w.store.parkedRows()).toHaveLength(1);
  });

  test('protocol P5: while parking fails, the checkpoint waits', async () => {
    const w = world({ partitions: 1 });
    w.log.put({ key: 'x', value: Buffer.from('1'), partition: 0 });
    let failures = 0;
    w.store.beforeCall = (name) => {
      if (name !== 'park' || failures >= 20) return;
      failures += 1;
      throw new Error('cannot park');
    };
    const projector = runProjector(w);
    await until(() => failures >= 10, 'failures');
    expect((await w.store.control()).generations[0]?.checkpoint).toEqual({});
    await projected(w.log, w.store);
    await stopAll(projector);
    expect(w.store.parkedRows()).toHaveLength(1);
  });

  test('protocol P5: a missing sealing key is waited for, named, and never makes a blank name', async () => {
    const w = world();
    await w.log.append(recordsOf(await history(w, 1, 1)));
    const wrong = createDataKeys({
      store: w.store,
      sealingKeys: [{ id: 's2', key: Buffer.alloc(32, 8) }],
      randomBytes: seededBytes(5),
    });
    const projector = runProjector({ ...w, dataKeys: wrong });
    await until(() => projector.loops().get('g1')?.status === 'retrying', 'a retry');
    expect(projector.ready()).toBe(false);
    expect(projector.readiness().reasons).toEqual(['sealing key "s1" is missing: add it to KEYFOLD_SEALING_KEYS']);
    expect(w.store.contents().keys).toEqual([]);
    await stopAll(projector);
    await stopAll(await projectedBy(w));
    expect(w.store.contents().keys[0]?.details.name).toBe('name 0');
  });

  test('protocol T: a position outside the log stops the projector, visibly, and it never jumps', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 2)));
    await stopAll(await projectedBy(w));
    w.log.truncate({ 0: 1000 });
    const checkpoint = (await w.store.control()).generations[0]?.checkpoint;
    const projector = runProjector(w);
    await until(() => projector.loops().get('g1')?.status === 'stopped', 'the stop');
    expect(projector.readiness()).toEqual({
      ready: false,
      reasons: ['generation g1 cannot go on: partition 0: 10 is outside the log'],
    });
    expect((await w.store.control()).generations[0]?.checkpoint).toEqual(checkpoint);
    await stopAll(projector);
  });

  test('protocol T: a position that leaves the log while it is read stops it too', async () => {
    const w = world();
    const projector = runProjector(w);
    await until(() => projector.ready(), 'readiness');
    w.log.failReads(new PositionOutOfRangeError('partition 1: 5 is outside the log'));
    await until(() => projector.loops().get('g1')?.status === 'stopped', 'the stop');
    expect(projector.ready()).toBe(false);
    await stopAll(projector);
  });

  test('protocol P5: stopping ends every wait at once', async () => {
    const w = world();
    w.store.setDown(true);
    const projector = runProjector({ ...w, backOff: { firstMs: 60_000, maxMs: 60_000 }, intervalMs: 60_000 });
    const begun = performance.now();
    await stopAll(projector);
    const other = world();
    other.store.beforeStep = () => {
      throw new Error('never');
    };
    await other.log.append(recordsOf(await history(other, 1)));
    const retrying = runProjector({ ...other, backOff: { firstMs: 60_000, maxMs: 60_000 }, intervalMs: 60_000 });
    await until(() => retrying.loops().get('g1')?.status === 'retrying', 'a retry');
    await stopAll(retrying);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

async function projectedBy(w: World): Promise<Projector> {
  const projector = runProjector(w);
  await projected(w.log, w.store);
  return projector;
}

/** Throws at the n-th step from now, once. */
function crashing(at: number): () => void {
  let step = 0;
  return () => {
    if (step++ === at) throw new Error(`crash before step ${at}`);
  };
}
