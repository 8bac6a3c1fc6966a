// The lease: the right to answer. It is taken and renewed in the read store only while the view is proven fresh (L6), ends
// by the verifier's own clocks (L3, L4), and tells how far the view has folded, which is what receipts are read from.
import { covers, type Position } from '../../events/position.ts';
import type { LeaseRow, Leases } from '../../projections/leases.ts';
import { createTicker } from '../../projections/ticker.ts';
import { describeTrouble } from '../../projections/troubles.ts';
import type { Freshness, Moment } from './freshness.ts';

/** Renewals within the length of a lease (L3). */
const RENEWALS = 6;
/** How soon the store is asked again after it has failed, in milliseconds, unless a renewal is due sooner. */
const RETRY_MS = 1000;
/** How long events that give access, or change none, may go unreported. */
const REPORT_MS = 100;
const LEAVE_MS = 2000;

export interface LeaseOptions {
  readonly leases: Leases;
  readonly freshness: Freshness;
  /** What the view has folded; `{}` until it is loaded. */
  readonly position: () => Position;
  /** L, MAX_STALENESS_MS. */
  readonly lengthMs: number;
  /** A new random id (L2). */
  readonly newId: () => string;
  /** Called when the right to answer has come or gone. */
  readonly onChange: () => void;
  readonly onTrouble: (reason: string, error: unknown) => void;
}

export interface Lease {
  start(): void;
  /** Gives it back: nothing may be answered any more. */
  stop(): Promise<void>;
  /** The moment that the lease counts from, for {@link Freshness.now}; `null`: there is none. */
  since(): Moment | null;
  /** The view has gone on. @param removed whether access was removed, which is reported at once (L5). */
  advanced(removed: boolean): void;
  /**
   * L8: nothing beyond the view's present position is reported until what was handed over under it is settled. Call what it
   * answers then, once: whether the lease was held all the time.
   */
  holdBack(): () => boolean;
  /** What it waits for, in our own words; `null`: nothing. */
  trouble(): string | null;
}

/** A row of our own in the store. */
interface Joined {
  readonly id: string;
  n: number;
  /** Of the last write that was acknowledged. */
  since: Moment;
  /** L1: to be folded before the first answer; `null`: done. */
  barriers: Position | null;
}

// L3
const earlier = (a: Moment, b: Moment): Moment => (a.monotonic <= b.monotonic ? a : b);

export function createLease(options: LeaseOptions): Lease {
  const { leases, freshness, position, lengthMs, newId, onChange, onTrouble } = options;
  const renewalMs = lengthMs / RENEWALS;
  let joined: Joined | null = null;
  /** An id whose row may be there although its writing has failed. */
  let abandoned: string | null = null;
  let trouble: string | null = null;
  let retryAt = -Infinity;
  let stopped = false;
  let reported: Position = {};
  let later: NodeJS.Timeout | undefined;
  const held = new Set<Position>();

  function reportable(): Position {
    const least: Record<number, number> = { ...position() };
    for (const then of held)
      for (const partition of Object.keys(least).map(Number))
        least[partition] = Math.min(least[partition] ?? 0, then[partition] ?? 0);
    return least;
  }

  const rowOf = (id: string, n: number, { wall }: Moment): LeaseRow => ({
    id,
    n,
    position: reportable(),
    asOf: freshness.asOf(),
    reportedAt: new Date(wall).toISOString(),
    lengthMs,
  });

  async function join(sent: Moment, proof: Moment): Promise<void> {
    if (abandoned !== null) await leases.leave(abandoned);
    const id = newId();
    abandoned = id;
    const row = rowOf(id, 1, sent);
    const barriers = await leases.join(row);
    abandoned = null;
    reported = row.position;
    joined = { id, n: 1, since: earlier(sent, proof), barriers };
    meetBarriers();
  }

  async function renew(own: Joined, sent: Moment, proof: Moment): Promise<void> {
    const row = rowOf(own.id, ++own.n, sent);
    if (await leases.renew(row)) {
      own.since = earlier(sent, proof);
      reported = row.position;
      return;
    }
    // L2: declared over.
    joined = null;
    onChange();
    ticker.nudge();
  }

  function meetBarriers(): void {
    if (joined?.barriers == null || !covers(position(), joined.barriers)) return;
    joined.barriers = null;
    onChange();
  }

  // L6
  const ticker = createTicker({
    intervalMs: renewalMs,
    work: async () => {
      const sent = freshness.ask();
      const proof = freshness.proof();
      if (proof === null || freshness.age() >= lengthMs || sent.monotonic < retryAt) return;
      await (joined === null ? join(sent, proof) : renew(joined, sent, proof));
      trouble = null;
    },
    onError: (error) => {
      trouble = describeTrouble(error);
      onTrouble(trouble, error);
      const pause = Math.min(RETRY_MS, renewalMs);
      retryAt = freshness.ask().monotonic + pause;
      // This timer asks again: it may come a little early, and a report that waits would come too early.
      clearTimeout(later);
      later = setTimeout(() => {
        later = undefined;
        retryAt = -Infinity;
        ticker.nudge();
      }, pause).unref();
    },
  });

  function reportLater(): void {
    later ??= setTimeout(() => {
      later = undefined;
      if (!covers(reported, reportable())) ticker.nudge();
    }, REPORT_MS).unref();
  }

  const since = (): Moment | null => (!stopped && joined?.barriers === null ? joined.since : null);
  const isHeld = (): boolean => freshness.since(since()) < lengthMs;

  return {
    start: () => ticker.start(),
    stop: async () => {
      stopped = true;
      clearTimeout(later);
      onChange();
      await ticker.stop();
      const id = joined?.id ?? abandoned;
      if (id === null) return;
      // A store that is away is not waited for: whoever wants a receipt ends the lease.
      const late = new Promise<void>((resolve) => setTimeout(resolve, LEAVE_MS).unref());
      await Promise.race([leases.leave(id).catch(() => undefined), late]);
    },
    since,
    advanced: (removed) => {
      meetBarriers();
      if (joined === null || removed) ticker.nudge();
      else if (!covers(reported, reportable())) reportLater();
    },
    holdBack: () => {
      const then = { ...position() };
      const under = joined;
      held.add(then);
      return () => {
        held.delete(then);
        if (!covers(reported, reportable())) ticker.nudge();
        return isHeld() && joined === under;
      };
    },
    trouble: () => trouble,
  };
}
