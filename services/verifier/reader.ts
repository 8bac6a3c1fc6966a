// The reader: loads the view, tails the log without a group, and keeps proving that the view is fresh. It goes on
// through every failure of log and store by itself (P5); what it cannot prove, it does not claim.
import { setTimeout as sleep } from 'node:timers/promises';
import { checkReaches, PositionOutOfRangeError, type EventLog, type LogBatch } from '../../events/log.ts';
import type { Pepper } from '../../events/secret.ts';
import { covers, type Position } from '../../events/position.ts';
import { createBackOff } from '../../projections/back-off.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { describeTrouble } from '../../projections/troubles.ts';
import type { Logger } from '../shared/logger.ts';
import type { Freshness } from './freshness.ts';
import { loadView } from './load-view.ts';
import { tellMissingPeppers } from './missing-peppers.ts';
import type { Snapshots } from './snapshots.ts';
import type { View } from './view.ts';

/** How often the log's end is asked for within the length of a proof. */
const PROOFS = 6;
/** Records folded before requests get their turn. */
const FOLD_AT_ONCE = 32;

export interface ReaderOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly peppers: readonly Pepper[];
  /** VERIFIER_MAX_KEYS; `Infinity`: no bound. */
  readonly maxKeys: number;
  /** `null`: the view is loaded from the store at every start. */
  readonly snapshots: Snapshots | null;
  readonly freshness: Freshness;
  readonly maxStalenessMs: number;
  readonly logger: Logger;
  /** After every step: the view was loaded, has gone on, or was looked at. */
  readonly onProgress: (view: View) => void;
}

export interface Reader {
  start(): void;
  stop(): Promise<void>;
  /** `null` until it is loaded. */
  view(): View | null;
  /** What it waits for, in our own words; `null`: nothing. */
  trouble(): string | null;
}

type Part = 'load' | 'tail' | 'proof';

export function createReader(options: ReaderOptions): Reader {
  const { log, store, peppers, maxKeys, snapshots, freshness, maxStalenessMs, logger, onProgress } = options;
  const interval = maxStalenessMs / PROOFS;
  const stopping = new AbortController();
  /** Aborts when the log turns out to be another one than the view is the fold of. */
  const losing = new AbortController();
  const signal = AbortSignal.any([stopping.signal, losing.signal]);
  const troubles = new Map<Part, string>();
  let view: View | null = null;
  /** Since when the log has ended behind the view; `null`: it does not. */
  let shortSince: number | null = null;
  let running: Promise<void> | undefined;

  function complain(part: Part, reason: string, error?: unknown): void {
    if (troubles.get(part) !== reason) logger.warn({ err: error, part }, `the verifier waits: ${reason}`);
    troubles.set(part, reason);
  }

  // T: it stops and says so. What it held is the fold of a log that is gone; a start looks at log and read models again.
  function lose(error: PositionOutOfRangeError): void {
    freshness.lose();
    troubles.clear();
    troubles.set('tail', error.message);
    logger.error({ err: error }, 'the verifier has stopped: the log is not the one that it has read');
    losing.abort();
  }

  /** Does `step` for ever; `well` says that it is past its trouble before it has ended. */
  async function keepDoing(part: Part, step: (well: () => void) => Promise<void>): Promise<void> {
    const backOff = createBackOff({ maxMs: interval });
    const well = (): void => {
      troubles.delete(part);
      backOff.reset();
    };
    while (!isAborted(signal)) {
      try {
        await step(well);
      } catch (error) {
        if (isAborted(signal)) return;
        if (error instanceof PositionOutOfRangeError) {
          lose(error);
          return;
        }
        complain(part, describeTrouble(error), error);
        await backOff.pause(signal);
      }
    }
  }

  async function load(well: () => void): Promise<void> {
    const restored = (await snapshots?.read(signal)) ?? null;
    const loaded = restored ?? (await loadView({ store, partitions: log.partitions, peppers, maxKeys, signal }));
    well();
    const from = restored === null ? 'the read store' : 'its snapshot';
    logger.info({ keys: loaded.keys.size, position: loaded.position }, `the view is loaded from ${from}`);
    void tellMissingPeppers(loaded, { store, logger, signal });
    view = loaded;
    onProgress(loaded);
    snapshots?.keep(loaded);
    await Promise.all([
      keepDoing('tail', (reading) => tail(loaded, reading)),
      keepDoing('proof', (answered) => prove(loaded, answered)),
    ]);
  }

  /**
   * Whether an end lies behind us: that proves nothing. A broker that lost its lead may say so for a moment.
   *
   * @throws {@link PositionOutOfRangeError} it has done so for as long as a proof lasts.
   */
  function isShort(end: Position, reached: Position): boolean {
    if (covers(end, reached)) {
      shortSince = null;
      return false;
    }
    shortSince ??= performance.now();
    if (performance.now() - shortSince >= maxStalenessMs) checkReaches(end, reached);
    return true;
  }

  async function tail(onto: View, well: () => void): Promise<void> {
    for await (const batch of log.read({ from: () => ({ ...onto.position }), signal })) {
      well();
      await fold(onto, batch);
    }
    if (!signal.aborted) throw new Error('the log has ended its reader');
  }

  async function fold(onto: View, batch: LogBatch): Promise<void> {
    for (const [index, record] of batch.records.entries()) {
      onto.fold(record);
      if (index % FOLD_AT_ONCE !== FOLD_AT_ONCE - 1) continue;
      onProgress(onto);
      await new Promise(setImmediate);
    }
    onto.passed(batch);
    freshness.reached(onto.position);
    onProgress(onto);
  }

  // L6: every L/6; a question that hangs does not hold up the next one.
  async function prove(onto: View, well: () => void): Promise<void> {
    const asked = freshness.ask();
    const reached = { ...onto.position };
    const answer = log.end().then((end) => {
      if (isShort(end, reached)) {
        complain('proof', 'the log ends before what was read of it; it is asked again');
        return;
      }
      freshness.answered(asked, end, onto.position);
      well();
    });
    const turn = new AbortController();
    const next = pause(interval, AbortSignal.any([turn.signal, signal]));
    const first = await Promise.race([answer.then(() => 'answered' as const), next]).catch((error: unknown) => {
      turn.abort();
      throw error;
    });
    if (first !== 'answered' && !signal.aborted) complain('proof', 'the log does not answer');
    onProgress(onto);
    await next;
  }

  return {
    start: () => {
      running ??= keepDoing('load', load);
    },
    stop: async () => {
      stopping.abort();
      await running;
      await snapshots?.close(losing.signal.aborted ? null : view);
    },
    view: () => view,
    trouble: () => [...troubles.values()][0] ?? null,
  };
}

/** Waits, shorter when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A function, as an `await` changes what a signal says. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
