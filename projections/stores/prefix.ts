// The range of texts that begin with a prefix, in code point order: no pattern language ever sees a user's text.

const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_AFTER_SURROGATES = 0xe000;
const LAST = 0x10ffff;

/** The first text after all that begin with `prefix`; `null` if there is none (only U+10FFFF in it, or empty). */
export function afterPrefix(prefix: string): string | null {
  const points = Array.from(prefix);
  for (;;) {
    const last = points.pop()?.codePointAt(0);
    if (last === undefined) return null;
    if (last === LAST) continue;
    const next = last === LAST_BEFORE_SURROGATES ? FIRST_AFTER_SURROGATES : last + 1;
    return points.join('') + String.fromCodePoint(next);
  }
}
