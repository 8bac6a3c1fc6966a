// Paging: the arguments of a connection as a window over an ordered list, and its rows as a page. `first` or `last`, 1–100.
import type { Rows, Window } from '../projections/rows.ts';
import { badInput } from './graphql-errors.ts';

export const MAX_PAGE = 100;

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** How a list's cursors are written and read; `decode` answers `null` for one of another list. */
export interface CursorCodec<R, C> {
  encode(row: R): string;
  decode(cursor: string): C | null;
}

export interface Page<T> {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: () => Promise<number | null>;
}

export function windowOf<C>(args: PageArguments, { decode }: Pick<CursorCodec<never, C>, 'decode'>): Window<C> {
  const { first, last, after, before } = args;
  const limit = first ?? last ?? null;
  if (limit === null) throw badInput({ path: ['first'], message: 'must be given, or else last' });
  if (typeof first === 'number' && typeof last === 'number')
    throw badInput({ path: ['last'], message: 'must not be given beside first' });
  const backward = typeof first !== 'number';
  if (limit < 1 || limit > MAX_PAGE) {
    throw badInput({ path: [backward ? 'last' : 'first'], message: `must be between 1 and ${MAX_PAGE}` });
  }
  const read = (name: 'after' | 'before', cursor: string | null | undefined): C | null => {
    if (cursor === null || cursor === undefined) return null;
    const decoded = decode(cursor);
    if (decoded === null) throw badInput({ path: [name], message: 'must be a cursor of this list in this order' });
    return decoded;
  };
  return { limit, backward, after: read('after', after), before: read('before', before) };
}

interface WithCursor {
  readonly row: unknown;
  readonly encode: (row: unknown) => string;
}

/** Written only where it is asked for. Inherited: an accessor for each edge would cost more than its cursor. */
const WITH_CURSOR = {
  get cursor(): string {
    const { row, encode } = this as unknown as WithCursor;
    return encode(row);
  },
};

/**
 * The page of a window. `show` drops rows that the caller does not get to see: such a page is shorter, and its cursors
 * still are those of the rows that were read, so that a walk comes by every row that is shown.
 */
export function pageOf<R, C, T>(
  { rows, more }: Rows<R>,
  window: Window<C>,
  { encode }: Pick<CursorCodec<R, C>, 'encode'>,
  show: (row: R, index: number) => T | null,
  totalCount: Page<T>['totalCount'],
): Page<T> {
  const [start, end] = [rows.at(0), rows.at(-1)];
  const edges = rows.flatMap((row, index) => {
    const node = show(row, index);
    return node === null ? [] : [{ __proto__: WITH_CURSOR, node, row, encode }];
  });
  return {
    edges: edges as unknown as Page<T>['edges'],
    pageInfo: {
      hasNextPage: window.backward ? window.before !== null : more,
      hasPreviousPage: window.backward ? more : window.after !== null,
      startCursor: start === undefined ? null : encode(start),
      endCursor: end === undefined ? null : encode(end),
    },
    totalCount,
  };
}

const HIDDEN: Page<never> = {
  edges: [],
  pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  totalCount: () => Promise.resolve(0),
};

/** What a list is for callers who may not see it: as empty as that of something that does not exist. */
export const emptyPage = <T>(): Page<T> => HIDDEN;

/** Whether a field has shown its caller nothing: an {@link emptyPage}, or `null`. */
export const isHidden = (result: unknown): boolean => result === HIDDEN || result === null;
