// Broken records on embedded storage, written through the log's own port.
import { vi } from 'vitest';
import { startEmbedded } from '../support/in-process.ts';
import { brokenRecords } from './broken.ts';

const build = vi.hoisted(() => ({ fixed: false }));
vi.mock('../../events/upcast.ts', async (original) => {
  const { laterBuild } = await import('../support/later-build.ts');
  return laterBuild(await original<typeof import('../../events/upcast.ts')>(), () => build.fixed);
});

brokenRecords(
  'embedded',
  async () => {
    const system = await startEmbedded();
    const { log } = system.core;
    return {
      system,
      async write(key, value) {
        await log.append([{ key: key ?? '', value, headers: {} }]); // its port takes no record without a key
      },
    };
  },
  build,
);
