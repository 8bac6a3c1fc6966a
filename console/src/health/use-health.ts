// How projections and verifiers stand, asked anew every few seconds while somebody looks. Nothing of it is cached.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CombinedError } from 'urql';
import { useClients } from '../api/clients-context.tsx';
import { HealthDocument, type HealthQuery } from '../api/generated/graphql.ts';

export type Health = NonNullable<HealthQuery['health']>;

export const RENEWED_MS = 3000;

export interface SeenHealth {
  /** The last answer; `null`: this person may not see it; `undefined`: none has come yet. */
  readonly health: Health | null | undefined;
  /** When it was asked for and when it came, in milliseconds since 1970. */
  readonly askedAt: number;
  readonly at: number;
  /** Why there is no newer one. */
  readonly error: CombinedError | null;
}

const NOTHING: SeenHealth = { health: undefined, askedAt: 0, at: 0, error: null };

export function useHealth(): SeenHealth & { readonly refresh: () => void } {
  const { uncached } = useClients();
  const [seen, setSeen] = useState(NOTHING);
  const ask = useRef<() => void>(() => undefined);
  useEffect(() => {
    let stopped = false;
    let latest = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const question = async (): Promise<void> => {
      clearTimeout(timer);
      latest += 1;
      const mine = latest;
      const askedAt = Date.now();
      const { data, error } = await uncached.query(HealthDocument, {}).toPromise();
      if (stopped || mine !== latest) return;
      if (data) setSeen({ health: data.health ?? null, askedAt, at: Date.now(), error: null });
      else setSeen((before) => ({ ...before, error: error ?? null }));
      timer = setTimeout(next, RENEWED_MS);
    };
    /** A page that nobody sees asks nothing: it would keep the session alive. */
    const next = (): void => {
      if (document.visibilityState === 'visible') void question();
    };
    ask.current = () => void question();
    void question();
    document.addEventListener('visibilitychange', next);
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', next);
    };
  }, [uncached]);
  const refresh = useCallback(() => ask.current(), []);
  return { ...seen, refresh };
}
