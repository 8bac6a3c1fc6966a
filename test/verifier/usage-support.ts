// What the tests of usage share: batches as the recorder makes them, and the counts that a usage log holds.
import type { LogRecord } from '../../events/log.ts';
import { readUsageBatch } from '../../events/usage-format.ts';
import { usageBatch, type UsageBatch } from '../../events/usage.ts';
import { keyIdFor } from '../../events/ids.ts';
import type { EncodedBatch } from '../../services/verifier/usage-batches.ts';
import { iso, NOW } from './support.ts';

/** A batch of one count of `sequence` checks, and so many logged calls. */
export function batch(sequence: number, { verifier = 'v1', calls = 1, pathLength = 10 } = {}): EncodedBatch {
  const of = { keyId: keyIdFor('acme', 'a'), workspaceId: 'acme' };
  const outcome = { code: 'VALID', secret: 'CURRENT' } as const;
  const call = {
    ...{
      ...of,
      ...outcome,
      time: iso(NOW),
      keyspace: 'default',
      method: null,
      path: 'x'.repeat(pathLength),
      origin: null,
    },
    ...{ ip: null, userAgent: null, asked: {}, keyVersion: 1, keyspaceVersion: 1, position: 'p1_0-1' },
  };
  const content: UsageBatch = {
    ...{ verifier, sequence },
    counts: [{ ...of, ...outcome, hour: iso(NOW), count: sequence, lastAt: iso(NOW) }],
    requests: Array.from({ length: calls }, (_, n) => ({ ...call, requestId: `${sequence}-${n}` })),
  };
  return { verifier, sequence, json: Buffer.from(JSON.stringify(usageBatch.parse(content))) };
}

/** As whoever folds it reads it. @throws Error: it is none */
export function readBatch(value: Uint8Array): UsageBatch {
  const read = readUsageBatch(value);
  if ('reason' in read) throw new Error(read.reason);
  // Nothing is added on the way to a store.
  return usageBatch.strict().parse(read.batch);
}

/** The batches that count, as a projector folds them: of each verifier those with a higher sequence than the last (P6). */
export function foldBatches(records: readonly Pick<LogRecord, 'value'>[]): UsageBatch[] {
  const last = new Map<string, number>();
  return records
    .map(({ value }) => readBatch(value))
    .filter(({ verifier, sequence }) => {
      if (sequence <= (last.get(verifier) ?? 0)) return false;
      last.set(verifier, sequence);
      return true;
    });
}

/** How many checks were counted, by code. */
export function countsOf(batches: readonly UsageBatch[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { counts } of batches) for (const { code, count } of counts) sums[code] = (sums[code] ?? 0) + count;
  return sums;
}
