// The core of a process: what its services share. Made once, closed last.
import type { SigningKey } from '../events/proof/checkpoint.ts';
import type { Pepper } from '../events/secret.ts';
import type { SealingKey } from '../events/sealing.ts';
import { createDataKeys, type DataKeys } from '../projections/personal.ts';
import { createWaiter, type Waiter } from '../projections/waiter.ts';
import { openBackends, type Backends } from './backends.ts';
import { settleRestore } from './backup/restoring.ts';
import { checkSecrets } from './secret-checks.ts';
import { openDataFolder, type IssuerKey } from './shared/data-folder.ts';
import type { Logger } from './shared/logger.ts';
import { createMetrics, type Metrics } from './shared/metrics.ts';
import { randomBytes } from './shared/random-bytes.ts';
import type { Settings } from './shared/settings.ts';

export interface Core extends Backends {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly dataKeys: DataKeys;
  readonly waiter: Waiter;
  /** Newest first. */
  readonly peppers: readonly [Pepper, ...Pepper[]];
  /** Newest first. */
  readonly sealingKeys: readonly SealingKey[];
  /** Newest first; none where no API runs. */
  readonly checkpointKeys: readonly SigningKey[];
  /** Of the embedded installation's own issuer; `null` elsewhere. */
  readonly issuerKey: IssuerKey | null;
  /** ISO time. */
  readonly now: () => string;
  /** Aborts when a file turns out to be damaged: this process can do nothing more. The reason is a `StorageError`. */
  readonly damaged: AbortSignal;
}

interface Secrets {
  readonly peppers: readonly Pepper[];
  readonly sealingKeys: readonly SealingKey[];
  readonly checkpointKeys: readonly SigningKey[];
  readonly issuerKey: IssuerKey | null;
}

/** Opens what all services need. Throws, with nothing left open, when log, store or secrets cannot be had. */
export async function openCore(settings: Settings, logger: Logger): Promise<Core> {
  const now = (): string => new Date().toISOString();
  const secrets = await readSecrets(settings, logger);
  const [newest, ...older] = secrets.peppers;
  if (!newest) throw new Error('KEYFOLD_PEPPERS is empty');
  const damage = new AbortController();
  const backends = await openBackends(settings, logger, now(), (error) => damage.abort(error));
  const { log, store, usage, events } = backends;
  try {
    await checkSecrets(store, secrets);
  } catch (error) {
    await backends.close();
    throw error;
  }
  const waiter = createWaiter({ store });
  const metrics = createMetrics();
  return {
    log,
    store,
    usage,
    events,
    settings,
    logger,
    metrics,
    dataKeys: createDataKeys({
      store,
      sealingKeys: secrets.sealingKeys,
      randomBytes,
      onLost(dataKeys) {
        metrics.lostDataKeys.inc(dataKeys.length);
        logger.error(
          { dataKeys },
          'data keys are gone: what they sealed reads as erased; was an older backup put back?',
        );
      },
      onChanged(event) {
        metrics.changedRecords.inc();
        logger.error({ event }, 'the sealed part of this event was changed after it was written: it does not open');
      },
    }),
    waiter,
    peppers: [newest, ...older],
    sealingKeys: secrets.sealingKeys,
    checkpointKeys: secrets.checkpointKeys,
    issuerKey: secrets.issuerKey,
    now,
    damaged: damage.signal,
    async close() {
      waiter.close();
      await backends.close();
    },
  };
}

async function readSecrets(settings: Settings, logger: Logger): Promise<Secrets> {
  const { storage, dataFolder, peppers, sealingKeys, checkpointKeys } = settings;
  if (storage.kind === 'distributed')
    return {
      ...{ peppers: peppers ?? [], sealingKeys: sealingKeys ?? [], checkpointKeys: checkpointKeys ?? [] },
      issuerKey: null,
    };
  await endRestore(dataFolder, logger);
  const folder = await openDataFolder(dataFolder);
  for (const warning of folder.warnings) logger.warn(warning);
  return {
    peppers: peppers ?? folder.peppers,
    sealingKeys: sealingKeys ?? folder.sealingKeys,
    checkpointKeys: checkpointKeys ?? folder.checkpointKeys,
    issuerKey: folder.issuerKey,
  };
}

/** What a restore has begun that was killed. */
async function endRestore(dataFolder: string, logger: Logger): Promise<void> {
  const ended = await settleRestore(dataFolder);
  if (ended.outcome === 'dropped')
    logger.warn('a restore was broken off before it replaced anything: this is the former data');
  if (ended.outcome === 'completed') {
    const { directory, createdAt, former } = ended.ready;
    const message = 'a restore that was broken off has been completed: this is the restored data';
    logger.warn({ directory, createdAt, former }, message);
  }
}
