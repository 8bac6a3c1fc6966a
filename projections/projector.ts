// The projector: one loop per generation that is live or being built, started and stopped as generations come and go,
// and the end of a rebuild. Any number of processes may run one; the store's guards keep them apart (P2).
import { checkReaches, type EventLog } from '../events/log.ts';
import { covers } from '../events/position.ts';
import type { BackOffOptions } from './back-off.ts';
import type { BatchResult } from './batch.ts';
import { startGenerationLoop, type GenerationLoop } from './generation-loop.ts';
import type { LoopState } from './persistence.ts';
import { lagOf } from './health.ts';
import type { DataKeys } from './personal.ts';
import type { Control, GenerationId, ReadStore } from './read-store.ts';
import { completeRebuild, rebuildIn } from './rebuild.ts';
import { createTicker } from './ticker.ts';
import { describeTrouble, type ProjectionLogger } from './troubles.ts';

export interface ProjectorOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly dataKeys: Pick<DataKeys, 'open' | 'destroy'>;
  readonly logger: ProjectionLogger;
  /** ISO time. */
  readonly now: () => string;
  /** What the groups of readers are named after; one group per generation. All processes use the same. */
  readonly group?: string;
  /** Most records that are folded and written at once. */
  readonly batchSize?: number;
  /** How often generations and the log's end are looked at, in milliseconds. */
  readonly intervalMs?: number;
  readonly backOff?: BackOffOptions;
  readonly hooks?: ProjectorHooks;
}

/** For metrics; called synchronously. */
export interface ProjectorHooks {
  /** A batch was written. */
  readonly onBatch?: (generation: GenerationId, result: BatchResult) => void;
  /** Records between a generation's checkpoint and the log's end, once per interval. */
  readonly onLag?: (generation: GenerationId, records: number, live: boolean) => void;
}

/** Whether it works, and if not why, in our own words. */
export interface ProjectorReadiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface Projector {
  start(): void;
  /** Ends after the steps under way. */
  stop(): Promise<void>;
  /** Looks at the generations now: a rebuild was asked for in this process. */
  nudge(): void;
  ready(): boolean;
  readiness(): ProjectorReadiness;
  /** By generation. */
  loops(): ReadonlyMap<GenerationId, LoopState>;
}

export function createProjector(options: ProjectorOptions): Projector {
  const { log, store, logger, group = 'keyfold-projector', batchSize = 512, intervalMs = 1000, hooks = {} } = options;
  const loops = new Map<GenerationId, GenerationLoop>();
  const cleared = new Set<GenerationId>();
  /** Why the last look failed; `undefined` before the first one. */
  let trouble: string | null | undefined;
  let live: GenerationId | null = null;

  const ticker = createTicker({
    intervalMs,
    work: look,
    onError(error) {
      const reason = describeTrouble(error);
      if (trouble !== reason) logger.warn({ err: error }, `projector waits: ${reason}`);
      trouble = reason;
    },
  });

  async function look(signal: AbortSignal): Promise<void> {
    const control = await store.control();
    live = control.live;
    await followGenerations(control, signal);
    const end = await log.end();
    for (const { id, checkpoint } of control.generations) {
      if (loops.has(id)) hooks.onLag?.(id, lagOf(checkpoint, end), id === control.live);
    }
    const from = control.generations.find(({ id }) => id === control.live);
    checkReaches(end, from?.checkpoint ?? {}); // the loop itself learns it only when it is handed something
    trouble = null;
    await clearDropped(control);
    const building = rebuildIn(control);
    if (building && from && covers(building.checkpoint, from.checkpoint)) {
      const outcome = await completeRebuild({ log, store, logger, signal });
      if (outcome !== 'waiting') ticker.nudge();
    }
  }

  async function followGenerations({ generations }: Control, signal: AbortSignal): Promise<void> {
    const wanted = new Set(
      generations.filter(({ status }) => status === 'live' || status === 'building').map(({ id }) => id),
    );
    for (const [id, loop] of loops) {
      if (wanted.has(id)) continue;
      await loop.stop();
      loops.delete(id);
    }
    for (const id of wanted) {
      if (loops.has(id) || signal.aborted) continue;
      const onBatch = (result: BatchResult): void => hooks.onBatch?.(id, result);
      loops.set(id, startGenerationLoop({ ...options, generation: id, group: `${group}-${id}`, batchSize, onBatch }));
    }
  }

  /** A process that died between the switch and the deletion has left rows behind. */
  async function clearDropped({ generations }: Control): Promise<void> {
    for (const { id, status } of generations) {
      if (status !== 'dropped' || cleared.has(id)) continue;
      await store.dropGeneration(id);
      cleared.add(id);
    }
  }

  function readiness(): ProjectorReadiness {
    const reasons: string[] = [];
    if (trouble === undefined) reasons.push('the projector has not looked at its generations yet');
    else if (trouble !== null) reasons.push(trouble);
    const state = live === null ? undefined : loops.get(live)?.state();
    if (state && state.status !== 'running')
      reasons.push(state.reason ?? `the projector of the live generation is ${state.status}`);
    return { ready: reasons.length === 0 && state !== undefined, reasons: [...new Set(reasons)] };
  }

  return {
    start: () => ticker.start(),
    nudge: () => ticker.nudge(),
    async stop() {
      await ticker.stop();
      await Promise.all([...loops.values()].map((loop) => loop.stop()));
    },
    ready: () => readiness().ready,
    readiness,
    loops: () => new Map([...loops].map(([id, loop]) => [id, loop.state()])),
  };
}
