// Conditions as MongoDB filters. Values stand behind $eq, $in and range operators only: no text ever becomes an operator.
import type { ClientSession, Collection, Filter, MongoClient } from 'mongodb';
import type { Condition, Sort, Table } from './conditions.ts';
import { afterPrefix } from './prefix.ts';
import { translated } from './mongodb-errors.ts';
import { equalitiesOf, sharedLookups } from './mongodb-lookups.ts';

/** A document with a text as its id; the rest is read by projection. */
export interface Stored {
  readonly _id: string;
}

type Query = Filter<Stored>;

const COMPARE = { '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte' } as const;
const NOTHING: Query = { _id: { $in: [] } };

export interface MongoTableOptions {
  readonly client: MongoClient;
  readonly collection: Collection<Stored>;
  /** What comes back. */
  readonly columns: readonly string[];
  /** The column that is the document's `_id`. */
  readonly id: string;
}

/** A table as it is read in a session: after all that the session has seen. */
export type TableInSession<R> = (session?: ClientSession) => Table<R>;

/** Reads a collection. */
export function mongoTable<R>(options: MongoTableOptions): TableInSession<R> {
  const { collection, columns, id } = options;
  const lookUp = sharedLookups<R, Stored>(options);
  const field = (column: string) => (column === id ? '_id' : column);
  const projection = { _id: columns.includes(id) ? 1 : 0, ...Object.fromEntries(plain(columns, id)) };

  return (session) => {
    const own = session ? { session } : {};
    const find = (condition: Condition, sort: Sort, limit?: number): Promise<readonly R[]> =>
      translated(async () => {
        const query = collection.find(toFilter(condition, field), { ...own, projection }).sort(toSort(sort, field));
        const found = await (limit === undefined ? query : query.limit(limit)).toArray();
        return found.map(({ _id, ...rest }) => (columns.includes(id) ? { [id]: _id, ...rest } : rest)) as R[];
      });
    return {
      find,
      first: async (condition, sort) => {
        const equalities = equalitiesOf(condition);
        return equalities ? lookUp(equalities, sort, session) : (await find(condition, sort, 1))[0];
      },
      count: (condition) => translated(() => collection.countDocuments(toFilter(condition, field), own)),
    };
  };
}

const plain = (columns: readonly string[], id: string) =>
  columns.filter((column) => column !== id).map((column): [string, 1] => [column, 1]);

const toSort = ({ columns, descending }: Sort, field: (column: string) => string) =>
  new Map(columns.map((column): [string, 1 | -1] => [field(column), descending ? -1 : 1]));

export function toFilter(condition: Condition, field: (column: string) => string): Query {
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
    case 'term beginning': {
      // One member must lie in the range: without $elemMatch two could meet one bound each.
      const next = afterPrefix(condition.prefix);
      return { terms: { $elemMatch: { $gte: condition.prefix, ...(next !== null && { $lt: next }) } } };
    }
  }
}
