// The tokens of one key, as one verifier holds them: what it was granted, what it has used and not told yet, what it knows
// of the rest, and its own share for when the store is away. No I/O: moments go in, requests come out.
import { GRANT_MS, type LimitAnswer, type LimitRequest } from '../../projections/limits.ts';
import { createTokenLog, grainOf, sliceEnd, usedBy, type TokenLog, type Tokens } from '../../projections/token-log.ts';
import type { Moment } from './freshness.ts';
import type { Allowance } from './judge.ts';

/** R7: what a verifier grants in any window while the store is away: this part of the limit, rounded up. */
const SHARE_PART = 10;
/** R5: how long a use may go untold. */
const REPORT_MS = 1000;
/** How long a refusal is repeated without asking again, while nothing can have become free. */
const RECHECK_MS = 1000;
/** Over which demand is remembered. */
const DEMAND_MS = 1000;

export interface KeyTokens {
  readonly keyId: string;
  limit(): number;
  windowMs(): number;
  /** Another limit counts at once: what was granted under the one before is handed back. */
  setLimit(limit: number, windowMs: number): void;
  /** Uses tokens that are held (R3); `false`: there are not as many. */
  spend(cost: number, at: Moment): boolean;
  /** Uses tokens of the own share (R7); `false`: there are not as many. */
  spendShare(cost: number, at: Moment): boolean;
  /** Whether so many cannot be had now, whatever anybody hands back: known without asking. */
  isRefused(cost: number, at: Moment): boolean;
  /** What is left. @param refused the cost that was not granted, to tell when it will be. */
  allowance(at: Moment, now: number, refused?: number): Allowance;
  /** The same of the own share. */
  share(at: Moment, now: number, refused?: number): Allowance;
  /** What to ask the store at that moment, with all that is to be told. */
  request(verifier: string, turn: number, want: number, at: Moment): LimitRequest;
  /** @param at when the request was sent. */
  answered(answer: LimitAnswer, at: Moment): void;
  /** The store has taken in what a request told. */
  told(request: LimitRequest): void;
  /** Nothing is known of what became of a request. */
  failed(request: LimitRequest): void;
  /** Hands back, with the next request, what is not used. */
  handBack(): void;
  /** Whether there is something to tell. */
  hasNews(at: Moment): boolean;
  /** Whether it must be told now. */
  isDue(at: Moment): boolean;
  /** Whether nothing would be lost with it. */
  isIdle(at: Moment): boolean;
}

/** What the store said last. */
interface Known extends Pick<LimitAnswer, 'now' | 'free' | 'used'> {
  /** Monotonic, when it was asked. */
  readonly askedAt: number;
  readonly oldest: number | null;
  /** Used or held by others, oldest first. */
  readonly counted: readonly Tokens[];
  readonly heldByOthers: number;
}

export function createKeyTokens(keyId: string, firstLimit: number, firstWindowMs: number): KeyTokens {
  let limit = firstLimit;
  let windowMs = firstWindowMs;
  let left = 0;
  let granted: Moment | null = null;
  let known: Known | null = null;
  /** On the monotonic clock, not yet in a report. */
  let uses: TokenLog = createTokenLog();
  /** Sent, and perhaps not taken in. */
  let report: { readonly number: number; readonly uses: readonly Tokens[] } | null = null;
  /** Of this verifier's share, on the monotonic clock. */
  const shared = createTokenLog();
  let lastTurn = 0;
  /** Until this turn the store may believe that more is held here than is. */
  let unsettled: number | null = null;
  let dueAt = Infinity;
  let demand = 0;
  let demandAt = 0;

  // R3: on the clock that says more, as a lease is (L4).
  const isAlive = ({ wall, monotonic }: Moment): boolean =>
    granted !== null && monotonic - granted.monotonic < GRANT_MS && wall - granted.wall < GRANT_MS;

  function use(cost: number, { monotonic }: Moment): void {
    uses.add(sliceEnd(monotonic, grainOf(limit, windowMs)), cost);
    dueAt = Math.min(dueAt, monotonic + Math.min(REPORT_MS, windowMs / 10));
    demand = demand * Math.exp((demandAt - monotonic) / DEMAND_MS) + cost;
    demandAt = monotonic;
  }

  function drop(): void {
    if (left > 0) unsettled = lastTurn;
    left = 0;
    known = null;
  }

  /** R5: one report at a time, the same until it is taken in. */
  function cut(number: number): void {
    if (report !== null || uses.size() === 0) return;
    report = { number, uses: uses.entries() };
    uses = createTokenLog();
  }

  /** Rounded down, so that what is told counts until later, not earlier (R1). */
  function agoOf(entries: readonly Tokens[], { monotonic }: Moment): { ago: number; tokens: number }[] {
    const grain = grainOf(limit, windowMs);
    const sums = new Map<number, number>();
    for (const { at, tokens } of entries) {
      const ago = Math.max(0, Math.floor((monotonic - at) / grain) * grain);
      if (ago < windowMs) sums.set(ago, (sums.get(ago) ?? 0) + tokens);
    }
    return [...sums].map(([ago, tokens]) => ({ ago, tokens }));
  }

  /** When a moment of the store's clock leaves the window, monotonic; at the earliest. */
  const leavesAt = (at: number, { askedAt, now }: Known): number => askedAt + (at - now) + windowMs;

  function freeAt(cost: number, of: Known, entries: readonly Tokens[]): number {
    const at = usedBy(entries, cost - left - of.free);
    return at === null ? of.askedAt + GRANT_MS + windowMs : leavesAt(at, of);
  }

  const told = (remaining: number, freedAt: number, at: Moment, now: number, degraded: boolean): Allowance => ({
    limit,
    windowSeconds: windowMs / 1000,
    remaining: Math.max(0, remaining),
    resetAt: Math.ceil(now + Math.max(0, freedAt - at.monotonic)),
    degraded,
  });

  const shareLimit = (): number => Math.ceil(limit / SHARE_PART);

  return {
    keyId,
    limit: () => limit,
    windowMs: () => windowMs,
    setLimit: (toLimit, toWindowMs) => {
      limit = toLimit;
      windowMs = toWindowMs;
      drop();
    },
    spend: (cost, at) => {
      if (left < cost) return false;
      if (!isAlive(at)) {
        drop();
        return false;
      }
      left -= cost;
      use(cost, at);
      return true;
    },
    spendShare: (cost, at) => {
      shared.forget(at.monotonic - windowMs);
      if (shared.total() + cost > shareLimit()) return false;
      shared.add(sliceEnd(at.monotonic, grainOf(limit, windowMs)), cost);
      use(cost, at);
      return true;
    },
    isRefused: (cost, { monotonic }) => {
      if (known === null || known.free > 0 || monotonic - known.askedAt >= RECHECK_MS) return false;
      // What others hold may be handed back at any moment.
      const needed = cost - left - known.heldByOthers;
      return needed > 0 && freeAt(cost - known.heldByOthers, known, known.used) > monotonic;
    },
    allowance: (at, now, refused) => {
      if (known === null) return told(0, at.monotonic + windowMs, at, now, false);
      if (refused !== undefined) return told(known.free + left, freeAt(refused, known, known.counted), at, now, false);
      const freedAt = known.oldest === null ? at.monotonic + windowMs : leavesAt(known.oldest, known);
      return told(known.free + left, freedAt, at, now, false);
    },
    share: (at, now, refused = 0) => {
      const needed = shared.total() + refused - shareLimit();
      const first = needed > 0 ? usedBy(shared.entries(), needed) : shared.oldest();
      return told(shareLimit() - shared.total(), (first ?? at.monotonic) + windowMs, at, now, true);
    },
    request: (verifier, turn, want, at) => {
      if (!isAlive(at)) drop();
      lastTurn = turn;
      cut(turn);
      const recent = demand * Math.exp((demandAt - at.monotonic) / DEMAND_MS);
      return {
        ...{ keyId, limit, windowMs, verifier, turn, want },
        report: report && { number: report.number, uses: agoOf(report.uses, at) },
        held: left + uses.total(),
        spare: want > 0 ? Math.floor(recent) : 0, // R4
      };
    },
    answered: (answer, at) => {
      const { now, free, used, held, oldest } = answer;
      left += answer.granted;
      granted = at;
      const counted = [...used, ...held].sort((a, b) => a.at - b.at);
      const heldByOthers = held.reduce((sum, { tokens }) => sum + tokens, 0);
      known = { ...{ now, free, used, oldest, counted, heldByOthers }, askedAt: at.monotonic };
    },
    told: (request) => {
      if (request.report?.number === report?.number) report = null;
      if (unsettled !== null && request.turn > unsettled) unsettled = null;
      if (uses.size() === 0) dueAt = Infinity;
    },
    failed: ({ turn }) => {
      unsettled = Math.max(unsettled ?? 0, turn);
    },
    handBack: () => {
      if (left > 0) drop();
    },
    hasNews: (at) => unsettled !== null || report !== null || uses.size() > 0 || (left > 0 && !isAlive(at)),
    isDue: (at) => unsettled !== null || (left > 0 && !isAlive(at)) || at.monotonic >= dueAt,
    isIdle: (at) => {
      shared.forget(at.monotonic - windowMs);
      const isKnown = known !== null && known.free <= 0 && at.monotonic - known.askedAt < RECHECK_MS;
      return left === 0 && !isKnown && shared.size() === 0;
    },
  };
}
