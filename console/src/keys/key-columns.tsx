// The columns of the list, as the profile has them, and the one with the actions of a key, which is always there.
import { useMemo } from 'react';
import { paths } from '../app/paths.ts';
import type { TableColumn } from '../components/table.tsx';
import { VisuallyHidden } from '../components/visually-hidden.tsx';
import { texts } from '../texts/texts.ts';
import { KeyCell } from './key-cell.tsx';
import type { OrderName } from './key-query.ts';
import type { KeyRow, KeyspaceView } from './keyspace-words.ts';
import { SortHeading, sortOf } from './sort-heading.tsx';

const ACTIONS = 'actions';
const NUMBERS: ReadonlySet<string> = new Set(['count', 'limit']);
const words = texts.keys;

export interface KeyColumnsOptions {
  readonly workspace: string;
  readonly view: KeyspaceView;
  /** What is shown is the past, where nothing is done. */
  readonly past: boolean;
  readonly order: OrderName;
  readonly onOrder: (change: { readonly order: OrderName }) => void;
}

export function useKeyColumns({
  workspace,
  view,
  past,
  order,
  onOrder,
}: KeyColumnsOptions): readonly TableColumn<KeyRow>[] {
  return useMemo((): TableColumn<KeyRow>[] => {
    const shown = view.columns.filter(({ format }) => !past || format !== ACTIONS);
    const withActions = past || shown.some(({ format }) => format === ACTIONS);
    return [
      ...shown.map(({ id, label, format, description }): TableColumn<KeyRow> => ({
        id,
        heading: (
          <SortHeading column={id} label={label} description={description ?? null} order={order} onOrder={onOrder} />
        ),
        sort: sortOf(id, order),
        ...(NUMBERS.has(format) ? { align: 'end' } : {}),
        cell: (row) => (
          <KeyCell
            column={id}
            format={past && format === 'toggle' ? 'status' : format}
            label={label}
            row={row}
            view={view}
            href={paths.key(workspace, row.id)}
          />
        ),
      })),
      ...(withActions
        ? []
        : [
            {
              id: ACTIONS,
              heading: <VisuallyHidden>{words.actions}</VisuallyHidden>,
              cell: (row: KeyRow) => (
                <KeyCell column={ACTIONS} format={ACTIONS} label={words.actions} row={row} view={view} href="" />
              ),
            },
          ]),
    ];
  }, [view, workspace, past, order, onOrder]);
}
