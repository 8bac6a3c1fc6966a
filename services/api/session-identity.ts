// Who asks with the console's cookie: whoever is signed in, by the store as it is now. A cookie comes along with whatever a
// browser sends, so it counts only with our header and from a page of our own; a POST is JSON in any case (front.ts). All
// windows share it, so a page says whose it is: what one person has begun is never done as another.
import type { Authentication } from './identity.ts';
import { isCsrfSafe, isMeantFor, originOf } from './same-origin.ts';
import type { ConsoleCookies } from './session-cookie.ts';
import type { ConsoleSessions } from './sessions.ts';

export interface SessionIdentityService {
  /** What the console's cookie holds; `null`: there is none. */
  readonly secretOf: (rawHeaders: readonly string[]) => string | null;
  /** Never throws. @param used whether that counts as use of the session. */
  authenticate(secret: string, rawHeaders: readonly string[], used: boolean): Promise<Authentication>;
}

export interface SessionIdentityOptions {
  readonly sessions: Pick<ConsoleSessions, 'find'>;
  readonly cookies: Pick<ConsoleCookies, 'session'>;
  /** PUBLIC_URL */
  readonly publicUrl: string | null;
}

export function createSessionIdentity(options: SessionIdentityOptions): SessionIdentityService {
  const { sessions, cookies, publicUrl } = options;
  return {
    secretOf: (rawHeaders) => cookies.session.read(rawHeaders),
    async authenticate(secret, rawHeaders, used) {
      if (!isCsrfSafe(rawHeaders) || originOf(rawHeaders, publicUrl) !== 'own') return { ok: false, code: 'FORBIDDEN' };
      try {
        const row = await sessions.find(secret, used);
        if (row === null) return { ok: false, code: 'UNAUTHENTICATED' };
        const { subject: id, workspaces, operator, email } = row;
        if (!isMeantFor(rawHeaders, id)) return { ok: false, code: 'CONFLICT' };
        const actor = { kind: 'user', id } as const;
        return { ok: true, identity: { actor, workspaces: new Map(Object.entries(workspaces)), operator, email } };
      } catch {
        return { ok: false, code: 'UNAVAILABLE' };
      }
    },
  };
}
