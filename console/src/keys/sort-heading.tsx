// A column's heading; where the list can be ordered by the column, a button that does it.
import { DownIcon, UpIcon } from '../components/icons.tsx';
import { Tooltip } from '../components/tooltip.tsx';
import type { OrderName } from './key-query.ts';
import styles from './keys.module.css';

/** Column → its order at the first press, and at the next one. */
const SORTS: Readonly<Record<string, readonly [OrderName, OrderName]>> = {
  name: ['NAME-ASC', 'NAME-DESC'],
  createdAt: ['CREATED_AT-DESC', 'CREATED_AT-ASC'],
  expiresAt: ['EXPIRES_AT-ASC', 'EXPIRES_AT-DESC'],
  lastUsedAt: ['LAST_USED_AT-DESC', 'LAST_USED_AT-ASC'],
};

/** For `aria-sort`; `undefined`: the list is not ordered by it. */
export function sortOf(column: string, order: OrderName): 'ascending' | 'descending' | undefined {
  if (!SORTS[column]?.includes(order)) return undefined;
  return order.endsWith('-ASC') ? 'ascending' : 'descending';
}

export interface SortHeadingProps {
  readonly column: string;
  readonly label: string;
  /** What the column shows. */
  readonly description: string | null;
  readonly order: OrderName;
  readonly onOrder: (change: { readonly order: OrderName }) => void;
}

export function SortHeading({ column, label, description, order, onOrder }: SortHeadingProps) {
  const sorts = SORTS[column];
  if (!sorts) return description === null ? label : <Tooltip text={description}>{label}</Tooltip>;
  const [first, second] = sorts;
  const sort = sortOf(column, order);
  return (
    <button
      type="button"
      className={styles.sort}
      title={description ?? undefined}
      onClick={() => onOrder({ order: order === first ? second : first })}
    >
      {label}
      {sort === 'ascending' && <UpIcon />}
      {sort === 'descending' && <DownIcon />}
    </button>
  );
}
