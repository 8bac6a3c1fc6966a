// A key's whole life on Kafka and MongoDB: an API, two projectors and two verifiers, each a process of its own.
import { makeInstallation, sharedServers, startProcesses } from '../support/distributed.ts';
import { wholeLife } from './life.ts';

wholeLife('on Kafka and MongoDB', async () => {
  const installation = await makeInstallation(sharedServers());
  const system = await startProcesses(installation, { api: 1, projector: 2, verifier: 2 });
  return {
    ...system,
    stop: async () => {
      await system.stop();
      await installation.dispose();
    },
  };
});
