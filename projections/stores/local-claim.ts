// A claim within one process: who has claimed last keeps it for as long as it said.
import type { Publication } from '../publication.ts';

/** @param clock milliseconds that never go back. */
export function createLocalClaim(clock: () => number): Publication['claim'] {
  let held = { by: '', until: 0 };
  return (holder, lengthMs) => {
    const now = clock();
    const free = held.by === holder || held.until <= now;
    if (free) held = { by: holder, until: now + lengthMs };
    return Promise.resolve(free);
  };
}
