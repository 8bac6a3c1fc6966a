// How many secrets need which pepper, counted in the read models, which are complete wherever a verifier's view is not.
// One count at a time, page by page, so that other requests are served between two pages.
import type { ReadStore } from '../../projections/read-store.ts';

const PAGE = 1000;

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

  const count = (): Promise<PepperStatus> =>
    store.read(async (live) => {
      const current = new Map<string, number>();
      const previous = new Map<string, number>();
      const add = (counts: Map<string, number>, id: string): unknown => counts.set(id, (counts.get(id) ?? 0) + 1);
      let keys = 0;
      for (let after: string | null = null; ;) {
        const rows = await live.scanKeys(after, PAGE);
        for (const { state } of rows) {
          if (state.status === 'DELETED') continue;
          keys += 1;
          add(current, state.secret.pepperId);
          if (state.previousSecret) add(previous, state.previousSecret.pepperId);
        }
        after = rows.at(-1)?.state.keyId ?? null;
        if (rows.length < PAGE) break;
      }
      const given = peppers.map(({ id }) => id);
      const missing = [...new Set([...current.keys(), ...previous.keys()])].filter((id) => !given.includes(id)).sort();
      const used = [...given, ...missing].map((id, place) => ({
        ...{ id, inSettings: place < given.length, newest: place === 0 },
        ...{ current: current.get(id) ?? 0, previous: previous.get(id) ?? 0 },
      }));
      return { peppers: used, keys };
    });

  return () =>
    (underWay ??= count().finally(() => {
      underWay = null;
    }));
}
