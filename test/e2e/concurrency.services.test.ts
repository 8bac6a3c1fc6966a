// Concurrent writers on Kafka and MongoDB: two APIs, each a process of its own, that know nothing of each other.
import { makeInstallation, sharedServers, startProcesses } from '../support/distributed.ts';
import { concurrentWriters } from './concurrency.ts';

concurrentWriters('on Kafka and MongoDB', async () => {
  const installation = await makeInstallation(sharedServers());
  const system = await startProcesses(installation, { api: 2, projector: 1, verifier: 1 });
  const outside = await installation.openOutside();
  return {
    ...system,
    instances: 2,
    sources: outside,
    stop: async () => {
      await outside.close();
      await system.stop();
      await installation.dispose();
    },
  };
});
