// How a column shows a key: one function per format of the profile. A format that is not known is text.
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chips } from '../components/chips.tsx';
import { Foreign } from '../components/foreign.tsx';
import { WarningIcon } from '../components/icons.tsx';
import { Status } from '../components/status.tsx';
import { DateText, RelativeTime } from '../components/time.tsx';
import { texts } from '../texts/texts.ts';
import styles from './keys.module.css';
import { KeyMenuTrigger } from './key-menu.tsx';
import { KeyToggle } from './key-toggle.tsx';
import { chipsOf, noTime, textOf, timeOf, zoneOf } from './key-values.ts';
import { nameOf, statusLabel, type KeyRow, type KeyspaceView } from './keyspace-words.ts';

const CHIPS_SHOWN = 2;

export interface CellProps {
  /** The column's id. */
  readonly column: string;
  readonly format: string;
  readonly label: string;
  readonly row: KeyRow;
  readonly view: KeyspaceView;
  /** Of the key's own page. */
  readonly href: string;
}

type Cell = (props: CellProps) => ReactNode;

const Text: Cell = ({ column, row, view, href }) => {
  if (column !== 'name')
    return (
      <span className={styles.text}>
        <Foreign text={textOf(column, row, view) ?? texts.nothing} />
      </span>
    );
  return (
    <span className={styles.name}>
      <Link href={href} className={styles.text}>
        <Foreign text={nameOf(row)} />
      </Link>
      {row.quarantined && (
        <span className={styles.quarantined}>
          <WarningIcon /> {texts.status.quarantined}
        </span>
      )}
    </span>
  );
};

const CELLS: Readonly<Record<string, Cell>> = {
  text: Text,
  mono: ({ column, row, view }) => (
    <code className={styles.mono}>
      <Foreign text={textOf(column, row, view) ?? texts.nothing} />
    </code>
  ),
  chips: ({ column, row, view }) => {
    const chips = chipsOf(column, row, view);
    return chips.length === 0 ? texts.nothing : <Chips chips={chips} limit={CHIPS_SHOWN} />;
  },
  status: ({ row, view }) => <Status status={row.status} label={statusLabel(view, row.status)} />,
  toggle: ({ row, view, label }) => <KeyToggle row={row} view={view} label={label} />,
  date: ({ column, row, view }) => {
    const time = timeOf(column, row);
    return time === null ? noTime(column, view) : <DateText time={time} {...zoneOf(column, view)} />;
  },
  relative: ({ column, row, view }) => {
    const time = timeOf(column, row);
    return time === null ? noTime(column, view) : <RelativeTime time={time} />;
  },
  actions: ({ row, view }) => <KeyMenuTrigger row={row} view={view} />,
};

export function KeyCell(props: CellProps): ReactNode {
  const Shown = CELLS[props.format] ?? Text;
  return <Shown {...props} />;
}
