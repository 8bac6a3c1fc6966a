// Secrets: random, checked before any look-up, and never printed.
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  checksum,
  crc32,
  generateSecret,
  hashSecret,
  MAX_SECRET_LENGTH,
  parseSecret,
  RANDOM_LENGTH,
  secret,
} from '../../events/secret.ts';
import { seededBytes } from './seeded.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SEED = process.env.SEED ?? randomBytes(8).toString('hex');
console.log(`SEED=${SEED}`);

describe('the checksum', () => {
  test('is GitHub’s: base62 of the CRC32, six characters', () => {
    expect(checksum('zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ')).toBe('0mLq17');
    expect(crc32('123456789')).toBe(0xcbf43926);
  });

  test('refuses at least 99.99 % of 10,000 keys × 20 random edits, and never throws', () => {
    const random = seededBytes(`edits ${SEED}`);
    const below = (limit: number) => Buffer.from(random(4)).readUInt32BE() % limit;
    let accepted = 0;
    let edits = 0;
    for (let key = 0; key < 10_000; key++) {
      const text = generateSecret('kf', random).reveal();
      expect(parseSecret(text)).not.toBeNull();
      for (let edit = 0; edit < 20; edit++) {
        const edited = withEdit(text, below);
        if (edited === text) continue;
        edits += 1;
        if (parseSecret(edited) !== null) accepted += 1;
      }
    }
    expect(edits).toBeGreaterThan(190_000);
    expect(accepted / edits).toBeLessThanOrEqual(0.0001);
  });
});

/** One character behind the prefix replaced, removed, inserted or swapped with the next. */
function withEdit(text: string, below: (limit: number) => number): string {
  const at = 3 + below(text.length - 3);
  const other = ALPHABET.charAt(below(62));
  switch (below(4)) {
    case 0:
      return text.slice(0, at) + other + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + other + text.slice(at);
    default:
      return text.slice(0, at) + text.slice(at + 1, at + 2) + text.slice(at, at + 1) + text.slice(at + 2);
  }
}

describe('generated secrets', () => {
  test('100,000 of them are distinct, and every character is as likely as any other in every place', () => {
    const random = seededBytes(`uniform ${SEED}`);
    const total = 100_000;
    const seen = new Set<string>();
    const counts = Array.from({ length: RANDOM_LENGTH }, () => new Map<string, number>());
    for (let i = 0; i < total; i++) {
      const text = generateSecret('kf', random).reveal();
      seen.add(text);
      for (let place = 0; place < RANDOM_LENGTH; place++) {
        const character = text.charAt(3 + place);
        const count = counts[place];
        count?.set(character, (count.get(character) ?? 0) + 1);
      }
    }
    expect(seen.size).toBe(total);
    const expected = total / 62;
    for (const [place, count] of counts.entries()) {
      expect(count.size).toBe(62);
      const chiSquare = [...count.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
      // 61 degrees of freedom: 135 is exceeded once in 10 million times.
      expect(chiSquare, `place ${place}`).toBeLessThan(135);
    }
  });

  test('hold at least 160 random bits, and no byte of the source favours a character', () => {
    expect(RANDOM_LENGTH * Math.log2(62)).toBeGreaterThan(160);
    const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
    const text = Array.from({ length: 10 }, (_, i) =>
      generateSecret('kf', (size) => everyByte.subarray(i * 20, i * 20 + size)).reveal(),
    );
    expect(new Set(text).size).toBe(10);
    const biased = generateSecret(
      'kf',
      (() => {
        let calls = 0;
        return (size: number) => new Uint8Array(size).fill(calls++ === 0 ? 255 : 61);
      })(),
    );
    expect(biased.reveal().slice(3, 3 + RANDOM_LENGTH)).toBe('z'.repeat(RANDOM_LENGTH));
  });

  test('are read back as prefix and random part; anything else is malformed', () => {
    const text = generateSecret('sk_live', seededBytes('1')).reveal();
    expect(parseSecret(text)?.prefix).toBe('sk_live');
    const tail = text.slice(text.lastIndexOf('_'));
    expect(parseSecret(`${'p'.repeat(MAX_SECRET_LENGTH - tail.length)}${tail}`)).not.toBeNull();
    for (const wrong of [
      '',
      '_',
      'kf_',
      tail,
      tail.slice(1),
      `${text} `,
      ` ${text}`.trimEnd() + '\n',
      `${'p'.repeat(MAX_SECRET_LENGTH - tail.length + 1)}${tail}`,
    ])
      expect(parseSecret(wrong)).toBeNull();
  });
});

describe('a secret', () => {
  const text = 'kf_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17';
  const value = secret(text);

  test('prints [redacted] however it is printed, and is told only when asked', () => {
    const printed = [
      String(value),
      'in a text: '.concat(value as unknown as string),
      JSON.stringify({ value }),
      inspect(value),
      inspect({ deep: { deeper: [value] } }, { depth: 9, showHidden: true }),
      inspect(new Error('x', { cause: value })),
      Object.values(value).map(String).join(),
    ];
    for (const print of printed) expect(print).not.toContain('zQWBuTSO');
    for (const print of printed.slice(0, 5)) expect(print).toContain('[redacted]');
    expect(structuredCloneOf(value)).not.toContain('zQWBuTSO');
    expect(value.reveal()).toBe(text);
  });

  test('is stored as a hash under a pepper: another pepper is another hash', () => {
    const one = hashSecret(value, { id: '1', key: new Uint8Array(32).fill(1) });
    const two = hashSecret(value, { id: '2', key: new Uint8Array(32).fill(2) });
    expect(one).toEqual({ scheme: 'hmac-sha256', pepperId: '1', hash: expect.stringMatching(/^[\w-]{43}$/) as string });
    expect(two.hash).not.toBe(one.hash);
    expect(hashSecret(secret(text), { id: '1', key: new Uint8Array(32).fill(1) })).toEqual(one);
  });
});

function structuredCloneOf(value: unknown): string {
  try {
    return JSON.stringify(structuredClone(value));
  } catch {
    return 'cannot be cloned';
  }
}
