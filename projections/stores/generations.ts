// Generations: reading from the live one, and what a writer learns when its own is gone (P3). Once for all stores.
import {
  StoreUnavailableError,
  type Control,
  type Generation,
  type GenerationId,
  type GenerationView,
} from '../read-store.ts';

export const FIRST_GENERATION: GenerationId = 'g1';

const ID = /^g([1-9]\d{0,8})$/;

/** The number of a generation; the names of its tables are made from ids, so anything else is refused. */
export function generationNumber(id: GenerationId): number {
  const number = ID.exec(id)?.[1];
  if (number === undefined) throw new TypeError(`not a generation: ${JSON.stringify(id)}`);
  return Number(number);
}

/** The id after the highest so far: marks of dropped generations stay, so no id is used twice. */
export function nextGeneration(generations: readonly Generation[]): GenerationId {
  return `g${Math.max(0, ...generations.map(({ id }) => generationNumber(id))) + 1}`;
}

/** The generation that an earlier try of the same command made. */
export function madeBy(generations: readonly Generation[], commandId: string | null): Generation | undefined {
  return commandId === null ? undefined : generations.find((each) => each.commandId === commandId);
}

/** This generation was dropped, or never was: nothing was read from it or written to it. Look the generations up again. */
export class GenerationDroppedError extends Error {
  readonly code = 'GENERATION_DROPPED';

  constructor(id: GenerationId) {
    super(`generation ${id} is dropped`);
  }
}

/** The generation, unless it is dropped or unknown. */
export function generationIn(control: Control, id: GenerationId): Generation {
  const generation = control.generations.find((candidate) => candidate.id === id);
  if (!generation || generation.status === 'dropped') throw new GenerationDroppedError(id);
  return generation;
}

/**
 * P3: pointer and checkpoint (one document), then `work`, then a look whether the generation was dropped meanwhile: if
 * so, what `work` read or failed on means nothing, and all of it begins again.
 */
export async function readLive<T>(
  control: () => Promise<Control>,
  view: (live: Generation) => GenerationView,
  work: (view: GenerationView) => Promise<T>,
): Promise<T> {
  for (;;) {
    const before = await control();
    const live = generationIn(before, before.live);
    const outcome = await settle(work(view(live)));
    if (isDropped(await control(), live.id)) continue;
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
}

/** What `read` found counts only if the generation was still there afterwards: a dropped one looks empty (P3). */
export async function whileThere<T>(
  control: () => Promise<Control>,
  id: GenerationId,
  read: () => Promise<T>,
): Promise<T> {
  const outcome = await settle(read());
  generationIn(await control(), id);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

const isDropped = ({ generations }: Control, id: GenerationId): boolean =>
  generations.every((generation) => generation.id !== id || generation.status === 'dropped');

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** What came of it; with the store away there is nothing left to look at. */
function settle<T>(reading: Promise<T>): Promise<Outcome<T>> {
  return reading.then(
    (value) => ({ value }),
    (error: unknown) => {
      if (error instanceof StoreUnavailableError) throw error;
      return { error };
    },
  );
}
