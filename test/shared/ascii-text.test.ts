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
      expect(text.length).toBe(expected.length);
    },
  );
  fc.assert(property, { numRuns: 500 });
});
