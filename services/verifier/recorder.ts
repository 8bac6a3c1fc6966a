// The recorder: told of every verdict, in its tick. It counts all of them, and writes the calls that the request log keeps;
// whatever is slow comes later, when what is pending is taken. Counts are never dropped, the oldest calls past a bound are.
import type { Position } from '../../events/position.ts';
import type { Recorder } from './judge.ts';
import { FULL_AT, isFull } from './usage-batches.ts';
import { createUsageCounts, type UsageCounts } from './usage-counts.ts';
import { createUsageRows, type SeenPosition, type UsageRows } from './usage-rows.ts';

/** What was recorded since it was taken last. */
export interface Pending {
  readonly counts: UsageCounts;
  /** The calls, each of these a batch. */
  readonly rows: readonly UsageRows[];
}

export interface RecorderOptions {
  /** What the view has folded: the answer's object may go on changing. */
  readonly position: () => Position;
  /** Of the log. */
  readonly partitions: number;
  /** So many of the oldest calls were dropped. */
  readonly onDropped: (calls: number) => void;
  /** Bound of all pending calls together. */
  readonly maxBytes?: number;
}

export interface UsageRecorder extends Recorder {
  /** What is pending, which is the caller's from now on; `null`: nothing. */
  take(): Pending | null;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** Past the bound at most one of so many parts is dropped at once. */
const PARTS = 8;
/** The golden ratio's part of 2^32: whatever the share is, the calls that it keeps are spread evenly. */
const STEP = 0x9e3779b9;
const ALL = 2 ** 32;

export function createRecorder(options: RecorderOptions): UsageRecorder {
  const { position, partitions, onDropped, maxBytes = MAX_BYTES } = options;
  const fullAt = Math.min(FULL_AT, maxBytes / PARTS);
  let counts = createUsageCounts();
  let rows = createUsageRows();
  /** Rows before these, each a batch, oldest first. */
  let full: UsageRows[] = [];
  let turn = 0;
  let seen: SeenPosition = { position: {}, token: null };

  function seenPosition(): SeenPosition {
    const now = position();
    for (let partition = 0; partition < partitions; partition++)
      if (now[partition] !== seen.position[partition]) return (seen = { position: { ...now }, token: null });
    return seen;
  }

  /** By count, not by id: whoever chooses the ids of requests cannot choose which are kept. */
  function isKept(share: number): boolean {
    if (share >= 1) return true;
    turn = (turn + STEP) >>> 0;
    return turn < share * ALL;
  }

  function bytes(): number {
    return full.reduce((sum, each) => sum + each.bytes(), rows.bytes());
  }

  /** Once in as many calls as fill a batch. */
  function close(): void {
    full.push(rows);
    rows = createUsageRows();
    while (full.length > 0 && bytes() > maxBytes) onDropped(full.shift()?.calls() ?? 0);
  }

  return {
    record: (asked, { verdict, now }, requestId) => {
      if (verdict.code === 'MALFORMED' || verdict.record === null || verdict.secret === null) return;
      const { code, record, secret } = verdict;
      const checks = counts.add(record, code, secret, now);
      if (!isKept(record.policy.requestLogSample)) return;
      rows.addCall(asked, {
        requestId,
        now,
        checks,
        // A key may have had many: which one this was is told by no more than everybody may see of it.
        preview: secret === 'RETIRED' ? record.policy.preview(asked.key, record.keyId) : null,
        seen: seenPosition(),
      });
      if (isFull(rows, fullAt)) close();
    },
    take: () => {
      if (counts.isEmpty()) return null;
      const pending = { counts, rows: rows.calls() === 0 ? full : [...full, rows] };
      counts = createUsageCounts();
      rows = createUsageRows();
      full = [];
      return pending;
    },
  };
}
