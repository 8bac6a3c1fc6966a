// A verifier as its own process: no API and no projector beside it, usage and request log on.
import { join } from 'node:path';
import { openCore } from '../../services/core.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { createVerifier } from '../../services/verifier/verifier.ts';

const loaded = loadSettings(process.env);
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const { settings } = loaded;
const core = await openCore(settings, createLogger({ level: 'error' }));
const { log, store, usage, peppers, logger, metrics } = core;
const { host, ports, maxStalenessMs, verifierMaxKeys: maxKeys, dataFolder, trustedProxies } = settings;
const verifier = createVerifier({
  ...{ log, store, peppers, logger, metrics, maxStalenessMs, maxKeys },
  ...{ host, port: ports.verifier, token: null, trustedProxies },
  recordTo: { log: usage, folder: join(dataFolder, 'usage') },
  snapshotFile: join(dataFolder, 'verifier.snapshot'),
});
const { url } = await verifier.start();
if (!(await verifier.whenReady(AbortSignal.timeout(600_000)))) throw new Error('not ready');
console.log(url);
process.once('SIGTERM', () => {
  void verifier
    .stop()
    .then(() => core.close())
    .then(() => process.exit(0));
});
