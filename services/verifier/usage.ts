// Usage of one verifier: what is recorded becomes batches several times a second, which are sent to the usage log, and spooled
// where it does not take them at once. All of it off the hot path. A process that is killed loses at most what it recorded in
// the last half second or so, and counts nothing twice.
import type { EventLog } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import { createTicker } from '../../projections/ticker.ts';
import { unlessAborted } from '../../projections/unless-aborted.ts';
import type { Readiness } from '../shared/health.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { createRecorder } from './recorder.ts';
import type { Recorder } from './judge.ts';
import { batchesOf } from './usage-batches.ts';
import { createUsageSender } from './usage-sender.ts';
import { createUsageSpool } from './usage-spool.ts';

export interface UsageOptions {
  /** The usage log. */
  readonly log: EventLog;
  /** Where batches wait for it; made when it is absent. */
  readonly folder: string;
  /** Random per process start. */
  readonly verifier: string;
  /** What the view has folded. */
  readonly position: () => Position;
  /** Of the log that the view is of. */
  readonly partitions: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Usage extends Recorder {
  start(): void;
  /** Spools what was recorded and not taken yet, and sends what the log takes until the signal aborts; the rest stays in the spool. */
  stop(signal: AbortSignal): Promise<void>;
  /** A readiness with what is wrong here: it never keeps a verifier from answering. */
  added(readiness: Readiness): Readiness;
}

const FLUSH_MS = 250;
/** What the usage log has not acknowledged at the flush after the one that made it is spooled. */
const SETTLE_MS = FLUSH_MS / 2;

export function createUsage(options: UsageOptions): Usage {
  const { log, folder, verifier, position, partitions, logger, metrics } = options;
  const onDropped = (what: 'requests' | 'batches', count: number): void => metrics.usageDropped.inc({ what }, count);
  const recorder = createRecorder({ position, partitions, onDropped: (calls) => onDropped('requests', calls) });
  const spool = createUsageSpool({ folder, logger, onDropped });
  const sender = createUsageSender({ spool, log, logger, onSent: () => metrics.usageBatches.inc() });
  metrics.usageSpoolBytes.readFrom(() => spool.bytes);
  // From 0: a counter that appears with its first loss has not risen yet.
  for (const what of ['requests', 'batches'] as const) metrics.usageDropped.inc({ what }, 0);
  let sequence = 0;

  async function flush(): Promise<void> {
    const pending = recorder.take();
    if (pending === null) return;
    for await (const batch of batchesOf(pending, { verifier, nextSequence: () => ++sequence }))
      if (!spool.hold(batch)) await spool.put(batch);
  }

  const flushing = createTicker({
    intervalMs: FLUSH_MS,
    work: async () => {
      await spool.open();
      await spool.settle(SETTLE_MS);
      await flush();
    },
    onError: (error) => logger.error({ err: error }, 'usage could not be recorded'),
  });

  return {
    record: (asked, judged, requestId) => recorder.record(asked, judged, requestId),
    start: () => {
      flushing.start();
      sender.start();
    },
    stop: async (signal) => {
      spool.finish();
      await unlessAborted(signal, flushing.stop());
      await flush();
      await Promise.all([unlessAborted(signal, spool.settle(0)), sender.finish(signal)]);
      const lost = await spool.close();
      if (lost > 0) logger.error({ batches: lost }, 'usage may be lost: neither the spool nor the usage log has it');
    },
    added: (readiness) => {
      const unsent = sender.trouble();
      const reasons = [
        ...(unsent === null ? [] : [`usage waits in the spool, ${spool.bytes} bytes: of the usage log, ${unsent}`]),
        ...[spool.trouble() ?? []].flat(),
      ];
      return reasons.length === 0 ? readiness : { ...readiness, degraded: [...readiness.degraded, ...reasons] };
    },
  };
}
