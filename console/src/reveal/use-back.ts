// The browser's Back while a dialog may not simply go: it takes an entry of the history that was put there for it, with the
// same address and nothing in it, and the page stays.
import { useEffect, useEffectEvent } from 'react';

let holders = 0;
let there = false;

function put(): void {
  there = true;
  window.history.pushState(null, '', window.location.href);
}

function takeAway(): void {
  if (holders > 0 || !there) return;
  there = false;
  window.history.back();
}

export function useBack(onBack: () => void): void {
  const asked = useEffectEvent(onBack);
  useEffect(() => {
    holders += 1;
    if (!there) put();
    const back = (): void => {
      put();
      asked();
    };
    window.addEventListener('popstate', back);
    return () => {
      holders -= 1;
      window.removeEventListener('popstate', back);
      // Not before it is known that nobody takes its place at once.
      setTimeout(takeAway);
    };
  }, []);
}
