// A table of any number of rows, of which those are in the document that can be seen, some more around them, and the one
// that has focus. All rows are of one height. What scrolls is the table's own box, whose head stays.
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState, type ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './table.module.css';

const ROW_HEIGHT = 44;
const OVERSCAN = 6;
/** So many rows before the end the next ones are asked for. */
const AHEAD = 30;

export interface TableColumn<Row> {
  readonly id: string;
  readonly heading: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Whether the rows are in its order. */
  readonly sort?: 'ascending' | 'descending' | undefined;
  /** Numbers stand at the end. */
  readonly align?: 'end';
}

export interface TableProps<Row> {
  /** What it is a table of. */
  readonly label: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  /** Of the whole list, loaded or not; `null`: not known. */
  readonly total: number | null;
  /** The rows are those of the question before. */
  readonly stale?: boolean;
  /** What was asked: the table is at its beginning again when that changes. */
  readonly question?: string;
  readonly onEnd?: (() => void) | undefined;
  /** Below the last row: that more are loading, or could not be loaded. */
  readonly below?: ReactNode;
}

export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, rowId, total, stale = false, question, onEnd, below } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<number | null>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowId(row);
    },
    rangeExtractor: (range) => withFocused(range, focused),
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [question]);
  useEffect(() => {
    if (last >= rows.length - AHEAD) onEnd?.();
  }, [last, rows.length, onEnd]);

  return (
    <div ref={scroller} className={styles.scroller} role="region" aria-label={label} tabIndex={0}>
      <table
        className={classes(styles.table, stale && styles.stale)}
        aria-rowcount={total === null ? -1 : total + 1}
        aria-busy={stale || undefined}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(({ id, heading, align, sort }) => (
              <th
                key={id}
                scope="col"
                aria-sort={sort}
                className={classes(styles.heading, align === 'end' && styles.end)}
              >
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody
          onFocus={({ target }) => setFocused(rowIndexOf(target))}
          onBlur={({ relatedTarget }) => setFocused(rowIndexOf(relatedTarget))}
        >
          {items.map(({ index, key, start }, at) => {
            const row = rows[index];
            const before = items[at - 1];
            const gap = start - (before?.end ?? 0);
            if (row === undefined) return null;
            return <Row key={key} columns={columns} row={row} id={rowId(row)} index={index} gap={gap} />;
          })}
          <Space height={virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)} columns={columns.length} />
        </tbody>
      </table>
      {below != null && <div className={styles.below}>{below}</div>}
    </div>
  );
}

interface RowProps<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly row: Row;
  readonly id: string;
  readonly index: number;
  /** Pixels of rows that are left out before it. */
  readonly gap: number;
}

function RowOf<Data>({ columns, row, id: rowId, index, gap }: RowProps<Data>) {
  return (
    <>
      <Space height={gap} columns={columns.length} />
      <tr className={styles.row} aria-rowindex={index + 2} data-index={index} data-row={rowId}>
        {columns.map(({ id, cell, align }) => (
          <td key={id} className={classes(styles.cell, align === 'end' && styles.end)}>
            {cell(row)}
          </td>
        ))}
      </tr>
    </>
  );
}

/** Scrolling draws only those again that have changed. */
const Row = memo(RowOf) as typeof RowOf;

function Space({ height, columns }: { readonly height: number; readonly columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td className={styles.space} colSpan={columns} style={{ height }} />
    </tr>
  );
}

function rowIndexOf(element: EventTarget | null): number | null {
  const row = element instanceof Element ? element.closest('tr[data-index]') : null;
  return row instanceof HTMLElement ? Number(row.dataset.index) : null;
}

function withFocused(range: Range, focused: number | null): number[] {
  const indexes = defaultRangeExtractor(range);
  if (focused === null || focused >= range.count || indexes.includes(focused)) return indexes;
  return [...indexes, focused].sort((a, b) => a - b);
}

const rowOf = (id: string): Element | null => document.querySelector(`tr[data-row="${CSS.escape(id)}"]`);
const lastControl = (row: Element | null): HTMLElement | null =>
  [...(row?.querySelectorAll<HTMLElement>('button, a') ?? [])].at(-1) ?? null;

/** The ids of the rows that are in the document: those in view, and a few around them. */
export const rowsInDocument = (): readonly string[] =>
  [...document.querySelectorAll('tr[data-row]')].map((row) => row.getAttribute('data-row') ?? '');

/** The last control of a row; `null`: it is not there. */
export const controlOfRow = (id: string): HTMLElement | null => lastControl(rowOf(id));

/** What has focus after a row is gone: the last control of the row behind it, or else of the one before. */
export function besideRow(id: string): HTMLElement | null {
  const row = rowOf(id);
  return lastControl(sibling(row, 'nextElementSibling') ?? sibling(row, 'previousElementSibling'));
}

function sibling(row: Element | null, way: 'nextElementSibling' | 'previousElementSibling'): Element | null {
  let found = row?.[way] ?? null;
  while (found && !found.hasAttribute('data-row')) found = found[way];
  return found;
}
