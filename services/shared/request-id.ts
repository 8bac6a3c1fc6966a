// The id of a request: the caller's `X-Request-Id` if it is a plain one, else a new one. It goes into every log line,
// event and answer of the request, so it is short and holds nothing that a log or a shell could stumble over.
import { onlyHeader } from './headers.ts';
import { randomBytes as pooledRandomBytes } from './random-bytes.ts';
import { holdsCredential } from './redact.ts';

/** Also what a body may name as its request's id. */
export const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether a text may be a request's id; one that holds a key, or most of one, never is, since ids are written everywhere. */
export function isRequestId(text: string): boolean {
  return PLAIN.test(text) && !holdsCredential(text);
}

export function requestId(
  rawHeaders: readonly string[],
  randomBytes: (size: number) => Buffer = pooledRandomBytes,
): string {
  const given = onlyHeader(rawHeaders, 'x-request-id');
  return given !== null && isRequestId(given) ? given : `req_${randomBytes(15).toString('hex')}`;
}
