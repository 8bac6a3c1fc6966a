// Asking again every now and then, for what cannot be followed: while somebody looks, and at once when they come back, or the
// server does. A page that nobody sees asks nothing: it would keep the session alive.
import { useEffect, useEffectEvent } from 'react';
import { useReach } from '../api/reach-context.ts';

const RENEWED_MS = 15_000;

export function useRenewal(enabled: boolean, ask: () => void): void {
  const reach = useReach();
  const askIfSeen = useEffectEvent(() => {
    if (document.visibilityState === 'visible') ask();
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const renew = (): void => askIfSeen();
    const timer = setInterval(renew, RENEWED_MS);
    window.addEventListener('focus', renew);
    const unsubscribe = reach.subscribe(renew);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', renew);
      unsubscribe();
    };
  }, [enabled, reach]);
}
