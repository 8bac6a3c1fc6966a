// The form of a corpus file: one record as it lies in logs, with what today's code must make of it.

/** Of a fact about time: it has no other part, and no state. */
export type FactFile = Pick<CorpusFile, 'key' | 'value'>;

export interface CorpusFile {
  /** Names of the files whose records come before it in its aggregate, in order. */
  readonly before: readonly string[];
  /** The record's key. */
  readonly key: string;
  /** The record's bytes, which are UTF-8. */
  readonly value: string;
  /** base64 of the data key that opens the personal part. */
  readonly dataKey: string;
  /** The personal part, opened. */
  readonly personal: unknown;
  /** The aggregate's state after it. */
  readonly state: unknown;
}
