// Parts that the stores share: prefixes as ranges, and reads that many callers share.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterPrefix } from '../../projections/stores/prefix.ts';
import { shareReads } from '../../projections/stores/shared-read.ts';
import { byText } from '../contracts/read-store-reference.ts';

describe('the range of a prefix', () => {
  const text = fc.string({ unit: 'binary', maxLength: 3 });
  const edges = fc.constantFrom('', '\ud7ff', '\ue000', '\u{10ffff}', 'a\u{10ffff}', '\u{10ffff}\u{10ffff}');

  test('holds exactly the texts that begin with it, in the order of UTF-8', () => {
    const property = fc.property(fc.oneof(text, edges), fc.oneof(text, edges), fc.boolean(), (prefix, rest, extend) => {
      const candidate = extend ? prefix + rest : rest;
      const after = afterPrefix(prefix);
      const inRange = byText(candidate, prefix) >= 0 && (after === null || byText(candidate, after) < 0);
      expect(inRange).toBe(candidate.startsWith(prefix));
      if (after !== null) expect(after.isWellFormed()).toBe(true);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

describe('a shared read', () => {
  /** Reads that end when they are told to. */
  function controlled() {
    const begun: { readonly callers: readonly string[]; readonly end: (answer: string | Error) => void }[] = [];
    const read = shareReads(
      (callers: readonly string[]) =>
        new Promise<string>((resolve, reject) => {
          begun.push({ callers, end: (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)) });
        }),
    );
    return { begun, read };
  }
  const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

  test('answers all who ask in the same moment, and nobody by a read that began before the question', async () => {
    const { begun, read } = controlled();
    const early = [read('a'), read('b')];
    await settled();
    const late = [read('c'), read('d')];
    await settled();
    expect(begun.map(({ callers }) => callers)).toEqual([['a', 'b']]);
    begun[0]?.end('first');
    expect(await Promise.all(early)).toEqual(['first', 'first']);
    await settled();
    expect(begun.map(({ callers }) => callers)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    begun[1]?.end('second');
    expect(await Promise.all(late)).toEqual(['second', 'second']);
  });

  test('that fails fails for those who share it only', async () => {
    const { begun, read } = controlled();
    const failing = read('a');
    await settled();
    const next = read('b');
    begun[0]?.end(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    await settled();
    begun[1]?.end('back');
    expect(await next).toBe('back');
  });
});
