// What the embedded store keeps outside generations: data keys and parked records. No rebuild touches them (P4).
import type { Sqlite } from '../../events/logs/sqlite.ts';
import type { DataKeys, ParkedRecords } from '../read-store.ts';
import type { DataKeyRow, ParkedRow } from '../rows.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { fromParkedText, toParkedText } from './parked-record.ts';
import { shareInserts } from './shared-insert.ts';

/** A destroyed data key stays as a row without its key. */
interface StoredDataKey {
  readonly id: string;
  readonly sealingKeyId: string | null;
  readonly wrapped: string | null;
}

/** Of files that an earlier build has made. */
export async function addDestroyedAt(kept: Sqlite): Promise<void> {
  const columns = await kept.all<{ name: string }>("SELECT name FROM pragma_table_info('dataKeys')");
  if (!columns.some(({ name }) => name === 'destroyedAt'))
    await kept.run('ALTER TABLE dataKeys ADD COLUMN destroyedAt TEXT');
}

export function embeddedDataKeys(db: Sqlite): DataKeys {
  async function load(ids: readonly string[]): Promise<ReadonlyMap<string, DataKeyRow>> {
    const sql = 'SELECT id, sealingKeyId, wrapped FROM dataKeys WHERE id IN (SELECT value FROM json_each(?))';
    const found = await db.all<StoredDataKey>(sql, [JSON.stringify(ids)]);
    return new Map(found.flatMap((row) => (isWhole(row) ? [[row.id, row]] : [])));
  }

  async function insertAll(rows: readonly DataKeyRow[]): Promise<(DataKeyRow | null)[]> {
    const values = rows.map(({ id, sealingKeyId, wrapped }) => [id, sealingKeyId, wrapped]);
    const inserted = await db.run(INSERT_DATA_KEYS, [JSON.stringify(values)]); // one statement, one sync
    if (inserted === rows.length) return [...rows];
    const stored = await load(rows.map(({ id }) => id));
    return rows.map(({ id }) => stored.get(id) ?? null);
  }

  return {
    insert: shareInserts(insertAll),
    load,
    unknown: async (ids) => {
      const sql = 'SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM dataKeys)';
      return (await db.all<{ readonly id: string }>(sql, [JSON.stringify(ids)])).map(({ id }) => id);
    },
    destroy: async (id, at) => {
      await db.run(DESTROY_DATA_KEY, [id, at]);
    },
    destroyed: async (ids) => {
      const sql =
        'SELECT id, destroyedAt FROM dataKeys WHERE wrapped IS NULL AND id IN (SELECT value FROM json_each(?))';
      const found = await db.all<{ id: string; destroyedAt: string | null }>(sql, [JSON.stringify(ids)]);
      return new Map(found.map(({ id, destroyedAt }) => [id, destroyedAt ?? '']));
    },
    any: async () => (await db.get('SELECT 1 AS one FROM dataKeys LIMIT 1')) !== undefined,
  };
}

const INSERT_DATA_KEYS = `INSERT INTO dataKeys (id, sealingKeyId, wrapped)
  SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`;

const DESTROY_DATA_KEY = `INSERT INTO dataKeys (id, destroyedAt) VALUES (?, ?) ON CONFLICT (id) DO UPDATE
  SET sealingKeyId = NULL, wrapped = NULL, destroyedAt = excluded.destroyedAt WHERE wrapped IS NOT NULL`;

const isWhole = (row: StoredDataKey): row is DataKeyRow => row.sealingKeyId !== null && row.wrapped !== null;

interface StoredParked {
  readonly row: string;
  readonly value: Uint8Array;
  readonly status: ParkedRow['status'];
}

export function embeddedParked(db: EmbeddedFile): ParkedRecords {
  const select = 'SELECT row, value, status FROM parked WHERE';
  const order = 'ORDER BY partition, "offset"';
  const toRow = ({ row, value, status }: StoredParked): ParkedRow => ({
    ...fromParkedText(row, db.damaged),
    value,
    status,
  });

  return {
    park: async (row) => {
      const { position, aggregateId, status, digest, value } = row;
      const { partition, offset } = position;
      const sql = `INSERT INTO parked (partition, "offset", status, aggregateId, digest, row, value)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
      await db.run(sql, [partition, offset, status, aggregateId, digest, toParkedText(row), value]);
    },
    open: async ({ aggregateIds } = {}) => {
      const open = `${select} status = 'OPEN'`;
      const found = aggregateIds
        ? await db.all<StoredParked>(`${open} AND aggregateId IN (SELECT value FROM json_each(?)) ${order}`, [
            JSON.stringify(aggregateIds),
          ])
        : await db.all<StoredParked>(`${open} ${order}`);
      return found.map(toRow);
    },
    at: async ({ partition, offset }) => {
      const found = await db.get<StoredParked>(`${select} partition = ? AND "offset" = ?`, [partition, offset]);
      return found ? toRow(found) : null;
    },
    among: async ({ partition, from, to, digests }) => {
      const copies = `status = 'OPEN' AND digest IN (SELECT value FROM json_each(?))`;
      const sql = `${select} (partition = ? AND "offset" >= ? AND "offset" < ?) OR (${copies}) ${order}`;
      return (await db.all<StoredParked>(sql, [partition, from, to, JSON.stringify(digests)])).map(toRow);
    },
    resolve: async (positions, status) => {
      const sql = `UPDATE parked SET status = ? WHERE status = 'OPEN' AND (partition, "offset") IN (
        SELECT value ->> 0, value ->> 1 FROM json_each(?))`;
      const pairs = positions.map(({ partition, offset }) => [partition, offset]);
      await db.run(sql, [status, JSON.stringify(pairs)]);
    },
  };
}
