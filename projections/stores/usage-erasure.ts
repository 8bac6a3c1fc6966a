// Erasure in the request log: whose calls came from where is unreadable up to a time, in what is stored and in whatever
// comes later of calls before it. Once for all stores.
import type { RequestRow } from '../usage.ts';

/** By key id: up to when, itself included, the addresses of its calls are erased; ISO time. */
export type Erasures = ReadonlyMap<string, string>;

/** Rows that are blanked in one go: others are served in between. */
export const BLANKED_AT_ONCE = 500;
/** Goes that an erasure is waited for; what is left then is shown blank already, and blanked by sweeps. */
export const GOES_WAITED_FOR = 4;

export function isErased({ keyId, time }: Pick<RequestRow, 'keyId' | 'time'>, erasures: Erasures): boolean {
  const until = erasures.get(keyId);
  return until !== undefined && time <= until;
}

/** The row without what tells who called. */
export function withoutCaller(row: RequestRow, erasures: Erasures): RequestRow {
  return isErased(row, erasures) ? { ...row, ip: null, userAgent: null } : row;
}
