// Look-ups by key for many callers at once: while one query is under way, all that is asked for meanwhile goes into the
// next one. A mutation looks up a handful of documents; with a query for each of them the server would be all it waits for.
import type { ClientSession, Collection, Filter, MongoClient } from 'mongodb';
import type { Condition, Scalar, Sort } from './conditions.ts';
import { translated } from './mongodb-errors.ts';
import { inSharedSession } from './mongodb-sessions.ts';
import { shareReads } from './shared-read.ts';

/** What a record's columns must be equal to, all of them. */
export type Equalities = readonly (readonly [column: string, value: Scalar])[];

/** A condition that is nothing but equalities; `null` for any other. */
export function equalitiesOf(condition: Condition): Equalities | null {
  if (condition.op === 'in') {
    const [only] = condition.values;
    return only !== undefined && condition.values.length === 1 ? [[condition.column, only]] : null;
  }
  if (condition.op !== 'and') return null;
  const parts = condition.all.map(equalitiesOf);
  return parts.every((part) => part !== null) ? parts.flat() : null;
}

interface Lookup {
  readonly equalities: Equalities;
  readonly session: ClientSession | undefined;
}

/** The first record, in the order of `sort`, that has these values; read after all that `session` has seen. */
export type LookUp<R> = (
  equalities: Equalities,
  sort: Sort,
  session: ClientSession | undefined,
) => Promise<R | undefined>;

interface LookupOptions<D extends { readonly _id: string }> {
  readonly client: MongoClient;
  readonly collection: Collection<D>;
  /** What comes back. */
  readonly columns: readonly string[];
  /** The column that is the document's `_id`. */
  readonly id: string;
}

export function sharedLookups<R, D extends { readonly _id: string }>({
  client,
  collection,
  columns,
  id,
}: LookupOptions<D>): LookUp<R> {
  const field = (column: string): string => (column === id ? '_id' : column);
  type Found = Readonly<Record<string, Scalar>>;
  /** One queue for all look-ups by the same columns. */
  const queues = new Map<string, (lookup: Lookup) => Promise<readonly Found[]>>();

  function queueFor(by: readonly string[], sort: Sort): (lookup: Lookup) => Promise<readonly Found[]> {
    const name = JSON.stringify([by, sort]);
    let queue = queues.get(name);
    if (!queue) {
      const read = [...new Set([...columns, ...by, ...sort.columns])].map(field);
      const projection = { _id: 0, ...Object.fromEntries(read.map((name): [string, 1] => [name, 1])) };
      const order = new Map(sort.columns.map((column): [string, 1 | -1] => [field(column), sort.descending ? -1 : 1]));
      queue = shareReads((lookups: readonly Lookup[]) =>
        inSharedSession(
          client,
          lookups.map(({ session }) => session),
          async (session) => {
            const filter = anyOf(
              lookups.map(({ equalities }) => equalities),
              field,
            );
            const query = collection.find(filter as Filter<D>, { session, projection }).sort(order);
            return await query.toArray();
          },
        ),
      );
      queues.set(name, queue);
    }
    return queue;
  }

  return (equalities, sort, session) =>
    translated(async () => {
      const queue = queueFor(
        equalities.map(([column]) => column),
        sort,
      );
      const found = await queue({ equalities, session });
      const own = found.find((record) => equalities.every(([column, value]) => record[field(column)] === value));
      return own && (Object.fromEntries(columns.map((column) => [column, own[field(column)]])) as R);
    });
}

/** Records that are what any of the look-ups asks for; all of them ask by the same columns. */
function anyOf(wanted: readonly Equalities[], field: (column: string) => string): object {
  const [first = []] = wanted;
  const [only] = first;
  if (!only) return {};
  if (first.length === 1) return { [field(only[0])]: { $in: [...new Set(wanted.flat().map(([, value]) => value))] } };
  const each = (equalities: Equalities) =>
    Object.fromEntries(equalities.map(([column, value]) => [field(column), { $eq: value }]));
  const distinct = new Map(wanted.map((equalities) => [JSON.stringify(equalities), equalities]));
  return { $or: [...distinct.values()].map(each) };
}
