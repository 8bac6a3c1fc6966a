// Conditions on records: what a list asks for, as plain data that every store turns into its own language.
// So the rules of filters and pages are written once, and both stores agree by construction.

export type Scalar = string | number;

/** What a record must be. Text is compared by code points (the order of its UTF-8 bytes), never by a locale. */
export type Condition =
  | { readonly op: 'in'; readonly column: string; readonly values: readonly Scalar[] }
  /** Never true of null. */
  | { readonly op: '<' | '<=' | '>' | '>='; readonly column: string; readonly value: Scalar }
  | { readonly op: 'null'; readonly column: string }
  | { readonly op: 'and' | 'or'; readonly all: readonly Condition[] }
  /** One of these is among the record's terms; asked together with the workspace only. */
  | { readonly op: 'terms'; readonly workspaceId: string; readonly values: readonly string[] }
  /** One of the record's terms begins so. */
  | { readonly op: 'term beginning'; readonly workspaceId: string; readonly prefix: string };

export const oneOf = (column: string, values: readonly Scalar[]): Condition => ({ op: 'in', column, values });
export const equal = (column: string, value: Scalar): Condition => oneOf(column, [value]);
export const compare = (column: string, op: '<' | '<=' | '>' | '>=', value: Scalar): Condition => ({
  op,
  column,
  value,
});
export const isNull = (column: string): Condition => ({ op: 'null', column });
export const and = (...all: readonly Condition[]): Condition => ({ op: 'and', all });
export const or = (...all: readonly Condition[]): Condition => ({ op: 'or', all });

/** One record's columns, in which lists are ordered: all in the same direction. */
export interface Sort {
  readonly columns: readonly string[];
  readonly descending: boolean;
}

/** The records of one table, as a store reads them. `R`: the columns that come back. */
export interface Table<R> {
  readonly find: (condition: Condition, sort: Sort, limit?: number) => Promise<readonly R[]>;
  /** The first record, of few: what is looked up by a key. */
  first(condition: Condition, sort: Sort): Promise<R | undefined>;
  count(condition: Condition): Promise<number>;
}
