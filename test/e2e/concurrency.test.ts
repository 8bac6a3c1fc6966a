// Concurrent writers on embedded storage: one API, one log file.
import { startEmbedded } from '../support/in-process.ts';
import { concurrentWriters } from './concurrency.ts';

concurrentWriters('embedded', async () => {
  const system = await startEmbedded();
  return { ...system, instances: 1, sources: system.core };
});
