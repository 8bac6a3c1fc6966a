// A load on one server from a process of its own: reads what to send from stdin and prints figures.
import autocannon from 'autocannon';
import { json } from 'node:stream/consumers';
import type { Load } from './report.ts';

const { url, path, connections, seconds, headers, bodies } = (await json(process.stdin)) as Load;
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests: bodies.map((body) => ({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })),
});
if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} refusals`);
const { requests, latency } = result;
console.log(JSON.stringify({ perSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99 }));
