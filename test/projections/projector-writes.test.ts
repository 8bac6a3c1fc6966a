// The projector's writes under crashes between any two steps, redelivery, rivals and zombies: the traces of P1 and P2.
import { describe, expect, test } from 'vitest';
import { encodeRecord } from '../../events/record.ts';
import type { BatchResult } from '../../projections/batch.ts';
import { defined, recordsOf, renamed } from '../fakes/author.ts';
import { asExpected } from '../fakes/expected.ts';
import { projected, runProjector, until } from '../fakes/running.ts';
import { crashing, expectFold, history, projectedBy, stopAll, world } from './world.ts';

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
