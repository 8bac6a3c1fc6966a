// The check in process: what a call costs, of keys that are good and of texts that are none.
import { createLogger } from '../services/shared/logger.ts';
import { createMetrics } from '../services/shared/metrics.ts';
import { createChecker, type Checker } from '../services/verifier/checker.ts';
import { inOnePiece } from '../services/verifier/one-piece.ts';
import { withCore, type Folder } from './environment.ts';
import { besideHmac, costOf } from './floor.ts';
import { rowsOf, type Row } from './report.ts';

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
  let right = 0;
  const cost = costOf(CALLS, (i) => {
    const checked = checker.check({ key: texts[i % texts.length] ?? '', scopes: SCOPES });
    if (checked?.verdict.code === expected) right += 1;
  });
  if (right !== CALLS) throw new Error(`${CALLS - right} answers were not ${expected}`);
  return cost;
}

export async function verifyInProcess(folder: Folder, keys: number): Promise<readonly Row[]> {
  const secrets = folder.secrets.map(inOnePiece);
  const malformed = secrets.map((key) => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`).map(inOnePiece);
  const rows = await withChecker(folder, (checker) => [
    besideHmac(`verify in process, ${keys} keys, scope asked`, 2, () => costOfCheck(checker, secrets, 'VALID')),
    besideHmac('malformed key in process', 0.3, () => costOfCheck(checker, malformed, 'MALFORMED')),
  ]);
  return [...rows, ...(await rowsOf('held-keys'))];
}
