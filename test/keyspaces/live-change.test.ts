// Profiles changed under live keys, on embedded storage.
import { startEmbedded } from '../support/in-process.ts';
import { liveChange } from './live-change.ts';

liveChange('embedded', async () => {
  const system = await startEmbedded();
  return { ...system, sources: () => Promise.resolve({ ...system.core, close: () => Promise.resolve() }) };
});
