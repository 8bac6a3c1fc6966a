// Profiles changed under live keys, and a made-up product, on Kafka and MongoDB.
import { makeInstallation, sharedServers, startProcesses } from '../support/distributed.ts';
import type { System } from '../support/system.ts';
import { liveChange } from './live-change.ts';
import { sixthProduct } from './sixth-product.ts';

const ON = 'on Kafka and MongoDB';

async function start(): Promise<System> {
  const installation = await makeInstallation(sharedServers());
  const system = await startProcesses(installation, { api: 1, projector: 1, verifier: 2 });
  return {
    ...system,
    stop: async () => {
      await system.stop();
      await installation.dispose();
    },
  };
}

liveChange(ON, start);
sixthProduct(ON, start);
