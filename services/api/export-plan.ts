// What an export reaches from and to: a range is rounded outwards to checkpoints, so that both of its ends are signed.
import { covers, type Position } from '../../events/position.ts';
import type { SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import type { CheckpointReads } from '../../projections/checkpoints.ts';
import type { Checkpointer } from './checkpointer.ts';
import { positionOf } from './checkpoint-signing.ts';

/** What is asked for. */
export interface ExportRequest {
  /** `null`: everything, `keyspaces` included. */
  readonly workspaceId: string | null;
  /** `null`: from the beginning, to the end. */
  readonly from: Position | null;
  readonly to: Position | null;
  /** Numbers of checkpoints that somebody has kept. */
  readonly kept: readonly number[];
}

/** What a bundle is made of. */
export interface ExportPlan {
  readonly workspaceId: string | null;
  readonly main: SignedCheckpoint;
  readonly from: SignedCheckpoint | null;
  /** Oldest first; between the two. */
  readonly older: readonly SignedCheckpoint[];
}

/** The request cannot be met, in words for the caller. */
export class ExportRefusedError extends Error {
  readonly code = 'EXPORT_REFUSED';
}

export interface PlanOptions {
  readonly checkpoints: CheckpointReads;
  readonly checkpointer: Pick<Checkpointer, 'sign'>;
}

/** @throws {@link ExportRefusedError} */
export async function planExport(options: PlanOptions, request: ExportRequest): Promise<ExportPlan> {
  const { checkpoints } = options;
  const { workspaceId, from: after, to, kept } = request;
  const main = to === null ? await options.checkpointer.sign() : await firstCovering(options, to);
  if (!main) throw new ExportRefusedError('Nothing has happened yet: there is nothing to export.');
  const last = main.checkpoint.number;
  // Of those that the position covers the last one: the covered come first.
  const covered = after === null ? 0 : (await firstNumber(checkpoints, last, (at) => !covers(after, at))) - 1;
  if (covered === last) throw new ExportRefusedError('Nothing has happened between these positions.');
  const from = covered === 0 ? null : await rowAt(checkpoints, covered);
  const older: SignedCheckpoint[] = [];
  for (const number of [...new Set(kept)].sort((a, b) => a - b)) {
    if (number > last)
      throw new ExportRefusedError(`checkpoint ${number} is not there, or newer than what is exported (${last}).`);
    if (number < covered)
      throw new ExportRefusedError(`checkpoint ${number} is older than where this range begins (${covered}).`);
    if (number !== last && number !== covered) older.push(await rowAt(checkpoints, number));
  }
  return { workspaceId, main, from, older };
}

async function firstCovering({ checkpoints, checkpointer }: PlanOptions, to: Position) {
  const newest = await checkpoints.newest();
  const reached = newest && covers(positionOf(newest.checkpoint), to) ? newest : await checkpointer.sign();
  if (!reached || !covers(positionOf(reached.checkpoint), to))
    throw new ExportRefusedError('This position has not been reached yet.');
  return rowAt(checkpoints, await firstNumber(checkpoints, reached.checkpoint.number, (at) => covers(at, to)));
}

/** The first number whose position is `wanted`, as all behind it are; `last + 1` if there is none. */
async function firstNumber(
  checkpoints: CheckpointReads,
  last: number,
  wanted: (position: Position) => boolean,
): Promise<number> {
  let [low, high] = [1, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (wanted(positionOf((await rowAt(checkpoints, middle)).checkpoint))) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function rowAt(checkpoints: CheckpointReads, number: number): Promise<SignedCheckpoint> {
  const row = await checkpoints.at(number);
  if (!row) throw new ExportRefusedError(`there is no checkpoint ${number}.`);
  return row;
}
