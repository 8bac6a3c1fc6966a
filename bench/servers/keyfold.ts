// Keyfold as it is served: settings from the environment, address of the service under test on the first line.
import { serve } from '../../services/serve.ts';
import { loadSettings } from '../../services/shared/settings.ts';

const loaded = loadSettings(process.env);
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const running = await serve(loaded.settings);
if (!(await running.whenReady(AbortSignal.timeout(120_000)))) throw new Error('not ready');
console.log(running.services.find(({ name }) => name === process.env.BENCH_SERVICE)?.url);
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
