// One insert for many callers: rows that are given while an insert is under way go into the next one, with one sync for all.
import DataLoader from 'dataloader';

/** `insertAll` answers row by row; inserts do not overlap. */
export function shareInserts<R, T>(insertAll: (rows: readonly R[]) => Promise<readonly T[]>): (row: R) => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  const inserts = new DataLoader<R, T>(
    (rows) => {
      const inserted = insertAll(rows);
      underWay = inserted.catch(() => undefined);
      return inserted;
    },
    { cache: false, batchScheduleFn: (dispatch) => void underWay.then(() => setImmediate(dispatch)) },
  );
  return (row) => inserts.load(row);
}
