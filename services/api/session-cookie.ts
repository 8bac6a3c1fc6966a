// The console's cookies. On https `__Host-keyfold`, which no other host can set and no plain connection carries; on http,
// between a browser and a loopback address of the same machine alone, `keyfold-<port>`: cookies cross ports.
import { headerValues } from '../shared/headers.ts';
import { loopbackHost } from './same-origin.ts';

export interface SessionCookieOptions {
  /** PUBLIC_URL */
  readonly publicUrl: string | null;
  /** That the API listens on; known once it does. */
  readonly port: () => number;
}

export interface ConsoleCookie {
  /** What the request's cookie holds; `null` also where it is there twice. */
  read(rawHeaders: readonly string[]): string | null;
  /** Set-Cookie. @param value of cookie characters only. */
  set(value: string, maxAgeSeconds: number): string;
  /** Set-Cookie that takes it away. */
  clear(): string;
}

export interface ConsoleCookies {
  /** Whether a browser may be given cookies over this connection. */
  safe(rawHeaders: readonly string[]): boolean;
  readonly session: ConsoleCookie;
  /** Of a sign-in that has begun elsewhere: sent along when one comes back from there. */
  readonly pending: ConsoleCookie;
}

export function createConsoleCookies({ publicUrl, port }: SessionCookieOptions): ConsoleCookies {
  const secure = publicUrl?.startsWith('https:') ?? false;
  const safe = (rawHeaders: readonly string[]): boolean => secure || loopbackHost(rawHeaders) !== null;

  function cookie(suffix: string, sameSite: 'Strict' | 'Lax'): ConsoleCookie {
    const name = (): string => (secure ? `__Host-keyfold${suffix}` : `keyfold${suffix}-${port()}`);
    const set = (value: string, maxAgeSeconds: number): string =>
      [
        `${name()}=${value}`,
        'Path=/',
        `Max-Age=${maxAgeSeconds}`,
        'HttpOnly',
        `SameSite=${sameSite}`,
        ...(secure ? ['Secure'] : []),
      ].join('; ');
    return {
      set,
      clear: () => set('', 0),
      read(rawHeaders) {
        if (!safe(rawHeaders)) return null;
        const start = `${name()}=`;
        const pairs = headerValues(rawHeaders, 'cookie').flatMap((line) => line.split(';'));
        const [value, ...more] = pairs.map((pair) => pair.trim()).filter((pair) => pair.startsWith(start));
        return value === undefined || more.length > 0 ? null : value.slice(start.length);
      },
    };
  }

  return { safe, session: cookie('', 'Strict'), pending: cookie('-sign-in', 'Lax') };
}
