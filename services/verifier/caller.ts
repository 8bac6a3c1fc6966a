// The caller of the verifier: whoever knows VERIFIER_TOKEN.
import { createHash, timingSafeEqual } from 'node:crypto';
import { bearerOf } from '../shared/headers.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a text is the token; in constant time. `null` for the token: everybody is a caller. */
export function createTokenCheck(token: string | null): (given: string | null) => boolean {
  if (token === null) return () => true;
  // Digests are compared, so that not even the length is told.
  const expected = digest(token);
  return (given) => timingSafeEqual(digest(given ?? ''), expected);
}

/** Whether an `Authorization` header carries the token. */
export function createCallerCheck(token: string | null): (authorization: string | null) => boolean {
  const isToken = createTokenCheck(token);
  return (authorization) => isToken(authorization === null ? null : bearerOf(authorization));
}
