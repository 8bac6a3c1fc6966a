// The checkpointer's lease in memory: of stores that one process holds, so that a start finds none.
import type { Checkpoints } from '../checkpoints.ts';
import { createLocalClaim } from './local-claim.ts';

/** @param clock milliseconds that never go back. */
export function memoryLead(clock: () => number): Pick<Checkpoints, 'lead' | 'leave'> {
  const claim = createLocalClaim(clock);
  return {
    lead: claim,
    // Whoever holds it does so for no longer.
    leave: async (id) => {
      await claim(id, 0);
    },
  };
}
