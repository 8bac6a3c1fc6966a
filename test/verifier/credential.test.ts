// Credentials: form and checksum, and the hash that keys are looked up by.
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checksum, generateSecret, hashSecret, parseSecret, secret } from '../../events/secret.ts';
import { isWellFormed } from '../../services/verifier/credential.ts';
import { unpackDigest } from '../../services/verifier/packed.ts';
import { createSecretHash, type SecretHash } from '../../services/verifier/secret-hash.ts';
import { createRandom, seededBytes, SEED } from './random.ts';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.match(/./g) ?? [];
const random30 = fc.string({ unit: fc.constantFrom(...digits), minLength: 30, maxLength: 30 });
const prefix = fc.stringMatching(/^[a-z][a-z0-9_-]{0,30}$/);

describe('the form of a key', () => {
  test('the known checksum: zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ → 0mLq17', () => {
    expect(isWellFormed('kf_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17')).toBe(true);
    expect(isWellFormed('kf_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18')).toBe(false);
  });

  test('every key that is generated is well formed, and what is well formed can be parsed', () => {
    fc.assert(
      fc.property(prefix, random30, (before, random) => {
        const text = `${before}_${random}${checksum(random)}`;
        expect(isWellFormed(text)).toBe(true);
        expect(parseSecret(text)).toEqual({ prefix: before, random });
      }),
    );
  });

  test('it agrees with parseSecret on every text of the alphabet, right or wrong', () => {
    const anything = fc.oneof(
      fc.string({ unit: fc.constantFrom(...digits, '_'), maxLength: 60 }),
      fc
        .tuple(prefix, random30, fc.string({ unit: fc.constantFrom(...digits), minLength: 6, maxLength: 6 }))
        .map(([a, b, c]) => `${a}_${b}${c}`),
      fc.tuple(prefix, random30, fc.nat(50)).map(([a, b, at]) => {
        const text = `${a}_${b}${checksum(b)}`;
        return text.slice(0, at) + text.slice(at + 1);
      }),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = parseSecret(text);
        const plain = parsed !== null && /^[a-z0-9_-]+$/.test(parsed.prefix) && !parsed.random.includes('_');
        expect(isWellFormed(text)).toBe(plain);
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['nothing', ''],
    ['no prefix', `_${'a'.repeat(30)}${checksum('a'.repeat(30))}`],
    ['no random part', 'kf_'],
    ['a space in front', ` kf_${'a'.repeat(30)}${checksum('a'.repeat(30))}`],
    ['a line end behind', `kf_${'a'.repeat(30)}${checksum('a'.repeat(30))}\n`],
    ['an upper-case prefix', `KF_${'a'.repeat(30)}${checksum('a'.repeat(30))}`],
    ['a prefix beyond ASCII', `kfé_${'a'.repeat(30)}${checksum('a'.repeat(30))}`],
    ['a code unit whose low byte is a digit', `kf_${'š'.repeat(30)}${checksum('a'.repeat(30))}`],
    ['257 characters', `${'k'.repeat(220)}_${'a'.repeat(30)}${checksum('a'.repeat(30))}`],
    ['a NUL', `kf_\0${'a'.repeat(29)}${checksum('a'.repeat(30))}`],
    ['__proto__', '__proto__'],
  ])('%s is malformed', (_, text) => {
    expect(isWellFormed(text)).toBe(false);
  });

  test('256 characters are looked at', () => {
    const text = `${'k'.repeat(219)}_${'a'.repeat(30)}${checksum('a'.repeat(30))}`;
    expect([text.length, isWellFormed(text)]).toEqual([256, true]);
  });

  test(`10,000 keys with 20 random edits each: at least 99.99 % are refused (SEED=${SEED})`, () => {
    const random = createRandom(SEED);
    const bytes = seededBytes(SEED);
    let passed = 0;
    for (let i = 0; i < 10_000; i++) {
      const text = generateSecret('kf_live', bytes).reveal();
      expect(isWellFormed(text)).toBe(true);
      for (let edit = 0; edit < 20; edit++) {
        const at = 8 + random.below(text.length - 8);
        const edited = text.slice(0, at) + random.pick(digits) + text.slice(at + 1);
        if (edited !== text && isWellFormed(edited)) passed++;
      }
    }
    expect(passed).toBeLessThanOrEqual(20);
  });
});

describe('the hash of a key', () => {
  const latin1 = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 256,
  });
  const hashed = (hash: SecretHash, text: string): string => unpackDigest(hash(text), 0, 'base64url');
  const pepperKey = fc.uint8Array({ minLength: 1, maxLength: 200 });

  test('is HMAC-SHA-256, for peppers shorter and longer than a block and keys of every length', () => {
    fc.assert(
      fc.property(pepperKey, latin1, (key, text) => {
        const expected = createHmac('sha256', key).update(text, 'latin1').digest('base64url');
        expect(hashed(createSecretHash({ id: 'p', key }), text)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('is of the text that is hashed, whichever was judged before it, and however far', () => {
    const pepper = { id: 'p', key: seededBytes(1)(32) };
    const hash = createSecretHash(pepper);
    const [one, other] = [1, 2].map((seed) => generateSecret('kf', seededBytes(seed)).reveal()) as [string, string];
    const broken = [`${other.slice(0, -1)}!`, `${other.slice(0, 20)}!${other.slice(21)}`, `K${other.slice(1)}`, ''];
    for (const judged of [one, other, ...broken])
      for (const text of [one, other]) {
        isWellFormed(text);
        isWellFormed(judged);
        expect(hashed(hash, text)).toBe(hashSecret(secret(text), pepper).hash);
        expect(hashed(hash, text)).toBe(hashSecret(secret(text), pepper).hash);
      }
  });

  test('is the one that is stored when a key is created, whatever was hashed before it', () => {
    const pepper = { id: 'p', key: seededBytes(1)(32) };
    const hash = createSecretHash(pepper);
    for (const length of [256, 1, 40, 200, 39, 0]) {
      const text = 'x'.repeat(length);
      expect(hashed(hash, text)).toBe(hashSecret(secret(text), pepper).hash);
    }
  });
});
