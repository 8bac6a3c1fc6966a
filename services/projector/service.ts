// The projector as a service: the loops, usage, the public topic, the retirement of previous secrets, facts about time, metrics, and a
// port for health when it is a process of its own.
import { createExpiryFacts } from '../../projections/expiry-facts.ts';
import { createPublisher, type Publisher } from '../../projections/publisher.ts';
import { createProjector, type Projector } from '../../projections/projector.ts';
import { createRetirement } from '../../projections/retirement.ts';
import { createTicker } from '../../projections/ticker.ts';
import { createUsageProjector, type UsageProjector } from '../../projections/usage-projector.ts';
import type { Core } from '../core.ts';
import type { Service } from '../service.ts';
import { createHealthHandler, type Readiness } from '../shared/health.ts';
import { createHttpServer } from '../shared/http-server.ts';
import { randomBytes } from '../shared/random-bytes.ts';

const PARKED_INTERVAL_MS = 1000;

export interface ProjectorService extends Service {
  /** Looks at the generations now: a rebuild was asked for in this process. */
  nudge(): void;
}

/** @param alone whether it is the only service of its process, and so listens on PROJECTOR_PORT. */
export async function startProjector(core: Core, { alone }: { readonly alone: boolean }): Promise<ProjectorService> {
  const { log, store, usage, dataKeys, logger, metrics, now, settings } = core;
  const projector = createProjector({
    log,
    store,
    dataKeys,
    logger,
    now,
    group: groupName(core),
    hooks: {
      onBatch(_generation, { records, applied, parked }) {
        metrics.projectedRecords.inc({ outcome: 'applied' }, applied);
        metrics.projectedRecords.inc({ outcome: 'parked' }, parked.length);
        metrics.projectedRecords.inc({ outcome: 'ignored' }, records - applied - parked.length);
      },
      onLag(_generation, records, live) {
        if (live) metrics.projectionLag.set({ projection: 'keys' }, records);
      },
    },
  });
  const usageProjector = createUsageProjector({
    usage,
    store,
    logger,
    now,
    group: `${groupName(core)}-usage`,
    hooks: {
      onBatch({ folded, repeated, unreadable }) {
        metrics.usageFolded.inc({ outcome: 'counted' }, folded);
        metrics.usageFolded.inc({ outcome: 'repeated' }, repeated);
        metrics.usageFolded.inc({ outcome: 'unreadable' }, unreadable.length);
      },
      onLag: (records) => metrics.projectionLag.set({ projection: 'usage' }, records),
      onLost: (records) => metrics.usageFolded.inc({ outcome: 'lost' }, records),
    },
  });
  const publisher = createPublisherOf(core);
  const retirement = createRetirement({ log, store, dataKeys, randomBytes, now, logger });
  const expiryFacts = createExpiryFacts({ log, store, now, logger, onFact: (fact) => metrics.facts.inc({ fact }) });
  /** `null`: not known yet, or not any more. */
  let parked: number | null = null;
  metrics.parkedRecords.readFrom(() => parked);
  const parkedCount = createTicker({
    intervalMs: PARKED_INTERVAL_MS,
    async work() {
      parked = (await store.parked.open()).length;
    },
    // The projector's own readiness says already that the store does not answer.
    onError: () => {
      parked = null;
    },
  });
  const readiness = (): Readiness =>
    readinessOf(projector, parked, [
      ...(log.faults?.() ?? []),
      ...usageFaults(usageProjector),
      ...publicationFaults(publisher),
    ]);
  const http = alone
    ? createHttpServer({
        host: settings.host,
        port: settings.ports.projector,
        portSetting: 'PROJECTOR_PORT',
        logger,
        handler: healthOnly(createHealthHandler({ readiness, registry: metrics.registry })),
      })
    : null;
  const address = await http?.start();
  projector.start();
  usageProjector.start();
  publisher?.start();
  retirement.start();
  expiryFacts.start();
  parkedCount.start();
  return {
    name: 'projector',
    url: address?.url ?? null,
    readiness,
    nudge: () => projector.nudge(),
    async stop(deadlineMs) {
      await Promise.all([
        parkedCount.stop(),
        retirement.stop(),
        expiryFacts.stop(),
        usageProjector.stop(),
        publisher?.stop(),
      ]);
      await projector.stop();
      await http?.stop(deadlineMs);
    },
  };
}

function readinessOf(projector: Projector, parked: number | null, faults: readonly string[]): Readiness {
  const degraded =
    parked === null || parked === 0 ? [] : [`${parked} records are parked: see keyfold projections status`];
  return { ...projector.readiness(), degraded: [...faults, ...degraded] };
}

/** Usage that is not counted yet is late, not wrong: what keys may do does not wait for it. */
function usageFaults(usage: UsageProjector): readonly string[] {
  const { status, reason } = usage.state();
  return status === 'retrying' && reason !== null ? [`usage is not counted: ${reason}`] : [];
}

/** `null`: there is no topic to publish to. */
function createPublisherOf({ log, store, waiter, events, logger, metrics }: Core): Publisher | null {
  if (!events) return null;
  return createPublisher({
    ...{ log, store, waiter, topic: events, logger },
    holder: randomBytes(16).toString('base64url'),
    hooks: {
      onPublished: (count) => metrics.publishedEvents.inc(count),
      onLag: (records) => metrics.projectionLag.set({ projection: 'publication' }, records),
    },
  });
}

/** Events that are not published yet are late, not lost. */
function publicationFaults(publisher: Publisher | null): readonly string[] {
  const trouble = publisher?.trouble() ?? null;
  return trouble === null ? [] : [`events are not published: ${trouble}`];
}

function groupName({ settings: { storage } }: Core): string {
  return storage.kind === 'distributed' ? `${storage.kafka.topicPrefix}-projector` : 'keyfold-projector';
}

function healthOnly(health: ReturnType<typeof createHealthHandler>): Parameters<typeof createHttpServer>[0]['handler'] {
  return (request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?');
    if (!health(request, response, path)) response.writeHead(404).end();
  };
}
