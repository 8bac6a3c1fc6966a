// What can be done with a key of the list: the operations of the keyspace's menu, of those that the server says this person
// may do with this key now. Two operations of one name are one entry.
import { DotsIcon } from '../components/icons.tsx';
import { createMenu, type MenuItem } from '../components/menu.tsx';
import type { KeyAction } from '../api/generated/graphql.ts';
import { texts } from '../texts/texts.ts';
import { nameOf, type KeyRow, type KeyspaceView } from './keyspace-words.ts';

export interface KeyMenuPayload {
  readonly row: KeyRow;
  readonly view: KeyspaceView;
}

const shared = createMenu<KeyMenuPayload>();
const FINAL: ReadonlySet<KeyAction> = new Set<KeyAction>(['REVOKE', 'DELETE', 'FORGET']);

/** Of any number of rows. */
export function KeyMenuTrigger({ row, view }: KeyMenuPayload) {
  if (menuActions(row, view).length === 0) return null;
  return (
    <shared.Trigger payload={{ row, view }} label={texts.keys.actionsOf(nameOf(row))} icon>
      <DotsIcon />
    </shared.Trigger>
  );
}

export interface KeyMenuProps {
  readonly onSelect: (action: KeyAction, row: KeyRow) => void;
}

/** Once in the page. */
export function KeyMenu({ onSelect }: KeyMenuProps) {
  const items = ({ row, view }: KeyMenuPayload): MenuItem[] =>
    menuActions(row, view).map(({ action, label }) => ({
      id: action,
      label,
      danger: FINAL.has(action),
      onSelect: () => onSelect(action, row),
    }));
  return <shared.Menu items={items} />;
}

/** What the menu offers of a key, in its order. */
export function menuActions(
  row: KeyRow,
  view: KeyspaceView,
): readonly { readonly action: KeyAction; readonly label: string }[] {
  const offered = view.operations.flatMap(({ action, label, inMenu }) => {
    const may = row.actions.find((each) => each === action);
    return inMenu && may !== undefined ? [{ action: may, label }] : [];
  });
  return offered.filter(({ label }, at) => offered.findIndex((each) => each.label === label) === at);
}
