// Which key a question is about: its name, how it looks, and when it was used last.
import { DateText, RelativeTime } from '../components/time.tsx';
import { texts } from '../texts/texts.ts';
import styles from './key-summary.module.css';
import { nameOf, type KeyRow, type KeyspaceView } from './keyspace-words.ts';

export interface KeySummaryProps {
  readonly row: KeyRow;
  readonly view: KeyspaceView;
}

export function KeySummary({ row, view }: KeySummaryProps) {
  return (
    <dl className={styles.summary}>
      <div>
        <dt>{texts.keys.name}</dt>
        <dd>{nameOf(row)}</dd>
      </div>
      <div>
        <dt>{view.labels.noun}</dt>
        <dd>
          <code>{row.preview}</code>
        </dd>
      </div>
      <div>
        <dt>{texts.keys.created}</dt>
        <dd>
          <DateText time={row.createdAt} />
        </dd>
      </div>
      <div>
        <dt>{texts.keys.lastUsed}</dt>
        <dd>{row.lastUsedAt == null ? view.labels.neverUsed : <RelativeTime time={row.lastUsedAt} />}</dd>
      </div>
    </dl>
  );
}
