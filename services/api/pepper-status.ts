// How many secrets need which pepper, beside the peppers of the settings. One count at a time.
import { countPeppers } from '../../projections/pepper-counts.ts';
import type { ReadStore } from '../../projections/read-store.ts';

export interface PepperUse {
  readonly id: string;
  /** Whether it is in KEYFOLD_PEPPERS: without it what needs it is refused. */
  readonly inSettings: boolean;
  /** Whether new secrets take it. */
  readonly newest: boolean;
  /** Current secrets of keys that are not deleted. */
  readonly current: number;
  /** Their previous secrets, in an overlap. */
  readonly previous: number;
}

export interface PepperStatus {
  /** Those of the settings, newest first, then those that are missing there, by id. */
  readonly peppers: readonly PepperUse[];
  /** Keys that are not deleted. */
  readonly keys: number;
}

export interface PepperCountOptions {
  readonly store: Pick<ReadStore, 'read'>;
  /** Newest first. */
  readonly peppers: readonly { readonly id: string }[];
}

/** Counts; whoever asks while a count is under way gets its result. */
export function createPepperStatus({ store, peppers }: PepperCountOptions): () => Promise<PepperStatus> {
  let underWay: Promise<PepperStatus> | null = null;

  const count = async (): Promise<PepperStatus> => {
    const { keys, current, previous } = await countPeppers(store);
    const given = peppers.map(({ id }) => id);
    const missing = [...new Set([...current.keys(), ...previous.keys()])].filter((id) => !given.includes(id)).sort();
    const used = [...given, ...missing].map((id, place) => ({
      ...{ id, inSettings: place < given.length, newest: place === 0 },
      ...{ current: current.get(id) ?? 0, previous: previous.get(id) ?? 0 },
    }));
    return { peppers: used, keys };
  };

  return () =>
    (underWay ??= count().finally(() => {
      underWay = null;
    }));
}
