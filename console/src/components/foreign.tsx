// A text that others have written: its direction is its own, and says nothing of what stands around it.
import { legible } from '../texts/legible.ts';

export function Foreign({ text }: { readonly text: string }) {
  return <bdi>{legible(text)}</bdi>;
}
