// The limits' port: of every key with a rate limit the store keeps when its tokens were used and who holds some, under
// the key's id and outside generations. docs/protocol.md (R) says what must hold; all that is done at once is one request.
import type { Tokens } from './token-log.ts';

/** A granted token is used within this time, or never (R3). */
export const GRANT_MS = 1000;

/** R4: spare tokens are at most this part of what is free. */
export const SPARE_PART = 32;

/** What a verifier tells of tokens that it has used. */
export interface UseReport {
  /** Higher than those of its reports before. One that the store has taken in changes nothing when it comes again (R5). */
  readonly number: number;
  /** `ago`: whole milliseconds before the request was sent, rounded down; each value once, a multiple of the grain. */
  readonly uses: readonly { readonly ago: number; readonly tokens: number }[];
}

/** Of one verifier about one key. */
export interface LimitRequest {
  readonly keyId: string;
  readonly limit: number;
  readonly windowMs: number;
  /** A verifier's id, random per start. */
  readonly verifier: string;
  /** Higher than in its requests before; one that comes after a higher one changes nothing (R5). */
  readonly turn: number;
  readonly report: UseReport | null;
  /** Tokens of earlier grants that it has not used, or used and not reported yet. It hands the others back (R3). */
  readonly held: number;
  /** Tokens that it needs now; as many as are free are granted. */
  readonly want: number;
  /** Tokens that it would like besides, where there is plenty (R4). */
  readonly spare: number;
}

export interface LimitAnswer {
  /** The store's clock, epoch milliseconds. */
  readonly now: number;
  readonly granted: number;
  /** What is left in the window after that. */
  readonly free: number;
  /** The oldest moment that counts; `null`: none does but what the asking verifier holds. */
  readonly oldest: number | null;
  /** Where nothing is free, what counts in the window: tokens used, oldest first; else empty. */
  readonly used: readonly Tokens[];
  /** The same of tokens that other verifiers hold, by the end of their life. */
  readonly held: readonly Tokens[];
}

export interface Limits {
  /**
   * Counts, and grants (R2). At once where the store is in this process.
   *
   * @throws `StoreUnavailableError`: nothing is known of what became of it.
   */
  take(request: LimitRequest): LimitAnswer | Promise<LimitAnswer>;
  /** The same for many keys, each at most once, without answers: what they want is not granted. */
  report(requests: readonly LimitRequest[]): void | Promise<void>;
}

/** Tokens that are granted of those that are free. */
export function grantOf({ want, spare }: Pick<LimitRequest, 'want' | 'spare'>, free: number): number {
  const needed = Math.max(0, Math.min(want, free));
  return needed + Math.max(0, Math.min(spare, Math.floor((free - want) / SPARE_PART)));
}
