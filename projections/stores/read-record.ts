// Records of reading as they are stored: the columns that lists go by, and how they are listed, once for all stores.
import { READ_KINDS, type ReadKind, type ReadQuery, type ReadRecords, type ReadRow } from '../reads.ts';
import { and, compare, equal, oneOf, type Condition, type Table } from './conditions.ts';
import { readWindow, type ListOrder } from './paging.ts';
import { readStored, type Damaged } from './stored-json.ts';

export interface StoredRead {
  /** JSON of the whole row. */
  readonly row: string;
}

export interface ReadRecord extends StoredRead {
  readonly id: string;
  readonly workspaceId: string;
  readonly time: string;
  readonly actor: string;
  /** A bit for each kind. */
  readonly kinds: number;
  readonly expiresAt: string;
}

export const READ_COLUMNS = ['id', 'workspaceId', 'time', 'actor', 'kinds', 'expiresAt', 'row'] as const;

const bitOf = (kind: ReadKind): number => 1 << READ_KINDS.indexOf(kind);

export function toReadRecord(row: ReadRow): ReadRecord {
  const { id, workspaceId, time, actor, expiresAt } = row;
  const kinds = row.kinds.reduce((bits, kind) => bits | bitOf(kind), 0);
  return { id, workspaceId, time, actor, kinds, expiresAt, row: JSON.stringify(row) };
}

/** All sets of kinds that one is in: few, so that no store needs to know of bits. */
const withKind = (kind: ReadKind): readonly number[] =>
  Array.from({ length: 1 << READ_KINDS.length }, (_, bits) => bits).filter((bits) => (bits & bitOf(kind)) !== 0);

function conditionOf({ workspaceId, filter: { actor, kind, from, to }, now }: ReadQuery): Condition {
  return and(
    equal('workspaceId', workspaceId),
    ...(actor === undefined ? [] : [equal('actor', actor)]),
    ...(kind === undefined ? [] : [oneOf('kinds', withKind(kind))]),
    ...(from === undefined ? [] : [compare('time', '>=', from)]),
    ...(to === undefined ? [] : [compare('time', '<', to)]),
    compare('expiresAt', '>', now),
  );
}

const NEWEST_FIRST: ListOrder = { columns: ['time', 'id'], nullable: false, descending: true };

export function readLists(table: Table<StoredRead>, damaged: Damaged): Pick<ReadRecords, 'list' | 'count'> {
  return {
    list: async (query, { after, before, ...window }) => {
      const cursors = { ...window, after: after && [after.time, after.id], before: before && [before.time, before.id] };
      const { rows, more } = await readWindow(table.find, conditionOf(query), NEWEST_FIRST, cursors);
      return { rows: rows.map(({ row }) => readStored<ReadRow>(row, ['id', 'time', 'kinds'], 'reads', damaged)), more };
    },
    count: (query) => table.count(conditionOf(query)),
  };
}
