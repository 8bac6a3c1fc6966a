// Above all pages, so that none of them takes the secret along when it goes.
import { useState, type ReactNode } from 'react';
import { RevealContext, type Show } from './reveal-context.ts';

export function RevealHost({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<{ readonly show: Show } | null>(null);
  return (
    <RevealContext value={(show) => setShown({ show })}>
      {children}
      {shown?.show(() => setShown(null))}
    </RevealContext>
  );
}
