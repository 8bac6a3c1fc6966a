// Wanted keys: those that a view lacks although what it says depends on them, read in the background: public keys, which
// preflights ask of all at once, and quarantined ones whose events are postponed.
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackOff } from '../../projections/back-off.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { KeyRow } from '../../projections/rows.ts';
import type { Misses } from './misses.ts';
import type { View } from './view.ts';

export interface WantedKeysOptions {
  readonly store: ReadStore;
  readonly misses: Pick<Misses, 'takeAll'>;
}

export interface WantedKeys {
  /** After every step of the view: begins to read what it lacks. */
  tend(view: View): void;
  stop(): void;
}

const PAGE = 500;
const AGAIN_MS = 20;

export function createWantedKeys({ store, misses }: WantedKeysOptions): WantedKeys {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running = false;

  const isLacking = (view: View): boolean => view.lacksPublic || view.wanted.size > 0;

  const readPage = (after: string | null): Promise<readonly KeyRow[]> =>
    store.read((live) => live.scanKeys(after, PAGE));

  /** Has every key that is public now be wanted. */
  async function sweep(view: View): Promise<void> {
    const under = view.keyspaces;
    let after: string | null = null;
    while (!signal.aborted) {
      const rows = await readPage(after);
      for (const { state } of rows) {
        if (view.keys.isPublic(state) && view.keys.get(state.keyId) === null) view.wanted.add(state.keyId);
      }
      await take(view);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) break;
      after = last.state.keyId;
    }
    if (!signal.aborted) view.tookPublic(under);
  }

  async function take(view: View): Promise<void> {
    const ids = [...view.wanted].slice(0, PAGE);
    if (ids.length > 0) await misses.takeAll(view, ids, signal);
  }

  async function run(view: View): Promise<void> {
    const backOff = createBackOff();
    while (isLacking(view) && !signal.aborted) {
      try {
        if (view.lacksPublic) await sweep(view);
        await take(view);
        backOff.reset();
        if (view.wanted.size > 0) await sleep(AGAIN_MS, undefined, { signal });
      } catch {
        // Log or store is away; whoever follows them says so.
        await backOff.pause(signal);
      }
    }
  }

  return {
    tend: (view) => {
      if (running || !isLacking(view) || signal.aborted) return;
      running = true;
      void run(view).finally(() => {
        running = false;
      });
    },
    stop: () => {
      stopping.abort();
    },
  };
}
