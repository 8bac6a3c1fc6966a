// Keyset paging, both ways: a window is read from where its cursors stand, never by counting rows.
// Nulls come last in both directions: the list is its records with a value, then those without.
import type { Rows, Window } from '../rows.ts';
import { and, compare, equal, isNull, or, type Condition, type Scalar, type Sort } from './conditions.ts';

export interface ListOrder {
  /** The last ones tell any two records apart. */
  readonly columns: readonly string[];
  /** Whether the first column may be null. */
  readonly nullable: boolean;
  readonly descending: boolean;
}

/** Where a row stands, column by column of the order. */
export type CursorValues = readonly (Scalar | null)[];

/** Records that follow each other in one order: with a value in the first column, or without. */
interface Segment {
  readonly condition: Condition;
  readonly columns: readonly string[];
}

type Find<F> = (condition: Condition, sort: Sort, limit: number) => Promise<F>;
type ReadWindow<F> = [find: Find<F>, condition: Condition, order: ListOrder, window: Window<CursorValues>];

/** Reads a window; one record more than its limit tells whether there are more. `null` where `find` answers it. */
export function readWindow<R>(...asked: ReadWindow<readonly R[]>): Promise<Rows<R>>;
export function readWindow<R>(...asked: ReadWindow<readonly R[] | null>): Promise<Rows<R> | null>;
export async function readWindow<R>(
  ...[find, condition, order, window]: ReadWindow<readonly R[] | null>
): Promise<Rows<R> | null> {
  const wanted = window.limit + 1;
  const descending = order.descending !== window.backward;
  const found: R[] = [];
  for (const segment of inReadingOrder(segments(order, window), window)) {
    if (found.length === wanted) break;
    const sort: Sort = { columns: segment.columns, descending };
    const next = await find(and(condition, segment.condition), sort, wanted - found.length);
    if (next === null) return next;
    found.push(...next);
  }
  const rows = found.slice(0, window.limit);
  return { rows: window.backward ? rows.reverse() : rows, more: found.length > window.limit };
}

const inReadingOrder = (list: readonly Segment[], { backward }: Window<CursorValues>) =>
  backward ? list.toReversed() : list;

function segments({ columns, nullable, descending }: ListOrder, window: Window<CursorValues>): Segment[] {
  const bounds = [
    { cursor: window.after, op: descending ? '<' : '>' },
    { cursor: window.before, op: descending ? '>' : '<' },
  ] as const;
  const beyond = (from: number, keep: (cursor: CursorValues) => boolean) =>
    bounds.flatMap(({ cursor, op }) =>
      cursor && keep(cursor) ? [lexicographic(columns.slice(from), cursor.slice(from), op)] : [],
    );
  if (!nullable) return [{ condition: and(...beyond(0, () => true)), columns }];

  const [first = '', ...rest] = columns;
  const stands = (cursor: CursorValues | null) => (cursor === null ? 'open' : cursor[0] === null ? 'null' : 'value');
  const withValue: Segment = {
    condition: and(compare(first, '>=', ''), ...beyond(0, (cursor) => cursor[0] !== null)),
    columns,
  };
  const without: Segment = {
    condition: and(isNull(first), ...beyond(1, (cursor) => cursor[0] === null)),
    columns: rest,
  };
  return [
    ...(stands(window.after) === 'null' ? [] : [withValue]),
    ...(stands(window.before) === 'value' ? [] : [without]),
  ];
}

/** The columns, one after the other, lie beyond the values. The outer bound lets an index be entered at the cursor. */
function lexicographic(columns: readonly string[], values: CursorValues, op: '<' | '>'): Condition {
  const [column, ...others] = columns;
  const [value, ...rest] = values;
  if (column === undefined || value === undefined || value === null)
    throw new TypeError('a cursor must name every column');
  if (others.length === 0) return compare(column, op, value);
  return and(
    compare(column, `${op}=`, value),
    or(compare(column, op, value), and(equal(column, value), lexicographic(others, rest, op))),
  );
}
