// Who is signed in to the console: a row a session, under the hash of what its cookie holds; outside generations. The port
// that the stores implement; a member of the read store. What has ended is never there again, and no backup brings it back.
import type { Role } from '../events/keyspaces/profile.ts';

export interface SessionRow {
  /** SHA-256, hexadecimal, of what the cookie holds: who reads the store can sign in as nobody. */
  readonly id: string;
  /** Who is signed in, as history names them. */
  readonly subject: string;
  readonly email: string | null;
  /** Workspace id → role. */
  readonly workspaces: Readonly<Record<string, Role>>;
  readonly operator: boolean;
  readonly method: 'code' | 'oidc';
  /** ISO time of the sign-in. */
  readonly createdAt: string;
  /** ISO time from which it is over, however much it is used. */
  readonly expiresAt: string;
  /** ISO time from which it is over unless it is used before; never after {@link expiresAt}. */
  readonly until: string;
}

export interface Sessions {
  /** Durable before it is acknowledged. @throws where the id is taken. */
  add(row: SessionRow): Promise<void>;
  /** `null`: there is none, or it was over at `now`. */
  load(id: string, now: string): Promise<SessionRow | null>;
  /** Raises `until`, of a row that is there ($max): one that was ended stays ended. */
  extend(id: string, until: string): Promise<void>;
  /** Removes it; answers whether it was there. Durable before it is acknowledged. */
  end(id: string): Promise<boolean>;
  /** Removes all of somebody; answers how many. Durable before it is acknowledged. */
  endOf(subject: string): Promise<number>;
  /** Those that are not over at `now`, newest first, at most `limit`. */
  list(now: string, limit: number): Promise<readonly SessionRow[]>;
  /** Removes what was over at `now`; answers how much. 0 where the store does so by itself. */
  sweep(now: string): Promise<number>;
}
