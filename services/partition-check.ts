// The number of the log's partitions, recorded when it is first opened: with another one the events of a key would lie in
// several partitions, between which there is no order, and no fold would ever agree again. // T
import type { ReadStore } from '../projections/read-store.ts';

/** KAFKA_PARTITIONS is another number than the log was made with. */
export class WrongPartitionsError extends Error {
  readonly code = 'WRONG_PARTITIONS';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

const NAME = 'log:partitions';

/**
 * Records the number with the first log that is opened, and compares every later one with it.
 *
 * @throws {@link WrongPartitionsError}
 */
export async function checkPartitionCount({ checks }: Pick<ReadStore, 'checks'>, partitions: number): Promise<void> {
  const recorded = async (): Promise<string | undefined> => (await checks.all()).get(NAME);
  let made = await recorded();
  if (made === undefined) {
    await checks.add(NAME, String(partitions));
    made = await recorded(); // of two processes that start at once the first one's counts
  }
  if (made === undefined || made === String(partitions)) return;
  throw new WrongPartitionsError(
    `the log was made with ${made} partitions, and KAFKA_PARTITIONS is ${partitions}: the events of a key would be parted`,
    `set KAFKA_PARTITIONS to ${made}; where the topic was given more since, make it anew with ${made}, and copy into it ` +
      `what lies in the first ${made}, each record to its place, or put log and read store back from one backup`,
  );
}
