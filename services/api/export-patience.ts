// How long an export waits for its reader: a minute, and as long besides as what it is given takes at the least rate; 15 minutes
// in all. So no reader holds a slot for as long as it likes, nor does one who has lost their role read on for long.
import type { ServerResponse } from 'node:http';

export interface PatienceLimits {
  /** What a reader may be waited for besides, in milliseconds. */
  readonly spareMs: number;
  readonly leastBytesPerSecond: number;
  /** From the first byte to the last, whatever takes long. */
  readonly totalMs: number;
}

/** About a megabyte a minute. */
export const PATIENCE: PatienceLimits = { spareMs: 60_000, leastBytesPerSecond: 16_000, totalMs: 15 * 60_000 };

/** The reader is too slow, or the export too long for one. */
export class OutOfPatienceError extends Error {
  readonly code = 'SLOW_READER';
}

/** Both wait until what was written is taken; `false`: the reader has gone. @throws {@link OutOfPatienceError} */
export interface PatientWriter {
  write(text: string): Promise<boolean>;
  end(): Promise<boolean>;
}

export function createPatientWriter(response: ServerResponse, limits: PatienceLimits = PATIENCE): PatientWriter {
  const { spareMs, leastBytesPerSecond, totalMs } = limits;
  const over = performance.now() + totalMs;
  let spare = spareMs;

  async function taken(event: 'drain' | 'finish', bytes: number): Promise<boolean> {
    const since = performance.now();
    const owed = (bytes / leastBytesPerSecond) * 1000;
    const how = await outcome(response, event, Math.min(spare + owed, over - since));
    if (how === 'late') throw new OutOfPatienceError('its reader took too little, or it took too long in all');
    // Never more than at the beginning: what was fast once does not make up for what is slow now.
    spare = Math.min(spareMs, spare + owed - (performance.now() - since));
    return how === 'taken';
  }

  return {
    write(text) {
      if (response.destroyed) return Promise.resolve(false);
      if (performance.now() >= over) return Promise.reject(new OutOfPatienceError('it took too long in all'));
      return response.write(text) ? Promise.resolve(true) : taken('drain', Buffer.byteLength(text));
    },
    end() {
      if (response.destroyed) return Promise.resolve(false);
      response.end();
      return taken('finish', 0);
    },
  };
}

function outcome(response: ServerResponse, event: 'drain' | 'finish', ms: number): Promise<'taken' | 'gone' | 'late'> {
  return new Promise((resolve) => {
    const settle = (how: 'taken' | 'gone' | 'late'): void => {
      clearTimeout(timer);
      response.off(event, taken);
      response.off('close', gone);
      resolve(how);
    };
    const taken = (): void => settle('taken');
    const gone = (): void => settle('gone');
    const timer = setTimeout(() => settle('late'), ms);
    response.once(event, taken);
    response.once('close', gone);
  });
}
