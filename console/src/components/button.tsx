// Buttons, and links that look like them. A busy button keeps its focus and its width, and does nothing.
import { Button as BaseButton } from '@base-ui/react/button';
import type { ComponentProps } from 'react';
import { Link, type LinkProps } from 'wouter';
import { texts } from '../texts/texts.ts';
import styles from './button.module.css';
import { classes } from './classes.ts';
import { Spinner } from './spinner.tsx';

export type ButtonKind = 'plain' | 'primary' | 'danger' | 'quiet';

export interface ButtonProps extends Omit<ComponentProps<typeof BaseButton>, 'className'> {
  readonly kind?: ButtonKind;
  /** Square, with an icon alone: give it an `aria-label`. */
  readonly icon?: boolean;
  /** Its work is under way. */
  readonly busy?: boolean;
}

const classOf = (kind: ButtonKind, icon = false): string =>
  classes(styles.button, kind !== 'plain' && styles[kind], icon && styles.icon);

export function Button({ kind = 'plain', icon, busy = false, disabled, children, ...rest }: ButtonProps) {
  return (
    <BaseButton
      {...rest}
      className={classOf(kind, icon)}
      disabled={disabled === true || busy}
      focusableWhenDisabled={busy}
      aria-busy={busy || undefined}
    >
      {busy && <Spinner label={texts.loading} small />}
      {children}
    </BaseButton>
  );
}

export interface ButtonLinkProps {
  readonly href: string;
  readonly kind?: ButtonKind;
  readonly children: LinkProps['children'];
}

export function ButtonLink({ kind = 'plain', href, children }: ButtonLinkProps) {
  return (
    <Link href={href} className={classOf(kind)}>
      {children}
    </Link>
  );
}
