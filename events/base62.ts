// Base62 (0-9 A-Z a-z), most significant digit first, left-padded: for ids and the checksum of secrets.
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The value of `bytes`, big-endian, in exactly `length` base62 digits; the highest digits are dropped if it needs more. */
export function base62(bytes: Uint8Array, length: number): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
  let digits = '';
  for (let i = 0; i < length; i++) {
    digits = ALPHABET.charAt(Number(value % 62n)) + digits;
    value /= 62n;
  }
  return digits;
}

/** One base62 digit, 0 ≤ value < 62. */
export function base62Digit(value: number): string {
  return ALPHABET.charAt(value);
}
