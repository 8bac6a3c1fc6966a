// Dialogs. A click outside never closes one, so that it loses nothing; Escape and its buttons ask `onClose`, which may
// leave it open. Focus is kept inside and returns to what opened it.
import { AlertDialog as BaseAlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { useEffect, useRef, type ReactNode, type RefObject } from 'react';
import { texts } from '../texts/texts.ts';
import { Button } from './button.tsx';
import { classes } from './classes.ts';
import styles from './dialog.module.css';

export interface DialogProps {
  readonly open: boolean;
  /** Escape, or a button that says so: close it, ask, or do nothing. */
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly wide?: boolean;
  /** It must be answered: read out at once. */
  readonly alert?: boolean;
  readonly children?: ReactNode;
  /** Below it, from left to right. */
  readonly buttons?: ReactNode;
  /** Where focus goes at first; absent: to the first control. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  /** Where focus goes at last; absent: to where it was. */
  readonly finalFocus?: RefObject<HTMLElement | null> | (() => HTMLElement | null | undefined);
}

export function Dialog(props: DialogProps) {
  const { open, onClose, title, description, wide, alert, children, buttons } = props;
  return (
    <BaseDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      disablePointerDismissal
    >
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles.backdrop} />
        <BaseDialog.Viewport className={styles.viewport}>
          <BaseDialog.Popup
            className={classes(styles.popup, wide && styles.wide)}
            {...(alert === true ? { role: 'alertdialog' } : {})}
            initialFocus={props.initialFocus}
            finalFocus={props.finalFocus}
          >
            <BaseDialog.Title className={styles.title}>{title}</BaseDialog.Title>
            {description != null && (
              <BaseDialog.Description className={styles.description}>{description}</BaseDialog.Description>
            )}
            {children}
            {buttons != null && <div className={styles.buttons}>{buttons}</div>}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

export interface AlertDialogProps extends Omit<DialogProps, 'buttons' | 'initialFocus' | 'wide' | 'alert'> {
  /** The button that does it; `null`: there is nothing more to do. */
  readonly confirm: string | null;
  readonly onConfirm: () => void;
  readonly cancel?: string;
  /** Whether what it does cannot be undone. */
  readonly danger?: boolean;
  readonly busy?: boolean;
  /** What is asked for is not there yet. */
  readonly incomplete?: boolean;
}

/** A question before something is done. Focus is on the button that leaves everything as it is. */
export function AlertDialog(props: AlertDialogProps) {
  const { open, onClose, title, description, children, confirm, onConfirm, busy, incomplete } = props;
  const cancel = useRef<HTMLButtonElement>(null);
  // The button that had focus goes once it is done.
  const done = confirm === null;
  useEffect(() => {
    if (done) cancel.current?.focus();
  }, [done]);
  return (
    <BaseAlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <BaseAlertDialog.Portal>
        <BaseAlertDialog.Backdrop className={styles.backdrop} />
        <BaseAlertDialog.Viewport className={styles.viewport}>
          <BaseAlertDialog.Popup className={styles.popup} initialFocus={cancel} finalFocus={props.finalFocus}>
            <BaseAlertDialog.Title className={styles.title}>{title}</BaseAlertDialog.Title>
            {description != null && (
              <BaseAlertDialog.Description className={styles.description}>{description}</BaseAlertDialog.Description>
            )}
            {children}
            <div className={styles.buttons}>
              <Button ref={cancel} onClick={onClose}>
                {props.cancel ?? texts.cancel}
              </Button>
              {confirm !== null && (
                <Button
                  kind={props.danger === true ? 'danger' : 'primary'}
                  busy={busy === true}
                  disabled={incomplete === true}
                  onClick={onConfirm}
                >
                  {confirm}
                </Button>
              )}
            </div>
          </BaseAlertDialog.Popup>
        </BaseAlertDialog.Viewport>
      </BaseAlertDialog.Portal>
    </BaseAlertDialog.Root>
  );
}
