// The text of a profile: YAML that reads back as the very same profile, whatever its texts hold.
import { Document, Scalar, visit, type Node } from 'yaml';
import { MAX_SOURCE } from './source.ts';

/** Characters that nobody sees, or that end a line somewhere: they stand within quotes only, where they can be escaped. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const isTame = (text: string): boolean => !UNSEEN.test(text) && text.trim() === text;

/** Lines that YAML keeps as they stand; what it cannot be trusted with goes into quotes. */
function areLines(text: string): boolean {
  const lines = text.split('\n');
  const ends = [lines[0], lines.at(-1)];
  return (
    lines.every((line) => !UNSEEN.test(line) && line.trimEnd() === line) && ends.every((line) => line && isTame(line))
  );
}

/** Chooses how each text below a node stands: plain unless that is not exact. */
export function styleTexts(within: Node | Document): void {
  visit(within, {
    Scalar: (place, text) => {
      if (typeof text.value !== 'string' || isTame(text.value)) return;
      text.type = place !== 'key' && areLines(text.value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    },
  });
}

/**
 * A profile, or members of one, as a source that `readSource` takes. Lines of a text stand as lines where that is exact;
 * what would be too long as YAML is JSON, which is shorter.
 */
export function sourceText(profile: object): string {
  const document = new Document(profile, { aliasDuplicateObjects: false });
  styleTexts(document);
  const text = document.toString({ lineWidth: 0, doubleQuotedAsJSON: true });
  return text.length <= MAX_SOURCE ? text : JSON.stringify(profile);
}
