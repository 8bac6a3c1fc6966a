// The usage projector: adds up for ever, whatever happens to log and store, and says what was lost.
import { expect, test, vi } from 'vitest';
import { createUsageProjector } from '../../projections/usage-projector.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, until } from '../fakes/running.ts';
import { batchOf, usageReached, usageRecord, type Decision } from '../support/usage.ts';

const NOW = '2026-03-02T00:00:00.000Z';
const KEY = `key_${'A'.repeat(22)}`;
const check = (second: number): Decision => ({
  keyId: KEY,
  time: new Date(Date.parse(NOW) - 3_600_000 + second * 1000).toISOString(),
});
const countOf = async (store: ReadStore) => (await store.usage.totals([KEY])).get(KEY)?.requestCount ?? 0;

function run(usage: MemoryLog, store: ReadStore, more: Partial<Parameters<typeof createUsageProjector>[0]> = {}) {
  const logger = memoryLogger();
  const backOff = { firstMs: 1, maxMs: 5 };
  const projector = createUsageProjector({
    usage,
    store,
    logger,
    now: () => NOW,
    intervalMs: 5,
    tidyMs: 5,
    backOff,
    ...more,
  });
  projector.start();
  return { ...projector, logger };
}
const send = (usage: MemoryLog, verifier: string, sequence: number) =>
  usage.append([usageRecord(batchOf(verifier, sequence, [check(sequence)]))]);

test('protocol P5: a store or a log that is away is waited for, and nothing is lost or counted twice', async () => {
  const [usage, store] = [createMemoryLog({ partitions: 2 }), createMemoryStore()];
  const projector = run(usage, store);
  await send(usage, 'v1', 1);
  await usageReached(usage, store);
  store.setDown(true);
  await send(usage, 'v1', 2);
  await send(usage, 'v2', 1);
  await until(() => projector.state().status === 'retrying', 'trouble');
  expect(projector.state().reason).toBe('the read store does not answer');
  store.setDown(false);
  usage.failReads(new Error('a connection broke'));
  await send(usage, 'v2', 2);
  await usageReached(usage, store);
  await projector.stop();
  expect(await countOf(store)).toBe(4);
});

test('protocol P6: a crash before each step, a redelivery, a rebalance and two projectors at once count each batch once', async () => {
  const [usage, store] = [createMemoryLog({ partitions: 2 }), createMemoryStore()];
  const other = store.connect();
  let steps = 0;
  store.beforeUsageStep = () => {
    if ((steps += 1) % 5 === 0) throw new Error('crashed');
  };
  const projectors = [run(usage, store, { batchSize: 3 }), run(usage, other, { batchSize: 2, group: 'another' })];
  for (let sequence = 1; sequence <= 10; sequence++) {
    for (const verifier of ['v1', 'v2', 'v3']) await send(usage, verifier, sequence);
    if (sequence === 4) await send(usage, 'v2', 3); // sent twice
    if (sequence === 5) usage.rewind(0, 0);
    if (sequence === 7) usage.rebalance();
  }
  await usageReached(usage, store);
  for (const projector of projectors) await projector.stop();
  expect(await countOf(store)).toBe(30);
  expect(steps).toBeGreaterThan(5);
});

test('a batch that cannot be read does not stop it; it is logged without what stood in it', async () => {
  const [usage, store] = [createMemoryLog({ partitions: 1 }), createMemoryStore()];
  const unreadable: number[] = [];
  const hooks = {
    onBatch: (batch: { unreadable: readonly unknown[] }) => void unreadable.push(batch.unreadable.length),
  };
  const projector = run(usage, store, { hooks });
  await send(usage, 'v1', 1);
  usage.put({ key: 'v1', value: Buffer.from('{"a secret":1'), partition: 0 });
  await send(usage, 'v1', 2);
  await usageReached(usage, store);
  await projector.stop();
  expect(await countOf(store)).toBe(2);
  expect(unreadable.reduce((a, b) => a + b, 0)).toBe(1);
  const lines = projector.logger.lines.filter(({ level }) => level === 'error');
  expect(lines).toMatchObject([{ details: { position: 'p1_0-1', reason: 'not JSON' } }]);
  expect(JSON.stringify(lines)).not.toContain('a secret');
});

test('what retention removed before it was counted is told, with how much, and the rest is counted', async () => {
  const [usage, store] = [createMemoryLog({ partitions: 1 }), createMemoryStore()];
  for (let sequence = 1; sequence <= 10; sequence++) await send(usage, 'v1', sequence);
  usage.truncate({ 0: 6 });
  let lost = 0;
  const projector = run(usage, store, { hooks: { onLost: (records) => void (lost += records) } });
  await usageReached(usage, store);
  await projector.stop();
  expect(lost).toBe(6);
  expect(await countOf(store)).toBe(4);
  expect(projector.logger.lines).toContainEqual(
    expect.objectContaining({ level: 'error', details: { partition: 0, lost: 6, from: 0, to: 6 } }),
  );
});

test('a log that can be trimmed is, up to what is counted; lag and expiry are looked after', async () => {
  const store = createMemoryStore();
  const trimmed: unknown[] = [];
  const trim = (position: unknown) => Promise.resolve(void trimmed.push(position));
  const usage: MemoryLog = Object.assign(createMemoryLog({ partitions: 1 }), { trim });
  const lags: number[] = [];
  let now = NOW;
  const projector = run(usage, store, { now: () => now, hooks: { onLag: (records) => void lags.push(records) } });
  await send(usage, 'v1', 1);
  await usageReached(usage, store);
  await vi.waitFor(() => expect(trimmed).toContainEqual({ 0: 1 }));
  await vi.waitFor(() => expect(lags).toContain(0));
  const query = { workspaceId: 'acme', filter: {}, now: NOW };
  expect(await store.usage.countRequests(query)).toBe(1);
  now = '2026-06-01T00:00:00.000Z';
  await vi.waitFor(async () => expect(await store.usage.countRequests(query)).toBe(0));
  await projector.stop();
  expect(await countOf(store)).toBe(1);
});
