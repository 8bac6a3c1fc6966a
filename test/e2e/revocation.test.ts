// Access that is taken, on embedded storage: one process, three verifiers.
import { createVerifier } from '../../services/verifier/verifier.ts';
import { verifierClient } from '../support/api.ts';
import { startEmbedded } from '../support/in-process.ts';
import { revocations } from './revocation.ts';

revocations('on embedded storage', 2000, async () => {
  const system = await startEmbedded();
  const { core } = system;
  const { host, maxStalenessMs, trustedProxies } = core.settings;
  const more = [1, 2].map(() =>
    createVerifier({ ...core, host, port: 0, token: null, maxStalenessMs, trustedProxies }),
  );
  const addresses = await Promise.all(more.map((verifier) => verifier.start()));
  await Promise.all(more.map((verifier) => verifier.whenReady(AbortSignal.timeout(30_000))));
  return {
    ...system,
    verifiers: [...system.verifiers, ...addresses.map(({ url }) => verifierClient({ url, token: null }))],
    stop: async () => {
      await Promise.all(more.map((verifier) => verifier.stop()));
      await system.stop();
    },
  };
});
