// Times of answers are written as the language writes them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime } from '../../services/verifier/iso-time.ts';

test('a time is written as toISOString writes it, whichever day and before 1970 too', () => {
  const edges = fc.constantFrom(
    0,
    -1,
    1,
    86_399_999,
    86_400_000,
    -86_400_000,
    8_640_000_000_000_000,
    -8_640_000_000_000_000,
  );
  fc.assert(
    fc.property(fc.oneof(edges, fc.date({ noInvalidDate: true }).map(Number)), (ms) => {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString());
    }),
    { numRuns: 15_000 },
  );
});
