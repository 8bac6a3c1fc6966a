// Ids of checks: the caller's own if it is a plain one, else a new one, made from a random start and a count.
import { randomBytes } from 'node:crypto';
import { isRequestId } from '../shared/request-id.ts';

const DIGITS = Array.from({ length: 36 }, (_, value) => value.toString(36));
/** Every two digits: a count is written anew only when it has gone through all of them. */
const ENDS = DIGITS.flatMap((first) => DIGITS.map((second) => first + second));

/** Answers `given` if it is plain (services/shared/request-id.ts), else an id that no other process and no other call has. */
export function createRequestIds(): (given: string | null) => string {
  const process = `req_${randomBytes(9).toString('hex')}_`;
  let start = process;
  let rounds = 0;
  let next = 0;
  return (given) => {
    if (given !== null && isRequestId(given)) return given;
    const end = ENDS[next++];
    if (end !== undefined) return start + end;
    start = process + (++rounds).toString(36);
    next = 1;
    return start + (ENDS[0] ?? '');
  };
}
