// One batch: read the records, load the rows that they touch, reduce, and write in P1's order. Whatever happens between
// two steps, doing the batch again ends in the same place: parked and lifted first, then rows, then the checkpoint.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeyEvent, Personal } from '../events/catalogue.ts';
import { sha256 } from '../events/canonical.ts';
import { NO_KEYSPACES } from '../events/keyspaces/state.ts';
import { PositionOutOfRangeError, type LogBatch } from '../events/log.ts';
import { encodeRecordPosition } from '../events/position.ts';
import {
  NO_QUARANTINE,
  readRecord,
  withClosed,
  withEntry,
  type Lifted,
  type Quarantine,
} from '../events/quarantine.ts';
import { showsPersonal } from './keys.ts';
import type { DataKeys } from './personal.ts';
import type { GenerationWriter, ReadStore } from './read-store.ts';
import { reduce, type ReadRecord } from './reduce.ts';
import type { ParkedRow } from './rows.ts';

export interface BatchOptions {
  readonly store: Pick<ReadStore, 'parked'>;
  readonly writer: GenerationWriter;
  readonly dataKeys: Pick<DataKeys, 'open'>;
  /** ISO time. */
  readonly now: () => string;
}

/** What became of a batch. */
export interface BatchResult {
  readonly records: number;
  /** Events that extended a head; the rest was ignored or parked. */
  readonly applied: number;
  readonly parked: readonly ParkedRow[];
  readonly lifted: readonly Lifted[];
  /** How often another projector was faster and the batch was folded again. */
  readonly conflicts: number;
}

/** Thrown to have a batch tried again after a pause: others write the same rows all the time. */
export class CrowdedError extends Error {
  readonly code = 'CROWDED';
}

const MAX_CONFLICTS = 8;
const READ_AT_ONCE = 50;

/**
 * Projects one batch of one partition. Throws what log, store or settings fail with; to be done again then.
 *
 * @param ahead what {@link readAhead} made of the batch.
 */
export async function projectBatch(options: BatchOptions, batch: LogBatch, ahead?: Ahead): Promise<BatchResult> {
  const { store, writer, now } = options;
  const { records, opening } = ahead ?? (await readAhead(options, batch));
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    const [loaded, opened] = await Promise.all([load(options, batch, records), opening]);
    const personal = opened ?? (await openDetails(options, records));
    const { writes, parked, lifted, applied } = reduce(records, { ...loaded, personal, now: now() });
    // P5: parked in writes of their own, before the checkpoint passes them.
    for (const row of parked) await store.parked.park(row);
    for (const status of ['DISCARDED', 'RETRIED'] as const) {
      const positions = lifted.filter((each) => each.status === status).map(({ position }) => position);
      if (positions.length > 0) await store.parked.resolve(positions, status);
    }
    if ((await writer.apply(writes, { [batch.partition]: batch.next })) === 'applied') {
      return { records: records.length, applied, parked, lifted, conflicts };
    }
    // A guard did not hold: another projector was here. Its rows are the truth; fold the batch onto them.
  }
  throw new CrowdedError(`${MAX_CONFLICTS} conflicts in a row`);
}

/** Reads the records of a batch. It is the dear part: others in the process get their turn in between. */
async function readBatch({ records }: LogBatch): Promise<readonly ReadRecord[]> {
  const all: ReadRecord[] = [];
  for (const record of records) {
    if (all.length % READ_AT_ONCE === READ_AT_ONCE - 1) await nextTurn();
    all.push({ record, read: readRecord(record) });
  }
  return all;
}

/** All of a batch that can be had before the one in front of it is written. */
export interface Ahead {
  readonly records: readonly ReadRecord[];
  /** Never rejects; `null`: the data keys have to be asked for again. */
  readonly opening: Promise<Opened | null>;
}

/** Never rejects. */
export async function readAhead(options: Pick<BatchOptions, 'dataKeys'>, batch: LogBatch): Promise<Ahead> {
  const records = await readBatch(batch);
  return { records, opening: openDetails(options, records).catch(() => null) };
}

async function load({ store, writer }: BatchOptions, { partition, next }: LogBatch, records: readonly ReadRecord[]) {
  const [first] = records;
  const ids = new Set(records.flatMap(({ read }) => (read.kind === 'key' ? [read.event.attributes.subject] : [])));
  const [parked, keys, keyspaces] = await Promise.all([
    first
      ? store.parked.among({
          partition,
          from: first.record.offset,
          to: next,
          digests: [...new Set(records.map(({ record }) => sha256(record.value)))],
        })
      : [],
    ids.size > 0 ? writer.keys([...ids]) : new Map<string, never>(),
    records.some(({ read }) => read.kind === 'keyspaces') ? writer.keyspaces() : NO_KEYSPACES,
  ]);
  for (const row of parked) checkParked(row, records);
  return { keys, keyspaces, quarantine: parked.reduce(withRow, NO_QUARANTINE) };
}

/** T: a parked place is passed over only if what lies there is what was parked; else the log is another one. */
function checkParked({ position, digest }: ParkedRow, records: readonly ReadRecord[]): void {
  const { partition, offset } = position;
  const found = records.find(({ record }) => record.partition === partition && record.offset === offset);
  if (!found || sha256(found.record.value) === digest) return;
  const place = encodeRecordPosition(position);
  throw new PositionOutOfRangeError(
    `what lies at ${place} is not the record that was parked there: the log is another one`,
  );
}

function withRow(quarantine: Quarantine, { position, digest, aggregateId, status }: ParkedRow): Quarantine {
  return status === 'OPEN'
    ? withEntry(quarantine, { position, digest, aggregateId })
    : withClosed(quarantine, position);
}

type Opened = (event: KeyEvent) => Personal<KeyEvent['type']> | null;

/** Opens the personal parts that the keys table shows; whether an event will be applied does not matter. */
async function openDetails(
  { dataKeys }: Pick<BatchOptions, 'dataKeys'>,
  records: readonly ReadRecord[],
): Promise<Opened> {
  const events = records.flatMap(({ read }) => (read.kind === 'key' && showsPersonal(read.event) ? [read.event] : []));
  const opened = await dataKeys.open<KeyEvent['type']>(events);
  const parts = new Map<KeyEvent, Personal<KeyEvent['type']> | null>(
    events.map((event, index) => [event, opened[index] ?? null]),
  );
  return (event) => parts.get(event) ?? null;
}
