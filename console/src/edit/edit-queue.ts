// The commands of one saving: what is still to be sent, each for the version that the one before it made. What became of
// the first is asked again with the very same input.
import { useRef } from 'react';
import type { EditAction } from './edit-commands.ts';

export interface QueuedEdit {
  readonly action: EditAction;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface EditQueue {
  readonly fill: (edits: readonly QueuedEdit[], version: number) => void;
  /** With the version that it is for; `undefined`: all is done. */
  readonly next: () => (QueuedEdit & { readonly input: { readonly ifVersion: number } }) | undefined;
  /** @param version that the first has made */
  readonly done: (version: number) => void;
  /** How many are done. */
  readonly sent: () => number;
}

export function useEditQueue(): EditQueue {
  const state = useRef({ edits: [] as readonly QueuedEdit[], version: 0, sent: 0 });
  return {
    fill: (edits, version) => {
      state.current = { edits, version, sent: 0 };
    },
    next: () => {
      const { edits, version } = state.current;
      const [first] = edits;
      return first && { ...first, input: { ...first.input, ifVersion: version } };
    },
    done: (version) => {
      const { edits, sent } = state.current;
      state.current = { edits: edits.slice(1), version, sent: sent + 1 };
    },
    sent: () => state.current.sent,
  };
}
