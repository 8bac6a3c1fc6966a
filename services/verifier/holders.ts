// Holders: the workspace and the owner of keys, held once for all keys that share both.
import type { KeyState } from '../../events/key/state.ts';
import { createInterned, type InternedImage } from './interned.ts';

export type Holder = Pick<KeyState, 'workspaceId' | 'ownerId'>;

export interface Holders {
  /** A holder's number; to be given back by {@link Holders.release}, once for each time. */
  acquire(holder: Holder): number;
  release(holder: number): void;
  read(holder: number): Holder;
  image(): InternedImage;
}

/** No workspace's id has such a character. */
const BETWEEN = '\n';

/** @param image to go on from. */
export function createHolders(image?: InternedImage): Holders {
  const texts = createInterned(image);
  return {
    acquire: ({ workspaceId, ownerId }) =>
      texts.acquire(ownerId === null ? workspaceId : workspaceId + BETWEEN + ownerId),
    release: (holder) => texts.release(holder),
    image: () => texts.image(),
    read: (holder) => {
      const text = texts.text(holder);
      const end = text.indexOf(BETWEEN);
      return end < 0
        ? { workspaceId: text, ownerId: null }
        : { workspaceId: text.slice(0, end), ownerId: text.slice(end + 1) };
    },
  };
}
