// Reducing usage: given a checkpoint, when records are read, then these writes. Each twice: what was folded is not again.
import { describe, expect, test } from 'vitest';
import type { LogBatch } from '../../events/log.ts';
import { NOTHING_FOLDED, reduceUsage, skipLost } from '../../projections/usage-reduce.ts';
import type { UsageCheckpoint } from '../../projections/usage.ts';
import { batchOf, partitionOf, type Decision } from '../support/usage.ts';

const NOW = '2026-03-02T00:00:00.000Z';
const DAY_MS = 86_400_000;
const KEY = `key_${'A'.repeat(22)}`;
const at = (minute: number): string => new Date(Date.parse('2026-03-01T09:00:00.000Z') + minute * 60_000).toISOString();
const check = (minute: number, more: Partial<Decision> = {}): Decision => ({ keyId: KEY, time: at(minute), ...more });

const reduce = (checkpoint: UsageCheckpoint, batch: LogBatch, now = NOW) =>
  reduceUsage({ checkpoint, logDays: (slug) => (slug === 'short' ? 1 : 30), forgetAfterMs: 14 * DAY_MS, now }, batch);

/** Once, and again onto what that left: nothing comes of it. */
function given(checkpoint: UsageCheckpoint, batch: LogBatch) {
  const first = reduce(checkpoint, batch);
  const again = reduce(first.writes.checkpoint, batch);
  expect(again).toEqual({
    ...{ folded: 0, repeated: 0, unreadable: [] },
    writes: { ...first.writes, from: first.writes.checkpoint.offset, counters: [], requests: [] },
  });
  return first;
}

describe('usage', () => {
  test('given nothing, when a batch is read, then its key, secret, and the hours of key and keyspace are counted', () => {
    const { writes, folded } = given(
      NOTHING_FOLDED,
      partitionOf([
        batchOf('v1', 1, [check(0, { keyVersion: 3 }), check(5, { keyVersion: 3 }), check(70, { code: 'EXPIRED' })]),
      ]),
    );
    expect(folded).toBe(1);
    expect(writes.checkpoint).toEqual({ offset: 1, verifiers: new Map([['v1', { sequence: 1, seenAt: at(70) }]]) });
    const tallies = Object.fromEntries(
      writes.counters.map(({ of, steps }) => [
        `${of.kind} ${of.scope === KEY ? 'key' : of.scope} ${'hour' in of ? of.hour : 'keyVersion' in of ? of.keyVersion : ''}`,
        steps,
      ]),
    );
    const valid = { offset: 0, count: 2, firstUsedAt: at(0), lastUsedAt: at(5), lastSeenAt: at(5) };
    const expired = { offset: 0, count: 1, firstUsedAt: null, lastUsedAt: null, lastSeenAt: at(70) };
    expect(tallies).toEqual({
      'TOTAL key ': [{ ...valid, count: 3, lastSeenAt: at(70) }],
      'SECRET key 3': [valid],
      'SECRET key 1': [expired],
      [`HOUR key ${at(0)}`]: [valid],
      [`HOUR acme/default ${at(0)}`]: [valid],
      [`HOUR key ${at(60)}`]: [expired],
      [`HOUR acme/default ${at(60)}`]: [expired],
    });
  });

  test('given a verifier’s batch, when it comes again at another offset, then only the checkpoint moves', () => {
    const batch = batchOf('v1', 1, [check(0)]);
    const { writes } = given(NOTHING_FOLDED, partitionOf([batch]));
    const again = given(writes.checkpoint, partitionOf([batch, batchOf('v1', 2, [check(1)])], 0, 1));
    expect(again).toMatchObject({ folded: 1, repeated: 1 });
    expect(again.writes.counters.find(({ of }) => of.kind === 'TOTAL')?.steps).toMatchObject([{ offset: 2, count: 1 }]);
    expect(again.writes.checkpoint.offset).toBe(3);
  });

  test('protocol P5: what cannot be read is passed and told of; what is around it counts', () => {
    const { records, next, partition } = partitionOf([1, 2, 3, 4, 5].map((n) => batchOf('v1', n, [check(n)])));
    const bytes = [Buffer.from('{"verifier":'), Buffer.from('{"verifier":"v1"}'), Buffer.from([0xff, 0xfe])];
    const broken = records.map((record, index) => ({ ...record, value: bytes[index - 1] ?? record.value }));
    const { writes, folded, unreadable } = given(NOTHING_FOLDED, { records: broken, next, partition });
    expect(folded).toBe(2);
    expect(unreadable.map(({ offset }) => offset)).toEqual([1, 2, 3]);
    expect(unreadable[1]?.reason).toMatch(/^sequence must/);
    expect(writes.counters.find(({ of }) => of.kind === 'TOTAL')?.steps.map(({ offset }) => offset)).toEqual([0, 4]);
    expect(writes.checkpoint.offset).toBe(5);
  });

  test('requests are kept for the days of their keyspace, addresses in their normal form; what is over is not kept', () => {
    const decisions = [
      check(0, { request: { ip: '::ffff:192.0.2.1' } }),
      check(1, { keyspace: 'short', request: { ip: 'nowhere' } }),
      check(-30 * 24 * 60, { request: { ip: null } }),
    ];
    const { writes } = given(NOTHING_FOLDED, partitionOf([batchOf('v1', 1, decisions)]));
    expect(writes.requests.map(({ id, ip, expiresAt }) => [id, ip, expiresAt])).toEqual([
      ['v1.1.0', '192.0.2.1', at(30 * 24 * 60)],
      ['v1.1.1', 'nowhere', at(24 * 60 + 1)],
    ]);
  });

  test('verifiers are forgotten by what the log says; one whose clock is ahead has none forgotten', () => {
    const ahead = batchOf('ahead', 1, [check(10_000 * 60)]);
    const { writes } = given(
      NOTHING_FOLDED,
      partitionOf([batchOf('old', 9, [check(-20 * 24 * 60)]), batchOf('v1', 1, [check(0)]), ahead]),
    );
    expect([...writes.checkpoint.verifiers]).toEqual([
      ['v1', { sequence: 1, seenAt: at(0) }],
      ['ahead', { sequence: 1, seenAt: NOW }],
    ]);
  });

  test('what the log has lost is passed, and what verifiers have sent stays known', () => {
    const verifiers = new Map([['v1', { sequence: 4, seenAt: NOW }]]);
    expect(skipLost({ offset: 3, verifiers }, 1, 9)).toEqual({
      ...{ partition: 1, from: 3, counters: [], requests: [] },
      checkpoint: { offset: 9, verifiers },
    });
  });
});
