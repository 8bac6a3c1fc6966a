// An embedded installation with three verifiers in its one process. Prints the API's address, then theirs.
import { openCore } from '../../services/core.ts';
import { serveOn } from '../../services/serve.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { createVerifier } from '../../services/verifier/verifier.ts';

const loaded = loadSettings(process.env);
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const { settings } = loaded;
const core = await openCore(settings, createLogger({ level: settings.logLevel }));
const running = await serveOn(core);
const { host, maxStalenessMs, trustedProxies } = settings;
const more = [1, 2].map(() => createVerifier({ ...core, host, port: 0, token: null, maxStalenessMs, trustedProxies }));
const addresses = await Promise.all(more.map((verifier) => verifier.start()));
const over = AbortSignal.timeout(120_000);
const ready = await Promise.all([running, ...more].map((each) => each.whenReady(over)));
if (!ready.every((each) => each)) throw new Error('not ready');
const urlOf = (name: string) => running.services.find((service) => service.name === name)?.url;
console.log([urlOf('api'), urlOf('verifier'), ...addresses.map(({ url }) => url)].join(' '));
process.once('SIGTERM', () => {
  void Promise.all(more.map((verifier) => verifier.stop()))
    .then(() => running.stop())
    .then(() => process.exit(0));
});
