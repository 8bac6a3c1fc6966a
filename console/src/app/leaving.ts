// Leaving a page by other ways than a link, such as signing out: what would be lost by it is asked about first.

/** @param go leaves, if that is meant. */
export type AskBeforeLeaving = (go: () => void) => void;

let asking: AskBeforeLeaving | null = null;

/** @returns takes the question back: nothing would be lost any more. */
export function askBeforeLeaving(ask: AskBeforeLeaving): () => void {
  asking = ask;
  return () => {
    if (asking === ask) asking = null;
  };
}

export function leave(go: () => void): void {
  if (asking) asking(go);
  else go();
}
