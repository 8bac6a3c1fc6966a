// Usage batches: what is pending, as the records of `keyfold.usage`, each small enough for one. Made in slices: requests get
// their turn in between.
import { setImmediate as turn } from 'node:timers/promises';
import type { Pending } from './recorder.ts';
import { callJson } from './usage-call.ts';
import { batchHead } from './usage-file.ts';

/** A record of one batch: JSON in UTF-8 (events/usage.ts). */
export interface EncodedBatch {
  readonly verifier: string;
  readonly sequence: number;
  readonly json: Uint8Array;
}

export interface BatchesOptions {
  readonly verifier: string;
  /** Of the next batch, one after the other. */
  readonly nextSequence: () => number;
  /** A batch is full once it has so many characters; far below MAX_RECORD_BYTES, as characters may be several bytes. */
  readonly fullAt?: number;
}

const FULL_AT = 200_000;
/** Rows made before requests get their turn; a quarter of a millisecond. */
const AT_ONCE = 100;

export async function* batchesOf(pending: Pending, options: BatchesOptions): AsyncGenerator<EncodedBatch> {
  const { verifier, nextSequence, fullAt = FULL_AT } = options;
  let counts: string[] = [];
  let requests: string[] = [];
  let size = 0;
  let made = 0;

  function encode(): EncodedBatch {
    const sequence = nextSequence();
    const head = batchHead({ verifier, sequence });
    const json = Buffer.from(`${head}"counts":[${counts.join(',')}],"requests":[${requests.join(',')}]}`);
    counts = [];
    requests = [];
    size = 0;
    return { verifier, sequence, json };
  }

  for (const row of pending.counts.rows()) {
    const json = JSON.stringify(row);
    counts.push(json);
    size += json.length;
    if (++made % AT_ONCE === 0) await turn();
    if (size >= fullAt) yield encode();
  }
  for (const call of pending.calls) {
    const json = callJson(call);
    requests.push(json);
    size += json.length;
    if (++made % AT_ONCE === 0) await turn();
    if (size >= fullAt) yield encode();
  }
  if (size > 0) yield encode();
}
