// A table of records in memory that understands the stores' conditions: what a list asks for, evaluated one by one.
import type { Table } from '../../projections/stores/conditions.ts';
import { findAmong, matches, type Columns } from '../../projections/stores/matches.ts';

/** Reads `records` anew at each question. */
export function memoryTable<R extends object>(records: () => Iterable<R>): Table<R> {
  const find: Table<R>['find'] = async (...asked) => {
    await Promise.resolve();
    return findAmong(records(), ...asked);
  };
  return {
    find,
    first: async (condition, sort) => (await find(condition, sort, 1))[0],
    async count(condition) {
      await Promise.resolve();
      return [...records()].filter((record) => matches(record as Columns, condition)).length;
    },
  };
}
