// Sessions of the console: begun at a sign-in, over when they have not been used for 8 h, and after 24 h in any case. The
// cookie holds 256 random bits, the store their hash. Each request asks the store: what is ended anywhere is ended at once.
import { createHash } from 'node:crypto';
import type { SessionRow, Sessions } from '../../projections/sessions.ts';
import type { Logger } from '../shared/logger.ts';
import { inTime } from './deadline.ts';
import type { SignedIn } from './sign-in-codes.ts';

export const IDLE_MS = 8 * 3_600_000;
export const MAX_AGE_MS = 24 * 3_600_000;
/** A use is written down when the last one that was is so old. */
const NOTE_EVERY_MS = 60_000;
const STORE_MS = 5000;
const SECRET_BYTES = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export interface ConsoleSessionsOptions {
  readonly sessions: Sessions;
  readonly randomBytes: (size: number) => Buffer;
  /** ISO time. */
  readonly now: () => string;
  readonly logger: Pick<Logger, 'warn'>;
}

/** What each of these throws: `StoreUnavailableError`, also after 5 s; `begin` also `StoreFullError`. */
export interface ConsoleSessions {
  /** @returns the session, and the secret that its cookie holds. */
  begin(who: SignedIn, method: SessionRow['method']): Promise<{ readonly row: SessionRow; readonly secret: string }>;
  /** Whose session this is; `null`: nobody's, or not any more. @param used whether that counts as use of it. */
  find(secret: string, used: boolean): Promise<SessionRow | null>;
  end(secret: string): Promise<void>;
}

export function createConsoleSessions(options: ConsoleSessionsOptions): ConsoleSessions {
  const { sessions, randomBytes, now, logger } = options;

  /** What was written down last is enough for the next minute, and a store that is full for the answer. */
  function note(row: SessionRow, at: string): SessionRow {
    const until = laterOf(at, IDLE_MS, row.expiresAt);
    if (Date.parse(until) - Date.parse(row.until) < NOTE_EVERY_MS) return row;
    sessions.extend(row.id, until).catch((error: unknown) => {
      logger.warn({ err: error }, 'the use of a session could not be written down');
    });
    return { ...row, until };
  }

  return {
    async begin({ subject, email, workspaces, operator }, method) {
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const createdAt = now();
      const expiresAt = laterOf(createdAt, MAX_AGE_MS);
      const until = laterOf(createdAt, IDLE_MS);
      const who = { subject, email, workspaces, operator };
      const row = { id: idOf(secret), ...who, method, createdAt, expiresAt, until };
      await inTime(sessions.add(row), STORE_MS);
      return { row, secret };
    },
    async find(secret, used) {
      if (!SECRET.test(secret)) return null;
      const at = now();
      const row = await inTime(sessions.load(idOf(secret), at), STORE_MS);
      if (row === null || row.expiresAt <= at) return null;
      return used ? note(row, at) : row;
    },
    async end(secret) {
      if (SECRET.test(secret)) await inTime(sessions.end(idOf(secret)), STORE_MS);
    },
  };
}

/** An ISO time `ms` later, but not after `last`. */
function laterOf(time: string, ms: number, last?: string): string {
  const later = new Date(Date.parse(time) + ms).toISOString();
  return last !== undefined && last < later ? last : later;
}

const idOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
