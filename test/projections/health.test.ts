// Health: lag, the live generation, and what is parked.
import { expect, test } from 'vitest';
import { lagOf, projectionHealth } from '../../projections/health.ts';
import { createAuthor, created, recordsOf, testDataKeys } from '../fakes/author.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { projected, runProjector } from '../fakes/running.ts';

test('lag counts the records between the checkpoint and the end, over all partitions', () => {
  expect(lagOf({}, { 0: 3, 1: 4 })).toBe(7);
  expect(lagOf({ 0: 3, 1: 1 }, { 0: 3, 1: 4 })).toBe(3);
  expect(lagOf({ 0: 9 }, { 0: 3 })).toBe(0);
});

test('health tells the lag, the live generation and the parked records', async () => {
  const store = createMemoryStore();
  const log = createMemoryLog();
  const author = createAuthor({ dataKeys: testDataKeys(store) });
  const id = author.keyId('k');
  await log.append(recordsOf([await author.next(id, created('n'))]));
  const at = log.put({ key: id, value: Buffer.from('junk'), partition: log.partitionOf(id) });
  expect(await projectionHealth({ store, log })).toEqual([
    { name: 'keys', lag: 2, generation: 'g1', rebuildProgress: null, rebuildFailure: null, parked: [] },
  ]);
  const projector = runProjector({ log, store });
  await projected(log, store);
  await projector.stop();
  expect(await projectionHealth({ store, log })).toMatchObject([
    { lag: 0, parked: [{ position: at, aggregateId: id, reason: 'not JSON' }] },
  ]);
});
