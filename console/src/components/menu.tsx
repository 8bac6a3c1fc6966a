// Menus. `createMenu` makes one that any number of buttons open, each with a payload of its own: a table of ten thousand
// rows has one menu, not one per row.
import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import buttonStyles from './button.module.css';
import styles from './popup.module.css';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  /** Goes to a page. */
  readonly href?: string;
  readonly onSelect?: () => void;
  /** Takes something away for good. */
  readonly danger?: boolean;
  readonly disabled?: boolean;
}

export interface MenuTriggerProps<Payload> {
  readonly payload: Payload;
  readonly label: string;
  /** What it shows; absent: its label. */
  readonly children?: ReactNode;
  readonly icon?: boolean;
}

export interface SharedMenu<Payload> {
  readonly Trigger: (props: MenuTriggerProps<Payload>) => ReactNode;
  /** Once, anywhere in the page. */
  readonly Menu: (props: { readonly items: (payload: Payload) => readonly MenuItem[] }) => ReactNode;
}

/** Call it outside of components. */
export function createMenu<Payload>(): SharedMenu<Payload> {
  const handle = BaseMenu.createHandle<Payload>();
  return {
    Trigger: ({ payload, label, children, icon = false }) => (
      <BaseMenu.Trigger
        handle={handle}
        payload={payload}
        aria-label={children == null ? undefined : label}
        className={classes(buttonStyles.button, buttonStyles.quiet, icon && buttonStyles.icon)}
      >
        {children ?? label}
      </BaseMenu.Trigger>
    ),
    Menu: ({ items }) => (
      <BaseMenu.Root handle={handle}>
        {({ payload }) => <MenuPopup items={payload === undefined ? [] : items(payload)} />}
      </BaseMenu.Root>
    ),
  };
}

function MenuPopup({ items }: { readonly items: readonly MenuItem[] }) {
  return (
    <BaseMenu.Portal>
      <BaseMenu.Positioner className={styles.positioner} sideOffset={4} align="end" collisionPadding={8}>
        <BaseMenu.Popup className={styles.menu}>
          {items.map((item) => (
            <Item key={item.id} {...item} />
          ))}
        </BaseMenu.Popup>
      </BaseMenu.Positioner>
    </BaseMenu.Portal>
  );
}

function Item({ label, onSelect, danger = false, disabled = false }: MenuItem) {
  return (
    <BaseMenu.Item className={classes(styles.item, danger && styles.danger)} disabled={disabled} onClick={onSelect}>
      {label}
    </BaseMenu.Item>
  );
}
