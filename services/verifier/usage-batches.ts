// Usage batches: what is pending, as the records of `keyfold.usage`, each small enough for one. Requests get their turn in
// between.
import { setImmediate as turn } from 'node:timers/promises';
import type { Pending } from './recorder.ts';
import type { CountedChecks } from './usage-counts.ts';
import { createUsageRows, type UsageRows } from './usage-rows.ts';

/** A record of one batch: JSON in UTF-8 (events/usage-format.ts). */
export interface EncodedBatch {
  readonly verifier: string;
  readonly sequence: number;
  readonly json: Uint8Array;
}

export interface BatchesOptions {
  readonly verifier: string;
  /** Of the next batch, one after the other. */
  readonly nextSequence: () => number;
}

/**
 * Characters of a batch: each may be three bytes, and with one call more it must fit below MAX_RECORD_BYTES. Few and large,
 * as a good part of what recording costs is by the batch.
 */
export const FULL_AT = 192_000;
/** See {@link UsageRows.weight}. */
const MAX_WEIGHT = 1_000_000;

/** Whether rows make a batch of their own. @param at so many characters */
export const isFull = (rows: UsageRows, at: number = FULL_AT): boolean =>
  rows.size() >= at || rows.weight() >= MAX_WEIGHT;

export async function* batchesOf(pending: Pending, options: BatchesOptions): AsyncGenerator<EncodedBatch> {
  const { verifier, nextSequence } = options;
  const counted = new Set<CountedChecks>();

  function encode(rows: UsageRows): EncodedBatch {
    const sequence = nextSequence();
    return { verifier, sequence, json: rows.json(verifier, sequence, counted) };
  }

  for (const rows of pending.rows) {
    yield encode(rows);
    await turn();
  }
  // Those of which no call is kept.
  let rows = createUsageRows();
  for (const checks of pending.counts.all()) {
    if (counted.has(checks)) continue;
    rows.addChecks(checks);
    if (!isFull(rows)) continue;
    yield encode(rows);
    await turn();
    rows = createUsageRows();
  }
  if (rows.size() > 0) yield encode(rows);
}
