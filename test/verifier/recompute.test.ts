// Verdicts of the request log, decided again from history: equal to what was answered, and the event that made them so.
import { describe, expect, test } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import { decodePosition } from '../../events/position.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { RequestRow } from '../../projections/usage.ts';
import { keyVersions, profileVersions } from '../../services/verifier/past.ts';
import { quarantinedThen } from '../../services/verifier/quarantined-then.ts';
import { recompute } from '../../services/verifier/recompute.ts';
import { createWorld, type World } from './recompute-support.ts';
import { SEED } from './random.ts';

const ROUNDS = 24;
const STEPS = 62;
const CHECKS = 7;

async function historyOf({ store }: World, aggregateId: string): Promise<readonly HistoryRow[]> {
  const window = { limit: 10_000, backward: false, after: null, before: null };
  return (await store.read((view) => view.listHistory({ scope: { aggregateId } }, window))).rows;
}

async function recomputeAll(world: World, rows: readonly RequestRow[]) {
  const profileRows = await historyOf(world, KEYSPACES);
  const profiles = profileVersions(profileRows, 'default');
  const discards = profileRows.filter(({ type }) => type === 'RecordDiscarded');
  const parked = world.store.parkedRows();
  const histories = new Map<string, readonly HistoryRow[]>();
  for (const { keyId } of rows) if (!histories.has(keyId)) histories.set(keyId, await historyOf(world, keyId));
  return rows.map((row) => {
    const events = histories.get(row.keyId) ?? [];
    const seen = decodePosition(row.position) ?? {};
    const quarantined = quarantinedThen(row.keyId, seen, parked, [...events, ...discards]);
    return recompute(row, { keys: keyVersions(events), profiles, quarantined });
  });
}

describe(`logged checks over changing keys (SEED=${SEED})`, () => {
  test('protocol D1 D2: more than 10,000 recomputed verdicts are all what was answered, and name the event that made them so', async () => {
    const codes = new Map<string, number>();
    let all = 0;
    let named = 0;
    for (let round = 0; round < ROUNDS || all < 10_000; round++) {
      const seed = SEED + round;
      const world = await createWorld(seed);
      for (let i = 0; i < STEPS; i++) {
        await world.step();
        for (let j = 0; j < CHECKS; j++) await world.check();
      }
      await world.project();
      const rows = await world.logged();
      const answered = new Map(world.answered.map((each) => [each.requestId, each]));
      // Where no key is left that is not deleted, nobody looks whose a secret was.
      const logged = new Set(rows.map(({ requestId }) => requestId));
      for (const { requestId, code } of world.answered) if (!logged.has(requestId)) expect(code).toBe('NOT_FOUND');
      for (const [index, { code, decidedBy }] of (await recomputeAll(world, rows)).entries()) {
        const row = rows[index]!;
        const was = answered.get(row.requestId)!;
        const told = `SEED=${seed} ${JSON.stringify(row)}`;
        expect(code, told).toBe(was.code);
        expect(decidedBy?.id ?? null, told).toBe(was.decidedBy);
        codes.set(was.code, (codes.get(was.code) ?? 0) + 1);
        all += 1;
        named += decidedBy === null ? 0 : 1;
      }
    }
    expect(all).toBeGreaterThanOrEqual(10_000);
    expect(named).toBeGreaterThan(all / 4);
    for (const code of ['VALID', 'NOT_FOUND', 'REVOKED', 'QUARANTINED', 'DISABLED', 'EXPIRED', 'WRONG_KEYSPACE']) {
      expect([code, codes.get(code) ?? 0]).toEqual([code, expect.any(Number)]);
      expect(codes.get(code) ?? 0, code).toBeGreaterThan(10);
    }
    for (const code of [
      'WRONG_ENVIRONMENT',
      'IP_NOT_ALLOWED',
      'ORIGIN_NOT_ALLOWED',
      'INSUFFICIENT_SCOPE',
      'RESOURCE_NOT_ALLOWED',
    ])
      expect(codes.get(code) ?? 0, code).toBeGreaterThan(10);
  }, 60_000);
});
