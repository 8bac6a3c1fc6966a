// A list that is read page by page: every page is a query of its own, watched in the cache, so that what changes in one
// of ten thousand rows is read again for its page alone.
import { useMemo, useState, useSyncExternalStore } from 'react';
import type { AnyVariables, Client, CombinedError, TypedDocumentNode } from 'urql';

export interface Connection<Row> {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
  readonly totalCount?: number | null;
}

export interface Shown<Data, Row> {
  /** Whether an answer has come. */
  readonly ready: boolean;
  readonly rows: readonly Row[];
  /** Of the whole list; `null`: not known. */
  readonly total: number | null;
  readonly hasMore: boolean;
  readonly loading: boolean;
  /** Of the page that was asked for last. */
  readonly error: CombinedError | null;
  /** The first page as it came. */
  readonly data: Data | null;
}

export interface PagesOptions<Data, Variables extends AnyVariables, Row> {
  readonly client: Client;
  /** Takes `$after: String` among its variables. */
  readonly document: TypedDocumentNode<Data, Variables>;
  readonly variables: Omit<Variables, 'after'>;
  /** `null`: there is no such list for this caller. */
  readonly select: (data: Data) => Connection<Row> | null | undefined;
}

interface Page<Row> {
  readonly connection: Connection<Row> | null;
  readonly stop: () => void;
}

export interface PageStore<Data, Row> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly shown: () => Shown<Data, Row>;
  /** Asks for the page behind those that are there, or again for the one that failed. */
  readonly more: () => void;
  /** From the first page on, while the rows stay. */
  readonly refresh: () => void;
}

const NOTHING = {
  ready: false,
  rows: [],
  total: null,
  hasMore: false,
  loading: true,
  error: null,
  data: null,
} as const;

export function createPages<Data, Variables extends AnyVariables, Row>(
  options: PagesOptions<Data, Variables, Row>,
): PageStore<Data, Row> {
  const { client, document, variables, select } = options;
  const listeners = new Set<() => void>();
  let pages: Page<Row>[] = [];
  let shown: Shown<Data, Row> = NOTHING;

  const show = (change: Partial<Shown<Data, Row>>): void => {
    shown = { ...shown, ...change };
    for (const listener of [...listeners]) listener();
  };
  const stop = (): void => {
    for (const page of pages) page.stop();
    pages = [];
  };

  const open = (after: string | null): void => {
    const index = pages.length;
    pages.push({ connection: null, stop: () => subscription.unsubscribe() });
    const asked = { ...variables, after } as unknown as Variables;
    const subscription = client
      .query(document, asked, { requestPolicy: 'cache-and-network' })
      .subscribe(({ data, error, stale }) => {
        const page = pages[index];
        const connection = data === undefined ? null : (select(data) ?? null);
        if (!page) return;
        if (error) {
          show({ loading: false, error });
          return;
        }
        pages[index] = { ...page, connection };
        const last = pages.at(-1)?.connection;
        show({
          ready: true,
          rows: pages.flatMap((each) => each.connection?.nodes ?? []),
          total: pages[0]?.connection?.totalCount ?? null,
          hasMore: last?.pageInfo.hasNextPage ?? false,
          loading: stale || last === null,
          error: null,
          ...(index === 0 && data !== undefined ? { data } : {}),
        });
      });
  };

  return {
    shown: () => shown,
    subscribe: (listener) => {
      listeners.add(listener);
      if (pages.length === 0) open(null);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    more: () => {
      if (shown.loading || (!shown.hasMore && shown.error === null)) return;
      const failed = pages.at(-1)?.connection === null;
      if (failed) pages.pop()?.stop();
      const before = pages.at(-1)?.connection ?? null;
      show({ loading: true, error: null });
      open(before?.pageInfo.endCursor ?? null);
    },
    refresh: () => {
      stop();
      show({ loading: true, error: null });
      open(null);
    },
  };
}

/** {@link createPages} for a component: while a changed question is under way, the rows of the one before stay. */
export function usePages<Data, Variables extends AnyVariables, Row>(
  options: PagesOptions<Data, Variables, Row>,
): Shown<Data, Row> & Pick<PageStore<Data, Row>, 'more' | 'refresh'> & { readonly stale: boolean } {
  const { client, document, select } = options;
  const question = JSON.stringify(options.variables);
  const store = useMemo(
    () => createPages({ client, document, variables: JSON.parse(question) as typeof options.variables, select }),
    [client, document, question, select],
  );
  const current = useSyncExternalStore(store.subscribe, store.shown);
  const [before, setBefore] = useState(current);
  if (current.ready && before !== current) setBefore(current);
  const stale = !current.ready && before.ready;
  const shown = stale ? { ...before, loading: current.loading, error: current.error } : current;
  return { ...shown, stale, more: store.more, refresh: store.refresh };
}
