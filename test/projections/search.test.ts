// Search words: what is stored and what is typed meet as beginnings of words.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalize, searchTerms, searchWords } from '../../projections/search.ts';

const finds = (typed: string, ...texts: string[]): boolean => {
  const words = searchWords(texts);
  return searchTerms(typed).every((term) => words.some((word) => word.startsWith(term)));
};

describe('search', () => {
  test('beginnings of the words of name, preview, key id and owner are found, whatever their case and form', () => {
    const texts = ['Ünter-Den Linden ﬁnance', 'kf_…x9z1', 'key_4aBcDeFgHiJkLmNoPqRsTu', 'auth0|User-17'];
    for (const typed of [
      ...['ünt', 'U\u0308NT', 'den lin', 'ünter-den', 'FINAN', 'ﬁn', 'kf_', 'kf_…x9', 'kf_...x9z1', 'x9z'],
      ...['key_4abc', '4ABCD', 'auth0|user', 'user-1', '17', 'user', ''],
    ]) {
      expect(finds(typed, ...texts), typed).toBe(true);
    }
    for (const typed of ['nter', 'linden q', 'f_', '9z1', 'key_5']) expect(finds(typed, ...texts), typed).toBe(false);
  });

  test('every beginning of every token of a text finds it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 128 }), fc.nat(), fc.nat(), (text, which, length) => {
        const tokens = normalize(text).split(/\s+/u);
        const points = Array.from(tokens[which % tokens.length] ?? '');
        // Half a composed character is another character: only whole ones begin a word.
        const typed = points.slice(0, length % (points.length + 1)).join('');
        if (normalize(typed) !== typed || searchWords([text]).length >= 100) return;
        expect(finds(typed, text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('is bounded: 100 words of 128 characters, never half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const words = searchWords([text.toWellFormed()]);
        expect(words.length).toBeLessThanOrEqual(100);
        for (const word of words) {
          expect(Array.from(word).length).toBeLessThanOrEqual(128);
          expect(word.isWellFormed()).toBe(true);
        }
        expect(new Set(words).size).toBe(words.length);
      }),
    );
    expect(searchWords(['😀'.repeat(500)])).toEqual(['😀'.repeat(128)]);
    expect(searchWords([Array.from({ length: 300 }, (_, n) => `w${n}`).join(' ')])).toHaveLength(100);
  });

  test('words that code would stumble over are words like any other', () => {
    expect(searchWords(['__proto__ constructor $gt a.b'])).toEqual(
      expect.arrayContaining(['__proto__', 'proto__', 'constructor', '$gt', 'gt', 'a.b', 'b']),
    );
  });
});
