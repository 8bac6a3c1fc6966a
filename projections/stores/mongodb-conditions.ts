// Conditions as MongoDB filters. Values stand behind $eq, $in and range operators only: no text ever becomes an operator.
import type { ClientSession, Collection, Filter } from 'mongodb';
import type { Condition, Sort, Table } from './conditions.ts';
import { translated } from './mongodb-errors.ts';

/** A document with a text as its id; the rest is read by projection. */
export interface Stored {
  readonly _id: string;
}

type Query = Filter<Stored>;

const COMPARE = { '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte' } as const;
const NOTHING: Query = { _id: { $in: [] } };

/** Reads a collection; `id` names the column that is the document's `_id`. */
export function mongoTable<R>(
  collection: Collection<Stored>,
  columns: readonly string[],
  id: string,
  session?: ClientSession,
): Table<R> {
  const field = (column: string) => (column === id ? '_id' : column);
  const own = session ? { session } : {};
  const projection = { _id: columns.includes(id) ? 1 : 0, ...Object.fromEntries(plain(columns, id)) };

  return {
    find: (condition, sort, limit) =>
      translated(async () => {
        const query = collection.find(toFilter(condition, field), { ...own, projection }).sort(toSort(sort, field));
        const found = await (limit === undefined ? query : query.limit(limit)).toArray();
        return found.map(({ _id, ...rest }) => (columns.includes(id) ? { [id]: _id, ...rest } : rest)) as R[];
      }),
    count: (condition) => translated(() => collection.countDocuments(toFilter(condition, field), own)),
  };
}

const plain = (columns: readonly string[], id: string) =>
  columns.filter((column) => column !== id).map((column): [string, 1] => [column, 1]);

const toSort = ({ columns, descending }: Sort, field: (column: string) => string) =>
  new Map(columns.map((column): [string, 1 | -1] => [field(column), descending ? -1 : 1]));

function toFilter(condition: Condition, field: (column: string) => string): Query {
  switch (condition.op) {
    case 'in': {
      const [only] = condition.values;
      const one = condition.values.length === 1;
      return { [field(condition.column)]: one ? { $eq: only } : { $in: condition.values } };
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { [field(condition.column)]: { [COMPARE[condition.op]]: condition.value } };
    case 'null':
      return { [field(condition.column)]: { $eq: null } };
    case 'and':
      return condition.all.length === 0 ? {} : { $and: condition.all.map((part) => toFilter(part, field)) };
    case 'or':
      return condition.all.length === 0 ? NOTHING : { $or: condition.all.map((part) => toFilter(part, field)) };
    case 'terms':
      return { terms: { $in: condition.values } };
    case 'term range':
      // One member must lie in the range: without $elemMatch two could meet one bound each.
      return { terms: { $elemMatch: { $gte: condition.from, $lt: condition.to } } };
  }
}
