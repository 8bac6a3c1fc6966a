// A batch of writes on MongoDB, in P1's order and without transactions: history, secrets, then the guarded rows, then the
// checkpoint, each acknowledged by a majority before the next. Each can be repeated: a crash between two is mended so.
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import { KEYSPACES } from '../../events/ids.ts';
import type { Position } from '../../events/position.ts';
import type { GenerationId, Writes } from '../read-store.ts';
import type { FactRow, SecretRow } from '../rows.ts';
import type { UsageStore } from '../usage.ts';
import { GenerationDroppedError } from './generations.ts';
import { toFactRecord, type FactRecord } from './fact-record.ts';
import { toHistoryRecord, type HistoryRecord } from './history-record.ts';
import { toKeyRecord, USAGE_COLUMNS, type KeyRecord } from './key-record.ts';
import { raiseCheckpoint } from './mongodb-control.ts';
import { onlyDuplicates } from './mongodb-errors.ts';
import { collectionNames, dropCollections } from './mongodb-schema.ts';
import { raiseUsage } from './mongodb-usage.ts';
import { withUsage } from './usage-record.ts';

/** The steps of a batch, in their order; the checkpoint is the last. */
export type ApplyStep = 'history' | 'facts' | 'secrets' | 'keys' | 'keyspaces' | 'checkpoint';

type Document<R> = R & { readonly _id: string };

interface KeyspacesDocument {
  readonly _id: string;
  readonly version: number;
  readonly row: string;
}

export type Apply = (writes: Writes, checkpoint: Position) => Promise<'applied' | 'conflict'>;

/** `afterStep` is called once a step is acknowledged; what it throws ends the batch there, as a crash would. */
export function mongoApply(
  db: Db,
  id: GenerationId,
  usage: Pick<UsageStore, 'totals'>,
  afterStep: (step: ApplyStep) => void,
): Apply {
  const names = collectionNames(id);
  const history = db.collection<Document<Omit<HistoryRecord, 'id'>>>(names.history);
  const facts = db.collection<Document<Omit<FactRecord, 'id'>>>(names.facts);
  const secrets = db.collection<Document<Omit<SecretRow, 'hash'>>>(names.secrets);
  const keys = db.collection<Document<Omit<KeyRecord, 'id'>>>(names.keys);
  const keyspaces = db.collection<KeyspacesDocument>(names.keyspaces);

  return async (writes, checkpoint) => {
    // Unordered, though one key's rows may be among them: rows never change, and none counts before its key's update.
    await insertAbsent(
      history,
      writes.history.map(toHistoryRecord).map(({ id: _id, ...rest }) => ({ _id, ...rest })),
    );
    afterStep('history');
    await insertFirst(facts, writes.facts ?? []);
    afterStep('facts');
    await insertAbsent(
      secrets,
      writes.secrets.map(({ hash: _id, ...rest }) => ({ _id, ...rest })),
    );
    afterStep('secrets');
    const made = await withUsage(usage, writes.keys);
    const held = await guardedWrite(keys, made.map(keyWrite));
    // P6: what was counted in between found no row to be copied to.
    const fresh = made.flatMap(({ from, row }) => (from === 0 ? [row.state.keyId] : []));
    await raiseUsage(db, names.keys, await usage.totals(fresh));
    afterStep('keys');
    const heldToo = await guardedWrite(keyspaces, writes.keyspaces ? [keyspacesWrite(writes.keyspaces)] : []);
    afterStep('keyspaces');
    const outcome = held && heldToo ? 'applied' : 'conflict';
    if (!(await raiseCheckpoint(db, id, outcome === 'applied' ? checkpoint : {}))) {
      await dropCollections(db, id); // what was written above came back after the drop
      throw new GenerationDroppedError(id);
    }
    if (outcome === 'applied') afterStep('checkpoint');
    return outcome;
  };
}

async function insertAbsent<T extends { readonly _id: string }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<void> {
  if (documents.length === 0) return;
  const inserts = documents.map((document) => ({ insertOne: { document } })) as AnyBulkWriteOperation<T>[];
  await collection.bulkWrite(inserts, { ordered: false }).catch((error: unknown) => {
    if (!onlyDuplicates(error)) throw error;
  });
}

/** E6: of two records of one id the one that lies first in the log stays. */
async function insertFirst(
  collection: Collection<Document<Omit<FactRecord, 'id'>>>,
  rows: readonly FactRow[],
): Promise<void> {
  const records = rows.map(toFactRecord);
  await insertAbsent(
    collection,
    records.map(({ id: _id, ...rest }) => ({ _id, ...rest })),
  );
  if (records.length === 0) return;
  const operations = records.map(({ id: _id, offset, row }) => ({
    updateOne: { filter: { _id, offset: { $gt: offset } }, update: { $set: { offset, row } } },
  }));
  await collection.bulkWrite(operations, { ordered: false });
}

interface GuardedWrite {
  readonly operation: object;
  readonly isUpdate: boolean;
}

/** P1: inserted where there is none, else written where the stored version is `from`. */
function guarded(from: number, _id: string, made: object, changed: object): GuardedWrite {
  return from === 0
    ? { operation: { insertOne: { document: { _id, ...made } } }, isUpdate: false }
    : { operation: { updateOne: { filter: { _id, version: from }, update: { $set: changed } } }, isUpdate: true };
}

function keyWrite({ from, row }: Writes['keys'][number]): GuardedWrite {
  const { id, ...made } = toKeyRecord(row);
  const usage = new Set<string>(USAGE_COLUMNS);
  const changed = Object.fromEntries(Object.entries(made).filter(([column]) => !usage.has(column)));
  return guarded(from, id, made, changed);
}

function keyspacesWrite({ from, state }: NonNullable<Writes['keyspaces']>): GuardedWrite {
  const document = { version: state.version, row: JSON.stringify(state) };
  return guarded(from, KEYSPACES, document, document);
}

/** Guarded writes in one command: few enough for each command to answer well within its time, also on a slow server. */
const MAX_GUARDED = 100;

/** At most one write a document, so their order does not matter. Answers whether every guard held. */
async function guardedWrite<T extends { readonly _id: string }>(
  collection: Collection<T>,
  writes: readonly GuardedWrite[],
): Promise<boolean> {
  let held = true;
  for (let from = 0; from < writes.length; from += MAX_GUARDED) {
    const some = writes.slice(from, from + MAX_GUARDED);
    const operations = some.map(({ operation }) => operation) as AnyBulkWriteOperation<T>[];
    try {
      const { matchedCount } = await collection.bulkWrite(operations, { ordered: false });
      held &&= matchedCount === some.filter(({ isUpdate }) => isUpdate).length;
    } catch (error) {
      if (!onlyDuplicates(error)) throw error;
      held = false;
    }
  }
  return held;
}
