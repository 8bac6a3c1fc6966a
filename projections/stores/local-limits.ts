// Limits as one process counts them: what the embedded store keeps, and what MongoDB's pipeline says in its own words.
import { GRANT_MS, grantOf, type LimitAnswer, type LimitRequest } from '../limits.ts';
import { createTokenLog, grainOf, sliceEnd, type TokenLog, type Tokens } from '../token-log.ts';

/** What a verifier holds of a key. */
export interface Holder {
  readonly turn: number;
  /** Of the last report that was taken in. */
  readonly report: number;
  /** In that turn. */
  readonly granted: number;
  /** The end of the life of what it holds. */
  readonly until: number;
  readonly tokens: number;
}

/** What counts of one key. */
export interface KeyLimit {
  readonly used: TokenLog;
  readonly holders: Map<string, Holder>;
  /** Of the last request. */
  windowMs: number;
  /** Epoch milliseconds from which nothing of it counts any more. */
  until: number;
}

export interface LocalLimits {
  /** @param now the store's clock, epoch milliseconds; never runs back. */
  take(request: LimitRequest, now: number): LimitAnswer;
  readonly keys: Map<string, KeyLimit>;
  /** Forgets keys of which nothing counts any more; answers which. */
  sweep(now: number): readonly string[];
}

export const emptyKeyLimit = (): KeyLimit => ({ used: createTokenLog(), holders: new Map(), windowMs: 0, until: 0 });

export function createLocalLimits(keys = new Map<string, KeyLimit>()): LocalLimits {
  function keyOf(keyId: string): KeyLimit {
    let key = keys.get(keyId);
    if (key === undefined) keys.set(keyId, (key = emptyKeyLimit()));
    return key;
  }

  /** R1: what is as old as the window counts no more. */
  function forget({ used, holders }: KeyLimit, until: number): void {
    used.forget(until);
    for (const [verifier, holder] of holders) if (holder.until <= until) holders.delete(verifier);
  }

  function takeIn({ used }: KeyLimit, { report, limit, windowMs }: LimitRequest, now: number): void {
    const grain = grainOf(limit, windowMs);
    for (const { ago, tokens } of report?.uses ?? []) used.add(sliceEnd(now - ago, grain), tokens);
  }

  return {
    keys,
    take: (request, now) => {
      const { keyId, limit, windowMs, verifier, turn, report, held } = request;
      const key = keyOf(keyId);
      forget(key, now - windowMs);
      const mine = key.holders.get(verifier);
      const others = [...key.holders].flatMap(([id, { until, tokens }]) =>
        id === verifier || tokens === 0 ? [] : [{ at: until, tokens }],
      );
      const fresh = (mine?.turn ?? 0) < turn; // R5
      let granted = mine?.turn === turn ? mine.granted : 0;
      if (fresh) {
        const isNews = report !== null && report.number > (mine?.report ?? 0);
        if (isNews) takeIn(key, request, now);
        granted = grantOf(request, limit - key.used.total() - sum(others) - held);
        const last = Math.max(report?.number ?? 0, mine?.report ?? 0);
        key.holders.set(verifier, { turn, report: last, granted, until: now + GRANT_MS, tokens: held + granted });
        key.windowMs = windowMs;
        key.until = Math.max(key.until, now + GRANT_MS + windowMs);
      }
      const free = limit - key.used.total() - sum(others) - (fresh ? held + granted : (mine?.tokens ?? 0));
      others.sort((a, b) => a.at - b.at);
      return {
        ...{ now, granted, free },
        oldest: earlier(key.used.oldest(), others[0]?.at ?? null),
        used: free <= 0 ? key.used.entries() : [],
        held: free <= 0 ? others : [],
      };
    },
    sweep: (now) => {
      const gone = [...keys].flatMap(([keyId, { until }]) => (until <= now ? [keyId] : []));
      for (const keyId of gone) keys.delete(keyId);
      return gone;
    },
  };
}

const sum = (all: readonly Tokens[]): number => all.reduce((total, { tokens }) => total + tokens, 0);

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
