// The id of a request: the caller's `X-Request-Id` if it is a plain one, else a new one. It goes into every log line,
// event and answer of the request, so it is short and holds nothing that a log or a shell could stumble over.
import { randomBytes as secureRandomBytes } from 'node:crypto';
import { parseSecret } from '../../events/secret.ts';
import { onlyHeader } from './headers.ts';

/** Also what a body may name as its request's id. */
export const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether a text may be a request's id; one that is a key never is, since ids are written everywhere. */
export function isRequestId(text: string): boolean {
  return PLAIN.test(text) && parseSecret(text) === null;
}

const POOL_SIZE = 4096;
let pool = Buffer.alloc(0);
let used = 0;

/** Random bytes that were not given to anybody before; asked for many at a time, since asking is what costs. */
function pooledRandomBytes(size: number): Buffer {
  if (used + size > pool.length) [pool, used] = [secureRandomBytes(POOL_SIZE), 0];
  return pool.subarray(used, (used += size));
}

export function requestId(
  rawHeaders: readonly string[],
  randomBytes: (size: number) => Buffer = pooledRandomBytes,
): string {
  const given = onlyHeader(rawHeaders, 'x-request-id');
  return given !== null && isRequestId(given) ? given : `req_${randomBytes(15).toString('hex')}`;
}
