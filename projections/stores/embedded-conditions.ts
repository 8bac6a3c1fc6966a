// Conditions as SQL. Every value is bound; the text of a statement holds columns, operators and our own constants only.
import type { SqlValue } from '../../events/logs/sqlite-bind.ts';
import type { Statements } from '../../events/logs/sqlite.ts';
import type { Condition, Scalar, Sort, Table } from './conditions.ts';
import { haveTerm, isRare, mayBeRare, type TermCondition } from './embedded-terms.ts';

export interface Fragment {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

export interface SqlTableOptions {
  /** The index of its terms, if it has one. */
  readonly terms?: string;
  /** By column whose rare values have an index without the usual one: that value. A statement must say that it is not asked for. */
  readonly usual?: Readonly<Record<string, string>>;
}

/** Reads a table of the embedded store. */
export function sqlTable<R>(
  db: Statements,
  table: string,
  columns: readonly string[],
  options: SqlTableOptions = {},
): Table<R> {
  const list = columns.map(quote).join(', ');
  const select = (from: string, condition: Condition, sort: Sort): Fragment => {
    const { sql, params } = toSql(condition, options);
    return { sql: `SELECT ${list} FROM ${from} WHERE ${sql} ORDER BY ${orderBy(sort)}`, params };
  };
  /** Where the rows are looked for: by a term, if it is a rare one, since SQLite would walk the whole list for them. */
  const byRareTerm = async (condition: Condition): Promise<string> =>
    (await hasRareTerm(db, condition, options)) ? `${table} NOT INDEXED` : table;
  return {
    find: async (condition, sort, limit) => {
      const { sql, params } = select(await byRareTerm(condition), condition, sort);
      return limit === undefined ? db.all<R>(sql, params) : db.all<R>(inOneStep(`${sql} LIMIT ?`), [...params, limit]);
    },
    first: (condition, sort) => {
      const { sql, params } = select(table, condition, sort);
      return db.get<R>(`${sql} LIMIT 1`, params);
    },
    count: async (condition) => {
      const { sql, params } = toSql(condition, options);
      const from = await byRareTerm(condition);
      const [found] = await db.all<{ count: number }>(`SELECT count(*) AS count FROM ${from} WHERE ${sql}`, params);
      return found?.count ?? 0;
    },
  };
}

/** libsql goes from row to row on the main thread: a long walk to the last of few rows would hold everybody else up there. */
const inOneStep = (select: string): string => `WITH found AS MATERIALIZED (${select}) SELECT * FROM found`;

/** Whether all rows that are asked for have a term that few have. */
async function hasRareTerm(db: Statements, condition: Condition, { terms = '' }: SqlTableOptions): Promise<boolean> {
  for (const needed of termsIn(condition).filter(mayBeRare)) {
    const { sql, params } = isRare(terms, needed);
    if ((await db.all<{ rare: number }>(sql, params))[0]?.rare === 1) return true;
  }
  return false;
}

function termsIn(condition: Condition): readonly TermCondition[] {
  if (condition.op === 'and') return condition.all.flatMap(termsIn);
  return condition.op === 'terms' || condition.op === 'term beginning' ? [condition] : [];
}

const quote = (column: string): string => `"${column}"`;

/** The order of a list, as SQL. */
export const orderBy = ({ columns, descending }: Sort): string =>
  columns.map((column) => `${quote(column)}${descending ? ' DESC' : ''}`).join(', ');

/** A condition, as SQL. */
export function toSql(condition: Condition, options: SqlTableOptions = {}): Fragment {
  const { terms = '', usual = {} } = options;
  switch (condition.op) {
    case 'in':
      return withoutUsual(condition, usual[condition.column]);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { sql: `${quote(condition.column)} ${condition.op} ?`, params: [condition.value] };
    case 'null':
      return { sql: `${quote(condition.column)} IS NULL`, params: [] };
    case 'and':
      return join(condition.all, ' AND ', '1', options);
    case 'or':
      return join(condition.all, ' OR ', '0', options);
    case 'terms':
    case 'term beginning':
      return haveTerm(terms, condition);
  }
}

/** SQLite takes an index of some rows only where a statement says in as many words that it asks for these. */
function withoutUsual({ column, values }: Condition & { readonly op: 'in' }, usual: string | undefined): Fragment {
  const { sql, params } = oneOf(column, values);
  if (usual === undefined || values.includes(usual)) return { sql, params };
  return { sql: `(${sql} AND ${quote(column)} <> '${usual}')`, params };
}

function oneOf(column: string, values: readonly Scalar[]): Fragment {
  const [only] = values;
  if (only === undefined) return { sql: '0', params: [] };
  if (values.length === 1) return { sql: `${quote(column)} = ?`, params: [only] };
  return { sql: `${quote(column)} IN (SELECT value FROM json_each(?))`, params: [JSON.stringify(values)] };
}

function join(all: readonly Condition[], operator: string, empty: string, options: SqlTableOptions): Fragment {
  const parts = all.map((part) => toSql(part, options)).filter(({ sql }) => operator === ' OR ' || sql !== '1');
  const [only] = parts;
  if (only === undefined) return { sql: empty, params: [] };
  if (parts.length === 1) return only;
  return { sql: `(${parts.map(({ sql }) => sql).join(operator)})`, params: parts.flatMap(({ params }) => params) };
}
