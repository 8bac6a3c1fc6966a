// ASCII text that grows: what was written is there, whatever its length.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAsciiText } from '../../services/shared/ascii-text.ts';

test('texts and numbers stand as they were written', () => {
  const piece = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -12, max: 12 }), fc.string({ maxLength: 6000 }));
  const property = fc.property(
    fc.array(piece.filter((each) => typeof each === 'number' || /^[\x20-\x7e]*$/.test(each))),
    (pieces) => {
      const text = createAsciiText();
      for (const each of pieces) {
        if (typeof each === 'number') text.integer(each);
        else text.text(each);
        text.character(0x2c);
      }
      const expected = pieces.map((each) => `${Object.is(each, -0) ? 0 : each},`).join('');
      expect(text.bytes().toString('latin1')).toBe(expected);
      expect(text.length()).toBe(expected.length);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test('texts that have one another’s memory one after the other hold their own alone', () => {
  const written = (texts: readonly string[]) =>
    texts.map((each) => {
      const text = createAsciiText();
      for (const part of each.match(/.{1,1000}/g) ?? []) text.text(part);
      return text;
    });
  const contents = (letters: string) => letters.split('').map((letter, n) => letter.repeat(50_000 * (n + 1)));
  const read = (texts: ReturnType<typeof written>) => texts.map((text) => text.bytes().toString('latin1'));
  const first = written(contents('abc'));
  expect(read(first)).toEqual(contents('abc'));
  for (const text of first) text.release();
  expect(first.map((text) => text.length())).toEqual([0, 0, 0]);
  const second = written(contents('defg'));
  first[0]!.text('again');
  expect(read(second)).toEqual(contents('defg'));
  expect(first[0]!.bytes().toString('latin1')).toBe('again');
});
