// Shows a new secret, once. It is in the page as text alone, and gone after Done, with the page, and with the session.
// Where the session is over by itself it waits, in no part of the page, for the same person to be back: it is neither shown
// to anybody else nor lost. Escape, Back and Done ask before they close it uncopied; a click outside does nothing; the
// browser asks before it leaves.
import { useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { AlertDialog, Dialog } from '../components/dialog.tsx';
import { WarningIcon } from '../components/icons.tsx';
import { useSessionState } from '../session/session-context.ts';
import { texts } from '../texts/texts.ts';
import styles from './copy-once.module.css';
import type { Revealed } from './reveal.tsx';
import { useBack } from './use-back.ts';

const words = texts.form.reveal;

export interface CopyOnceProps extends Revealed {
  /** Lets go of the secret. */
  readonly onGone: () => void;
}

export function CopyOnce({ secret, name, view, onClosed, onGone }: CopyOnceProps) {
  const { labels, texts: own } = view;
  const shown = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  const [asking, setAsking] = useState(false);
  const hidden = useSessionState() === 'over';

  const close = useCallback((): void => {
    flushSync(onGone);
    onClosed();
  }, [onGone, onClosed]);
  const leave = (): void => {
    if (hidden) return;
    if (copied) close();
    else setAsking(true);
  };
  useBack(leave);

  useEffect(() => {
    const gone = (): void => flushSync(onGone);
    window.addEventListener('pagehide', gone);
    return () => window.removeEventListener('pagehide', gone);
  }, [onGone]);
  useEffect(() => {
    if (copied) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [copied]);

  return (
    <>
      <Dialog
        open
        alert
        wide
        onClose={leave}
        title={labels.reveal.title}
        description={own.reveal}
        buttons={
          <Button kind="primary" onClick={leave}>
            {labels.reveal.done}
          </Button>
        }
      >
        {own.secrecy != null && (
          <p className={styles.warning}>
            <WarningIcon /> <span>{own.secrecy}</span>
          </p>
        )}
        <div className={styles.secret}>
          <code
            ref={shown}
            tabIndex={0}
            role="group"
            aria-label={words.secret(name)}
            className={styles.text}
            onCopy={() => {
              // By hand, all of it.
              if (window.getSelection()?.toString().includes(secret) === true) setCopied(true);
            }}
          >
            {!hidden && secret}
          </code>
          <CopyButton
            text={() => secret}
            source={shown}
            label={labels.reveal.copy}
            copiedLabel={labels.reveal.copied}
            onCopied={() => setCopied(true)}
          />
        </div>
      </Dialog>
      {asking && (
        <AlertDialog
          open
          danger
          onClose={() => setAsking(false)}
          title={words.closeTitle}
          description={words.closeText}
          cancel={words.back}
          confirm={words.close}
          onConfirm={close}
        />
      )}
    </>
  );
}
