// Loading the view from the read store (V4): the checkpoint first, then the rows, then whoever called tails the log from
// that checkpoint. Rows may be ahead of the checkpoint: what they hold already is ignored when it is folded again.
import type { KeyState } from '../../events/key/state.ts';
import { NO_QUARANTINE, withClosed, withEntry, type Quarantine } from '../../events/quarantine.ts';
import type { Position } from '../../events/position.ts';
import type { Pepper } from '../../events/secret.ts';
import type { GenerationView, ParkedRecords, ReadStore } from '../../projections/read-store.ts';
import type { ParkedRow } from '../../projections/rows.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import { createKeyTable, type KeyTable } from './key-table.ts';
import { createView, type View } from './view.ts';

const PAGE = 1000;

export interface LoadViewOptions {
  readonly store: ReadStore;
  /** Of the log. */
  readonly partitions: number;
  readonly peppers: readonly Pepper[];
  /** VERIFIER_MAX_KEYS; default: no bound. */
  readonly maxKeys?: number;
  readonly signal: AbortSignal;
}

/** Loads the live generation, as many keys as there is room for; begins again when it is dropped meanwhile (P3). */
export async function loadView(options: LoadViewOptions): Promise<View> {
  const { store, partitions, peppers, maxKeys = Infinity, signal } = options;
  return store.read(async (live) => {
    const { checkpoint } = live; // V4: read before any row
    const { keys, complete } = await scan(live, maxKeys, signal);
    const keyspaces = await live.keyspaces();
    // After the rows: a record is parked, and lifted, before the events behind it are written (P5).
    const quarantine = await loadQuarantine(store.parked, checkpoint, partitions);
    return createView({ position: checkpoint, keys, keyspaces, quarantine, complete, maxKeys }, peppers);
  });
}

/** `complete`: there were no more. */
async function scan(
  live: GenerationView,
  maxKeys: number,
  signal: AbortSignal,
): Promise<{ readonly keys: KeyTable; readonly complete: boolean }> {
  const keys = createKeyTable({ maxKeys });
  for (let after: string | null = null; ;) {
    signal.throwIfAborted();
    const rows = await live.scanKeys(after, PAGE);
    for (const { state } of rows) {
      if (keys.size >= maxKeys) return { keys, complete: false };
      keep(keys, state);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return { keys, complete: true };
    after = last.state.keyId;
  }
}

/** @throws StorageError for a row that no fold has made: its file is damaged. */
function keep(keys: KeyTable, state: KeyState): void {
  try {
    keys.put(state);
  } catch (error) {
    throw error instanceof TypeError ? damagedRow('keys', error) : error;
  }
}

/** What shuts aggregates out, and which positions beyond the checkpoint are settled: the tail passes over those. */
export async function loadQuarantine(
  parked: ParkedRecords,
  checkpoint: Position,
  partitions: number,
): Promise<Quarantine> {
  let quarantine = NO_QUARANTINE;
  const add = ({ position, digest, aggregateId, status }: ParkedRow): void => {
    const entry = { position, digest, aggregateId };
    quarantine = status === 'OPEN' ? withEntry(quarantine, entry) : withClosed(quarantine, position);
  };
  for (const row of await parked.open()) add(row);
  for (let partition = 0; partition < partitions; partition++) {
    const from = checkpoint[partition] ?? 0;
    for (const row of await parked.among({ partition, from, to: Number.MAX_SAFE_INTEGER, digests: [] })) add(row);
  }
  return quarantine;
}
