// The request log of a key: its calls, newest first, with filters that the address holds, and a switch that keeps it fresh.
import { useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { KeyRequestsDocument, type KeyRequestsQuery, type RequestRowFragment } from '../api/generated/graphql.ts';
import { usePages } from '../api/pages.ts';
import { failureText, LoadFailure } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { LoadingPage, Spinner } from '../components/spinner.tsx';
import { Table, type TableColumn } from '../components/table.tsx';
import { Toggle } from '../components/toggle.tsx';
import { Foreign } from '../components/foreign.tsx';
import { formatInstant } from '../texts/format.ts';
import { useNow } from '../texts/now.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';
import { isFiltered, NO_FILTER, requestFilter, type KeyAddressState } from './key-address.ts';
import styles from './key-page.module.css';
import { RequestDetails } from './request-details.tsx';
import { RequestFilters } from './request-filters.tsx';
import { requestSentence } from './request-sentence.ts';

export type RequestRow = RequestRowFragment;

const words = keyTexts.requests;
const PAGE_SIZE = 50;
const LIVE_MS = 2000;
const requestsOf = (data: KeyRequestsQuery) => data.key?.requests;

export interface KeyRequestsProps extends KeyAddressState {
  readonly id: string;
  /** How long calls are kept. */
  readonly days: number;
}

export function KeyRequests({ id, days, address, change }: KeyRequestsProps) {
  const client = useClient();
  const [live, setLive] = useState(false);
  const [opened, setOpened] = useState<RequestRow | null>(null);
  const pages = usePages({
    client,
    document: KeyRequestsDocument,
    variables: { id, first: PAGE_SIZE, filter: requestFilter(address.requests) },
    select: requestsOf,
  });
  const { ready, rows, total, error, more, refresh } = pages;
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh();
    }, LIVE_MS);
    return () => clearInterval(timer);
  }, [live, refresh]);
  const now = useNow();
  const columns = useMemo((): TableColumn<RequestRow>[] => columnsOf(now, setOpened), [now]);
  const filtered = isFiltered(address.requests);
  const clear = (): void => change(Object.fromEntries(Object.keys(NO_FILTER).map((name) => [name, null])));
  return (
    <>
      <RequestFilters key={JSON.stringify(address.requests)} query={address.requests} error={error} onApply={change} />
      <div className={styles.row}>
        <span className={styles.row}>
          <Toggle checked={live} onChange={setLive} label={words.live} /> <span aria-hidden="true">{words.live}</span>
        </span>
        {filtered && (
          <Button kind="quiet" onClick={clear}>
            {words.clear}
          </Button>
        )}
        <span role="status" className={styles.muted}>
          {ready && total !== null && words.shown(rows.length, total)}
        </span>
      </div>
      {ready && rows.length > 0 && (
        <Table
          label={words.label}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          total={total}
          stale={pages.stale}
          onEnd={error || !pages.hasMore ? undefined : more}
          below={
            error && !pages.stale ? (
              <span role="alert">
                {failureText(error)} <Button onClick={more}>{texts.retry}</Button>
              </span>
            ) : (
              pages.loading && !live && <Spinner />
            )
          }
        />
      )}
      {error && (pages.stale || rows.length === 0) && <LoadFailure error={error} onRetry={refresh} />}
      {!ready && !error && <LoadingPage />}
      {ready && rows.length === 0 && !error && (!pages.loading || live) && (
        <EmptyState text={filtered ? words.noMatch : words.none(days)} />
      )}
      {opened && <RequestDetails row={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

const columnsOf = (now: number, open: (row: RequestRow) => void): TableColumn<RequestRow>[] => [
  {
    id: 'time',
    heading: words.time,
    cell: ({ time }) => <time dateTime={time}>{formatInstant(time, now)}</time>,
  },
  {
    id: 'outcome',
    heading: words.outcome,
    cell: (row) => <span className={row.code === 'VALID' ? undefined : styles.refused}>{requestSentence(row)}</span>,
  },
  { id: 'method', heading: words.method, cell: ({ method }) => method ?? texts.nothing },
  {
    id: 'path',
    heading: words.path,
    cell: ({ path }) => (
      <code>
        <Foreign text={path ?? texts.nothing} />
      </code>
    ),
  },
  { id: 'ip', heading: words.ip, cell: ({ ip }) => <code>{ip ?? texts.nothing}</code> },
  { id: 'userAgent', heading: words.userAgent, cell: ({ userAgent }) => <Foreign text={userAgent ?? texts.nothing} /> },
  {
    id: 'requestId',
    heading: words.request,
    cell: (row) => (
      <button type="button" className={styles.link} onClick={() => open(row)}>
        {row.requestId}
      </button>
    ),
  },
];
