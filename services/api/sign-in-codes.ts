// One-time codes of sign-in links: each signs in once, within ten minutes, whom it was made for. Only their hashes are kept,
// in memory: they belong to the one process that embedded storage has, and to nobody after it.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../events/keyspaces/profile.ts';

/** Who is signed in. */
export interface SignedIn {
  readonly subject: string;
  readonly email: string | null;
  readonly workspaces: Readonly<Record<string, Role>>;
  readonly operator: boolean;
}

export interface SignInCode {
  readonly code: string;
  /** ISO time from which it signs nobody in. */
  readonly expiresAt: string;
}

export interface SignInCodes {
  issue(who: SignedIn): SignInCode;
  /** Uses a code up; `null`: it is none, was used, or is too old. `giveBack` is for when nothing came of it. */
  redeem(code: string): { readonly who: SignedIn; readonly giveBack: () => void } | null;
}

export interface SignInCodesOptions {
  readonly randomBytes: (size: number) => Buffer;
  /** Milliseconds. */
  readonly clock?: () => number;
}

export const CODE_MS = 600_000;
const CODE_BYTES = 32;
/** Links that nobody has used yet; of more the oldest go. */
const MAX_CODES = 20;

export function createSignInCodes({ randomBytes, clock = Date.now }: SignInCodesOptions): SignInCodes {
  let kept: { readonly hash: Buffer; readonly who: SignedIn; readonly expiresAt: number }[] = [];
  return {
    issue(who) {
      const code = randomBytes(CODE_BYTES).toString('base64url');
      const expiresAt = clock() + CODE_MS;
      kept = [...kept.slice(1 - MAX_CODES), { hash: hashOf(code), who, expiresAt }];
      return { code, expiresAt: new Date(expiresAt).toISOString() };
    },
    redeem(code) {
      kept = kept.filter(({ expiresAt }) => clock() < expiresAt);
      const hash = hashOf(code);
      // All of them, whichever fits: how long it takes says nothing.
      const [found] = kept.filter((each) => timingSafeEqual(each.hash, hash));
      if (found === undefined) return null;
      kept = kept.filter((each) => each !== found);
      return { who: found.who, giveBack: () => void kept.push(found) };
    },
  };
}

const hashOf = (code: string): Buffer => createHash('sha256').update(code).digest();
