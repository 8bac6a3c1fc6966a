// The backend watch: when log and read store answered last, and whether the read models still follow the log. It asks
// nobody and is told what was seen: readiness is answered at once, whatever hangs.
import { covers, furthest, type Position } from '../../events/position.ts';
import type { Readiness } from '../shared/health.ts';

/** Who has not answered for so long, in milliseconds, does not answer. */
const SILENT_MS = 4000;
/** As long as a mutation waits for its outcome (L9): nobody gets one from read models that stand still for longer. */
const STUCK_MS = 5000;

export interface BackendWatch {
  /** The log has answered; where it ended, if that was asked. */
  logAnswered(end?: Position): void;
  /** The read store has answered, with the live generation's checkpoint. */
  storeAnswered(checkpoint: Position): void;
  readiness(): Readiness;
}

export interface BackendWatchOptions {
  /** Monotonic, in milliseconds. */
  readonly clock?: () => number;
  readonly silentMs?: number;
  readonly stuckMs?: number;
}

/** Both count as having answered when it is made: they have just been opened. */
export function createBackendWatch(options: BackendWatchOptions = {}): BackendWatch {
  const { clock = () => performance.now(), silentMs = SILENT_MS, stuckMs = STUCK_MS } = options;
  let logAt = clock();
  let storeAt = logAt;
  let end: Position = {};
  let checkpoint: Position = {};
  /** Since when the read models are behind and have not gone on; `null`: they are not, or have. */
  let stuckSince: number | null = null;

  const compare = (): void => {
    stuckSince = covers(checkpoint, end) ? null : (stuckSince ?? clock());
  };

  return {
    logAnswered(seen) {
      logAt = clock();
      if (seen === undefined) return;
      end = seen;
      compare();
    },
    storeAnswered(seen) {
      storeAt = clock();
      if (!covers(checkpoint, seen)) stuckSince = null;
      checkpoint = furthest(checkpoint, seen);
      compare();
    },
    readiness() {
      const now = clock();
      const reasons = [
        ...(now - logAt > silentMs ? ['the log does not answer'] : []),
        ...(now - storeAt > silentMs ? ['the read store does not answer'] : []),
      ];
      const stuck = reasons.length === 0 && stuckSince !== null && now - stuckSince > stuckMs;
      // Reads go on, so it is not out of service.
      const degraded = stuck
        ? ['the read models do not follow the log, so the outcome of changes is not known: is a projector running?']
        : [];
      return { ready: reasons.length === 0, reasons, degraded };
    },
  };
}
