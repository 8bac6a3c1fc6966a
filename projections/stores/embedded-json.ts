// Many rows in one statement: a table as one JSON parameter, taken apart by SQLite.

/** Records as a JSON array of arrays. JSON escapes what SQLite's text could not hold: NUL and lone surrogates. */
export function jsonTable<R extends object>(records: readonly R[], columns: readonly (keyof R)[]): string {
  return JSON.stringify(records.map((record) => columns.map((column) => record[column])));
}

/** Inserts the rows of a {@link jsonTable}; `onConflict` says what becomes of a row that is there already. */
export function insertFrom(target: string, columns: readonly string[], onConflict: string): string {
  const values = columns.map((_, index) => `value ->> ${index}`);
  return `INSERT INTO ${target} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM json_each(?) WHERE true
    ON CONFLICT ${onConflict}`;
}
