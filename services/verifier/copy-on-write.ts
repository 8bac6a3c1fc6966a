// Copy on write: blocks of words as they were at one moment, read out bit by bit while their owner goes on writing. A block
// is copied before its first change after the freeze, so that no pause is longer than the copy of one block takes.

/** Blocks as they were when they were frozen. */
export interface FrozenBlocks {
  /** Of each block, in words. */
  readonly lengths: readonly number[];
  /** A copy of one block; to be asked for once. */
  take(block: number): Uint32Array<ArrayBuffer>;
  /** Nothing more is asked for. */
  thaw(): void;
}

export interface CopyOnWrite {
  /** Before a block is written to. */
  touch(block: number): void;
  /** The owner must not replace what it hands over by writing to it otherwise. @throws Error while one is frozen. */
  freeze(blocks: readonly Uint32Array[]): FrozenBlocks;
}

export function createCopyOnWrite(): CopyOnWrite {
  /** What is still to be read: a block of the owner, or a copy of it. */
  let pending: Map<number, { readonly words: Uint32Array; readonly copied: boolean }> | null = null;
  return {
    touch: (block) => {
      const frozen = pending?.get(block);
      if (frozen?.copied === false) pending?.set(block, { words: frozen.words.slice(), copied: true });
    },
    freeze: (blocks) => {
      if (pending !== null) throw new Error('the blocks are frozen already');
      const mine = new Map(blocks.map((words, block) => [block, { words, copied: false }]));
      pending = mine;
      return {
        lengths: blocks.map(({ length }) => length),
        take: (block) => {
          const frozen = mine.get(block);
          if (frozen === undefined) throw new RangeError(`block ${block} is not to be had`);
          mine.delete(block);
          return new Uint32Array(frozen.words);
        },
        thaw: () => {
          mine.clear();
          pending = null;
        },
      };
    },
  };
}
