// A dialog with a form in it: Enter sends it, its button waits until all is valid, what came of it stands above the
// buttons, and whoever leaves it with something entered is asked first.
import { useState, type ReactNode } from 'react';
import type { Command } from '../api/use-command.ts';
import { Button } from '../components/button.tsx';
import { AlertDialog, Dialog } from '../components/dialog.tsx';
import { classes } from '../components/classes.ts';
import { texts } from '../texts/texts.ts';
import styles from './form.module.css';

const words = texts.form;

export interface FormDialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly submit: string;
  readonly cancel: string;
  readonly command: Command;
  readonly valid: boolean;
  /** Something would be lost. */
  readonly dirty: boolean;
  /** Why it was refused, as far as no field shows it. */
  readonly problem: string | null;
  /** What is still to be done before it can be sent. */
  readonly missing?: string | null;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { command, valid, dirty, problem, missing, onSubmit, onClose } = props;
  const [asking, setAsking] = useState(false);
  const busy = command.state === 'busy';
  const unknown = command.state === 'unknown';
  const leave = (): void => {
    if (busy) return;
    if (dirty || unknown) setAsking(true);
    else onClose();
  };
  return (
    <>
      <Dialog open onClose={leave} wide title={props.title} description={props.description}>
        <form
          noValidate
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy && (valid || unknown)) onSubmit();
          }}
        >
          {props.children}
          {unknown && (
            <p className={styles.notice} role="alert">
              {words.unknown.text}
            </p>
          )}
          {problem !== null && (
            <p className={classes(styles.notice, styles.problem)} role="alert">
              {problem}
            </p>
          )}
          {!valid && !unknown && missing != null && <p className={styles.may}>{missing}</p>}
          <div className={styles.buttons}>
            <Button onClick={leave} disabled={busy}>
              {props.cancel}
            </Button>
            <Button kind="primary" type="submit" busy={busy} disabled={!valid && !unknown}>
              {unknown ? words.unknown.check : props.submit}
            </Button>
          </div>
        </form>
      </Dialog>
      {asking && (
        <AlertDialog
          open
          danger
          onClose={() => setAsking(false)}
          title={words.discard.title}
          description={unknown ? words.unknown.text : words.discard.text}
          cancel={words.discard.keep}
          confirm={words.discard.confirm}
          onConfirm={onClose}
        />
      )}
    </>
  );
}
