// A world of one log, one store and an author, with what the projector's tests do to it.
import { expect } from 'vitest';
import type { AnyEvent } from '../../events/catalogue.ts';
import type { Projector } from '../../projections/projector.ts';
import { at, createAuthor, created, noted, regenerated, testDataKeys, type Author } from '../fakes/author.ts';
import { asExpected, foldLog } from '../fakes/expected.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { projected, runProjector } from '../fakes/running.ts';

export interface World {
  readonly log: MemoryLog;
  readonly store: MemoryStore;
  readonly author: Author;
}

export function world(options: Parameters<typeof createMemoryLog>[0] = {}): World {
  const store = createMemoryStore();
  return { log: createMemoryLog(options), store, author: createAuthor({ dataKeys: testDataKeys(store) }) };
}

/** Keys with a few events each, one after the other. */
export async function history({ author }: World, keys: number, events = 5): Promise<AnyEvent[]> {
  const all: AnyEvent[] = [];
  for (let n = 0; n < keys; n++) {
    const id = author.keyId(`k${n}`);
    all.push(await author.next(id, created(`name ${n}`)));
    for (let e = 1; e < events; e++) {
      const event = e === 1 ? regenerated(`r${n}`, at(9000)) : e % 2 === 0 ? noted('KeyDisabled') : noted('KeyEnabled');
      all.push(await author.next(id, event));
    }
  }
  return all;
}

export async function expectFold({ log, store, author }: World, message?: string): Promise<void> {
  const { broken, ...expected } = await foldLog(log.records(), author.dataKeys);
  expect(broken).toEqual([]);
  expect(asExpected(store.contents()), message).toEqual(expected);
}

export const stopAll = (...projectors: readonly Projector[]) =>
  Promise.all(projectors.map((projector) => projector.stop()));

export async function projectedBy(w: World): Promise<Projector> {
  const projector = runProjector(w);
  await projected(w.log, w.store);
  return projector;
}

/** Throws at the n-th step from now, once. */
export function crashing(at: number): () => void {
  let step = 0;
  return () => {
    if (step++ === at) throw new Error(`crash before step ${at}`);
  };
}
