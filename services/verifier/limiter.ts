// The limiter: tokens of rate limits, taken from the store in leases and from this verifier's own share while the store is
// away. Never more than the limit in any window (docs/protocol.md, R); a check waits for at most one request, and no longer
// than TIMEOUT_MS.
import type { LimitAnswer, LimitRequest, Limits } from '../../projections/limits.ts';
import type { Metrics } from '../shared/metrics.ts';
import { systemClock, type Clock, type Moment } from './freshness.ts';
import type { Limiter, Taken } from './judge.ts';
import { createKeyTokens, type KeyTokens } from './limiter-key.ts';
import { settle, systemSchedule, type Schedule } from './settle.ts';

export interface LimiterOptions {
  readonly limits: Limits;
  /** Random per process start. */
  readonly verifier: string;
  readonly clock?: Clock;
  readonly schedule?: Schedule;
  readonly metrics: Pick<Metrics, 'limiterRequests' | 'limiterDegraded'>;
}

export interface RunningLimiter extends Limiter {
  /** Tells the store what was used and hands back the rest, as far as it can be reached. */
  close(): Promise<void>;
  /** Keys that are kept in mind now. */
  size(): number;
}

/** A store that takes longer is away (R7). */
const TIMEOUT_MS = 250;
/** Between attempts to reach it again. */
const RETRY_MS = 1000;
/** How long many keys may take to be reported. */
const REPORT_TIMEOUT_MS = 1000;
const SWEEP_MS = 100;
const BATCH = 100;
const MAX_BATCHES = 10;
/** R9: beyond, the key that came first is forgotten. */
const MAX_KEYS = 100_000;

/** A check that waits for the store. */
interface Waiting {
  readonly cost: number;
  readonly since: Moment;
  /** Effective now (L11) then. */
  readonly now: number;
  readonly tell: (taken: Taken) => void;
}

interface Tracked {
  readonly tokens: KeyTokens;
  waiting: Waiting[];
  isAsking: boolean;
  isReporting: boolean;
}

export function createLimiter(options: LimiterOptions): RunningLimiter {
  const { limits, verifier, clock = systemClock, schedule = systemSchedule, metrics } = options;
  const keys = new Map<string, Tracked>();
  let turn = 0;
  let isAway = false;
  let retryAt = 0;
  let isSweeping = false;
  let isClosed = false;

  const moment = (): Moment => ({ wall: clock.wall(), monotonic: clock.monotonic() });

  function track(keyId: string, limit: number, windowMs: number): Tracked {
    let key = keys.get(keyId);
    if (key === undefined) {
      if (keys.size >= MAX_KEYS) forgetOne();
      key = { tokens: createKeyTokens(keyId, limit, windowMs), waiting: [], isAsking: false, isReporting: false };
      keys.set(keyId, key);
      arm();
    } else if (key.tokens.limit() !== limit || key.tokens.windowMs() !== windowMs) key.tokens.setLimit(limit, windowMs);
    return key;
  }

  function forgetOne(): void {
    for (const [keyId, { isAsking }] of keys) {
      if (isAsking) continue;
      keys.delete(keyId);
      return;
    }
  }

  function fromShare({ tokens }: Tracked, cost: number, at: Moment, now: number): Taken {
    const ok = tokens.spendShare(cost, at);
    if (ok) metrics.limiterDegraded.inc(cost);
    return { ok, ...tokens.share(at, now, ok ? 0 : cost) };
  }

  /** Without asking; `null`: the store must be asked. */
  function known(key: Tracked, cost: number, at: Moment, now: number): Taken | null {
    const { tokens } = key;
    if (tokens.spend(cost, at)) return { ok: true, ...tokens.allowance(at, now) };
    if (cost > tokens.limit())
      return { ok: false, ...tokens.allowance(at, now), resetAt: Math.ceil(now + tokens.windowMs()) };
    if (tokens.isRefused(cost, at)) return { ok: false, ...tokens.allowance(at, now, cost) };
    return isAway || isClosed ? fromShare(key, cost, at, now) : null;
  }

  /** R2: one request at a time for a key; who comes meanwhile shares the next one. */
  function ask(key: Tracked): void {
    const { tokens } = key;
    const asked = key.waiting;
    key.waiting = [];
    key.isAsking = true;
    const sent = moment();
    const want = asked.reduce((sum, { cost }) => sum + cost, 0);
    const request = tokens.request(verifier, ++turn, want, sent);
    settle({
      ...{ schedule, timeoutMs: TIMEOUT_MS, call: () => limits.take(request) },
      done: (answer) => answered(key, request, answer, sent, asked),
      failed: () => failed(key, request, asked),
    });
  }

  function answered(key: Tracked, request: LimitRequest, answer: LimitAnswer, sent: Moment, asked: Waiting[]): void {
    const { tokens } = key;
    reached(true);
    key.isAsking = false;
    tokens.told(request);
    if (request.limit === tokens.limit() && request.windowMs === tokens.windowMs()) {
      tokens.answered(answer, sent);
      serve(key, asked);
    } else {
      // Granted under a limit that is none any more: handed back.
      tokens.failed(request);
      key.waiting = [...asked, ...key.waiting];
    }
    if (key.waiting.length > 0) ask(key);
  }

  function serve({ tokens }: Tracked, asked: readonly Waiting[]): void {
    const at = moment();
    let isRefused = false;
    for (const { cost, now: then, since, tell } of asked) {
      const now = then + Math.max(0, at.monotonic - since.monotonic);
      const ok = tokens.spend(cost, at);
      tell({ ok, ...tokens.allowance(at, now, ok ? undefined : cost) });
      isRefused ||= !ok;
    }
    // Too few for whoever waited here, perhaps enough for somebody elsewhere.
    if (isRefused) tokens.handBack();
  }

  function reached(ok: boolean): void {
    metrics.limiterRequests.inc({ outcome: ok ? 'ok' : 'failed' });
    isAway = !ok;
    if (!ok) retryAt = clock.monotonic() + RETRY_MS;
  }

  function failed(key: Tracked, request: LimitRequest, asked: readonly Waiting[]): void {
    const at = moment();
    reached(false);
    key.isAsking = false;
    key.tokens.failed(request);
    const all = [...asked, ...key.waiting];
    key.waiting = [];
    for (const { cost, now, since, tell } of all) {
      tell(fromShare(key, cost, at, now + Math.max(0, at.monotonic - since.monotonic)));
    }
  }

  function arm(): void {
    if (isSweeping || isClosed) return;
    isSweeping = true;
    schedule(sweep, SWEEP_MS);
  }

  /** R5: tells what is due, and forgets keys of which nothing is left. */
  function sweep(): void {
    isSweeping = false;
    if (isClosed) return;
    const at = moment();
    const due: Tracked[] = [];
    for (const [keyId, key] of keys) {
      const { tokens, isAsking, isReporting } = key;
      if (isAsking || isReporting) continue;
      if (tokens.hasNews(at)) {
        if (isAway || tokens.isDue(at)) due.push(key);
      } else if (tokens.isIdle(at)) keys.delete(keyId);
    }
    if (!isAway) for (const some of batches(due).slice(0, MAX_BATCHES)) void tell(some);
    else if (due.length === 0) isAway = false;
    else if (at.monotonic >= retryAt) {
      retryAt = Infinity;
      void tell(due.slice(0, BATCH));
    }
    if (keys.size > 0) arm();
  }

  function tell(due: readonly Tracked[]): Promise<void> {
    const sent = moment();
    const all = due.map((key) => ({ key, request: key.tokens.request(verifier, ++turn, 0, sent) }));
    for (const { key } of all) key.isReporting = true;
    return new Promise((resolve) => {
      const over = (ok: boolean): void => {
        reached(ok);
        for (const { key, request } of all) {
          key.isReporting = false;
          if (ok) key.tokens.told(request);
          else key.tokens.failed(request);
        }
        resolve();
      };
      settle<unknown>({
        ...{ schedule, timeoutMs: REPORT_TIMEOUT_MS, call: () => limits.report(all.map(({ request }) => request)) },
        ...{ done: () => over(true), failed: () => over(false) },
      });
    });
  }

  return {
    take: (record, cost, now) => {
      const { rateLimit } = record.policy.content;
      if (rateLimit === null) throw new TypeError('the key has no limit');
      const key = track(record.keyId, rateLimit.limit, rateLimit.windowSeconds * 1000);
      const since = moment();
      const taken = known(key, cost, since, now);
      if (taken !== null) return taken;
      const answer: { taken?: Taken; tell?: (taken: Taken) => void } = {};
      const tell = (of: Taken): void => {
        answer.taken = of;
        answer.tell?.(of);
      };
      key.waiting.push({ cost, since, now, tell });
      if (!key.isAsking) ask(key);
      return answer.taken ?? new Promise((resolve) => (answer.tell = resolve));
    },
    close: async () => {
      isClosed = true;
      // What was sent before and not taken in comes first (R5), then what was used since.
      for (let round = 1; round <= 2; round++) {
        const at = moment();
        for (const { tokens } of keys.values()) tokens.handBack();
        const due = [...keys.values()].filter(({ tokens }) => tokens.hasNews(at));
        for (const some of batches(due)) {
          await tell(some);
          if (isAway) return;
        }
      }
    },
    size: () => keys.size,
  };
}

const batches = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / BATCH) }, (_, i) => all.slice(i * BATCH, (i + 1) * BATCH));
