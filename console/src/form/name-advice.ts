// Advice on a name that says nothing of what a key is for; the server has the same.
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { texts } from '../texts/texts.ts';

/** What a text says, whatever its case, width, spaces and characters that nobody sees. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')
    .trim();

export function nameAdvice({ naming }: KeyspaceView, name: string): string | null {
  if (!naming.discouraged.some((discouraged) => plain(discouraged) === plain(name))) return null;
  const advice = naming.advice ?? texts.form.nameAdvice;
  return naming.examples.length === 0 ? advice : `${advice} ${texts.form.examples(naming.examples.join(', '))}`;
}
