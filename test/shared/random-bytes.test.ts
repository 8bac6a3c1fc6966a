// Random bytes out of a pool: as many as were asked for, each handed out once.
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../services/shared/random-bytes.ts';

describe('random bytes', () => {
  test('are as many as were asked for, of whatever size', () => {
    for (const size of [0, 1, 16, 4095, 4096, 4097, 100_000]) expect(randomBytes(size)).toHaveLength(size);
  });

  test('never come twice, nor change in the hands of those who have them', () => {
    const given = Array.from({ length: 20_000 }, () => randomBytes(12));
    const before = given.map((bytes) => bytes.toString('hex'));
    expect(new Set(before).size).toBe(given.length);
    for (let i = 0; i < 1000; i++) randomBytes(100);
    expect(given.map((bytes) => bytes.toString('hex'))).toEqual(before);
    expect(before).not.toContain('0'.repeat(24));
  });

  test('share no memory: what one does to his changes nobody else’s', () => {
    const [first, second] = [randomBytes(16), randomBytes(16)];
    const kept = second.toString('hex');
    first.fill(0);
    expect(second.toString('hex')).toBe(kept);
    expect(first.buffer).not.toBe(second.buffer);
  });

  test('are spread evenly', () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of randomBytes(256 * 4000)) counts[byte] = (counts[byte] ?? 0) + 1;
    for (let i = 0; i < 4000; i++) for (const byte of randomBytes(256)) counts[byte] = (counts[byte] ?? 0) + 1;
    // 8,000 expected each, standard deviation 89: ten of them on either side.
    for (const count of counts) expect(Math.abs(count - 8000)).toBeLessThan(890);
  });
});
