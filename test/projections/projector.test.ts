// The projector: what is in the log ends up in the read models, and generations come and go under it (P3).
import { describe, expect, test } from 'vitest';
import type { BatchResult } from '../../projections/batch.ts';
import { at, created, defined, noted, recordsOf, renamed } from '../fakes/author.ts';
import { projected, runProjector, until } from '../fakes/running.ts';
import { expectFold, history, stopAll, world } from './world.ts';

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
