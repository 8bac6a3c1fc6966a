// What happened to a key, newest first: who did what, what it was before and after, and where it stands in the key's chain.
import { useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { KeyHistoryDocument, type KeyHistoryQuery } from '../api/generated/graphql.ts';
import { usePages } from '../api/pages.ts';
import { MoreRows } from '../app/more-rows.tsx';
import { NoRows } from '../app/no-rows.tsx';
import { Button } from '../components/button.tsx';
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { changesOf, eventTitle } from './event-words.ts';
import { HistoryEntry } from './history-entry.tsx';
import type { KeyAddressState } from './key-address.ts';
import styles from './key-page.module.css';

const words = keyTexts.history;
const PAGE_SIZE = 50;

/** Pages are of the log's order; the list is of the other. */
function historyOf(data: KeyHistoryQuery) {
  const history = data.key?.history;
  return history && { ...history, nodes: history.nodes.toReversed() };
}

export interface KeyHistoryProps extends KeyAddressState {
  readonly id: string;
  readonly view: KeyspaceView;
  /** Another count: something has happened. */
  readonly events: number;
}

export function KeyHistory({ id, view, events, address, change }: KeyHistoryProps) {
  const client = useClient();
  const { at } = address;
  // Until and with that time: the filter's end is exclusive.
  const filter = at === null ? null : { to: new Date(Date.parse(at) + 1).toISOString() };
  const pages = usePages({
    client,
    document: KeyHistoryDocument,
    variables: { id, last: PAGE_SIZE, filter },
    select: historyOf,
  });
  const { rows, refresh } = pages;
  const [seen, setSeen] = useState(events);
  useEffect(() => {
    if (seen === events) return;
    setSeen(events);
    refresh();
  }, [seen, events, refresh]);
  const changes = useMemo(() => changesOf(rows.toReversed(), view).toReversed(), [rows, view]);
  if (rows.length === 0) return <NoRows {...pages} none={words.none} />;
  return (
    <>
      <ol className={styles.timeline} aria-label={words.label}>
        {rows.map((event, index) => (
          <HistoryEntry key={event.id} event={event} changes={changes[index] ?? []}>
            <Button
              kind="quiet"
              aria-label={keyTexts.past.seeOf(eventTitle(event))}
              onClick={() => change({ at: event.time, tab: null })}
            >
              {keyTexts.past.see}
            </Button>
          </HistoryEntry>
        ))}
      </ol>
      <MoreRows {...pages} label={words.more} />
    </>
  );
}
