// How many secrets need which pepper, counted in the read models, which are complete wherever a verifier's view is not.
// Page by page, so that checks and requests are answered between two pages.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadStore } from './read-store.ts';

/** Read in a few milliseconds. */
const PAGE = 200;

export interface PepperCounts {
  /** Keys that are not deleted. */
  readonly keys: number;
  /** Their current secrets, by the pepper's id. */
  readonly current: ReadonlyMap<string, number>;
  /** Their previous secrets, in an overlap. */
  readonly previous: ReadonlyMap<string, number>;
}

/** @throws StoreUnavailableError, and the reason of `signal` once it aborts. */
export function countPeppers(store: Pick<ReadStore, 'read'>, signal?: AbortSignal): Promise<PepperCounts> {
  return store.read(async (live) => {
    const current = new Map<string, number>();
    const previous = new Map<string, number>();
    const add = (counts: Map<string, number>, id: string): unknown => counts.set(id, (counts.get(id) ?? 0) + 1);
    let keys = 0;
    for (let after: string | null = null; ;) {
      signal?.throwIfAborted();
      const rows = await live.scanKeys(after, PAGE);
      for (const { state } of rows) {
        if (state.status === 'DELETED') continue;
        keys += 1;
        add(current, state.secret.pepperId);
        if (state.previousSecret) add(previous, state.previousSecret.pepperId);
      }
      after = rows.at(-1)?.state.keyId ?? null;
      if (rows.length < PAGE) return { keys, current, previous };
      await nextTurn();
    }
  });
}
