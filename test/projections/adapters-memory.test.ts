// The projections on the log and the store in memory: what the other pairs of adapters are measured by.
import { projectionsContract } from '../contracts/projections.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

projectionsContract(
  'the in-memory log and store',
  () => {
    const log = createMemoryLog();
    const store = createMemoryStore();
    return Promise.resolve({
      log,
      store,
      another: () => Promise.resolve({ log, store: store.connect() }),
      dispose: () => Promise.resolve(),
    });
  },
  { mutations: 1000, histories: 30 },
);
