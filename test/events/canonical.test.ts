// Canonical JSON: whichever way it is made, the bytes are those of RFC 8785.
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, inCanonicalOrder, isSameJson } from '../../events/canonical.ts';

const json = fc.jsonValue({ maxDepth: 5 });
const awkward = fc.dictionary(
  fc.constantFrom('', '1', '10', '9', 'A', 'a', 'é', '\u20ac', '\ud83d\ude00', '\ufb33', 'toJSON', 'constructor', ' '),
  fc.oneof(
    json,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom('\u2028', '"\\/\b\u0007', -0, 1e21),
  ),
);

describe('canonical JSON', () => {
  test('of any value, in whatever order its members come, is that of RFC 8785', () => {
    fc.assert(
      fc.property(fc.oneof(json, awkward, fc.array(awkward)), (value) => {
        const expected = canonicalize(value);
        expect(canonical(value)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('is the same of an object whose members were put in order, and the order deeper down stays as it was', () => {
    fc.assert(
      fc.property(awkward, (value) => {
        const ordered = inCanonicalOrder(value);
        expect(canonical(ordered)).toBe(canonical(value));
        for (const [name, member] of Object.entries(value)) expect(ordered[name]).toBe(member);
      }),
    );
    expect(JSON.stringify(inCanonicalOrder({ b: { d: 1, c: 2 }, a: 3 }))).toBe('{"a":3,"b":{"d":1,"c":2}}');
  });

  test('is refused for what JSON cannot say, wherever it stands', () => {
    for (const bad of ['\ud800', Number.NaN, Infinity, undefined, () => 1]) {
      expect(() => canonical(bad)).toThrow();
      if (typeof bad !== 'undefined' && typeof bad !== 'function') {
        expect(() => canonical({ a: [bad] })).toThrow();
      }
    }
    expect(() => canonical({ '\udfff': 1 })).toThrow();
    const circular: Record<string, unknown> = {};
    circular.a = circular;
    expect(() => canonical(circular)).toThrow();
  });

  test('of an object with a form of its own is the form’s', () => {
    const date = new Date(0);
    expect(canonical({ date })).toBe('{"date":"1970-01-01T00:00:00.000Z"}');
    expect(canonical({ b: 1, a: undefined })).toBe('{"b":1}');
  });

  test('is the same of two values exactly where they are found to be the same', () => {
    const reordered = fc.tuple(awkward, fc.boolean()).map(([value, changed]): [unknown, unknown] => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      return [value, changed ? { ...turned, 1: 'changed' } : turned];
    });
    fc.assert(
      fc.property(fc.oneof(fc.tuple(json, json), reordered), ([a, b]) => {
        expect(isSameJson(a, b)).toBe(canonicalize(a) === canonicalize(b));
        expect(isSameJson([a], [a])).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
