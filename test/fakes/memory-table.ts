// A table of records in memory that understands the stores' conditions: what a list asks for, evaluated one by one.
import type { Condition, Scalar, Sort, Table } from '../../projections/stores/conditions.ts';

type Record_ = Readonly<Record<string, unknown>>;

const byCodePoints = (a: Scalar, b: Scalar): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));

function matches(record: Record_, condition: Condition): boolean {
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
    case 'term range':
      return (
        record.workspaceId === condition.workspaceId &&
        terms(record).some((term) => byCodePoints(term, condition.from) >= 0 && byCodePoints(term, condition.to) < 0)
      );
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compares(record[condition.column] as Scalar | null, condition);
  }
}

function compares(value: Scalar | null, { op, value: bound }: Extract<Condition, { value: Scalar }>): boolean {
  if (value === null) return false;
  const order = byCodePoints(value, bound);
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0;
}

const terms = (record: Record_): readonly string[] => (record.terms as readonly string[] | undefined) ?? [];

function compareBy({ columns, descending }: Sort): (a: Record_, b: Record_) => number {
  return (a, b) => {
    for (const column of columns) {
      const order = byCodePoints(a[column] as Scalar, b[column] as Scalar);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

/** Reads `records` anew at each question. */
export function memoryTable<R extends object>(records: () => Iterable<R>): Table<R> {
  const select = (condition: Condition): R[] =>
    [...records()].filter((record) => matches(record as Record_, condition));
  const find: Table<R>['find'] = async (condition, sort, limit) => {
    await Promise.resolve();
    const found = select(condition).sort((a, b) => compareBy(sort)(a as Record_, b as Record_));
    return found.slice(0, limit);
  };
  return {
    find,
    first: async (condition, sort) => (await find(condition, sort, 1))[0],
    async count(condition) {
      await Promise.resolve();
      return select(condition).length;
    },
  };
}
