// Parked records as a shadow sees them: those of the installation, read; what the shadow would park is noted, and written
// nowhere: looking at an installation quarantines no key of it.
import type { ParkedRecords } from '../../projections/read-store.ts';
import type { ParkedRow } from '../../projections/rows.ts';

export interface ShadowParked {
  readonly parked: ParkedRecords;
  /** What the shadow could not fold. */
  readonly noted: () => readonly ParkedRow[];
}

export function shadowParked(real: ParkedRecords): ShadowParked {
  const own = new Map<string, ParkedRow>();
  const keyOf = ({ position }: ParkedRow): string => `${position.partition}-${position.offset}`;
  const withOwn = (rows: readonly ParkedRow[], wanted: (row: ParkedRow) => boolean): readonly ParkedRow[] => {
    const known = new Set(rows.map(keyOf));
    return [...rows, ...[...own.values()].filter((row) => !known.has(keyOf(row)) && wanted(row))];
  };
  return {
    noted: () => [...own.values()],
    parked: {
      park: (row) => {
        if (!own.has(keyOf(row))) own.set(keyOf(row), row);
        return Promise.resolve();
      },
      open: async (filter) => {
        const ids = filter?.aggregateIds;
        return withOwn(
          await real.open(filter),
          ({ status, aggregateId }) =>
            status === 'OPEN' && (!ids || (aggregateId !== null && ids.includes(aggregateId))),
        );
      },
      at: async (position) => (await real.at(position)) ?? own.get(`${position.partition}-${position.offset}`) ?? null,
      among: async (batch) => {
        const { partition, from, to, digests } = batch;
        return withOwn(
          await real.among(batch),
          ({ position, status, digest }) =>
            (position.partition === partition && position.offset >= from && position.offset < to) ||
            (status === 'OPEN' && digests.includes(digest)),
        );
      },
      resolve: (positions, status) => {
        const wanted = new Set(positions.map(({ partition, offset }) => `${partition}-${offset}`));
        for (const [key, row] of own) if (wanted.has(key) && row.status === 'OPEN') own.set(key, { ...row, status });
        return Promise.resolve();
      },
    },
  };
}
