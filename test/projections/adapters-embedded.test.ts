// The projections on the embedded log and the embedded store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '../../events/logs/embedded.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { projectionsContract } from '../contracts/projections.ts';
import { at } from '../fakes/author.ts';

projectionsContract(
  'the embedded log and store',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyfold-projections-'));
    const log = await openEmbeddedLog({ directory });
    const store = await openEmbeddedStore({ directory, now: at(0) });
    return {
      log,
      store,
      another: () => Promise.resolve({ log, store }),
      dispose: async () => {
        await log.close();
        await store.close();
        await rm(directory, { recursive: true });
      },
    };
  },
  { mutations: 1000, histories: 50 },
);
