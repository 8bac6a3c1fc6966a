// Waiting for a rebuild: tells how far it is, and ends with it, or when nothing moves any more.
import { setTimeout as delay } from 'node:timers/promises';
import { mayPass } from './api-client.ts';
import { CliError, EXIT, remark, type Io } from './io.ts';
import { readHealth } from './projection-health.ts';

const POLL_MS = 500;

/** Tells the progress until readers are on the generation, or a later one; gives up when nothing moves for `seconds`. */
export async function whenSwitched(io: Io, workspace: string, generation: string, seconds: number): Promise<void> {
  let shown = '';
  let seen: number | undefined;
  let since = performance.now();
  for (;;) {
    const found = await progressOf(io, workspace, generation);
    if (found !== null) {
      if (found.progress === null)
        throw new CliError('REBUILD_FAILED', `generation ${generation} was given up; the live one is untouched`, {
          advice: 'the log says what differed',
        });
      const line = `generation ${generation}: ${Math.floor(found.progress * 100)} %`;
      if (line !== shown) remark(io, (shown = line));
      if (found.switched) return;
      if (found.progress !== seen) since = performance.now();
      seen = found.progress;
    }
    if (performance.now() - since >= seconds * 1000) {
      throw new CliError('NO_PROGRESS', `generation ${generation} has not moved for ${seconds} s`, {
        exitCode: EXIT.unknown,
        advice: 'it goes on once it can: is a projector running? keyfold projections status tells how far it is',
      });
    }
    await delay(POLL_MS);
  }
}

interface Progress {
  readonly switched: boolean;
  /** 0 … 1; `null`: it is not under way any more. */
  readonly progress: number | null;
}

/** `null`: the API does not answer at the moment. */
async function progressOf(io: Io, workspace: string, generation: string): Promise<Progress | null> {
  try {
    const { projections } = await readHealth(io, workspace);
    const switched = projections.every((projection) => numberOf(projection.generation) >= numberOf(generation));
    const rebuilt = projections.find((projection) => projection.rebuild !== null)?.rebuild;
    return { switched, progress: switched ? 1 : (rebuilt?.progress ?? null) };
  } catch (error) {
    if (mayPass(error)) return null;
    throw error;
  }
}

/** `g12` → 12: a later generation has taken the place of an earlier one. */
function numberOf(generation: string): number {
  return Number(generation.slice(1));
}
