// While there is unsaved text: whoever goes elsewhere by a link or by Back, or signs out, is asked first, and the browser
// asks before it closes the page.
import { useEffect, useEffectEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { askBeforeLeaving } from '../app/leaving.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { useBack } from '../reveal/use-back.ts';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';

const words = keyspaceTexts.source;

/** @param onLeave gives the text up; this is not shown any more then. */
export function LeaveGuard({ onLeave }: { readonly onLeave: () => void }) {
  const [, navigate] = useLocation();
  const [leave, setLeave] = useState<(() => void) | null>(null);
  const ask = (go: () => void): void => setLeave(() => go);
  const onClick = useEffectEvent((event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || !isLeft(event, link)) return;
    event.preventDefault();
    event.stopPropagation();
    const to = link.pathname + link.search;
    ask(() => navigate(to));
  });
  useEffect(() => {
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', stay);
    // Before the page's own handlers.
    document.addEventListener('click', onClick, true);
    const unasked = askBeforeLeaving((go) => setLeave(() => go));
    return () => {
      unasked();
      window.removeEventListener('beforeunload', stay);
      document.removeEventListener('click', onClick, true);
    };
  }, []);
  useBack(() => ask(() => window.history.back()));
  return (
    <AlertDialog
      open={leave !== null}
      danger
      onClose={() => setLeave(null)}
      title={words.leaveTitle}
      description={words.discardText}
      cancel={words.keep}
      confirm={words.discard}
      onConfirm={() => {
        // First the entry of the history goes that was there to be gone back from.
        if (leave) window.addEventListener('popstate', leave, { once: true });
        onLeave();
      }}
    />
  );
}

/** Whether following the link leaves the page, and in this window. */
const isLeft = ({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent, link: HTMLAnchorElement): boolean =>
  button === 0 &&
  !(metaKey || ctrlKey || shiftKey || altKey) &&
  link.target === '' &&
  !link.hasAttribute('download') &&
  link.origin === window.location.origin &&
  link.pathname !== window.location.pathname;
