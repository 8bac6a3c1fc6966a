// A million keys that nobody has, from as many addresses: each is refused, nothing grows with them, and good keys pass.
import { afterEach, expect, test } from 'vitest';
import { checksum } from '../../events/secret.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createDecisionPoint, type DecisionPoint } from '../../services/verifier/decision-point.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createWriter, PEPPER, project, silent } from './support.ts';

const UNKNOWN = 1_000_000;
/** Ten times what a benchmark is to show. */
const GROWTH_BYTES = 10 * 50 * 2 ** 20;

const running: DecisionPoint[] = [];
afterEach(() => Promise.all(running.splice(0).map((point) => point.stop(5000))));

/** Well-formed, and never made: the digits say its number. */
function unknownKey(number: number): string {
  const random = String(number).padStart(30, 'z');
  return `kf_${random}${checksum(random)}`;
}

const addressOf = (number: number): string =>
  `2001:db8:${(number >> 8).toString(16)}:${(number & 255).toString(16)}::1`;

test(`${UNKNOWN} unknown keys do no harm`, { timeout: 300_000 }, async () => {
  const log = createMemoryLog();
  const store = createMemoryStore();
  const writer = createWriter({ now: Date.now() - 86_400_000 });
  await log.append([writer.keyspace(), writer.create('a')]);
  await project(log, store);
  const point = createDecisionPoint({
    ...{ log, store, peppers: [PEPPER], maxStalenessMs: 600_000, logger: silent },
    metrics: createMetrics({ defaults: false }),
  });
  running.push(point);
  point.start();
  expect(await point.whenReady(AbortSignal.timeout(10_000))).toBe(true);
  const good = writer.secretOf(writer.keyId('a'));
  const reads = store.calls.get('read') ?? 0;

  const before = process.memoryUsage().rss;
  const codes = new Map<string, number>();
  for (let number = 0; number < UNKNOWN; number++) {
    const judged = await point.judge.judge({ key: unknownKey(number), ip: addressOf(number) }, 'r');
    const code = judged?.verdict.code ?? 'STALE';
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (number % 10_000 > 0) continue;
    expect((await point.judge.judge({ key: good, ip: addressOf(number) }, 'r'))?.verdict.code).toBe('VALID');
    await new Promise(setImmediate);
  }
  expect([...codes.keys()].filter((code) => code !== 'NOT_FOUND' && code !== 'RATE_LIMITED')).toEqual([]);
  // All keys are held: nobody has to ask the store to know that this is none.
  expect(store.calls.get('read') ?? 0).toBe(reads);
  expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH_BYTES);
});
