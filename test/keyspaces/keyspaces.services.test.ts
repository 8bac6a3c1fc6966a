// Profiles changed under live keys, and a made-up product, on Kafka and MongoDB.
import { makeInstallation, sharedServers, startProcesses } from '../support/distributed.ts';
import { liveChange, type LiveSystem } from './live-change.ts';
import { sixthProduct } from './sixth-product.ts';

const ON = 'on Kafka and MongoDB';

async function start(): Promise<LiveSystem> {
  const installation = await makeInstallation(sharedServers());
  const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 2 });
  return {
    ...system,
    sources: () => installation.openOutside(),
    stop: async () => {
      await system.stop();
      await installation.dispose();
    },
  };
}

liveChange(ON, start);
sixthProduct(ON, start);
