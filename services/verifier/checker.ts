// The checker: a view that is kept fresh, and the one question that is asked of it. What the verifier's HTTP server
// answers with, and any process that takes keys as callers.
import { randomUUID } from 'node:crypto';
import type { EventLog } from '../../events/log.ts';
import { covers, type Position } from '../../events/position.ts';
import type { Pepper } from '../../events/secret.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { Until } from '../../projections/waiter.ts';
import { READY, type Readiness } from '../shared/health.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { createFreshness, systemClock, type Clock } from './freshness.ts';
import { createLease } from './lease.ts';
import { createMisses } from './misses.ts';
import { createReader } from './reader.ts';
import { verify, type Check, type Verdict } from './verify.ts';
import type { View } from './view.ts';
import { createSnapshots } from './snapshots.ts';
import { createWaiters } from './waiters.ts';
import { createWantedKeys } from './wanted-keys.ts';

export interface CheckerOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** Newest first. */
  readonly peppers: readonly Pepper[];
  /** MAX_STALENESS_MS: a verdict is never older than this. */
  readonly maxStalenessMs: number;
  /** VERIFIER_MAX_KEYS: how many keys are held at once; default: no bound. */
  readonly maxKeys?: number;
  /** The file that the next start goes on from; absent: none. */
  readonly snapshotFile?: string;
  readonly clock?: Clock;
  /** Told of keys whose personal data was erased. */
  readonly onErased?: (keyIds: Iterable<string>) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A verdict and the moment that it is as of; `null`: nothing can be proven now (STALE). */
export type Checked = {
  readonly verdict: Verdict;
  readonly asOf: string;
  /** Effective now (L11), epoch milliseconds. */
  readonly now: number;
} | null;

export interface Checker {
  /** Random per process start; the first lease's too. */
  readonly id: string;
  /** Begins to load and to follow; answers at once, {@link Checker.ready} tells the rest. */
  start(): void;
  /** Lets whoever waits go at once; answers under its lease until `drained`. */
  stop(drained?: Promise<unknown>): Promise<void>;
  /** `null` until it is loaded. */
  view(): View | null;
  /** Whether it may answer: it holds a lease. */
  ready(): boolean;
  readiness(): Readiness;
  /** `true` once it may answer; `false` when `until` came first. */
  whenReady(until: Until): Promise<boolean>;
  /** Folded so far; `{}` until the view is loaded. */
  position(): Position;
  asOf(): string | null;
  /** `true` once the view has folded up to the position; `false` when `until` came first. */
  whenReached(position: Position, until: Until): Promise<boolean>;
  /** L4: freshness is looked at in this very tick; use the answer before the next await. `null` too for a key that is not held. */
  check(check: Check): Checked;
  /**
   * Has a key that is not held be read; then check it. `false`: it could not be had now, and its check is `null`.
   *
   * @param last it is read behind all others: who asks has sent too many keys that are none.
   * @returns `null`: there is nothing to wait for.
   */
  prepare(key: string, last: boolean): Promise<boolean> | null;
  /**
   * Whether any active public key of a keyspace works from an origin: not disabled, revoked, deleted, expired or
   * quarantined. `null`: nothing can be proven now. L4, as {@link Checker.check}.
   */
  allowsOrigin(keyspace: string, origin: string): { readonly allowed: boolean; readonly asOf: string } | null;
  /**
   * L8, for what follows from a verdict of this very tick, a mutation that is handed over or an answer that is not whole yet:
   * call what it answers once that is settled. Whether the lease was held all the time.
   */
  holdBack(): () => boolean;
}

export function createChecker(options: CheckerOptions): Checker {
  const { log, store, peppers, maxStalenessMs, clock = systemClock, logger, metrics } = options;
  const freshness = createFreshness(maxStalenessMs, clock);
  const waiters = createWaiters();
  metrics.verifierStaleSeconds.readFrom(() => freshness.age() / 1000);
  let removals = 0;
  const onProgress = (view: View): void => {
    lease.advanced(view.removals !== removals);
    removals = view.removals;
    waiters.wake();
    metrics.verifierKeys.set(view.keys.size);
    wanted.tend(view);
    if (view.erased.size === 0) return;
    options.onErased?.(view.erased);
    view.erased.clear();
  };
  const { maxKeys = Infinity, snapshotFile: file } = options;
  const viewed = { log, store, peppers, maxKeys, logger };
  const snapshots = file === undefined ? null : createSnapshots({ ...viewed, file });
  const reader = createReader({ ...viewed, snapshots, freshness, maxStalenessMs, onProgress });
  const position = (): Position => reader.view()?.position ?? {};
  const misses = createMisses({
    ...{ log, store },
    whenReached: (wantedPosition, until) => waiters.wait(() => covers(position(), wantedPosition), until),
    onMiss: (result) => metrics.verifierMisses.inc({ result }),
  });
  const wanted = createWantedKeys({ store, misses });
  metrics.verifierEvictions.readFrom(() => reader.view()?.keys.evicted ?? null);
  const id = `verifier_${randomUUID()}`;
  let joins = 0;
  const lease = createLease({
    leases: store.leases,
    freshness,
    position,
    lengthMs: maxStalenessMs,
    newId: () => (joins++ === 0 ? id : `verifier_${randomUUID()}`),
    onChange: () => waiters.wake(),
    onTrouble: (reason, err) => logger.warn({ err }, `the lease is not renewed: ${reason}`),
  });
  metrics.verifierLeaseSeconds.readFrom(() => freshness.since(lease.since()) / 1000);
  const effectiveNow = (): number | null => freshness.now(lease.since()); // L4, L11
  const ready = (): boolean => reader.view() !== null && effectiveNow() !== null;

  function readiness(): Readiness {
    const view = reader.view();
    const trouble = reader.trouble() ?? lease.trouble();
    if (!ready()) return { ready: false, reasons: [trouble ?? waitsFor(view)], degraded: [] };
    const parked = view?.quarantine.open.size ?? 0;
    const degraded = [
      ...(trouble === null ? [] : [trouble]),
      ...(log.faults?.() ?? []),
      ...(parked === 0 ? [] : [`${parked} parked records`]),
      ...((view?.missingPeppers().length ?? 0) === 0 ? [] : ['a pepper that keys use is not in the settings']),
    ];
    return { ...READY, degraded };
  }

  function allowsOrigin(keyspace: string, origin: string): ReturnType<Checker['allowsOrigin']> {
    const view = reader.view();
    const now = effectiveNow();
    const asOf = freshness.asOf();
    if (view === null || now === null || asOf === null) return null;
    const allowed = view.allowsOrigin(keyspace, origin, now);
    return allowed === null ? null : { allowed, asOf };
  }

  function check(asked: Check): Checked {
    const view = reader.view();
    const now = effectiveNow();
    const asOf = freshness.asOf();
    if (view === null || now === null || asOf === null) return null;
    const verdict = verify(asked, view, now);
    if (verdict.code === 'NOT_FOUND' && verdict.record === null && !view.lacks(asked.key)) return null; // V2
    // Which key it would have been cannot be told without its pepper.
    if (verdict.code === 'NOT_FOUND' && verdict.record === null && view.missingPeppers().length > 0) {
      metrics.missingPeppers.inc();
    }
    return { verdict, asOf, now };
  }

  return {
    id,
    start: () => {
      reader.start();
      lease.start();
    },
    stop: async (drained) => {
      waiters.close();
      wanted.stop();
      await drained;
      await Promise.all([lease.stop(), reader.stop()]);
    },
    view: () => reader.view(),
    ready,
    readiness,
    position,
    asOf: () => freshness.asOf(),
    whenReady: (until) => waiters.wait(ready, signalOf(until)),
    whenReached: (wanted, until) => waiters.wait(() => covers(position(), wanted), signalOf(until)),
    check,
    prepare: (key, last) => {
      const view = reader.view();
      return view === null || view.complete || effectiveNow() === null ? null : misses.prepare(view, key, last);
    },
    allowsOrigin,
    holdBack: () => lease.holdBack(),
  };
}

const waitsFor = (view: View | null): string =>
  view === null ? 'the view is being loaded' : 'the view is not proven fresh, or has no lease yet';

const signalOf = (until: Until): AbortSignal => (until instanceof AbortSignal ? until : until.signal);
