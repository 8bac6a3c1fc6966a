// What comes of many keys that are taken away: how far it is, each key's result, and one receipt for those that are done.
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Table, type TableColumn } from '../components/table.tsx';
import { bulkTexts } from '../texts/bulk-texts.ts';
import styles from './bulk.module.css';
import { countsOf, type Item } from './bulk.ts';
import { BulkReceipt } from './bulk-receipt.tsx';
import { nameOf } from './keyspace-words.ts';
import { useBulkRemoval, type Done, type RemovalWords } from './use-bulk-removal.ts';
import type { OwnerKey } from './use-owner-keys.ts';

const words = bulkTexts;
type Row = Item<OwnerKey, Done>;

const COLUMNS: readonly TableColumn<Row>[] = [
  {
    id: 'key',
    heading: words.key,
    cell: ({ key }) => (
      <>
        {nameOf(key)} <code>{key.preview}</code>
      </>
    ),
  },
  {
    id: 'result',
    heading: words.result,
    cell: ({ result }) =>
      result.kind === 'refused' || result.kind === 'unknown' ? (
        <span className={styles.failed}>{result.why}</span>
      ) : (
        words.results[result.kind]
      ),
  },
];

/** What opened it is gone where nothing is left to take away. */
const list = (): HTMLElement | null => document.querySelector<HTMLElement>('main h1');

export interface BulkResultsProps extends RemovalWords {
  readonly keys: readonly OwnerKey[];
  readonly title: string;
  readonly owner: string;
  readonly onDone: () => void;
}

export function BulkResults({ keys, title, owner, onDone, ...removal }: BulkResultsProps) {
  const { state, bulk } = useBulkRemoval(keys, removal);
  const { items, phase } = state;
  const counts = countsOf(items);
  const failed = counts.refused + counts.unknown;
  const settled = counts.done + counts.already;
  const stopped = phase === 'stopped';
  return (
    <Dialog
      open
      alert
      wide
      title={title}
      finalFocus={list}
      // What is under way is stopped by its button, and closed only then.
      onClose={() => {
        if (stopped) onDone();
      }}
      buttons={
        stopped ? (
          <>
            {counts.waiting + failed > 0 && (
              <Button onClick={bulk.run}>
                {counts.waiting > 0 ? words.goOn(counts.waiting + failed) : words.retry(failed)}
              </Button>
            )}
            <Button kind="primary" onClick={onDone}>
              {words.close}
            </Button>
          </>
        ) : (
          <Button busy={phase === 'stopping'} onClick={bulk.stop}>
            {words.stop}
          </Button>
        )
      }
    >
      <progress className={styles.progress} aria-label={words.progress} max={items.length} value={settled} />
      <p role="status">
        {!stopped && (phase === 'stopping' ? words.stopping : words.soFar(settled, items.length))}
        {stopped && words.finished(counts.done, counts.already)}
        {stopped && failed > 0 && <span className={styles.failed}> {words.failed(failed)}</span>}
        {stopped && counts.waiting > 0 && ` ${words.left(counts.waiting)}`}
      </p>
      {stopped && <BulkReceipt owner={owner} action={removal.action} items={items} />}
      <div className={styles.results}>
        <Table label={words.table} columns={COLUMNS} rows={items} rowId={({ key }) => key.id} total={items.length} />
      </div>
    </Dialog>
  );
}
