// A load on one server from a process of its own: reads what to send from stdin and prints figures. SIGTERM ends it early.
import autocannon from 'autocannon';
import { createHistogram } from 'node:perf_hooks';
import { json } from 'node:stream/consumers';
import type { Load, LoadResult } from './report.ts';
import { hasWrk, loadByWrk } from './wrk.ts';

const asked = (await json(process.stdin)) as Load;
// wrk keeps to no rate.
const result = asked.rate === undefined && hasWrk() ? await loadByWrk(asked) : await loadByAutocannon(asked);
console.log(JSON.stringify(result));

async function loadByAutocannon({ url, connections, seconds, rate, requests }: Load): Promise<LoadResult> {
  // Of our own: autocannon's knows whole milliseconds only.
  const microseconds = createHistogram();
  const running = autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate === undefined ? {} : { overallRate: rate }),
    requests,
  });
  running.on('response', (_client, _status, _bytes, ms) => microseconds.record(Math.max(1, Math.round(ms * 1000))));
  process.once('SIGTERM', () => running.stop());
  const { requests: done, errors, non2xx } = await running;
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} errors, ${non2xx} refusals`);
  const percentileMs = (percentile: number): number => microseconds.percentile(percentile) / 1000;
  return { perSecond: done.average, p50Ms: percentileMs(50), p99Ms: percentileMs(99) };
}
