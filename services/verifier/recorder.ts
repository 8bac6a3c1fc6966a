// The recorder: told of every verdict, in its tick. It counts all of them, and notes the calls that the request log keeps;
// whatever is slow comes later, when what is pending is taken. Counts are never dropped, the oldest calls past a bound are.
import type { Position } from '../../events/position.ts';
import type { Recorder } from './judge.ts';
import { noteCall, weightOf, type Call, type SeenPosition } from './usage-call.ts';
import { createUsageCounts, type UsageCounts } from './usage-counts.ts';

/** What was recorded since it was taken last. */
export interface Pending {
  readonly counts: UsageCounts;
  readonly calls: readonly Call[];
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
/** The golden ratio's part of 2^32: whatever the share is, the calls that it keeps are spread evenly. */
const STEP = 0x9e3779b9;
const ALL = 2 ** 32;

export function createRecorder(options: RecorderOptions): UsageRecorder {
  const { position, partitions, onDropped, maxBytes = MAX_BYTES } = options;
  let counts = createUsageCounts();
  let calls: Call[] = [];
  /** The first call that is not dropped. */
  let first = 0;
  let bytes = 0;
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

  function drop(): void {
    let dropped = 0;
    for (; bytes > maxBytes && first < calls.length; first++, dropped++) {
      const oldest = calls[first];
      if (oldest !== undefined) bytes -= weightOf(oldest);
    }
    if (first > calls.length / 2) {
      calls = calls.slice(first);
      first = 0;
    }
    onDropped(dropped);
  }

  return {
    record: (asked, { verdict, now }, requestId) => {
      if (verdict.code === 'MALFORMED' || verdict.record === null || verdict.secret === null) return;
      const { code, record, secret } = verdict;
      counts.add(record, code, secret, now);
      if (!isKept(record.policy.requestLogSample)) return;
      const call = noteCall(asked, { record, code, secret }, now, requestId, seenPosition());
      calls.push(call);
      bytes += weightOf(call);
      if (bytes > maxBytes) drop();
    },
    take: () => {
      if (counts.isEmpty) return null;
      const pending = { counts, calls: first === 0 ? calls : calls.slice(first) };
      counts = createUsageCounts();
      calls = [];
      first = 0;
      bytes = 0;
      return pending;
    },
  };
}
