// Checks of API keys by better-auth behind bare node:http, since the plugin answers them to its own process only.
// POST /verify is what is measured over HTTP; POST /measure counts the CPU time of checks in this process.
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { makeAuth } from './auth.js';

const { BENCH_CONFIGURATION = '', BENCH_KEYS = '0' } = process.env;
const { auth, secrets } = await makeAuth(BENCH_CONFIGURATION, Number(BENCH_KEYS));
const permissions = { orders: ['read'] };

/** Microseconds of CPU that a check takes, the mean of `calls`. */
async function measure({ calls }) {
  const before = process.cpuUsage();
  let right = 0;
  for (let i = 0; i < calls; i++) {
    const { valid } = await auth.api.verifyApiKey({ body: { key: secrets[i % secrets.length], permissions } });
    if (valid) right += 1;
  }
  if (right !== calls) throw new Error(`${calls - right} keys were refused`);
  const { user, system } = process.cpuUsage(before);
  return { microseconds: (user + system) / calls };
}

const routes = {
  'GET /secrets': () => secrets,
  'POST /verify': (body) => auth.api.verifyApiKey({ body }),
  'POST /measure': measure,
};

const server = createServer(async (request, response) => {
  try {
    const body = request.method === 'POST' ? await json(request) : null;
    const answer = Buffer.from(JSON.stringify(await routes[`${request.method} ${request.url}`](body)));
    response.writeHead(200, [
      ...['content-type', 'application/json', 'cache-control', 'no-store'],
      ...['content-length', String(answer.length)],
    ]);
    response.end(answer);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.once('SIGTERM', () => process.exit(0));
