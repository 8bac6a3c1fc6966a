// The list itself: search and filters, the table with its rows page by page, and what stands where there are none.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { KeysPageDocument, type KeyAction, type KeysPageQuery } from '../api/generated/graphql.ts';
import { useClients } from '../api/clients-context.tsx';
import { usePages } from '../api/pages.ts';
import { failureText, LoadFailure } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { LoadingPage, Spinner } from '../components/spinner.tsx';
import { Table } from '../components/table.tsx';
import { formatExact } from '../texts/format.ts';
import { texts } from '../texts/texts.ts';
import { AsOf } from './as-of.tsx';
import { KeyActions } from './key-actions.tsx';
import { useKeyColumns } from './key-columns.tsx';
import { KeyFilters } from './key-filters.tsx';
import { KeyMenu } from './key-menu.tsx';
import { filterOf, isNarrowed, orderOf, useKeyQuery } from './key-query.ts';
import styles from './keys.module.css';
import type { KeyRow, KeyspaceView } from './keyspace-words.ts';
import { LiveStatus } from './live-status.tsx';
import { OwnerRemoval } from './owner-removal.tsx';
import { useLiveKeys } from './use-live-keys.ts';

const PAGE_SIZE = 100;
const words = texts.keys;
const keysOf = (data: KeysPageQuery) => data.workspace?.keys;

export interface KeyListProps {
  readonly workspace: string;
  readonly view: KeyspaceView;
  /** Whether this person may see the history of the workspace, so that an empty list is followed, too. */
  readonly audits: boolean;
  /** Counts keys that were made beside the list, which is read again for each. */
  readonly made: number;
  /** Opens the form to make one; `null`: this person may not. */
  readonly onCreate: (() => void) | null;
}

export function KeyList({ workspace, view, audits, made, onCreate }: KeyListProps) {
  const state = useKeyQuery();
  const { query, change, clear } = state;
  const clients = useClients();
  const [now] = useState(() => Date.now());
  const past = query.at !== '';
  const filter = filterOf(query, view.slug, now);
  const pages = usePages({
    client: past ? clients.uncached : clients.cached,
    document: KeysPageDocument,
    variables: {
      workspace,
      filter,
      orderBy: orderOf(query),
      first: PAGE_SIZE,
      asOf: past ? query.at : null,
      present: !past,
    },
    select: keysOf,
  });
  const [doing, setDoing] = useState<{ readonly action: KeyAction; readonly row: KeyRow } | null>(null);
  const select = useCallback((action: KeyAction, row: KeyRow) => setDoing({ action, row }), []);

  const columns = useKeyColumns({ workspace, view, past, order: query.order, onOrder: change });

  const { ready, error, more, refresh } = pages;
  const position = pages.data?.workspace?.position ?? null;
  const [from, setFrom] = useState<string | null>(null);
  if (from === null && position !== null && !past && !pages.loading) setFrom(position);
  const follows =
    pages.rows.length === 0
      ? audits
      : pages.rows.slice(0, PAGE_SIZE).some(({ actions }) => actions.includes('SEE_HISTORY'));
  const live = useLiveKeys({ workspace, enabled: !past, follows, from, filter, rows: pages.rows });
  // A key that was deleted is gone from the list, which still has it.
  const rows = useMemo(
    () =>
      query.status === 'DELETED' || past
        ? pages.rows
        : pages.rows.filter(({ keyId, status }) => status !== 'DELETED' && !live.gone.has(keyId)),
    [pages.rows, live.gone, query.status, past],
  );
  const total = pages.total === null ? null : pages.total - (pages.rows.length - rows.length);
  const list = useRef<HTMLDivElement>(null);
  const [taken, setTaken] = useState(0);
  const takeFresh = (): void => {
    live.taken();
    refresh();
    setTaken((count) => count + 1);
    list.current?.querySelector<HTMLElement>('[role="region"]')?.focus();
  };
  const [shownMade, setShownMade] = useState(made);
  useEffect(() => {
    if (made === shownMade) return;
    setShownMade(made);
    refresh();
  }, [made, shownMade, refresh]);
  const unanswered = pages.stale || rows.length === 0;
  const result =
    !ready || total === null ? '' : rows.length < total ? words.shown(rows.length, total) : words.count(total);
  return (
    <div ref={list} className={styles.list}>
      {past && (
        <p className={styles.past} role="status">
          {words.past(formatExact(query.at))}
          <Button onClick={() => change({ at: '' })}>{words.toPresent}</Button>
        </p>
      )}
      <KeyFilters {...state} view={view} result={result} error={error}>
        {!past && <LiveStatus {...live} onTake={takeFresh} />}
        {!past && <OwnerRemoval workspace={workspace} view={view} owner={query.owner.trim()} rows={rows} />}
        {(past || rows.some(({ actions }) => actions.includes('SEE_HISTORY'))) && (
          <AsOf at={query.at} change={change} />
        )}
      </KeyFilters>
      {/* The rows of another question are no answer to this one. */}
      {error && unanswered && <LoadFailure error={error} onRetry={refresh} />}
      {ready && rows.length > 0 && (
        <Table
          label={view.labels.title}
          columns={columns}
          rows={rows}
          rowId={({ id }) => id}
          total={total}
          stale={pages.stale && pages.loading}
          question={`${JSON.stringify(query)} ${taken}`}
          onEnd={error || !pages.hasMore ? undefined : more}
          below={
            error && !unanswered ? (
              <MoreFailed text={failureText(error)} onRetry={more} />
            ) : (
              pages.loading && <Spinner />
            )
          }
        />
      )}
      {!ready && !error && <LoadingPage />}
      {ready && rows.length === 0 && !pages.loading && !error && (
        <NoKeys view={view} narrowed={isNarrowed(query)} onClear={clear} onCreate={past ? null : onCreate} />
      )}
      <KeyMenu onSelect={select} />
      {doing && (
        <KeyActions {...doing} view={view} workspace={workspace} onDone={() => setDoing(null)} onChanged={refresh} />
      )}
    </div>
  );
}

function MoreFailed({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }) {
  return (
    <span role="alert">
      {words.moreFailed} {text} <Button onClick={onRetry}>{texts.retry}</Button>
    </span>
  );
}

interface NoKeysProps {
  readonly view: KeyspaceView;
  readonly narrowed: boolean;
  readonly onClear: () => void;
  readonly onCreate: (() => void) | null;
}

function NoKeys({ view, narrowed, onClear, onCreate }: NoKeysProps) {
  if (!narrowed)
    return (
      <EmptyState text={view.labels.empty}>
        {onCreate && (
          <Button kind="primary" onClick={onCreate}>
            {view.labels.create}
          </Button>
        )}
      </EmptyState>
    );
  return (
    <EmptyState text={words.noMatch}>
      <Button onClick={onClear}>{words.clearFilters}</Button>
    </EmptyState>
  );
}
