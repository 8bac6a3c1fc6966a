// Health: how the projections stand, for operators: lag, rebuild and parked records, asked of store and log anew.
import type { EventLog } from '../events/log.ts';
import type { Position } from '../events/position.ts';
import type { GenerationId, ReadStore } from './read-store.ts';
import { rebuildIn, rebuildProgress } from './rebuild.ts';
import type { ParkedRow } from './rows.ts';

export interface ProjectionHealth {
  readonly name: string;
  /** Records between the live generation's checkpoint and the log's end. */
  readonly lag: number;
  /** The live one. */
  readonly generation: GenerationId;
  /** 0 … 1 while a rebuild runs. */
  readonly rebuildProgress: number | null;
  /** Why the last rebuild was given up; `null` if it was not, or another one was started since. */
  readonly rebuildFailure: string | null;
  /** Open ones, oldest first. */
  readonly parked: readonly ParkedRow[];
}

/** Records between a checkpoint and the log's end. */
export function lagOf(checkpoint: Position, end: Position): number {
  return Object.entries(end).reduce(
    (lag, [partition, offset]) => lag + Math.max(0, offset - (checkpoint[Number(partition)] ?? 0)),
    0,
  );
}

/** The health of all projections: one, `keys`, which all tables of a generation belong to. */
export async function projectionHealth({
  store,
  log,
}: {
  readonly store: ReadStore;
  readonly log: EventLog;
}): Promise<readonly ProjectionHealth[]> {
  // The checkpoint first: the end is never before it.
  const control = await store.control();
  const [end, parked] = await Promise.all([log.end(), store.parked.open()]);
  const live = control.generations.find(({ id }) => id === control.live);
  const building = rebuildIn(control);
  return [
    {
      name: 'keys',
      lag: lagOf(live?.checkpoint ?? {}, end),
      generation: control.live,
      rebuildProgress: building ? rebuildProgress(building.checkpoint, end) : null,
      rebuildFailure: control.generations.at(-1)?.failure ?? null,
      parked,
    },
  ];
}
