// Ids of checks: the caller's own if it is a plain one, else a new one, made from a random start and a count.
import { randomBytes } from 'node:crypto';
import { isRequestId } from '../shared/request-id.ts';

/** Answers `given` if it is plain (services/shared/request-id.ts), else an id that no other process and no other call has. */
export function createRequestIds(): (given: string | null) => string {
  const process = randomBytes(9).toString('hex');
  let count = 0;
  return (given) => (given !== null && isRequestId(given) ? given : `req_${process}_${(count++).toString(36)}`);
}
