// Holders: the workspace and the owner of keys, held once for all keys that share both.
import type { KeyState } from '../../events/key/state.ts';
import { characters, consistsOf } from './characters.ts';
import { createInterned, type InternedImage } from './interned.ts';

/** Of a key's state. */
export type Held = Pick<KeyState, 'workspaceId' | 'ownerId'>;

/** What a check reads of a key's holder. */
export interface Holder extends Held {
  /** Whether JSON has the owner's id as it is: looked at once, not for each answer. */
  readonly ownerIsPlain: boolean;
}

export interface Holders {
  /** A holder's number; to be given back by {@link Holders.release}, once for each time. */
  acquire(held: Held): number;
  release(holder: number): void;
  read(holder: number): Holder;
  image(): InternedImage;
}

/** What JSON has as it is. */
const PLAIN = characters(' ', '~', '"\\');

export const holderOf = ({ workspaceId, ownerId }: Held): Holder => ({
  workspaceId,
  ownerId,
  ownerIsPlain: ownerId !== null && consistsOf(ownerId, PLAIN),
});

/**
 * The length of the workspace's id and, in the lowest bit, whether the owner's is plain, as a character; the id, and the
 * owner's, which is not empty. Joined, not added, for one piece (one-piece.ts).
 */
const textOf = ({ workspaceId, ownerId, ownerIsPlain }: Holder): string =>
  [String.fromCharCode(2 * workspaceId.length + Number(ownerIsPlain)), workspaceId, ownerId].join('');

/** @param image to go on from. */
export function createHolders(image?: InternedImage): Holders {
  const texts = createInterned(image);
  return {
    acquire: (held) => texts.acquire(textOf(holderOf(held))),
    release: (holder) => texts.release(holder),
    image: () => texts.image(),
    read: (holder) => {
      const text = texts.text(holder);
      const head = text.charCodeAt(0);
      const end = 1 + (head >>> 1);
      return {
        workspaceId: text.slice(1, end),
        ownerId: end === text.length ? null : text.slice(end),
        ownerIsPlain: (head & 1) === 1,
      };
    },
  };
}
