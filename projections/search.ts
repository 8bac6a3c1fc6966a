// Search words: what a text filter matches the beginnings of, for rows and for what is typed alike. NFKC, lower case.
// Bounded, so that no name makes a row large.
const MAX_WORDS = 100;
const MAX_LENGTH = 128;
/** Of a search: each word is looked for by itself, and may be found in every row. */
export const MAX_TERMS = 20;
/** The first character of a word: letters, digits and the marks on them. */
const WORD_START = /(?<![\p{L}\p{N}\p{M}])[\p{L}\p{N}\p{M}]/gu;

/** The same of ASCII alone, which most texts are: a look behind at classes of Unicode costs ten times as much. */
const ASCII_WORD_START = /(?<![A-Za-z0-9])[A-Za-z0-9]/g;
// eslint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** The form that names are ordered by and words compared in. */
export function normalize(text: string): string {
  // Lower-casing can undo the composition that NFKC made.
  return ASCII.test(text) ? text.toLowerCase() : text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

const tokens = (text: string): string[] =>
  normalize(text)
    .split(/\s+/u)
    .filter((token) => token !== '');
// By code points: half a surrogate pair is no text.
const cut = (word: string): string =>
  word.length <= MAX_LENGTH ? word : Array.from(word).slice(0, MAX_LENGTH).join('');

/**
 * The search words of a row's texts, distinct: each token (what stands between spaces), and what is left of it from the
 * start of each word in it. So `auth0|user-17` is found by `auth`, `user`, `user-1` and `17`.
 */
export function searchWords(texts: readonly string[]): readonly string[] {
  const words = new Set<string>();
  for (const token of texts.flatMap(tokens)) {
    words.add(cut(token));
    for (const { index } of token.matchAll(ASCII.test(token) ? ASCII_WORD_START : WORD_START)) {
      if (words.size >= MAX_WORDS) return [...words];
      words.add(cut(token.slice(index)));
    }
  }
  return [...words];
}

/** What somebody typed as the words that must each begin a word of the row; for `KeyFilter.text`. */
export function searchTerms(text: string): readonly string[] {
  return [...new Set(tokens(text).map(cut))];
}
