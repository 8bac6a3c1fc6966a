// Keys of a batch on the embedded store: guarded by their versions, one statement for all of them. Only what changes is
// written: most events leave a key's columns and terms, and so all indexes, as they are.
import type { Statements } from '../../events/logs/sqlite.ts';
import type { Writes } from '../read-store.ts';
import { insertRows, writeRows } from './embedded-rows.ts';
import type { TableNames } from './embedded-schema.ts';
import { termStatements } from './embedded-terms.ts';
import { toKeyRecord, USAGE_COLUMNS, type KeyRecord } from './key-record.ts';

/** A record as the table has it: its terms as JSON. */
type Row = Omit<KeyRecord, 'terms'> & { readonly terms: string };

/** What lists filter and order by. */
const LIST_COLUMNS = [
  'workspaceId',
  'keyspace',
  'status',
  'type',
  'environment',
  'owner',
  'name',
  'createdAt',
  'expiresAt',
  'predecessor',
  'retiresAt',
  'noticeAt',
  'terms',
] as const;
type Stored = Pick<Row, 'id' | 'version' | (typeof LIST_COLUMNS)[number]>;

const CHANGING = ['version', 'row', ...LIST_COLUMNS] as const;
const COLUMNS = ['id', ...CHANGING, ...USAGE_COLUMNS] as const;
/** What an event changes that leaves the lists as they are. */
const ADVANCING = ['id', 'version', 'row'] as const;

/** Writes keys inside a transaction; answers whether every guard held, and writes nothing if not (P1). */
export type WriteKeys = (tx: Statements, keys: Writes['keys']) => Promise<boolean>;

export function keysWriter(names: TableNames): WriteKeys {
  const { keys: table } = names;
  const updates = CHANGING.map((column) => `${column} = excluded.${column}`).join(', '); // P6: not the usage
  const stored = `SELECT id, version, ${LIST_COLUMNS.join(', ')} FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`;
  const terms = termStatements(names);
  const writeAll = insertRows(table, COLUMNS, `(id) DO UPDATE SET ${updates}`);
  const advance = writeRows(
    ADVANCING,
    (tuples) => `WITH new (${ADVANCING.join(', ')}) AS (VALUES ${tuples})
      UPDATE ${table} SET version = new.version, row = new.row FROM new WHERE ${table}.id = new.id`,
  );
  return async (tx, writes) => {
    if (writes.length === 0) return true;
    const ids = JSON.stringify(writes.map(({ row }) => row.state.keyId));
    const before = new Map((await tx.all<Stored>(stored, [ids])).map((row) => [row.id, row]));
    const held = writes.every(({ from, row }) => (before.get(row.state.keyId)?.version ?? 0) === from);
    if (!held) return false;

    const rows = writes.map(({ row }) => toRow(toKeyRecord(row)));
    const isSame = (row: Row, columns: readonly (keyof Stored)[]): boolean => {
      const was = before.get(row.id);
      return was !== undefined && columns.every((column) => was[column] === row[column]);
    };
    const [advancing, changing] = partition(rows, (row) => isSame(row, LIST_COLUMNS));
    await advance(tx, advancing);
    // Their index follows where terms are others now: the old ones go while the table still has them.
    const moving = changing.filter((row) => !isSame(row, ['workspaceId', 'terms'])).map(({ id }) => id);
    await runOnIds(
      tx,
      terms.delete,
      moving.filter((id) => before.has(id)),
    );
    await writeAll(tx, changing);
    await runOnIds(tx, terms.insert, moving);
    return true;
  };
}

const toRow = (record: KeyRecord): Row => ({ ...record, terms: JSON.stringify(record.terms) });

async function runOnIds(tx: Statements, statement: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.all(statement, [JSON.stringify(ids)]);
}

function partition<T>(all: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  const sides: [T[], T[]] = [[], []];
  for (const item of all) sides[belongs(item) ? 0 : 1].push(item);
  return sides;
}
