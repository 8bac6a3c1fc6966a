// Freshness: the proof that the view is no older than MAX_STALENESS_MS, and the time that checks are judged at.
// Proven means: folded up to a log end that was asked for within that time (L6). A start counts as unproven.
import { covers, type Position } from '../../events/position.ts';

/** The two clocks of a process, in milliseconds. */
export interface Clock {
  /** Since the epoch; may be set forward and back. */
  wall(): number;
  /** Since some moment; never set, but stands still while a machine is suspended. */
  monotonic(): number;
}

export const systemClock: Clock = { wall: () => Date.now(), monotonic: () => performance.now() };

/** A moment on both clocks. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export interface Freshness {
  /** The moment to hand to {@link Freshness.answered}: taken before the log's end is asked for (L3). */
  ask(): Moment;
  /** The log's end, as it was answered, and how far the view is. */
  answered(asked: Moment, end: Position, reached: Position): void;
  /** The view has gone on to `reached`. */
  reached(reached: Position): void;
  /**
   * L4: asked in the tick that computes a verdict, after the last await. Effective now (L11), epoch milliseconds;
   * `null`: there is no lease, or it is over.
   *
   * @param since the moment that the lease counts from; `null`: there is none.
   */
  now(since: Moment | null): number | null;
  /** When the log's end of the newest proof was asked for (L3); `null` before the first, and for ever once the log is lost. */
  proof(): Moment | null;
  /** RFC 3339: everything acknowledged before this moment is in the view; `null` before the first proof. */
  asOf(): string | null;
  /** The log that the view is the fold of is gone: nothing is proven any more, and never will be. */
  lose(): void;
  /** Milliseconds since the moment of the newest proof, on the clock that says more; `Infinity` before the first. */
  age(): number;
  /** The same since any moment; `Infinity` for none. */
  since(moment: Moment | null): number;
}

const MAX_PENDING = 64;

/** @param maxStalenessMs L, the length of a proof. */
export function createFreshness(maxStalenessMs: number, clock: Clock): Freshness {
  /** Ends that were asked for and not yet reached, oldest first. */
  let pending: { readonly asked: Moment; readonly end: Position }[] = [];
  let proof: Moment | null = null;
  let asOf: string | null = null;
  let lost = false;
  /** Effective now when it was last asked for, and the monotonic clock then. */
  let effective = -Infinity;
  let effectiveAt = clock.monotonic();

  const moment = (): Moment => ({ wall: clock.wall(), monotonic: clock.monotonic() });

  function prove(asked: Moment): void {
    if (proof !== null && asked.monotonic <= proof.monotonic) return;
    proof = asked;
    asOf = new Date(asked.wall).toISOString();
  }

  function reached(position: Position): void {
    if (pending.length === 0) return;
    for (const { asked, end } of pending) if (covers(position, end)) prove(asked);
    pending = pending.filter(({ end }) => !covers(position, end));
  }

  // L3, L4: whichever clock has gone further says how long ago it was.
  const ageAt = (since: Moment | null, wall: number, monotonic: number): number =>
    since === null || lost ? Infinity : Math.max(wall - since.wall, monotonic - since.monotonic);

  return {
    ask: moment,
    answered: (asked, end, position) => {
      pending = [...pending, { asked, end }].slice(-MAX_PENDING);
      reached(position);
    },
    reached,
    now: (since) => {
      const wall = clock.wall();
      const monotonic = clock.monotonic();
      // L11: goes on with the monotonic clock while the wall clock stands behind it.
      effective = Math.max(wall, effective + Math.max(0, monotonic - effectiveAt));
      effectiveAt = monotonic;
      return ageAt(since, wall, monotonic) < maxStalenessMs ? effective : null;
    },
    proof: () => (lost ? null : proof),
    asOf: () => asOf,
    lose: () => {
      lost = true;
    },
    age: () => ageAt(proof, clock.wall(), clock.monotonic()),
    since: (moment) => ageAt(moment, clock.wall(), clock.monotonic()),
  };
}
