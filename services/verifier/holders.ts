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

/**
 * The length of the workspace's id as a character, the id, and the owner's, which is not empty. Joined, not added, for one
 * piece (one-piece.ts).
 */
const textOf = ({ workspaceId, ownerId }: Holder): string =>
  [String.fromCharCode(workspaceId.length), workspaceId, ownerId].join('');

/** @param image to go on from. */
export function createHolders(image?: InternedImage): Holders {
  const texts = createInterned(image);
  return {
    acquire: (holder) => texts.acquire(textOf(holder)),
    release: (holder) => texts.release(holder),
    image: () => texts.image(),
    read: (holder) => {
      const text = texts.text(holder);
      const end = 1 + text.charCodeAt(0);
      return { workspaceId: text.slice(1, end), ownerId: end === text.length ? null : text.slice(end) };
    },
  };
}
