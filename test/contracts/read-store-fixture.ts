// What a test of the ReadStore port is given, and how it writes: a projector reduced to its order of steps.
import { positionAfter, type RecordPosition } from '../../events/position.ts';
import type { GenerationView, GenerationWriter, ReadStore, Writes } from '../../projections/read-store.ts';
import type { KeyRow } from '../../projections/rows.ts';
import { historyRow, keyRow, minute, secretRow } from './read-store-rows.ts';

/** One store, empty at first. */
export interface ReadStoreFixture {
  readonly store: ReadStore;
  /** Another handle on the same data, as another process has it; the same one where only one process may hold it. */
  readonly another: () => Promise<ReadStore>;
  /** Closes the store and opens the same one again. */
  readonly reopen: () => Promise<ReadStore>;
  /** A handle that crashes after so many steps of a batch of usage: what it does then fails. May close {@link store}. */
  readonly crashing?: (steps: number) => Promise<ReadStore>;
  /** Closes everything and removes it. */
  readonly dispose: () => Promise<void>;
}

export interface ContractOptions {
  /** How often each property is tried. */
  readonly runs: number;
}

export type OpenFixture = () => Promise<ReadStoreFixture>;

export const NOW = minute(0);
export const NOTHING: Writes = { history: [], secrets: [], keys: [], keyspaces: null };

/** Rows without any event, as they are: for tests of lists. */
export async function insertKeys(store: ReadStore, rows: readonly KeyRow[]): Promise<void> {
  const { live } = await store.control();
  const keys = rows.map((row) => ({ from: 0, row }));
  const outcome = await store.writer(live).apply({ ...NOTHING, keys }, {});
  if (outcome !== 'applied') throw new Error('the rows were there already');
}

/** An event that a test projects: the next version of a key. */
export interface TestEvent {
  readonly keyId: string;
  readonly version: number;
  readonly position: RecordPosition;
}

/** Folds events on the rows that a generation holds, F1 without its chain. */
export async function foldBatch(writer: GenerationWriter, events: readonly TestEvent[]): Promise<Writes> {
  const stored = await writer.keys(events.map(({ keyId }) => keyId));
  const versions = new Map([...stored].map(([keyId, { state }]) => [keyId, state.version]));
  const applied = events.filter(({ keyId, version }) => {
    if (version !== (versions.get(keyId) ?? 0) + 1) return false;
    versions.set(keyId, version);
    return true;
  });
  const keyIds = [...new Set(applied.map(({ keyId }) => keyId))];
  return {
    history: applied.map(({ keyId, version, position }) => historyRow(keyId, version, { position })),
    secrets: applied.map(({ keyId, version }) => secretRow(keyId, version)),
    keys: keyIds.map((keyId) => {
      const from = stored.get(keyId)?.state.version ?? 0;
      return { from, row: keyRow(keyId, versions.get(keyId)) };
    }),
    keyspaces: null,
  };
}

/** Folds and writes a batch until it is written, as a projector does. */
export async function project(writer: GenerationWriter, events: readonly TestEvent[]): Promise<void> {
  const last = events.at(-1);
  if (!last) return;
  while ((await writer.apply(await foldBatch(writer, events), positionAfter(last.position))) === 'conflict');
}

/** All that a generation holds of these keys, to be compared. */
export async function contents(view: GenerationView, keyIds: readonly string[]) {
  const keys = await view.scanKeys(null, 10_000);
  const windows = { limit: 10_000, backward: false, after: null, before: null };
  const history = [];
  const secrets = [];
  for (const aggregateId of keyIds) {
    history.push(...(await view.listHistory({ scope: { aggregateId } }, windows)).rows);
    secrets.push((await view.keyBySecret(secretRow(aggregateId).hash))?.keyId);
  }
  return { checkpoint: view.checkpoint, keys, history, secrets };
}
