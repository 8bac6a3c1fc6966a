// Conditions on records in memory: what every store asks of its own tables, judged one record at a time. So a list that is
// put together here means exactly what the same list means in a store.
import type { Condition, Scalar, Sort } from './conditions.ts';

/** A record's columns; `terms` are texts in an array. */
export type Columns = Readonly<Record<string, unknown>>;

export function matches(record: Columns, condition: Condition): boolean {
  switch (condition.op) {
    case 'in':
      return condition.values.includes(record[condition.column] as Scalar);
    case 'null':
      return record[condition.column] === null;
    case 'and':
      return condition.all.every((each) => matches(record, each));
    case 'or':
      return condition.all.some((each) => matches(record, each));
    case 'terms':
      return (
        record.workspaceId === condition.workspaceId && condition.values.some((term) => terms(record).includes(term))
      );
    case 'term beginning':
      return (
        record.workspaceId === condition.workspaceId && terms(record).some((term) => term.startsWith(condition.prefix))
      );
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compares(record[condition.column] as Scalar | null, condition);
  }
}

/** What {@link Table.find} answers of a table that holds these records. */
export function findAmong<R extends object>(
  records: Iterable<R>,
  condition: Condition,
  sort: Sort,
  limit?: number,
): readonly R[] {
  const compare = compareBy(sort);
  const found: R[] = [];
  for (const record of records) {
    if (!matches(record as Columns, condition)) continue;
    const last = found.at(-1);
    const full = last !== undefined && found.length === limit;
    if (full && compare(record as Columns, last as Columns) >= 0) continue;
    if (limit === undefined) found.push(record);
    else {
      found.splice(placeOf(record as Columns, found as Columns[], compare), 0, record);
      if (found.length > limit) found.pop();
    }
  }
  return limit === undefined ? found.sort((a, b) => compare(a as Columns, b as Columns)) : found;
}

/** Behind all that do not come after it. */
function placeOf(record: Columns, sorted: readonly Columns[], compare: (a: Columns, b: Columns) => number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const other = sorted[middle];
    if (other && compare(other, record) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compares(value: Scalar | null, { op, value: bound }: Extract<Condition, { value: Scalar }>): boolean {
  if (value === null) return false;
  const order = compareScalars(value, bound);
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0;
}

const terms = (record: Columns): readonly string[] => (record.terms as readonly string[] | undefined) ?? [];

function compareBy({ columns, descending }: Sort): (a: Columns, b: Columns) => number {
  return (a, b) => {
    for (const column of columns) {
      const order = compareScalars(a[column] as Scalar, b[column] as Scalar);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

const compareScalars = (a: Scalar, b: Scalar): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));

/** Surrogates stand for what follows U+FFFF, and come before U+E000 … U+FFFF by their own numbers. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** Well-formed texts by code points, which is the order of their UTF-8 bytes. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const order = a.charCodeAt(index) - b.charCodeAt(index);
    if (order !== 0) return rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
  }
  return a.length - b.length;
}
