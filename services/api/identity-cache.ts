// Tokens that were found good a moment ago, so that a caller's next request costs no signature. A token is taken from
// here for 30 s at most, and never past the moment at which it would be refused: that is looked at each time.
import type { Identity } from './identity.ts';

const MAX_TOKENS = 1000;
const MAX_AGE_MS = 30_000;

interface Entry {
  readonly identity: Identity;
  /** Monotonic: until when it need not be verified again. */
  readonly trustedUntil: number;
  /** Wall clock: from when on it is refused. */
  readonly refusedFrom: number;
}

/** @param clock wall clock, in milliseconds. */
export function createIdentityCache(clock: () => number) {
  const entries = new Map<string, Entry>();
  return {
    get(token: string): Identity | null {
      const entry = entries.get(token);
      if (entry === undefined) return null;
      if (performance.now() < entry.trustedUntil && clock() < entry.refusedFrom) return entry.identity;
      entries.delete(token);
      return null;
    },
    /** @param refusedFrom wall clock, in milliseconds. */
    set(token: string, identity: Identity, refusedFrom: number): void {
      entries.set(token, { identity, trustedUntil: performance.now() + MAX_AGE_MS, refusedFrom });
      if (entries.size > MAX_TOKENS) for (const oldest of entries.keys()) if (entries.delete(oldest)) break;
    },
  };
}
