// The session ended in mid-work: the page waits below, with all that was typed into it, and what it asked for is asked
// again once the person is back. Signing in elsewhere (another tab, the identity provider) is noticed.
import { useEffect } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { texts } from '../texts/texts.ts';
import { useSession } from './session-context.ts';
import { SignInForm } from './sign-in-form.tsx';

const LOOK_MS = 5000;

export default function SessionOver() {
  const session = useSession();
  useEffect(() => {
    const look = (): void => void session.look().catch(() => undefined);
    const timer = setInterval(look, LOOK_MS);
    window.addEventListener('focus', look);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', look);
    };
  }, [session]);
  return (
    <Dialog open onClose={() => undefined} title={texts.session.overTitle} description={texts.session.overText}>
      <SignInForm aside />
    </Dialog>
  );
}
