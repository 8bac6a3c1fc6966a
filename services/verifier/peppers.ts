// Peppers: the ids of those that keys were hashed under, and how many of the secrets that may be good need each.
import type { KeyState } from '../../events/key/state.ts';
import { createInterned, type Interned, type InternedImage } from './interned.ts';

/** What a key says of its peppers. */
export type Peppered = Pick<KeyState, 'status' | 'secret' | 'previousSecret'>;

export interface Peppers extends Pick<Interned, 'acquire' | 'release' | 'text'> {
  /** A key has come to be so, or is so no more. */
  count(key: Peppered, by: 1 | -1): void;
  /** Current and previous secrets of keys that are not deleted, by their pepper's id. */
  readonly counts: ReadonlyMap<string, number>;
  image(): PeppersImage;
}

export interface PeppersImage {
  readonly ids: InternedImage;
  readonly counts: readonly (readonly [string, number])[];
}

/** @param image to go on from. */
export function createPeppers(image?: PeppersImage): Peppers {
  const ids = createInterned(image?.ids);
  const counts = new Map<string, number>(image?.counts);
  return {
    acquire: (id) => ids.acquire(id),
    release: (pepper) => ids.release(pepper),
    text: (pepper) => ids.text(pepper),
    counts,
    image: () => ({ ids: ids.image(), counts: [...counts] }),
    count: ({ status, secret, previousSecret }, by) => {
      if (status === 'DELETED') return;
      for (const pepperId of previousSecret ? [secret.pepperId, previousSecret.pepperId] : [secret.pepperId]) {
        const users = (counts.get(pepperId) ?? 0) + by;
        if (users > 0) counts.set(pepperId, users);
        else counts.delete(pepperId);
      }
    },
  };
}
