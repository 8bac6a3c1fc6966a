// The secret of a key: its form `{prefix}_{environment?}_{random}{checksum}`, its checksum, and the text that never prints.
// ≥ 160 random bits, no modulo bias; the CRC32 refuses a mistyped or random string before any look-up.
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { base62Digit } from './base62.ts';

/** Base62 digits of randomness: 30 × log2(62) = 178 bits. */
export const RANDOM_LENGTH = 30;
export const CHECKSUM_LENGTH = 6;
/** Longest key that is looked at; a longer one is malformed. */
export const MAX_SECRET_LENGTH = 256;

/** A source of random bytes: `crypto.randomBytes`, or a seeded one in tests. */
export type RandomBytes = (size: number) => Uint8Array;

/** A secret that reveals itself only when asked: `toString`, `toJSON` and `inspect` print `[redacted]`. */
export interface Secret {
  reveal(): string;
  toString(): string;
  toJSON(): string;
  [inspect.custom](): string;
}

const REDACTED = '[redacted]';

export function secret(value: string): Secret {
  return {
    reveal: () => value,
    toString: () => REDACTED,
    toJSON: () => REDACTED,
    [inspect.custom]: () => REDACTED,
  };
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC32 (IEEE 802.3) of the first `length` characters of an ASCII string. */
export function crc32(ascii: string, length = ascii.length): number {
  let crc = 0xffffffff;
  for (let i = 0; i < length; i++) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ ascii.charCodeAt(i)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The 6-character base62 CRC32 of a key's random part, as GitHub's tokens carry it. */
export function checksum(random: string): string {
  let value = crc32(random);
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = base62Digit(value % 62) + digits;
    value = Math.floor(value / 62);
  }
  return digits;
}

function randomDigits(length: number, randomBytes: RandomBytes): string {
  let digits = '';
  while (digits.length < length) {
    // 248 = 4 × 62: bytes above it would make the first digits likelier.
    for (const byte of randomBytes(length + 8))
      if (byte < 248 && digits.length < length) digits += base62Digit(byte % 62);
  }
  return digits;
}

/** A new secret behind `prefix` (everything up to and without the last `_`: `kf`, `sk_live`). */
export function generateSecret(prefix: string, randomBytes: RandomBytes): Secret {
  const random = randomDigits(RANDOM_LENGTH, randomBytes);
  return secret(`${prefix}_${random}${checksum(random)}`);
}

/** Splits a key's text into prefix and random part; `null` unless the form and the checksum are right. */
export function parseSecret(value: string): { readonly prefix: string; readonly random: string } | null {
  if (value.length > MAX_SECRET_LENGTH) return null;
  const at = value.lastIndexOf('_');
  const tail = value.slice(at + 1);
  if (at < 1 || tail.length !== RANDOM_LENGTH + CHECKSUM_LENGTH) return null;
  const random = tail.slice(0, RANDOM_LENGTH);
  return tail.slice(RANDOM_LENGTH) === checksum(random) ? { prefix: value.slice(0, at), random } : null;
}

/** A key to HMAC secrets with; its id is stored beside each hash, so that peppers can be rotated. */
export interface Pepper {
  readonly id: string;
  readonly key: Uint8Array;
}

/** What is stored in a secret's place, in the private part of an event only. */
export interface VerificationHash {
  readonly scheme: 'hmac-sha256';
  readonly pepperId: string;
  /** base64url, 43 characters. */
  readonly hash: string;
}

export function hashSecret(value: Secret, pepper: Pepper): VerificationHash {
  const hash = createHmac('sha256', pepper.key).update(value.reveal(), 'latin1').digest('base64url');
  return { scheme: 'hmac-sha256', pepperId: pepper.id, hash };
}
