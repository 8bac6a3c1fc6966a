// The caller of the verifier: whoever knows VERIFIER_TOKEN.
import { createHash, timingSafeEqual } from 'node:crypto';

const BEARER = /^bearer +(\S+)$/i;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether an `Authorization` header carries the token; in constant time. `null`: everybody is a caller. */
export function createCallerCheck(token: string | null): (authorization: string | null) => boolean {
  if (token === null) return () => true;
  // Digests are compared, so that not even the length is told.
  const expected = digest(token);
  return (authorization) => {
    const [, given = ''] = BEARER.exec(authorization ?? '') ?? [];
    return timingSafeEqual(digest(given), expected);
  };
}
