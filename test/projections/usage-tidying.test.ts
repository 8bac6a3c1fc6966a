// Usage is settled once all that was recorded is counted and out of the log; what nobody counts is waited for only so long.
import { expect, test } from 'vitest';
import type { Position } from '../../events/position.ts';
import { createUsageProjector } from '../../projections/usage-projector.ts';
import { settleUsage } from '../../projections/usage-tidying.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { batchOf, usageRecord } from '../support/usage.ts';
import { silent } from '../verifier/support.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const now = (): string => NOW;
const signal = new AbortController().signal;

async function world() {
  const trimmed: Position[] = [];
  const trim = (position: Position) => Promise.resolve(void trimmed.push(position));
  const usage = Object.assign(createMemoryLog({ partitions: 1 }), { trim });
  const store = createMemoryStore();
  for (let sequence = 1; sequence <= 3; sequence++)
    await usage.append([usageRecord(batchOf('v1', sequence, [{ keyId: 'k', time: NOW }]))]);
  return { usage, store, trimmed };
}

test('what was recorded is counted, and then out of the log', async () => {
  const { usage, store, trimmed } = await world();
  const settled = settleUsage({ usage, store, now, signal });
  const projector = createUsageProjector({ usage, store, logger: silent, now });
  projector.start();
  expect(await settled).toBe(true);
  expect(trimmed).toContainEqual({ 0: 3 });
  await projector.stop();
});

test('what nobody counts stays in the log, and is said', async () => {
  const { usage, store, trimmed } = await world();
  expect(await settleUsage({ usage, store, now, signal, patienceMs: 1 })).toBe(false);
  expect(trimmed.filter(({ 0: offset = 0 }) => offset > 0)).toEqual([]);
});
