// Metrics that are put together when they are scraped.
import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createTally } from '../../services/shared/tally.ts';

test('a tally is scraped as the histogram of the same observations', async () => {
  const options = { name: 'a_seconds', help: 'A.' };
  const bounds = [0.001, 0.01, 0.1];
  const [ours, theirs] = [new Registry(), new Registry()];
  const tally = createTally({ ...options, label: 'status', bounds, registers: [ours] });
  const histogram = new Histogram({ ...options, labelNames: ['status'], buckets: bounds, registers: [theirs] });
  expect(await ours.metrics()).toBe(await theirs.metrics());
  for (const [status, seconds] of [
    ...([
      [200, 0],
      [200, 0.001],
      [200, 0.0011],
      [503, 5],
      [200, 0.1],
      [503, 0.05],
    ] as const),
  ]) {
    tally.observe(status, seconds);
    histogram.observe({ status }, seconds);
  }
  expect(await ours.metrics()).toBe(await theirs.metrics());
});

test('a process without a verifier tells no staleness', async () => {
  const { registry, verifierStaleSeconds } = createMetrics({ defaults: false });
  expect(await registry.metrics()).not.toMatch(/^keyfold_verifier_staleness_seconds/m);
  verifierStaleSeconds.readFrom(() => 1.5);
  expect(await registry.metrics()).toMatch(/^keyfold_verifier_staleness_seconds 1.5$/m);
});
