// What happened in a workspace, newest first, filtered by its address. What happens meanwhile waits behind a button.
import { useMemo, useState } from 'react';
import { useClient } from 'urql';
import { Link as PageLink } from 'wouter';
import { AuditHistoryDocument, type AuditHistoryQuery } from '../api/generated/graphql.ts';
import { useKeyEvents } from '../api/key-events.ts';
import { usePages } from '../api/pages.ts';
import { LoadFailure } from '../app/load-failure.tsx';
import { MoreRows } from '../app/more-rows.tsx';
import { NoRows } from '../app/no-rows.tsx';
import { paths } from '../app/paths.ts';
import { Button } from '../components/button.tsx';
import { WarningIcon } from '../components/icons.tsx';
import { changesOf, type FieldLabels, type MemberChange } from '../key/event-words.ts';
import { HistoryEntry } from '../key/history-entry.tsx';
import keyStyles from '../key/key-page.module.css';
import { auditTexts } from '../texts/audit-texts.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';
import { historyFilter, isFiltered, NO_FILTER, type AuditAddressState } from './audit-address.ts';
import type { AuditKeyspaces } from './audit-page.tsx';
import styles from './audit.module.css';
import { HistoryFilters } from './history-filters.tsx';
import { linksOf, type Link } from './links.ts';
import { Proof } from './proof.tsx';
import { useSubjects, type Subject } from './use-subjects.ts';

type Event = NonNullable<AuditHistoryQuery['workspace']>['history']['nodes'][number];

const words = auditTexts.history;
const PAGE_SIZE = 50;
const NO_LABELS: FieldLabels = { fields: [] };

/** Pages are of the log's order; the list is of the other. */
function historyOf(data: AuditHistoryQuery) {
  const history = data.workspace?.history;
  return history && { ...history, nodes: history.nodes.toReversed() };
}

export interface WorkspaceHistoryProps extends AuditAddressState {
  readonly workspace: string;
  readonly keyspaces: AuditKeyspaces;
}

export function WorkspaceHistory({ workspace, keyspaces, address, change }: WorkspaceHistoryProps) {
  const client = useClient();
  const query = address.events;
  const pages = usePages({
    client,
    document: AuditHistoryDocument,
    variables: { workspace, last: PAGE_SIZE, filter: historyFilter(query) },
    select: historyOf,
  });
  const { ready, rows, total, error, refresh } = pages;
  const [fresh, setFresh] = useState(0);
  const down = useKeyEvents({ workspace, enabled: true, onEvent: () => setFresh((count) => count + 1) });
  const subjects = useSubjects(useMemo(() => rows.map(({ subject }) => subject), [rows]));
  const links = useMemo(() => linksOf(rows), [rows]);
  const changes = useMemo(() => changesByEvent(rows, subjects, keyspaces), [rows, subjects, keyspaces]);
  const filtered = isFiltered(query);
  const unanswered = pages.stale || rows.length === 0;
  return (
    <>
      <HistoryFilters key={JSON.stringify(query)} query={query} error={error} onApply={change} />
      <div className={keyStyles.row}>
        {filtered && (
          <Button
            kind="quiet"
            onClick={() => change(Object.fromEntries(Object.keys(NO_FILTER).map((name) => [name, null])))}
          >
            {auditTexts.filters.clear}
          </Button>
        )}
        <span role="status" className={keyStyles.muted}>
          {ready && !pages.stale && (total === null ? words.loaded(rows.length) : words.shown(rows.length, total))}
        </span>
        {down && <span className={keyStyles.down}>{keyTexts.down}</span>}
        {fresh > 0 && (
          <Button
            onClick={() => {
              setFresh(0);
              refresh();
            }}
          >
            {words.fresh(fresh)}
          </Button>
        )}
      </div>
      {rows.length > 0 && <Proof workspace={workspace} links={links} />}
      {rows.length > 0 && (
        <ol className={keyStyles.timeline} aria-label={auditTexts.tabs.history} aria-busy={pages.stale || undefined}>
          {rows.map((event) => (
            <HistoryEntry
              key={event.id}
              event={event}
              changes={changes.get(event.id) ?? []}
              about={<About workspace={workspace} event={event} subject={subjects.get(event.subject)} />}
              link={<LinkVerdict link={links.get(event.id)} />}
            >
              <Button
                kind="quiet"
                aria-label={words.onlyOf(event.subject)}
                onClick={() => change({ key: event.subject })}
              >
                {words.only}
              </Button>
            </HistoryEntry>
          ))}
        </ol>
      )}
      <NoRows {...pages} none={filtered ? words.noMatch : words.none} />
      {/* The rows of another question are no answer to this one. */}
      {error && pages.stale && rows.length > 0 && <LoadFailure error={error} onRetry={refresh} />}
      {ready && !(error && unanswered) && <MoreRows {...pages} label={keyTexts.history.more} />}
    </>
  );
}

/** What each event changed: the events of one key tell what came before, as far as they are loaded. */
function changesByEvent(
  rows: readonly Event[],
  subjects: ReadonlyMap<string, Subject>,
  keyspaces: AuditKeyspaces,
): ReadonlyMap<string, readonly MemberChange[]> {
  const bySubject = new Map<string, Event[]>();
  for (const event of rows.toReversed()) bySubject.set(event.subject, [...(bySubject.get(event.subject) ?? []), event]);
  const found = new Map<string, readonly MemberChange[]>();
  for (const [subject, events] of bySubject) {
    const labels = keyspaces.get(subjects.get(subject)?.keyspace.id ?? '') ?? NO_LABELS;
    const changes = changesOf(events, labels);
    for (const [index, { id }] of events.entries()) found.set(id, changes[index] ?? []);
  }
  return found;
}

interface AboutProps {
  readonly workspace: string;
  readonly event: Event;
  readonly subject: Subject | undefined;
}

function About({ workspace, event, subject }: AboutProps) {
  if (!subject) return <code>{event.subject}</code>;
  return (
    <>
      <PageLink
        href={paths.key(workspace, subject.id)}
        aria-label={words.about(subject.name || event.subject)}
        className={styles.name}
      >
        {subject.name || words.erased}
      </PageLink>
      <code className={keyStyles.muted}>{event.subject}</code>
      {subject.quarantined && (
        <span className={styles.quarantined}>
          <WarningIcon /> {texts.status.quarantined}
        </span>
      )}
    </>
  );
}

function LinkVerdict({ link }: { readonly link: Link | undefined }) {
  if (link === undefined) return null;
  return <span className={link === 'broken' ? styles.broken : undefined}>({auditTexts.proof.links[link]})</span>;
}
