// Verification: POST /v1/verify beside a bare node:http server that answers as many bytes, and the check in process.
import { createChecker } from '../services/verifier/checker.ts';
import { createLogger } from '../services/shared/logger.ts';
import { createMetrics } from '../services/shared/metrics.ts';
import { withCore, type Folder } from './environment.ts';
import { heldKeys } from './held-keys.ts';
import { inTurns, load, median, round, startServer, type Row } from './report.ts';

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 32;
const CALLS = 100_000;

export async function verifyOverHttp({ environment, secrets }: Folder, keys: number): Promise<Row> {
  const keyfold = await startServer('keyfold', { ...environment, BENCH_SERVICE: 'verifier' });
  const bodies = secrets.slice(0, 200).map((key) => JSON.stringify({ key, scopes: ['orders:read'] }));
  const [body = ''] = bodies;
  const headers = { 'content-type': 'application/json' };
  const answer = await (await fetch(`${keyfold.url}/v1/verify`, { method: 'POST', headers, body })).text();
  const bare = await startServer('bare', { BENCH_ANSWER: answer });
  const against = (url: string) => async (): Promise<number> => {
    const options = { url, path: '/v1/verify', connections: CONNECTIONS, seconds: SECONDS, headers: {}, bodies };
    return (await load(options)).perSecond;
  };
  const { a, b, ratio, rounds } = await inTurns(ROUNDS, against(keyfold.url), against(bare.url));
  await Promise.all([keyfold.stop(), bare.stop()]);
  return {
    what: `POST /v1/verify, ${keys} keys, all in one process`,
    measured: `${round(a, 0)}/s beside ${round(b, 0)}/s of bare node:http`,
    ratio: round(ratio),
    target: '≥ 0.8',
    rounds,
  };
}

export async function verifyInProcess({ environment, secrets }: Folder, keys: number): Promise<readonly Row[]> {
  return withCore(environment, async ({ log, store, peppers, waiter }) => {
    const logger = createLogger({ level: 'error' });
    const checker = createChecker({ log, store, peppers, maxStalenessMs: 600_000, logger, metrics: createMetrics() });
    checker.start();
    const over = AbortSignal.timeout(120_000);
    await checker.whenReached(await log.end(), over);
    while (!checker.ready() && !over.aborted) await new Promise((resolve) => setImmediate(resolve));
    const malformed = secrets.map((key) => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`);
    const rows = [
      inProcess(`verify in process, ${keys} keys, scope asked`, '≤ 2 µs', secrets, 'VALID'),
      inProcess('malformed key in process', '≤ 0.3 µs', malformed, 'MALFORMED'),
    ];
    await checker.stop();
    waiter.close();
    return [...rows, ...(await heldKeys())];

    function inProcess(what: string, target: string, texts: readonly string[], expected: string): Row {
      const scopes = ['orders:read'];
      const rounds = Array.from({ length: 7 }, () => {
        const before = process.cpuUsage();
        let right = 0;
        for (let i = 0; i < CALLS; i++) {
          const checked = checker.check({ key: texts[i % texts.length] ?? '', scopes });
          if (checked?.verdict.code === expected) right += 1;
        }
        if (right !== CALLS) throw new Error(`${CALLS - right} answers were not ${expected}`);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / CALLS;
      });
      const figures = rounds.map((each) => round(each)).join(' ');
      return { what, measured: `${round(median(rounds))} µs CPU`, ratio: null, target, rounds: figures };
    }
  });
}
