// The API as a service: identity, the write path, the schema behind its HTTP front, and the seed of a new installation.
import { projectionHealth } from '../../projections/health.ts';
import { createBackOff } from '../../projections/back-off.ts';
import type { LeaseRow } from '../../projections/leases.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { Context } from '../../schema/context.ts';
import { schema } from '../../schema/index.ts';
import { checkDocument } from '../../schema/limits.ts';
import type { Core } from '../core.ts';
import type { ProjectorService } from '../projector/service.ts';
import type { Service } from '../service.ts';
import { createClientAddress } from '../shared/client-address.ts';
import { combineReadiness, type Readiness } from '../shared/health.ts';
import type { Verifier } from '../verifier/verifier.ts';
import { checkpointEvent } from '../../events/proof/checkpoint-event.ts';
import { createCheckpointer, type Checkpointer } from './checkpointer.ts';
import { createCheckpointsHttp } from './checkpoints-http.ts';
import { consoleFolder, readConsoleFiles } from './console-files.ts';
import { createConsoleHttp } from './console-http.ts';
import { createContextFactory } from './context.ts';
import { createCors } from './cors.ts';
import { createExportHttp } from './export-http.ts';
import { createFollowing } from './following.ts';
import { createExportReads } from './export-reads.ts';
import { createApiServer } from './front.ts';
import { createReadRecorder } from './reads.ts';
import { createIdentityService, type TrustedIssuer } from './identity.ts';
import { createKeyChecker } from './key-checker.ts';
import { createKeyIdentityService } from './key-identity.ts';
import { createLocalIssuer } from './local-issuer.ts';
import { createLogGuard, LogLostError } from './log-guard.ts';
import { createOperations } from './operations.ts';
import { createOperationsHttp } from './operations-http.ts';
import { createPepperStatus } from './pepper-status.ts';
import { createMaintenance } from './maintenance.ts';
import * as outcomes from './outcomes.ts';
import { createReceipts } from './receipts.ts';
import { createRemoteKeys } from './remote-keys.ts';
import { firstOf } from './routes.ts';
import { DEFAULT_PRESET, readPresets } from './presets.ts';
import { seedKeyspaces } from './seed.ts';
import { createSessionOperation } from './session-operation.ts';
import { createSigningIn } from './signing-in.ts';
import { createWriter, type Writer } from './write.ts';

/** Services of the same process that the API works with; `null` where they run elsewhere. */
export interface Neighbours {
  readonly projector: ProjectorService | null;
  readonly verifier: Verifier | null;
}

export async function startApi(core: Core, { projector, verifier }: Neighbours): Promise<Service> {
  const { waiter, dataKeys, peppers, now, metrics, logger, settings } = core;
  const guard = createLogGuard(core);
  const { log, store } = guard;
  const receipts = createReceipts({ leases: store.leases, watchMs: settings.maxStalenessMs / 6, now, logger });
  const appending = createWriter({
    log,
    store,
    waiter,
    dataKeys,
    receipts,
    pepper: peppers[0],
    now,
  });
  const writer: Writer = {
    execute: (request, asked) =>
      guard.lost() === null
        ? appending.execute(request, asked)
        : Promise.resolve(outcomes.unavailable(new LogLostError().message)),
  };
  const operations = createOperations({ log, store, waiter, now, onRebuild: () => projector?.nudge() });
  const health = async (): ReturnType<Context['health']> => ({
    projections: await projectionHealth(core), // told of a log that is lost, too
    verifiers: (await store.leases.all()).map(verifierHealth),
  });

  const onMutation = (command: string, outcome: string, seconds: number): void => {
    metrics.mutations.inc({ command, outcome });
    metrics.mutationSeconds.observe(seconds);
  };

  // Presets are for trying Keyfold; who runs it on Kafka and MongoDB says which products there are.
  const presets = await readPresets(settings.storage.kind === 'embedded' ? undefined : [DEFAULT_PRESET]);
  const stopping = new AbortController();
  let seeded = false;
  const seed = async (): Promise<void> => {
    const backOff = createBackOff();
    while (!seeded && !stopping.signal.aborted) {
      try {
        await seedKeyspaces({ log, store, waiter, dataKeys, now }, presets, stopping.signal);
        seeded = true;
      } catch (error) {
        logger.warn({ err: error }, 'the preset keyspaces could not be looked for yet');
        await backOff.pause(stopping.signal);
      }
    }
  };
  const readiness = (): Readiness => {
    const reasons = seeded ? [] : ['the preset keyspaces are not there yet: is a projector running?'];
    return combineReadiness([guard.readiness(), { ready: seeded, reasons, degraded: [] }, checkpointer.readiness()]);
  };
  const calling = createKeyChecker(core, verifier);
  const maintenance = createMaintenance(core);
  const checkpointer = createCheckpointerOf(core, store);
  const clientAddress = createClientAddress(settings.trustedProxies);
  let address = '';
  const signingIn = createSigningIn(core, {
    clientAddress,
    address: () => address,
    identity: { authenticate: (...asked) => identity.authenticate(...asked) },
  });
  const identity = createIdentityService({
    issuers: trustedIssuers(core),
    claim: settings.authClaim,
    maxTokenAgeMs: settings.maxTokenAgeMs,
    keys: createKeyIdentityService({ checker: () => calling.checker(), now }),
    sessions: signingIn.identity,
  });
  const server = createApiServer({
    schema,
    check: checkDocument,
    contextFor: createContextFactory({
      log,
      store,
      waiter,
      dataKeys,
      writer,
      operations,
      receipts,
      health,
      onMutation,
      now,
    }),
    ...{ identity, clientAddress },
    following: createFollowing({ log, store, waiter }),
    operations: firstOf(
      signingIn.route,
      createOperationsHttp({
        ...{ identity, clientAddress, logger },
        operations: {
          peppers: { read: createPepperStatus({ store, peppers }) },
          checkpoint: { read: () => store.checkpoints.newest(), start: () => checkpointer.sign() },
          sessions: createSessionOperation({ sessions: store.sessions, now }),
          ...maintenance.operations,
        },
      }),
      createCheckpointsHttp({ checkpoints: store.checkpoints, logger }),
      createExportHttp({
        ...{ identity, clientAddress, logger, store, dataKeys, checkpointer, checkpoints: store.checkpoints },
        ...{ partitions: log.partitions, cors: createCors(settings.consoleOrigins) },
        recordRead: createExportReads({
          recorder: createReadRecorder({ reads: store.reads, now }),
          checkpoints: store.checkpoints,
        }),
      }),
      createConsoleHttp(await readConsoleFiles(consoleFolder())),
    ),
    // A projector of this process has no port of its own.
    readiness: async () => combineReadiness([readiness(), ...(projector ? [await projector.readiness()] : [])]),
    metrics,
    logger,
    origins: settings.consoleOrigins,
    graphiql: settings.storage.kind === 'embedded',
    host: settings.host,
    port: settings.ports.api,
  });
  const { url } = await server.start();
  address = url;
  const seeding = seed();
  guard.start();
  receipts.start();
  checkpointer.start();
  return {
    name: 'api',
    url,
    signInLink: () => signingIn.link()?.url ?? null,
    readiness,
    async stop(deadlineMs) {
      stopping.abort();
      // Whoever waits for a receipt is answered with what is confirmed, before the server is.
      receipts.stop();
      await Promise.all([server.stop(deadlineMs), guard.stop(), maintenance.stop(), checkpointer.stop()]);
      await calling.stop();
      await seeding;
    },
  };
}

/** It is told to Prometheus as this process has seen it last. */
function createCheckpointerOf(
  { settings, log, events, checkpointKeys, now, logger, metrics }: Core,
  store: ReadStore,
): Checkpointer {
  const checkpointer = createCheckpointer({
    ...{ store, partitions: log.partitions, keys: checkpointKeys, now, logger },
    everyEvents: settings.checkpointEvents,
    intervalMs: settings.checkpointIntervalMs,
    ...(events ? { onSigned: (row) => events.append([checkpointEvent(row)]).then(() => undefined) } : {}),
  });
  const time = (): string | null => checkpointer.status()?.time ?? null;
  metrics.checkpointNumber.readFrom(() => checkpointer.status()?.number ?? null);
  metrics.checkpointUnsigned.readFrom(() => checkpointer.status()?.unsigned ?? null);
  metrics.checkpointAgeSeconds.readFrom(() => {
    const signed = time();
    return signed === null ? null : Math.max(0, Date.parse(now()) - Date.parse(signed)) / 1000;
  });
  return checkpointer;
}

/** The organisation's identity provider, and in embedded mode the data folder's own issuer. */
function trustedIssuers({ settings, issuerKey, logger }: Core): readonly TrustedIssuer[] {
  const { auth, authClaim: claim } = settings;
  return [
    ...(auth ? [{ ...auth, keys: createRemoteKeys({ url: auth.jwksUrl, logger }) }] : []),
    ...(issuerKey ? [createLocalIssuer({ key: issuerKey, claim }).trusted] : []),
  ];
}

function verifierHealth({ id, asOf, position, reportedAt, lengthMs }: LeaseRow) {
  return { id, asOf, position, leaseUntil: new Date(Date.parse(reportedAt) + lengthMs).toISOString() };
}
