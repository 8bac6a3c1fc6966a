// Operators' work on parked records: what can be folded anew is handed over again, what no build can fold is refused.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeRecordPosition } from '../../events/position.ts';
import { createWaiter } from '../../projections/waiter.ts';
import { createOperations, type Operations } from '../../services/api/operations.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { startInstallation, type Installation } from './installation.ts';

let log: MemoryLog;
let store: MemoryStore;
let installation: Installation;
let operations: Operations;

beforeEach(async () => {
  log = createMemoryLog();
  store = createMemoryStore();
  installation = await startInstallation({ log, store });
  operations = createOperations({ log, store, waiter: createWaiter({ store }), now: () => '2026-01-01T00:00:00.000Z' });
});
afterEach(() => installation.stop());

test('a record that still cannot be folded stays parked after a retry, and is not parked twice', async () => {
  const { keyId } = await installation.instance().create();
  const position = log.put({ key: keyId, value: Buffer.from('broken') });
  await installation.settled();
  const outcome = await operations.retryParked(position);
  expect(outcome).toMatchObject({ ok: true, parked: [{ position, status: 'OPEN' }] });
  expect(await store.parked.open()).toHaveLength(1);
});

test.each([
  ['belongs to no key', () => ({ value: Buffer.from('broken') })],
  ['is too large to be appended again', (key: string) => ({ key, value: Buffer.alloc(1_000_001, 'x') })],
])(
  'a record that %s is refused by name of its position, and does not keep others from being retried',
  async (_, make) => {
    const { keyId } = await installation.instance().create();
    const hopeless = log.put(make(keyId));
    const other = log.put({ key: `key_${'a'.repeat(22)}`, value: Buffer.from('broken') });
    await installation.settled();
    const before = log.records().length;
    expect(await operations.retryParked(hopeless)).toMatchObject({
      ok: false,
      error: { type: 'InvalidInput', path: ['position'] },
    });
    expect(log.records()).toHaveLength(before);
    const all = await operations.retryParked(null);
    expect(all.ok && all.parked.map((row) => encodeRecordPosition(row.position)).sort()).toEqual(
      [hopeless, other].map(encodeRecordPosition).sort(),
    );
    expect(log.records()).toHaveLength(before + 1);
  },
);

test('a position at which nothing is parked is refused', async () => {
  const outcome = await operations.retryParked({ partition: 0, offset: 0 });
  expect(outcome).toMatchObject({ ok: false, error: { type: 'InvalidInput', path: ['position'] } });
});

test('a rebuild that is asked for again while it runs is the same rebuild', async () => {
  log.hold();
  const [first, second] = [await operations.rebuildProjections(), await operations.rebuildProjections()];
  log.release();
  expect(first).toMatchObject({ ok: true, generation: 'g2' });
  expect(second).toEqual(first);
});
