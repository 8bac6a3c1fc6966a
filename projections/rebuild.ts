// Rebuild: a new generation is filled from position 0 beside the live one, compared with it, and takes its place by a
// pointer (P3). Readers never wait and never see a gap. Any number of processes may try: the guards let one win.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../events/log.ts';
import { covers, type Position } from '../events/position.ts';
import { compareGenerations } from './compare.ts';
import type { Control, Generation, GenerationId, ReadStore } from './read-store.ts';
import { GenerationDroppedError, madeBy } from './stores/generations.ts';
import type { ProjectionLogger } from './troubles.ts';

const SWITCH_ATTEMPTS = 200;
const SWITCH_PAUSE_MS = 3;

/** The rebuild that is under way; `null` if there is none. */
export function rebuildIn({ generations }: Control): Generation | null {
  return generations.find(({ status }) => status === 'building') ?? null;
}

/**
 * Starts a rebuild, or answers the one that is under way. What an earlier rebuild left behind when it failed goes.
 *
 * @param now ISO time.
 * @param commandId the same one again answers the rebuild that it started, whatever became of that.
 */
export async function requestRebuild(
  store: ReadStore,
  now: string,
  commandId: string | null = null,
): Promise<GenerationId> {
  const before = await store.control();
  const known = madeBy(before.generations, commandId) ?? rebuildIn(before);
  if (known) return known.id;
  for (const { id, status } of before.generations) if (status === 'failed') await store.dropGeneration(id);
  const created = await store.createGeneration(now, commandId);
  // Two may have asked at once: the first generation that is being built is the rebuild, for everybody.
  const after = await store.control();
  const first = rebuildIn(after)?.id ?? created;
  const isBuilding = after.generations.some(({ id, status }) => id === created && status === 'building');
  if (first === created || !isBuilding) return created;
  await store.dropGeneration(created);
  return first;
}

/** How far a generation has come, 0 … 1. */
export function rebuildProgress(checkpoint: Position, end: Position): number {
  const sum = (position: Position): number => Object.values(position).reduce((total, offset) => total + offset, 0);
  const all = sum(end);
  return all === 0 ? 1 : Math.min(1, sum(checkpoint) / all);
}

export interface CompleteOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly logger: ProjectionLogger;
  readonly signal: AbortSignal;
}

/**
 * Ends a rebuild that has caught up: compares, then switches and drops the old generation, or marks the rebuild failed
 * with the first differences. `waiting`: not caught up, or rows are still on the move; to be tried again.
 */
export async function completeRebuild(options: CompleteOptions): Promise<'none' | 'waiting' | 'switched' | 'failed'> {
  const { store, logger } = options;
  const control = await store.control();
  const building = rebuildIn(control);
  const live = control.generations.find(({ id }) => id === control.live);
  if (!building || !live) return 'none';
  if (!covers(building.checkpoint, live.checkpoint)) return 'waiting';
  const result = await compareGenerations({ ...options, live: live.id, building: building.id }).catch(
    (error: unknown) => {
      // Another process has ended this rebuild meanwhile.
      if (error instanceof GenerationDroppedError) return { kind: 'unsettled' } as const;
      throw error;
    },
  );
  switch (result.kind) {
    case 'unsettled':
      return 'waiting';
    case 'different': {
      const failure = `differs from ${live.id}: ${result.differences.join('; ')}`;
      logger.error({ live: live.id, building: building.id, differences: result.differences }, 'a rebuild failed');
      await store.failGeneration(building.id, failure);
      return 'failed';
    }
    case 'equal':
      if (!(await switchOver(options, live.id, building.id))) return 'waiting';
      logger.info({ from: live.id, to: building.id }, 'a rebuild took its place');
      await store.dropGeneration(live.id);
      return 'switched';
  }
}

/**
 * The store switches only while the new generation's checkpoint covers the old one's, or readers would go back in time;
 * under traffic both move, so it may take a few tries.
 */
async function switchOver({ store, signal }: CompleteOptions, from: GenerationId, to: GenerationId): Promise<boolean> {
  for (let attempt = 0; attempt < SWITCH_ATTEMPTS && !signal.aborted; attempt++) {
    if (await store.switchGeneration(from, to)) return true;
    const { live } = await store.control();
    if (live !== from) return false;
    await sleep(SWITCH_PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
