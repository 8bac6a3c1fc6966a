// What the tests of the view share: loading, tailing, and comparing all that two views know.
import { quarantined } from '../../events/quarantine.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import { loadView } from '../../services/verifier/load-view.ts';
import { verify } from '../../services/verifier/verify.ts';
import { createView, FROM_NOTHING, type View } from '../../services/verifier/view.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { batches, createWriter, NOW, OLD_PEPPER, PEPPER } from './support.ts';

export const PEPPERS = [PEPPER, OLD_PEPPER];

export function load(store: ReadStore, log: MemoryLog): Promise<View> {
  return loadView({ store, partitions: log.partitions, peppers: PEPPERS, signal: new AbortController().signal });
}

/** Folds what the log holds beyond the view. */
export function tail(view: View, log: MemoryLog): View {
  for (const { partition, records, next } of batches(log)) {
    for (const record of records.slice(view.position[partition] ?? 0)) view.fold(record);
    view.passed({ partition, next });
  }
  return view;
}

export const fullFold = (log: MemoryLog): View => tail(createView(FROM_NOTHING, PEPPERS), log);

/** All that a view knows, comparable. */
export function knowledge(view: View, log: MemoryLog) {
  const ids = new Set(log.records().flatMap(({ key }) => key ?? []));
  return {
    keys: [...ids].sort().map((id) => view.keys.get(id)),
    keyspaces: view.keyspaces,
    quarantined: [...quarantined(view.quarantine)].sort(),
    // Records of no aggregate are discarded through another partition, whose order to theirs is nobody's.
    open: [...view.quarantine.open].flatMap(([token, { aggregateId }]) => (aggregateId === null ? [] : token)).sort(),
    position: { ...view.position },
    peppers: [...view.keys.peppers].sort(),
  };
}

export const code = (view: View, key: string, now = NOW) => verify({ key }, view, now).code;

export function setUp(partitions = 1) {
  return { log: createMemoryLog({ partitions }), store: createMemoryStore(), writer: createWriter() };
}

/** Hooks into the read of the live generation: `after` runs once, when the first page of keys has been read. */
export function whenScanned(store: MemoryStore, after: () => Promise<void>): ReadStore {
  let pending: (() => Promise<void>) | null = after;
  return {
    ...store,
    read: (work) =>
      store.read((live) => {
        const hooked: GenerationView = {
          ...live,
          scanKeys: async (from, limit) => {
            const rows = await live.scanKeys(from, limit);
            const run = pending;
            pending = null;
            await run?.();
            return rows;
          },
        };
        return work(hooked);
      }),
  };
}
