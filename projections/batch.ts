// One batch: read the records, load the rows that they touch, reduce, and write in P1's order. Whatever happens between
// two steps, doing the batch again ends in the same place: parked, lifted and erased first, then rows, then the checkpoint.
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
import { erase, type ErasureOptions } from './erasure.ts';
import { readExpiries, withExpiries } from './expiries.ts';
import { inTurns } from './in-turns.ts';
import { showsPersonal } from './keys.ts';
import type { DataKeys } from './personal.ts';
import type { GenerationWriter, ReadStore } from './read-store.ts';
import { startReducing, type Loaded, type ReadRecord, type Reduction } from './reduce.ts';
import type { ParkedRow } from './rows.ts';

export interface BatchOptions {
  readonly store: Pick<ReadStore, 'parked' | 'view'> & ErasureOptions['store'];
  readonly writer: GenerationWriter;
  readonly dataKeys: Pick<DataKeys, 'open' | 'destroy'>;
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

/** All of a batch that can be had before the one in front of it is written. */
export interface Ahead {
  readonly batch: LogBatch;
  readonly records: readonly ReadRecord[];
  /** Never rejects; `null`: the data keys have to be asked for again. */
  readonly opening: Promise<Opened | null>;
}

/** Reads the records of a batch and begins to open their personal parts. Never rejects. */
export async function readAhead(options: Opening, batch: LogBatch): Promise<Ahead> {
  const records: ReadRecord[] = [];
  await inTurns(batch.records, (some) => {
    records.push(...some.map((record) => ({ record, read: readRecord(record) })));
  });
  return { batch, records, opening: openDetails(options, records).catch(() => null) };
}

/** A batch that only awaits the one in front of it. */
export interface Prepared {
  readonly reduction: Promise<Reduction | null>;
}

/**
 * Loads what a batch touches, and goes on to reduce it onto what the batch in front is about to write. `null`: it has to
 * wait until that is written. Never rejects.
 */
export async function prepareBatch(options: BatchOptions, ahead: Ahead, inFront: Reduction): Promise<Prepared | null> {
  // What is parked or lifted changes what counts; it is seldom.
  if (inFront.parked.length > 0 || inFront.lifted.length > 0) return null;
  try {
    const loaded = await load(options, ahead);
    const keys = new Map([...loaded.keys, ...inFront.writes.keys.map(({ row }) => [row.state.keyId, row] as const)]);
    const keyspaces = inFront.writes.keyspaces?.state ?? loaded.keyspaces;
    const expiries = withExpiries(loaded.expiries, inFront.writes.history);
    return { reduction: reduceInTurns(options, ahead, { ...loaded, keys, keyspaces, expiries }).catch(() => null) };
  } catch {
    return null;
  }
}

export interface ProjectOptions {
  /** What {@link prepareBatch} made of the batch. */
  readonly prepared?: Prepared | null;
  /** Called, with what is about to be written, just before it is. */
  readonly beforeWrite?: (reduction: Reduction) => Promise<void>;
}

/** Projects one batch of one partition. Throws what log, store or settings fail with; to be done again then. */
export async function projectBatch(
  options: BatchOptions,
  ahead: Ahead,
  { prepared = null, beforeWrite }: ProjectOptions = {},
): Promise<BatchResult> {
  const { store, writer } = options;
  const { partition, next } = ahead.batch;
  let ready = await prepared?.reduction;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    const reduction = ready ?? (await reduceInTurns(options, ahead, await load(options, ahead)));
    ready = null;
    const { writes, parked, lifted, applied } = reduction;
    // P5: parked in writes of their own, before the checkpoint passes them.
    for (const row of parked) await store.parked.park(row);
    for (const status of ['DISCARDED', 'RETRIED'] as const) {
      const positions = lifted.filter((each) => each.status === status).map(({ position }) => position);
      if (positions.length > 0) await store.parked.resolve(positions, status);
    }
    // E2: destroyed before anything of the event counts, so that a crash in between is mended by doing the batch again.
    await erase(options, writes.history);
    await beforeWrite?.(reduction);
    if ((await writer.apply(writes, { [partition]: next })) === 'applied') {
      return { records: ahead.records.length, applied, parked, lifted, conflicts };
    }
    // A guard did not hold: another projector was here. Its rows are the truth; fold the batch onto them.
  }
  throw new CrowdedError(`${MAX_CONFLICTS} conflicts in a row`);
}

async function reduceInTurns(options: BatchOptions, ahead: Ahead, loaded: FromStore): Promise<Reduction> {
  const { records, opening } = ahead;
  const personal = (await opening) ?? (await openDetails(options, records));
  const reducing = startReducing({ ...loaded, personal, now: options.now() });
  await inTurns(records, (some) => reducing.add(some));
  return reducing.result();
}

type FromStore = Omit<Loaded, 'personal' | 'now'>;

async function load({ store, writer }: BatchOptions, { batch, records }: Ahead): Promise<FromStore> {
  const { partition, next } = batch;
  const [first] = records;
  const ids = new Set(records.flatMap(({ read }) => (read.kind === 'key' ? [read.event.attributes.subject] : [])));
  const told = new Set(records.flatMap(({ read }) => (read.kind === 'fact' ? [read.fact.attributes.subject] : [])));
  const [parked, keys, keyspaces, expiries] = await Promise.all([
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
    readExpiries(store, writer.id, [...told], { partition, before: next }),
  ]);
  for (const row of parked) checkParked(row, records);
  return { keys, keyspaces, expiries, quarantine: parked.reduce(withRow, NO_QUARANTINE) };
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

interface Opening {
  readonly dataKeys: Pick<DataKeys, 'open'>;
}

type Opened = (event: KeyEvent) => Personal<KeyEvent['type']> | null;

/** Opens the personal parts that the keys table shows; whether an event will be applied does not matter. */
async function openDetails({ dataKeys }: Opening, records: readonly ReadRecord[]): Promise<Opened> {
  const events = records.flatMap(({ read }) => (read.kind === 'key' && showsPersonal(read.event) ? [read.event] : []));
  const opened = await dataKeys.open<KeyEvent['type']>(events);
  const parts = new Map<KeyEvent, Personal<KeyEvent['type']> | null>(
    events.map((event, index) => [event, opened[index] ?? null]),
  );
  return (event) => parts.get(event) ?? null;
}
