// The projector in trouble: what passes by itself is waited for, what cannot be read is parked, nothing throws (P5, T).
import { describe, expect, test } from 'vitest';
import { PositionOutOfRangeError, type EventLog } from '../../events/log.ts';
import { encodeRecord } from '../../events/record.ts';
import { createDataKeys } from '../../projections/personal.ts';
import { noted, recordsOf, seededBytes } from '../fakes/author.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';
import { crashing, expectFold, history, projectedBy, stopAll, world } from './world.ts';

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

  test('protocol T: a log that ends before what is projected makes the projector unready, though nothing is handed out', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 1)));
    const projector = await projectedBy(w);
    await until(() => projector.ready(), 'readiness');
    w.log.end = () => Promise.resolve({ 0: 3 });
    await until(() => !projector.ready(), 'unreadiness');
    expect(projector.readiness().reasons).toEqual([
      expect.stringContaining('the log ends at p1_0-3, but was read up to p1_0-5') as string,
    ]);
    await stopAll(projector);
  });

  test('protocol T: a batch without records, as markers leave it, moves the checkpoint to the end', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 1)));
    const log: EventLog = {
      ...w.log,
      end: () => Promise.resolve({ 0: 8 }),
      async *read(options) {
        for await (const batch of w.log.read(options)) {
          yield batch;
          yield { partition: 0, records: [], next: 8 };
        }
      },
    };
    const projector = runProjector({ ...w, log });
    await projected(log, w.store);
    await stopAll(projector);
    expect((await w.store.control()).generations[0]?.checkpoint).toEqual({ 0: 8 });
    await expectFold(w);
  });

  test('protocol T: other bytes at a parked place are not passed over: the projector says so and waits', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 1)));
    await stopAll(await projectedBy(w));
    const before = world({ partitions: 1 });
    for (let n = 0; n < 5; n++) before.log.put({ key: 'x', value: Buffer.from(`junk ${n}`) });
    before.log.put({ key: w.author.keyId('k0'), value: Buffer.from('parked') });
    await stopAll(await projectedBy(before));
    for (const row of await before.store.parked.open()) if (row.position.offset === 5) await w.store.parked.park(row);
    await w.log.append(recordsOf([await w.author.next(w.author.keyId('k0'), noted('KeyDisabled'))]));
    const projector = runProjector(w);
    await until(() => projector.readiness().reasons.join().includes('p1_0-5'), 'the reason');
    expect(projector.readiness().reasons).toEqual([
      'what lies at p1_0-5 is not the record that was parked there: the log is another one',
    ]);
    expect((await w.store.control()).generations[0]?.checkpoint).toEqual({ 0: 5 });
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
