// Receipts: which verifiers have folded a mutation. The barrier is raised first, then the leases are read (L1); whoever
// holds one has to report the position, or its lease has to be over, before nothing can answer from what was before.
import { covers, furthest, type Position } from '../../events/position.ts';
import type { LeaseRow, Leases } from '../../projections/leases.ts';
import { createTicker } from '../../projections/ticker.ts';
import type { Enforcement } from '../../schema/context.ts';
import type { Logger } from '../shared/logger.ts';

/** How much longer than its length a lease is waited out, for clocks that run at different speeds (L2). */
const DRIFT = 1.05;
const FIRST_PAUSE_MS = 3;
const MAX_PAUSE_MS = 25;

export interface ReceiptsOptions {
  readonly leases: Leases;
  /** How often leases are looked at while nobody waits, so that those of verifiers that vanished are ended. */
  readonly watchMs: number;
  /** RFC 3339. */
  readonly now: () => string;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic?: () => number;
  readonly logger: Logger;
}

export interface Receipts {
  start(): void;
  /** Lets everybody who waits go with what is confirmed. */
  stop(): void;
  /** Waits until every verifier that could still answer has folded up to the position, or until `ms` are over. Never rejects. */
  whenConfirmed(position: Position, ms: number): Promise<Enforcement>;
  /** What is confirmed now. Rejects while the store is away. */
  confirmedNow(position: Position): Promise<Enforcement>;
}

interface Waiting {
  readonly position: Position;
  /** `null` until the barrier was raised. */
  verifiers: Map<string, { position: Position; confirmedAt: string | null }> | null;
  readonly end: () => void;
}

const UNKNOWN: Enforcement = { confirmed: 0, total: 0, confirmedAt: null, verifiers: [] };

export function createReceipts(options: ReceiptsOptions): Receipts {
  const { leases, watchMs, now, monotonic = () => performance.now(), logger } = options;
  /** Leases and since when they were seen unchanged. */
  const seen = new Map<string, { readonly n: number; readonly since: number }>();
  const waiting = new Set<Waiting>();
  let looking = false;
  let stopped = false;

  /** L2: what was not renewed for longer than it can last is ended, unless it is renewed in the same moment. */
  async function look(barrier: Position | null): Promise<readonly LeaseRow[]> {
    const rows = barrier === null ? await leases.all() : await leases.raise(barrier); // L1
    const at = monotonic();
    for (const id of seen.keys()) if (!rows.some((row) => row.id === id)) seen.delete(id);
    const over = rows.filter(({ id, n, lengthMs }) => {
      const known = seen.get(id);
      if (known?.n === n) return at - known.since >= lengthMs * DRIFT;
      seen.set(id, { n, since: at });
      return false;
    });
    const ended = new Set<string>();
    for (const { id, n } of over) {
      if (!(await leases.end(id, n))) continue;
      ended.add(id);
      logger.warn({ verifier: id }, 'this verifier has vanished: its lease is over');
    }
    return ended.size === 0 ? rows : rows.filter(({ id }) => !ended.has(id));
  }

  function note(of: Waiting, rows: readonly LeaseRow[]): void {
    const verifiers = (of.verifiers ??= new Map(rows.map(({ id, position }) => [id, { position, confirmedAt: null }])));
    const held = new Map(rows.map((row) => [row.id, row.position]));
    for (const [id, verifier] of verifiers) {
      if (verifier.confirmedAt !== null) continue;
      const position = held.get(id);
      if (position === undefined) verifiers.delete(id);
      else verifiers.set(id, { position, confirmedAt: covers(position, of.position) ? now() : null });
    }
    if (isWhole(of)) of.end();
  }

  async function lookWhileSomebodyWaits(): Promise<void> {
    looking = true;
    let pauseMs = FIRST_PAUSE_MS;
    while (waiting.size > 0) {
      const asked = [...waiting];
      const fresh = asked.filter(({ verifiers }) => verifiers === null);
      if (fresh.length > 0) pauseMs = FIRST_PAUSE_MS;
      try {
        const barrier = fresh.length === 0 ? null : fresh.map(({ position }) => position).reduce(furthest);
        const rows = await look(barrier);
        for (const each of asked) note(each, rows);
      } catch (error) {
        // The store is away: it may be back before those who wait have to go.
        logger.debug({ err: error }, 'the leases cannot be read');
      }
      if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 1.5);
    }
    looking = false;
  }

  const watch = createTicker({
    intervalMs: watchMs,
    work: async () => {
      if (waiting.size === 0) await look(null);
    },
    onError: (error) => logger.debug({ err: error }, 'the leases cannot be read'),
  });

  return {
    start: () => watch.start(),
    stop: () => {
      stopped = true;
      for (const { end } of [...waiting]) end();
      void watch.stop();
    },
    whenConfirmed: (position, ms) => {
      if (stopped) return Promise.resolve(UNKNOWN);
      return new Promise((resolve) => {
        const timer = setTimeout(() => self.end(), ms);
        const self: Waiting = {
          position,
          verifiers: null,
          end: () => {
            clearTimeout(timer);
            waiting.delete(self);
            resolve(enforcementOf(self));
          },
        };
        waiting.add(self);
        if (!looking) void lookWhileSomebodyWaits();
      });
    },
    confirmedNow: async (position) => {
      const rows = await look(position);
      const verifiers = new Map(
        rows.map((row) => [
          row.id,
          { position: row.position, confirmedAt: covers(row.position, position) ? row.reportedAt : null },
        ]),
      );
      return enforcementOf({ position, verifiers });
    },
  };

  function enforcementOf(of: Pick<Waiting, 'position' | 'verifiers'>): Enforcement {
    if (of.verifiers === null) return UNKNOWN;
    const verifiers = [...of.verifiers].map(([id, verifier]) => ({ id, ...verifier }));
    const times = verifiers.map(({ confirmedAt }) => confirmedAt).filter((time) => time !== null);
    const latest = times.toSorted().at(-1) ?? now();
    const whole = times.length === verifiers.length;
    return { confirmed: times.length, total: verifiers.length, confirmedAt: whole ? latest : null, verifiers };
  }
}

const isWhole = ({ verifiers }: Waiting): boolean =>
  verifiers !== null && [...verifiers.values()].every(({ confirmedAt }) => confirmedAt !== null);
