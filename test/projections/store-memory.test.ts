// The in-memory store that other tests are played on keeps the port's contract too.
import { createMemoryStore } from '../fakes/memory-store.ts';
import { NOW } from '../contracts/read-store-fixture.ts';
import { readStoreContract } from '../contracts/read-store.ts';

readStoreContract(
  'the in-memory store',
  () => {
    const store = createMemoryStore({ now: NOW });
    return Promise.resolve({
      store,
      another: () => Promise.resolve(store.connect()),
      reopen: () => Promise.resolve(store.connect()),
      crashing: (steps) => {
        const doomed = store.connect();
        let left = steps;
        doomed.beforeUsageStep = () => {
          if ((left -= 1) < 0) throw new Error('crashed');
        };
        return Promise.resolve(doomed);
      },
      dispose: () => Promise.resolve(),
    });
  },
  { runs: 20 },
);
