// A simulated world for the limiter: verifiers with clocks of their own, one store with its clock, and a network that is
// slow, loses what it likes and delivers late. Time goes from event to event; nothing waits for real.
import { createLocalLimits } from '../../projections/stores/local-limits.ts';
import type { LimitRequest, Limits } from '../../projections/limits.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import type { Taken } from '../../services/verifier/judge.ts';
import type { KeyRecord } from '../../services/verifier/found-key.ts';
import { createLimiter } from '../../services/verifier/limiter.ts';

export interface Use {
  /** On the store's clock. */
  readonly at: number;
  readonly tokens: number;
  readonly verifier: number;
  readonly degraded: boolean;
}

/** What becomes of one message: its two ways in milliseconds; `null`: lost on that way. */
export type Network = () => readonly [there: number | null, back: number | null];

export interface WorldOptions {
  readonly verifiers?: number;
  readonly network?: Network;
  readonly limit?: number;
  readonly windowSeconds?: number;
}

export const recordOf = (limit: number, windowSeconds: number, keyId = 'key_a'): KeyRecord =>
  ({ keyId, policy: { content: { rateLimit: { limit, windowSeconds } } } }) as unknown as KeyRecord;

const STORE_START = 1_700_000_000_000;

export function createWorld(options: WorldOptions = {}) {
  const { verifiers: count = 1, limit = 60, windowSeconds = 60 } = options;
  let network: Network = options.network ?? (() => [1, 1]);
  const local = createLocalLimits();
  const events: { readonly at: number; readonly order: number; readonly work: () => void }[] = [];
  const uses: Use[] = [];
  const requests: LimitRequest[] = [];
  let now = 0;
  let order = 0;
  let record = recordOf(limit, windowSeconds);

  const storeNow = (): number => STORE_START + Math.floor(now);
  function at(moment: number, work: () => void): () => void {
    const event = { at: Math.max(now, moment), order: order++, work };
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = events[middle]!;
      if (other.at < event.at || (other.at === event.at && other.order < event.order)) low = middle + 1;
      else high = middle;
    }
    events.splice(low, 0, event);
    return () => {
      const index = events.indexOf(event);
      if (index >= 0) events.splice(index, 1);
    };
  }

  function verifierOf(index: number) {
    // Started at another time, on a machine whose wall clock is wrong.
    const skew = { wall: STORE_START + index * 3_600_000, monotonic: 1000 * index + 0.25 };
    let isDead = false;
    const send = <T>(work: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        const [there, back] = network();
        if (there === null) return;
        at(now + there, () => {
          const answer = work();
          if (back !== null) at(now + back, () => (isDead ? undefined : resolve(answer)));
          else if (order % 2 === 0) at(now + 1, () => (isDead ? undefined : reject(new Error('cut'))));
        });
      });
    const limits: Limits = {
      take: (request) => {
        requests.push(request);
        return send(() => local.take(request, storeNow()));
      },
      report: (all) => {
        requests.push(...all);
        return send(() => all.forEach((request) => local.take({ ...request, want: 0, spare: 0 }, storeNow())));
      },
    };
    const metrics = createMetrics({ defaults: false });
    const limiter = createLimiter({
      ...{ limits, verifier: `v${index}`, metrics },
      clock: { wall: () => now + skew.wall, monotonic: () => now + skew.monotonic },
      schedule: (work, ms) => at(now + ms, () => (isDead ? undefined : work())),
    });
    return {
      limiter,
      metrics,
      skew,
      kill: () => (isDead = true),
      check: (cost = 1): Promise<Taken> => {
        const taken = limiter.take(record, cost, now + skew.wall);
        const settle = (of: Taken): Taken => {
          if (of.ok && !isDead)
            uses.push({ at: STORE_START + now, tokens: cost, verifier: index, degraded: of.degraded });
          return of;
        };
        return taken instanceof Promise ? taken.then(settle) : Promise.resolve(settle(taken));
      },
    };
  }

  const verifiers = Array.from({ length: count }, (_, index) => verifierOf(index));

  /** Runs until that moment, all that comes of each event before the next. */
  async function run(until: number): Promise<void> {
    for (;;) {
      for (let i = 0; i < 12; i++) await Promise.resolve();
      const [next] = events;
      if (next === undefined || next.at > until) break;
      events.shift();
      now = next.at;
      next.work();
    }
    now = Math.max(now, until);
  }

  return {
    ...{ verifiers, uses, requests, at, run, local },
    now: () => now,
    setLimit: (toLimit: number, toWindow = windowSeconds) => (record = recordOf(toLimit, toWindow)),
    setNetwork: (to: Network) => (network = to),
    /** The most tokens that were used in any window of that length. */
    most: (windowMs = windowSeconds * 1000, of: (use: Use) => boolean = () => true): number =>
      mostIn(uses.filter(of), windowMs),
  };
}

/** Windows are half open: what lies a whole window apart is never in one. */
function mostIn(uses: readonly Use[], windowMs: number): number {
  const sorted = uses.toSorted((a, b) => a.at - b.at);
  let [most, sum, first] = [0, 0, 0];
  for (const { at, tokens } of sorted) {
    sum += tokens;
    for (let old = sorted[first]; old !== undefined && old.at <= at - windowMs; old = sorted[++first])
      sum -= old.tokens;
    most = Math.max(most, sum);
  }
  return most;
}
