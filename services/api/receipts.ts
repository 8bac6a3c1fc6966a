// Receipts: which verifiers have folded a mutation. The barrier is raised first, then the leases are read (L1); whoever
// holds one has to report the position, or its lease has to be over, before nothing can answer from what was before.
import { covers, encodePosition, furthest, type Position } from '../../events/position.ts';
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
  /**
   * Begins what {@link whenConfirmed} will wait for, while the outcome of the append is not known yet: verifiers fold it
   * beside the projection. Given up after `ms`, unless it is waited for.
   */
  expect(position: Position, ms: number): void;
  /** Waits until every verifier that could still answer has folded up to the position, or until `ms` are over. Never rejects. */
  whenConfirmed(position: Position, ms: number): Promise<Enforcement>;
  /** What is confirmed now. Rejects while the store is away. */
  confirmedNow(position: Position): Promise<Enforcement>;
}

/** A receipt that is looked for. */
interface Sought {
  readonly position: Position;
  /** `null` until the barrier was raised. */
  verifiers: Map<string, { position: Position; confirmedAt: string | null }> | null;
  /** Resolves once it is whole or given up. */
  readonly over: Promise<void>;
  readonly end: () => void;
}

const UNKNOWN: Enforcement = { confirmed: 0, total: 0, confirmedAt: null, verifiers: [] };

export function createReceipts(options: ReceiptsOptions): Receipts {
  const { leases, watchMs, now, monotonic = () => performance.now(), logger } = options;
  /** Leases and since when they were seen unchanged. */
  const seen = new Map<string, { readonly n: number; readonly since: number }>();
  const sought = new Set<Sought>();
  /** Of them, what is not waited for yet; by its position. */
  const expected = new Map<string, Sought>();
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

  function note(of: Sought, rows: readonly LeaseRow[]): void {
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

  async function lookWhileAnyIsSought(): Promise<void> {
    looking = true;
    let pauseMs = FIRST_PAUSE_MS;
    while (sought.size > 0) {
      const asked = [...sought];
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
      if (sought.size > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 1.5);
    }
    looking = false;
  }

  function seek(position: Position): Sought {
    let resolveOver = (): void => undefined;
    const over = new Promise<void>((resolve) => (resolveOver = resolve));
    const self: Sought = {
      ...{ position, verifiers: null, over },
      end: () => {
        sought.delete(self);
        resolveOver();
      },
    };
    sought.add(self);
    if (!looking) void lookWhileAnyIsSought();
    return self;
  }

  function takeExpected(position: Position): Sought | undefined {
    const key = encodePosition(position);
    const found = expected.get(key);
    expected.delete(key);
    return found;
  }

  const watch = createTicker({
    intervalMs: watchMs,
    work: async () => {
      if (sought.size === 0) await look(null);
    },
    onError: (error) => logger.debug({ err: error }, 'the leases cannot be read'),
  });

  return {
    start: () => watch.start(),
    stop: () => {
      stopped = true;
      for (const { end } of [...sought]) end();
      void watch.stop();
    },
    expect: (position, ms) => {
      if (stopped) return;
      takeExpected(position)?.end();
      const self = seek(position);
      expected.set(encodePosition(position), self);
      setTimeout(() => {
        if (expected.get(encodePosition(position)) === self) takeExpected(position)?.end();
      }, ms).unref();
    },
    whenConfirmed: async (position, ms) => {
      const begun = takeExpected(position);
      if (stopped) return begun ? enforcementOf(begun) : UNKNOWN;
      const self = begun ?? seek(position);
      const timer = setTimeout(self.end, ms);
      await self.over;
      clearTimeout(timer);
      return enforcementOf(self);
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

  function enforcementOf(of: Pick<Sought, 'position' | 'verifiers'>): Enforcement {
    if (of.verifiers === null) return UNKNOWN;
    const verifiers = [...of.verifiers].map(([id, verifier]) => ({ id, ...verifier }));
    const times = verifiers.map(({ confirmedAt }) => confirmedAt).filter((time) => time !== null);
    const latest = times.toSorted().at(-1) ?? now();
    const whole = times.length === verifiers.length;
    return { confirmed: times.length, total: verifiers.length, confirmedAt: whole ? latest : null, verifiers };
  }
}

const isWhole = ({ verifiers }: Sought): boolean =>
  verifiers !== null && [...verifiers.values()].every(({ confirmedAt }) => confirmedAt !== null);
