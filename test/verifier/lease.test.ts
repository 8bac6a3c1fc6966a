// The lease: when a verifier may answer, what it reports, and how it ends (L1–L6, L8).
import { afterEach, expect, test, vi } from 'vitest';
import type { Position } from '../../events/position.ts';
import type { LeaseRow, Leases } from '../../projections/leases.ts';
import { StoreUnavailableError } from '../../projections/read-store.ts';
import { memoryLeases } from '../../projections/stores/memory-leases.ts';
import { createFreshness } from '../../services/verifier/freshness.ts';
import { createLease, type Lease } from '../../services/verifier/lease.ts';
import { NOW } from './support.ts';

const L = 30_000;
const leasesOfTest: Lease[] = [];

afterEach(async () => {
  for (const lease of leasesOfTest.splice(0)) await lease.stop();
});

/** A verifier of which the test plays the view, the log and the clocks. */
function verifier(leases: Leases = memoryLeases()) {
  const time = { wall: NOW, monotonic: 5000 };
  const freshness = createFreshness(L, { wall: () => time.wall, monotonic: () => time.monotonic });
  let position: Position = { 0: 3 };
  let joins = 0;
  const changes: boolean[] = [];
  const lease = createLease({
    leases,
    freshness,
    position: () => position,
    lengthMs: L,
    newId: () => `verifier-${++joins}`,
    onChange: () => changes.push(answers()),
    onTrouble: () => undefined,
  });
  leasesOfTest.push(lease);
  const answers = (): boolean => freshness.now(lease.since()) !== null;
  return {
    lease,
    leases,
    answers,
    pass: (ms: number) => {
      time.wall += ms;
      time.monotonic += ms;
    },
    prove: () => freshness.answered(freshness.ask(), position, position),
    fold: (to: Position, removed = true) => {
      position = to;
      lease.advanced(removed);
    },
    /** Joined, and allowed to answer. */
    async joined() {
      freshness.answered(freshness.ask(), position, position);
      lease.start();
      await vi.waitFor(() => expect(answers()).toBe(true));
    },
    rows: () => leases.all(),
  };
}

/** Leases of which each write can be held up before or after it lands. */
function gated() {
  const inner = memoryLeases();
  const gates: { before?: Promise<void>; after?: Promise<void> } = {};
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    await gates.before;
    const result = await work();
    await gates.after;
    return result;
  };
  const calls = { join: 0, renew: 0 };
  const leases: Leases = {
    ...inner,
    join: (row) => (calls.join++, through(() => inner.join(row))),
    renew: (row) => (calls.renew++, through(() => inner.renew(row))),
  };
  return { inner, leases, gates, calls };
}

function gate() {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open: () => open() };
}

const only = async (leases: Leases): Promise<LeaseRow> => {
  const rows = await leases.all();
  expect(rows).toHaveLength(1);
  return rows[0]!;
};

test('protocol L6: without a proof of freshness no lease is taken', async () => {
  const of = verifier();
  of.lease.start();
  of.lease.advanced(true);
  await of.lease.stop();
  expect(await of.rows()).toEqual([]);
  expect(of.answers()).toBe(false);
});

test('protocol L6: cut off from the log but not from the store, it renews no more, and its lease runs out', async () => {
  const { leases, calls } = gated();
  const of = verifier(leases);
  await of.joined();
  of.pass(L);
  expect(of.answers()).toBe(false);
  of.lease.advanced(true);
  of.lease.advanced(true);
  await of.lease.stop();
  expect(calls.renew).toBe(0);
});

test('protocol L3: a lease counts from the moment its write was sent, however late it is acknowledged', async () => {
  const { leases, gates } = gated();
  const held = gate();
  gates.after = held.promise;
  const of = verifier(leases);
  of.prove();
  of.lease.start();
  await vi.waitFor(async () => expect(await of.rows()).toHaveLength(1));
  of.pass(L - 1);
  of.prove();
  held.open();
  await vi.waitFor(() => expect(of.answers()).toBe(true));
  of.pass(1);
  expect(of.answers()).toBe(false);
});

test('protocol L3: a renewal counts from the older of its write and the log end that proves its freshness', async () => {
  const of = verifier();
  await of.joined();
  of.pass(20_000);
  of.fold({ 0: 4 });
  await vi.waitFor(async () => expect((await only(of.leases)).position).toEqual({ 0: 4 }));
  of.pass(9_999);
  expect(of.answers()).toBe(true);
  of.pass(1);
  expect(of.answers()).toBe(false);
});

test('protocol L1: a joiner answers only once it has folded up to the barriers that it found', async () => {
  const leases = memoryLeases();
  await leases.raise({ 0: 5 });
  const of = verifier(leases);
  of.prove();
  of.lease.start();
  await vi.waitFor(async () => expect(await of.rows()).toHaveLength(1));
  expect(of.answers()).toBe(false);
  of.fold({ 0: 4 });
  expect(of.answers()).toBe(false);
  of.fold({ 0: 5 });
  await vi.waitFor(() => expect(of.answers()).toBe(true));
});

test('protocol L1: a joiner whose lease lands after the API looked finds the barrier that the API raised first', async () => {
  const { inner, leases, gates } = gated();
  const held = gate();
  gates.before = held.promise;
  const of = verifier(leases);
  of.prove();
  of.lease.start();
  expect(await inner.raise({ 0: 9 })).toEqual([]);
  held.open();
  await vi.waitFor(async () => expect(await of.rows()).toHaveLength(1));
  of.fold({ 0: 8 });
  expect(of.answers()).toBe(false);
  of.fold({ 0: 9 });
  await vi.waitFor(() => expect(of.answers()).toBe(true));
});

test('protocol L2: a renewal that finds no row ends the lease, and it joins again under another id', async () => {
  const of = verifier();
  await of.joined();
  const { id, n } = await only(of.leases);
  expect(await of.leases.end(id, n)).toBe(true);
  of.fold({ 0: 4 });
  await vi.waitFor(async () => expect((await only(of.leases)).id).not.toBe(id));
  await vi.waitFor(() => expect(of.answers()).toBe(true));
});

test('protocol L2: a renewal that lands after the lease was declared over brings nothing back', async () => {
  const { inner, leases, gates, calls } = gated();
  const of = verifier(leases);
  await of.joined();
  const held = gate();
  gates.before = held.promise;
  const before = await only(inner);
  of.fold({ 0: 4 });
  await vi.waitFor(() => expect(calls.renew).toBe(1));
  expect(await inner.end(before.id, before.n)).toBe(true);
  of.pass(L);
  expect(of.answers()).toBe(false);
  held.open();
  await of.lease.stop();
  expect(await inner.all()).toEqual([]);
});

test('protocol L5: removals are reported at once, the rest soon after', async () => {
  const of = verifier();
  await of.joined();
  of.fold({ 0: 4 }, true);
  await vi.waitFor(async () => expect((await only(of.leases)).position).toEqual({ 0: 4 }));
  of.fold({ 0: 5 }, false);
  expect((await only(of.leases)).position).toEqual({ 0: 4 });
  await vi.waitFor(async () => expect((await only(of.leases)).position).toEqual({ 0: 5 }));
});

test.each([
  ['alone', false],
  ['while a report waits', true],
])(
  'a report that the store did not take, %s, is made again within a second or so, not at the next renewal',
  async (_, waits) => {
    const inner = memoryLeases();
    let away = false;
    const leases: Leases = {
      ...inner,
      renew: (row) => (away ? Promise.reject(new StoreUnavailableError('away')) : inner.renew(row)),
    };
    const of = verifier(leases);
    await of.joined();
    away = true;
    if (waits) of.fold({ 0: 4 }, false);
    of.fold({ 0: 5 }, true);
    await vi.waitFor(() => expect(of.lease.trouble()).not.toBeNull());
    away = false;
    await new Promise((resolve) => setTimeout(resolve, 200)); // longer than a report waits
    of.pass(999); // a timer may come a little early
    await vi.waitFor(async () => expect((await only(leases)).position).toEqual({ 0: 5 }), 3500);
    await of.lease.stop();
  },
  20_000,
);

test('what a removal has reported with it is not reported again', async () => {
  const { leases, calls } = gated();
  const of = verifier(leases);
  await of.joined();
  of.fold({ 0: 4 }, false);
  of.fold({ 0: 5 }, true);
  await vi.waitFor(async () => expect((await only(leases)).position).toEqual({ 0: 5 }));
  await new Promise((resolve) => setTimeout(resolve, 250)); // longer than a report waits
  expect(calls.renew).toBe(1);
});

test('protocol L8: nothing beyond is reported until what was handed over under an older view is settled', async () => {
  const of = verifier();
  await of.joined();
  const first = of.lease.holdBack();
  of.fold({ 0: 4 });
  const second = of.lease.holdBack();
  of.fold({ 0: 5, 1: 2 });
  await vi.waitFor(async () => expect((await only(of.leases)).n).toBeGreaterThan(1));
  expect((await only(of.leases)).position).toEqual({ 0: 3, 1: 0 });
  first();
  await vi.waitFor(async () => expect((await only(of.leases)).position).toEqual({ 0: 4, 1: 0 }));
  second();
  await vi.waitFor(async () => expect((await only(of.leases)).position).toEqual({ 0: 5, 1: 2 }));
});

test('a clean stop takes the lease away at once, and nothing is answered any more', async () => {
  const of = verifier();
  await of.joined();
  const stopped = of.lease.stop();
  expect(of.answers()).toBe(false);
  await stopped;
  expect(await of.rows()).toEqual([]);
});

test('a store that fails is said, asked again, and what may have been written then is taken away', async () => {
  const inner = memoryLeases();
  let down = true;
  const leases: Leases = {
    ...inner,
    // Written, and the answer lost.
    join: async (row) => {
      const barriers = await inner.join(row);
      if (down) throw new StoreUnavailableError('lost');
      return barriers;
    },
  };
  const of = verifier(leases);
  of.prove();
  of.lease.start();
  await vi.waitFor(() => expect(of.lease.trouble()).toBe('the read store does not answer'));
  const orphan = await only(inner);
  down = false;
  of.pass(1000);
  of.lease.advanced(false);
  await vi.waitFor(() => expect(of.answers()).toBe(true));
  expect((await only(inner)).id).not.toBe(orphan.id);
  expect(of.lease.trouble()).toBeNull();
});

test('an outage of the store that is shorter than the lease changes nothing', async () => {
  const inner = memoryLeases();
  let down = false;
  const renew: Leases['renew'] = (row) => (down ? Promise.reject(new StoreUnavailableError('away')) : inner.renew(row));
  const of = verifier({ ...inner, renew });
  await of.joined();
  down = true;
  of.pass(L / 2);
  of.fold({ 0: 4 });
  await vi.waitFor(() => expect(of.lease.trouble()).not.toBeNull());
  expect(of.answers()).toBe(true);
  down = false;
  of.pass(1000);
  of.prove();
  of.fold({ 0: 5 });
  await vi.waitFor(async () => expect((await only(of.leases)).position).toEqual({ 0: 5 }));
  of.pass(L - 1);
  expect(of.answers()).toBe(true);
});
