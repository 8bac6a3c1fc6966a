// Positions: opaque tokens that are read back exactly, and nothing else; comparison partition by partition.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  covers,
  decodePosition,
  decodeRecordPosition,
  encodePosition,
  encodeRecordPosition,
  furthest,
  isBeyond,
  positionAfter,
} from '../../events/position.ts';

const offsets = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const positions = fc
  .uniqueArray(fc.tuple(fc.nat(999_999), offsets), {
    selector: ([partition]) => partition,
    minLength: 1,
    maxLength: 20,
  })
  .map((entries) => Object.fromEntries(entries) as Record<number, number>);

describe('a token', () => {
  test('is read back exactly, and there is one for each position', () => {
    fc.assert(
      fc.property(positions, (position) => {
        expect(decodePosition(encodePosition(position))).toEqual(position);
      }),
    );
    expect(encodePosition({ 10: 1, 2: 3 })).toBe('p1_2-3_10-1');
  });

  test('is safe in URLs, shells and JSON, and usable at the size of a large topic', () => {
    const large = Object.fromEntries(
      Array.from({ length: 500 }, (_, partition) => [partition, Number.MAX_SAFE_INTEGER]),
    );
    expect(encodePosition(large)).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodePosition(encodePosition(large))).toEqual(large);
  });

  test.each([
    '',
    'p1',
    'p1_',
    'p1_1',
    'p1_1-',
    'p2_1-1',
    'p1_1-1_',
    'p1_1-1_1-2',
    'p1_01-1',
    'p1_1-01',
    'p1_1--1',
    'p1_1-1.5',
    'p1_1-1e3',
    'P1_1-1',
    ' p1_1-1',
    'p1_1-1\n',
    `p1_0-${'9'.repeat(16)}`,
    `p1_${'1'.repeat(7)}-1`,
    'p1_0-1'.repeat(9000),
  ])('is not %j', (token) => {
    expect(decodePosition(token)).toBeNull();
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (token) => {
        expect(decodePosition(token)).toBeNull();
      }),
    );
  });

  test('of a record names exactly one partition', () => {
    fc.assert(
      fc.property(fc.nat(999_999), offsets, (partition, offset) => {
        expect(decodeRecordPosition(encodeRecordPosition({ partition, offset }))).toEqual({ partition, offset });
      }),
    );
    expect(decodeRecordPosition('p1_0-1_1-1')).toBeNull();
    expect(decodeRecordPosition('p1')).toBeNull();
  });
});

describe('comparison', () => {
  test('a position behind a record is the next offset of its partition', () => {
    expect(positionAfter({ partition: 3, offset: 7 })).toEqual({ 3: 8 });
  });

  test('what is reached covers what is wanted in every partition that is named, and in no other', () => {
    expect(covers({ 0: 5, 1: 5 }, { 0: 5 })).toBe(true);
    expect(covers({ 0: 5 }, { 0: 6 })).toBe(false);
    expect(covers({ 0: 5 }, { 0: 5, 1: 1 })).toBe(false);
    expect(covers({}, {})).toBe(true);
    expect(covers({}, { 0: 0 })).toBe(true);
  });

  test('what is reached is beyond what is wanted once it is past it in one partition that is named', () => {
    expect(isBeyond({ 0: 6, 1: 1 }, { 0: 6, 1: 0 })).toBe(true);
    expect(isBeyond({ 0: 6, 1: 9 }, { 0: 6 })).toBe(false);
    expect(isBeyond({}, { 0: 0 })).toBe(false);
    expect(isBeyond({ 0: 1 }, {})).toBe(false);
  });

  test('the further of two covers both, and is no further than needed', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        const both = furthest(a, b);
        expect(covers(both, a) && covers(both, b)).toBe(true);
        expect(furthest(b, a)).toEqual(both);
        for (const [partition, offset] of Object.entries(both))
          expect([a[Number(partition)], b[Number(partition)]]).toContain(offset);
      }),
    );
  });
});
