// Whether a browser sent a request from one of the console's own pages. A page of another origin can send the cookie's owner
// here, but it cannot set our header, nor Sec-Fetch-Site, nor Origin: browsers write those two themselves.
import { onlyHeader } from '../shared/headers.ts';
import { isLoopback } from '../shared/networks.ts';

const CSRF_HEADER = 'x-keyfold-csrf';
const PERSON_HEADER = 'x-keyfold-person';

export const isCsrfSafe = (rawHeaders: readonly string[]): boolean => onlyHeader(rawHeaders, CSRF_HEADER) === '1';

/** Whether a page that says whose it is, percent-encoded, is this person's; one that says nothing is anybody's. */
export function isMeantFor(rawHeaders: readonly string[], subject: string): boolean {
  const person = valueOf(rawHeaders, PERSON_HEADER);
  return person === null || person === encodeURIComponent(subject);
}

/** The host name that a request was sent to, when that is an address of this machine; else `null`. */
export function loopbackHost(rawHeaders: readonly string[]): string | null {
  const host = onlyHeader(rawHeaders, 'host') ?? '';
  if (!/^[A-Za-z0-9.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return null;
  return isLoopback(new URL(`http://${host}`).hostname) ? host : null;
}

/**
 * What the browser says: `own` page, `other`, or nothing (`unsaid`), as programs do and very old browsers.
 *
 * @param publicUrl PUBLIC_URL; `null`: the address of this machine that the request was sent to.
 */
export function originOf(rawHeaders: readonly string[], publicUrl: string | null): 'own' | 'other' | 'unsaid' {
  const [site, origin] = [valueOf(rawHeaders, 'sec-fetch-site'), valueOf(rawHeaders, 'origin')];
  if (site !== null) return site === 'same-origin' ? 'own' : 'other';
  if (origin === null) return 'unsaid';
  const host = loopbackHost(rawHeaders);
  const isOwn = origin === publicUrl || (publicUrl === null && host !== null && origin === `http://${host}`);
  return isOwn ? 'own' : 'other';
}

/** `null`: absent; sent twice it is nobody's. */
function valueOf(rawHeaders: readonly string[], name: string): string | null {
  const isThere = rawHeaders.some((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return isThere ? (onlyHeader(rawHeaders, name) ?? '') : null;
}
