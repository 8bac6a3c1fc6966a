// Whether the server can be reached, for components.
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Reach } from './reach.ts';

export const ReachContext = createContext<Reach | null>(null);

export function useReach(): Reach {
  const reach = useContext(ReachContext);
  if (!reach) throw new Error('nothing tells here whether the server can be reached');
  return reach;
}

export function useAway(): boolean {
  const reach = useReach();
  return useSyncExternalStore(reach.subscribe, reach.away);
}
