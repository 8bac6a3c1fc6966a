// What MongoDB keeps outside generations: data keys and parked records. No rebuild touches them (P4).
import type { Db, Filter } from 'mongodb';
import type { RecordPosition } from '../../events/position.ts';
import type { DataKeys, ParkedRecords } from '../read-store.ts';
import type { DataKeyRow, ParkedRow } from '../rows.ts';
import { damagedRow } from './stored-json.ts';
import { isDuplicate, onlyDuplicates, translated } from './mongodb-errors.ts';
import { DATA_KEYS, PARKED } from './mongodb-schema.ts';
import { fromParkedText, toParkedText } from './parked-record.ts';
import { shareInserts } from './shared-insert.ts';

/** A destroyed data key stays as a document without its key. */
interface StoredDataKey {
  readonly _id: string;
  readonly sealingKeyId: string | null;
  readonly wrapped: string | null;
  /** Of a destroyed one. */
  readonly destroyedAt?: string;
}

export function mongoDataKeys(db: Db): DataKeys {
  const collection = db.collection<StoredDataKey>(DATA_KEYS);

  async function load(ids: readonly string[]): Promise<ReadonlyMap<string, DataKeyRow>> {
    const found = await collection.find({ _id: { $in: ids } }).toArray();
    return new Map(
      found.flatMap(({ _id: id, sealingKeyId, wrapped }) =>
        sealingKeyId === null || wrapped === null ? [] : [[id, { id, sealingKeyId, wrapped }]],
      ),
    );
  }

  async function insertAll(rows: readonly DataKeyRow[]): Promise<(DataKeyRow | null)[]> {
    const documents = rows.map(({ id: _id, sealingKeyId, wrapped }) => ({ _id, sealingKeyId, wrapped }));
    try {
      await collection.insertMany(documents, { ordered: false });
      return [...rows];
    } catch (error) {
      if (!onlyDuplicates(error)) throw error;
      const stored = await load(rows.map(({ id }) => id));
      return rows.map(({ id }) => stored.get(id) ?? null);
    }
  }
  const insert = shareInserts(insertAll);

  return {
    insert: (row) => translated(() => insert(row)),
    load: (ids) => translated(() => load(ids)),
    unknown: (ids) =>
      translated(async () => {
        const found = await collection.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
        const known = new Set(found.map(({ _id }) => _id));
        return ids.filter((id) => !known.has(id));
      }),
    destroy: (id, at) =>
      translated(async () => {
        const tombstone = { sealingKeyId: null, wrapped: null, destroyedAt: at };
        await collection.insertOne({ _id: id, ...tombstone }).catch(async (error: unknown) => {
          if (!isDuplicate(error)) throw error;
          await collection.updateOne({ _id: id, wrapped: { $ne: null } }, { $set: tombstone });
        });
      }),
    destroyed: (ids) =>
      translated(async () => {
        const found = await collection.find({ _id: { $in: ids }, wrapped: null }).toArray();
        return new Map(found.map(({ _id, destroyedAt = '' }) => [_id, destroyedAt]));
      }),
    any: () => translated(async () => (await collection.findOne({}, { projection: { _id: 1 } })) !== null),
  };
}

interface StoredParked {
  readonly _id: string;
  readonly partition: number;
  readonly offset: number;
  readonly status: ParkedRow['status'];
  readonly aggregateId: string | null;
  readonly digest: string;
  readonly row: string;
  readonly value: Buffer;
}

const idOf = ({ partition, offset }: RecordPosition): string => `${partition}-${offset}`;

function toDocument(row: ParkedRow): StoredParked {
  const { position, status, aggregateId, digest, value } = row;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { _id: idOf(position), ...position, status, aggregateId, digest, row: toParkedText(row), value: bytes };
}

const toRow = ({ row, status, value }: StoredParked): ParkedRow => ({
  ...fromParkedText(row, damagedRow),
  status,
  value: new Uint8Array(value),
});

export function mongoParked(db: Db): ParkedRecords {
  const collection = db.collection<StoredParked>(PARKED, { promoteBuffers: true });
  const find = (filter: Filter<StoredParked>) =>
    translated(async () => (await collection.find(filter).sort({ partition: 1, offset: 1 }).toArray()).map(toRow));

  return {
    park: (row) =>
      translated(async () => {
        await collection.insertOne(toDocument(row)).catch((error: unknown) => {
          if (!isDuplicate(error)) throw error;
        });
      }),
    open: ({ aggregateIds } = {}) =>
      find({ status: 'OPEN', ...(aggregateIds ? { aggregateId: { $in: aggregateIds } } : {}) }),
    at: async (position) => (await find({ _id: idOf(position) }))[0] ?? null,
    among: ({ partition, from, to, digests }) =>
      find({
        $or: [
          { partition, offset: { $gte: from, $lt: to } },
          { status: 'OPEN', digest: { $in: digests } },
        ],
      }),
    resolve: (positions, status) =>
      translated(async () => {
        await collection.updateMany({ _id: { $in: positions.map(idOf) }, status: 'OPEN' }, { $set: { status } });
      }),
  };
}
