// A process: the core, then the services in the order in which they need each other; stopped the other way round.
import { join } from 'node:path';
import { startApi } from './api/service.ts';
import { openCore, type Core } from './core.ts';
import { startProjector, type ProjectorService } from './projector/service.ts';
import type { Service } from './service.ts';
import { combineReadiness, type Readiness } from './shared/health.ts';
import { createLogger, type Logger } from './shared/logger.ts';
import type { Settings } from './shared/settings.ts';
import { createVerifier, type Verifier } from './verifier/verifier.ts';

/** How long requests in flight may take once a stop was asked for, in milliseconds. */
const DRAIN_MS = 8000;
const READY_INTERVAL_MS = 20;

export interface Running {
  readonly services: readonly Service[];
  readiness(): Promise<Readiness>;
  /** Resolves `true` when all services may answer, `false` when `signal` came first. */
  whenReady(signal: AbortSignal): Promise<boolean>;
  /** As the core's. */
  readonly damaged: AbortSignal;
  /** Drains and closes everything; safe to call twice. */
  stop(): Promise<void>;
}

/** Starts the services that the settings name. Throws, with everything closed again, when one of them cannot start. */
export async function serve(
  settings: Settings,
  logger: Logger = createLogger({ level: settings.logLevel }),
): Promise<Running> {
  return serveOn(await openCore(settings, logger));
}

/** The same on a core that is open already; it is closed with the services, or when one of them cannot start. */
export async function serveOn(core: Core): Promise<Running> {
  const services: Service[] = [];
  try {
    await startServices(core, services);
  } catch (error) {
    await stopAll(core, services);
    throw error;
  }
  let stopping: Promise<void> | undefined;
  const readiness = async (): Promise<Readiness> =>
    combineReadiness(await Promise.all(services.map(async (service) => service.readiness())));
  return {
    services,
    readiness,
    damaged: core.damaged,
    async whenReady(signal) {
      while (!signal.aborted) {
        if ((await readiness()).ready) return true;
        await new Promise((resolve) => setTimeout(resolve, READY_INTERVAL_MS));
      }
      return false;
    },
    stop: () => (stopping ??= stopAll(core, services)),
  };
}

async function startServices(core: Core, services: Service[]): Promise<void> {
  const chosen = core.settings.services;
  const has = (name: Service['name']): boolean => chosen.includes(name);
  let projector: ProjectorService | null = null;
  let verifier: Verifier | null = null;
  if (has('projector')) services.push((projector = await startProjector(core, { alone: chosen.length === 1 })));
  if (has('verifier')) {
    verifier = createVerifierOf(core);
    services.push(await startVerifier(verifier));
  }
  if (has('api')) services.push(await startApi(core, { projector, verifier }));
}

function createVerifierOf({ log, store, usage, peppers, settings, logger, metrics }: Core): Verifier {
  const { host, ports, verifierToken: token, maxStalenessMs, verifierMaxKeys: maxKeys, trustedProxies } = settings;
  return createVerifier({
    ...{ log, store, peppers, maxStalenessMs, maxKeys, logger, metrics },
    ...{ host, port: ports.verifier, token, trustedProxies },
    recordTo: { log: usage, folder: join(settings.dataFolder, 'usage') },
    snapshotFile: join(settings.dataFolder, 'verifier.snapshot'),
  });
}

async function startVerifier(verifier: Verifier): Promise<Service> {
  const { url } = await verifier.start();
  return {
    name: 'verifier',
    url,
    readiness: () => verifier.readiness(),
    async stop(deadlineMs) {
      await verifier.stop(deadlineMs);
    },
  };
}

/** The API and the verifier first: what is in flight there still needs the projector. */
async function stopAll(core: Core, services: readonly Service[]): Promise<void> {
  for (const service of services.toReversed()) await service.stop(DRAIN_MS);
  await core.close();
}
