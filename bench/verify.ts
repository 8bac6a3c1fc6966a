// The check in process: what a call costs, of keys that are good and of texts that are none.
import { createLogger } from '../services/shared/logger.ts';
import { createMetrics } from '../services/shared/metrics.ts';
import { createChecker, type Checker } from '../services/verifier/checker.ts';
import { withCore, type Folder } from './environment.ts';
import { median, round, rowsOf, type Row } from './report.ts';

const ROUNDS = 7;
const CALLS = 100_000;
const SCOPES = ['orders:read'];

/** Hands a checker that answers over to `work`. */
export async function withChecker<T>({ environment }: Folder, work: (checker: Checker) => T | Promise<T>): Promise<T> {
  return withCore(environment, async ({ log, store, peppers }) => {
    const logger = createLogger({ level: 'error' });
    const checker = createChecker({ log, store, peppers, maxStalenessMs: 600_000, logger, metrics: createMetrics() });
    checker.start();
    try {
      const over = AbortSignal.timeout(120_000);
      await checker.whenReached(await log.end(), over);
      while (!checker.ready() && !over.aborted) await new Promise((resolve) => setImmediate(resolve));
      return await work(checker);
    } finally {
      await checker.stop();
    }
  });
}

/** Microseconds of CPU that a check takes. @param expected the code of every answer. */
export function costOfCheck(checker: Checker, texts: readonly string[], expected: string): number {
  const before = process.cpuUsage();
  let right = 0;
  for (let i = 0; i < CALLS; i++) {
    const checked = checker.check({ key: texts[i % texts.length] ?? '', scopes: SCOPES });
    if (checked?.verdict.code === expected) right += 1;
  }
  if (right !== CALLS) throw new Error(`${CALLS - right} answers were not ${expected}`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

export async function verifyInProcess(folder: Folder, keys: number): Promise<readonly Row[]> {
  const { secrets } = folder;
  const malformed = secrets.map((key) => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`);
  const rows = await withChecker(folder, (checker) => {
    const row = (what: string, target: string, texts: readonly string[], expected: string): Row => {
      const costs = Array.from({ length: ROUNDS }, () => costOfCheck(checker, texts, expected));
      const rounds = costs.map((each) => round(each)).join(' ');
      return { what, measured: `${round(median(costs))} µs CPU`, ratio: null, target, rounds };
    };
    return [
      row(`verify in process, ${keys} keys, scope asked`, '≤ 2 µs', secrets, 'VALID'),
      row('malformed key in process', '≤ 0.3 µs', malformed, 'MALFORMED'),
    ];
  });
  return [...rows, ...(await rowsOf('held-keys'))];
}
