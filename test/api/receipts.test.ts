// Receipts: which verifiers have folded a mutation; whole only when none is left that could answer from what was before.
import { afterEach, expect, test, vi } from 'vitest';
import type { Position } from '../../events/position.ts';
import type { LeaseRow, Leases } from '../../projections/leases.ts';
import { StoreUnavailableError } from '../../projections/read-store.ts';
import { memoryLeases } from '../../projections/stores/memory-leases.ts';
import { createReceipts, type Receipts } from '../../services/api/receipts.ts';
import { createLogger } from '../../services/shared/logger.ts';

const L = 30_000;
const AT = '2026-01-01T00:00:00.000Z';
const logger = createLogger({ level: 'silent' });
const opened: Receipts[] = [];

afterEach(() => {
  for (const receipts of opened.splice(0)) receipts.stop();
});

const lease = (id: string, position: Position, n = 1): LeaseRow => ({
  ...{ id, n, position, asOf: AT, reportedAt: AT, lengthMs: L },
});

function api(leases: Leases = memoryLeases()) {
  const time = { monotonic: 0 };
  const now = () => new Date(Date.parse(AT) + 1000 + time.monotonic).toISOString();
  const receipts = createReceipts({ leases, watchMs: 1_000_000, now, monotonic: () => time.monotonic, logger });
  opened.push(receipts);
  return { receipts, leases, time };
}

test('is whole at once where no verifier holds a lease', async () => {
  const { receipts } = api();
  const receipt = await receipts.whenConfirmed({ 0: 1 }, 5000);
  expect(receipt).toMatchObject({ confirmed: 0, total: 0, verifiers: [] });
  expect(receipt.confirmedAt).not.toBeNull();
});

test('protocol L5: is whole once every lease has reported the position, and names each with its time', async () => {
  const { receipts, leases } = api();
  await leases.join(lease('a', { 0: 4 }));
  await leases.join(lease('b', { 0: 3 }));
  const waiting = receipts.whenConfirmed({ 0: 4 }, 60_000);
  await leases.renew(lease('b', { 0: 5 }, 2));
  const receipt = await waiting;
  expect(receipt).toMatchObject({ confirmed: 2, total: 2 });
  expect(receipt.confirmedAt).not.toBeNull();
  expect(receipt.verifiers.map(({ id, confirmedAt }) => [id, confirmedAt !== null])).toEqual([
    ['a', true],
    ['b', true],
  ]);
});

test('is never whole while one has not, whom it names', async () => {
  const { receipts, leases } = api();
  await leases.join(lease('a', { 0: 4, 1: 2 }));
  await leases.join(lease('slow', { 0: 9, 1: 1 }));
  const receipt = await receipts.whenConfirmed({ 1: 2 }, 30);
  expect(receipt).toMatchObject({ confirmed: 1, total: 2, confirmedAt: null });
  expect(receipt.verifiers.find(({ id }) => id === 'slow')).toEqual({
    id: 'slow',
    position: { 0: 9, 1: 1 },
    confirmedAt: null,
  });
  expect(await receipts.confirmedNow({ 1: 2 })).toMatchObject({ confirmed: 1, total: 2, confirmedAt: null });
  await leases.renew(lease('slow', { 0: 9, 1: 2 }, 2));
  expect(await receipts.confirmedNow({ 1: 2 })).toMatchObject({ confirmed: 2, total: 2, confirmedAt: AT });
});

test('protocol L1: raises the barrier before it reads the leases', async () => {
  const inner = memoryLeases();
  const order: string[] = [];
  const leases: Leases = {
    ...inner,
    raise: (position) => (order.push('raise'), inner.raise(position)),
    all: () => (order.push('all'), inner.all()),
  };
  const { receipts } = api(leases);
  await receipts.whenConfirmed({ 0: 7 }, 1000);
  await receipts.confirmedNow({ 0: 8 });
  expect(order).toEqual(['raise', 'raise']);
  expect(await inner.join(lease('late', {}))).toEqual({ 0: 8 });
});

test('protocol L2: one that vanished is waited out for 1.05 of its own length, and not a moment less', async () => {
  const { receipts, leases, time } = api();
  await leases.join({ ...lease('gone', { 0: 3 }), lengthMs: 10_000 });
  expect(await receipts.confirmedNow({ 0: 4 })).toMatchObject({ confirmedAt: null });
  time.monotonic = 10_499;
  expect(await receipts.confirmedNow({ 0: 4 })).toMatchObject({ confirmed: 0, total: 1, confirmedAt: null });
  time.monotonic = 10_500;
  const receipt = await receipts.confirmedNow({ 0: 4 });
  expect(receipt).toMatchObject({ confirmed: 0, total: 0 });
  expect(receipt.confirmedAt).not.toBeNull();
  expect(await leases.all()).toEqual([]);
});

test('protocol L2: one that renews, in the last moment even, is not ended', async () => {
  const inner = memoryLeases();
  let justBefore: (() => Promise<unknown>) | null = null;
  const leases: Leases = {
    ...inner,
    end: async (id, n) => {
      await justBefore?.();
      return inner.end(id, n);
    },
  };
  const { receipts, time } = api(leases);
  await leases.join(lease('a', { 0: 3 }));
  await receipts.confirmedNow({ 0: 4 });
  time.monotonic = L * 2;
  await leases.renew(lease('a', { 0: 3 }, 2));
  expect(await receipts.confirmedNow({ 0: 4 })).toMatchObject({ total: 1, confirmedAt: null });
  time.monotonic = L * 4;
  justBefore = () => leases.renew(lease('a', { 0: 3 }, 3));
  expect(await receipts.confirmedNow({ 0: 4 })).toMatchObject({ total: 1, confirmedAt: null });
  expect(await leases.all()).toHaveLength(1);
});

test('leases that vanished are ended also while nobody asks for a receipt', async () => {
  const leases = memoryLeases();
  await leases.join({ ...lease('gone', {}), lengthMs: 1 });
  const receipts = createReceipts({ leases, watchMs: 5, now: () => AT, logger });
  opened.push(receipts);
  receipts.start();
  await vi.waitFor(async () => expect(await leases.all()).toEqual([]));
});

test('whoever leaves cleanly is not waited for, and a joiner neither: it has folded the barrier before it answers', async () => {
  const { receipts, leases } = api();
  await leases.join(lease('leaving', { 0: 3 }));
  await leases.join(lease('slow', { 0: 3 }));
  const waiting = receipts.whenConfirmed({ 0: 4 }, 60_000);
  await vi.waitFor(async () => expect(await leases.join(lease('joiner', { 0: 1 }))).toEqual({ 0: 4 })).catch(() => 0);
  await leases.leave('leaving');
  await leases.renew(lease('slow', { 0: 4 }, 2));
  const { verifiers, confirmedAt } = await waiting;
  expect(confirmedAt).not.toBeNull();
  expect(verifiers.filter(({ id }) => id !== 'joiner').map(({ id }) => id)).toEqual(['slow']);
});

test('a stop ends every wait at once with what is confirmed', async () => {
  const { receipts, leases } = api();
  await leases.join(lease('a', { 0: 4 }));
  await leases.join(lease('slow', { 0: 3 }));
  const waiting = receipts.whenConfirmed({ 0: 4 }, 60_000);
  await vi.waitFor(async () => expect(await leases.join(lease('x', {})).catch(() => null)).not.toEqual({}));
  receipts.stop();
  expect((await waiting).confirmedAt).toBeNull();
  expect(await receipts.whenConfirmed({ 0: 4 }, 60_000)).toEqual({
    ...{ confirmed: 0, total: 0, confirmedAt: null, verifiers: [] },
  });
});

test('whoever asks after a stop is told what was confirmed of what was expected', async () => {
  const { receipts, leases } = api();
  await leases.join(lease('a', { 0: 4 }));
  receipts.expect({ 0: 4 }, 60_000);
  await vi.waitFor(async () => expect(await leases.join(lease('late', {}))).toEqual({ 0: 4 })).catch(() => 0);
  await receipts.confirmedNow({ 0: 4 });
  receipts.stop();
  expect(await receipts.whenConfirmed({ 0: 4 }, 60_000)).toMatchObject({ confirmed: 1, total: 1 });
});

test('a store that is away makes a receipt unknown, never whole; back in time, it is told', async () => {
  const inner = memoryLeases();
  let down = true;
  const leases: Leases = {
    ...inner,
    raise: (position) => (down ? Promise.reject(new StoreUnavailableError('away')) : inner.raise(position)),
  };
  const { receipts } = api(leases);
  await inner.join(lease('a', { 0: 4 }));
  expect(await receipts.whenConfirmed({ 0: 4 }, 20)).toMatchObject({ total: 0, confirmedAt: null });
  await expect(receipts.confirmedNow({ 0: 4 })).rejects.toBeInstanceOf(StoreUnavailableError);
  const waiting = receipts.whenConfirmed({ 0: 4 }, 60_000);
  down = false;
  expect(await waiting).toMatchObject({ confirmed: 1, total: 1 });
});

test('many waiters share their looks', async () => {
  const inner = memoryLeases();
  let looks = 0;
  const leases: Leases = { ...inner, raise: (position) => (looks++, inner.raise(position)) };
  const { receipts } = api(leases);
  await Promise.all(Array.from({ length: 100 }, (_, n) => receipts.whenConfirmed({ 0: n }, 5000)));
  expect(looks).toBeLessThanOrEqual(2);
});

test('protocol L1: one that is expected begins with the append, and is not begun again when it is asked for', async () => {
  const inner = memoryLeases();
  let raised = 0;
  const leases: Leases = { ...inner, raise: (position) => (raised++, inner.raise(position)) };
  const { receipts } = api(leases);
  await leases.join(lease('a', { 0: 3 }));
  receipts.expect({ 0: 4 }, 60_000);
  await vi.waitFor(() => expect(raised).toBe(1));
  expect(await leases.join(lease('late', { 0: 3 }))).toEqual({ 0: 4 });
  await leases.renew(lease('a', { 0: 4 }, 2));
  expect(await receipts.whenConfirmed({ 0: 4 }, 60_000)).toMatchObject({ confirmed: 1, total: 1 });
  expect(raised).toBe(1);
});

test('what is expected counts for one that waits, of its own position: others look for themselves', async () => {
  const { receipts, leases } = api();
  await leases.join(lease('a', { 0: 4 }));
  receipts.expect({ 0: 4 }, 60_000);
  const [first, second, beyond] = await Promise.all([
    receipts.whenConfirmed({ 0: 4 }, 60_000),
    receipts.whenConfirmed({ 0: 4 }, 60_000),
    receipts.whenConfirmed({ 0: 5 }, 30),
  ]);
  expect([first, second]).toMatchObject([{ confirmed: 1 }, { confirmed: 1 }]);
  expect(beyond).toMatchObject({ confirmed: 0, total: 1, confirmedAt: null });
});

test('what is expected and never waited for is given up: then nobody looks any more', async () => {
  const inner = memoryLeases();
  let looks = 0;
  const leases: Leases = { ...inner, all: () => (looks++, inner.all()) };
  const { receipts } = api(leases);
  await leases.join(lease('slow', { 0: 3 }));
  receipts.expect({ 0: 4 }, 20);
  await vi.waitFor(() => expect(looks).toBeGreaterThan(0));
  await new Promise((resolve) => setTimeout(resolve, 80)); // longer than 20 ms and a pause
  const after = looks;
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(looks).toBe(after);
  expect(await receipts.whenConfirmed({ 0: 4 }, 10)).toMatchObject({ confirmed: 0, total: 1, confirmedAt: null });
});
