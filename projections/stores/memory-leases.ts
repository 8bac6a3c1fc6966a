// Leases in memory: the embedded store's, whose folder one process holds, so that a start finds none (L7).
import { furthest, type Position } from '../../events/position.ts';
import type { LeaseRow, Leases } from '../leases.ts';

export function memoryLeases(): Leases {
  const rows = new Map<string, LeaseRow>();
  let barriers: Position = {};
  return {
    join: async (row) => {
      if (rows.has(row.id)) throw new Error(`there is a lease ${row.id} already`);
      rows.set(row.id, row);
      return Promise.resolve(barriers);
    },
    renew: async (row) => {
      if (!rows.has(row.id)) return Promise.resolve(false);
      rows.set(row.id, row);
      return Promise.resolve(true);
    },
    end: async (id, n) => Promise.resolve(rows.get(id)?.n === n && rows.delete(id)),
    leave: async (id) => {
      rows.delete(id);
      return Promise.resolve();
    },
    raise: async (position) => {
      barriers = furthest(barriers, position);
      return Promise.resolve([...rows.values()]);
    },
    all: async () => Promise.resolve([...rows.values()]),
  };
}
