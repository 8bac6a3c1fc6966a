// One event of a history: what it was, who did it, each member before and after, and where it stands in its key's chain.
import type { ReactNode } from 'react';
import type { HistoryEventFragment } from '../api/generated/graphql.ts';
import { classes } from '../components/classes.ts';
import { Foreign } from '../components/foreign.tsx';
import { Tooltip } from '../components/tooltip.tsx';
import { formatDateTime, formatExact } from '../texts/format.ts';
import { legible } from '../texts/legible.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { eventTitle, isFact, type MemberChange } from './event-words.ts';
import styles from './key-page.module.css';

const words = keyTexts.history;

export interface HistoryEntryProps {
  readonly event: HistoryEventFragment;
  readonly changes: readonly MemberChange[];
  /** Which key it happened to, where that is not said by the page. */
  readonly about?: ReactNode;
  /** Whether its place in the chain is right. */
  readonly link?: ReactNode;
  /** What can be done with it. */
  readonly children?: ReactNode;
}

export function HistoryEntry({ event, changes, about, link, children }: HistoryEntryProps) {
  return (
    <li className={classes(styles.event, isFact(event) && styles.fact)}>
      <div className={styles.row}>
        <h3>{legible(eventTitle(event))}</h3>
        {about}
        <Tooltip text={formatExact(event.time)}>
          <time dateTime={event.time}>{formatDateTime(event.time)}</time>
        </Tooltip>
        {isFact(event) && <span className={styles.muted}>{words.byKeyfold}</span>}
        {children}
      </div>
      {changes.length > 0 && (
        <table className={styles.plain}>
          <thead>
            <tr>
              <th scope="col">{words.member}</th>
              <th scope="col">{words.before}</th>
              <th scope="col">{words.after}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ member, before, after }) => (
              <tr key={member}>
                <th scope="row">{member}</th>
                <td>{before === undefined ? words.notLoaded : <Foreign text={before} />}</td>
                <td>
                  <Foreign text={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className={styles.meta}>
        {event.version == null ? words.fact : words.version(event.version)}
        {event.ip != null && ` · ${words.from} ${event.ip}`}
        {event.userAgent != null && ` · ${legible(event.userAgent)}`}
        {event.requestId != null && ` · ${words.requestId} ${event.requestId}`}
      </p>
      {event.hash != null && (
        <p className={styles.meta}>
          {words.hash} <code>{event.hash}</code> {link}
        </p>
      )}
    </li>
  );
}
