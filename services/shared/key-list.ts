// Lists of keys, `id:base64,…`, newest first: peppers and sealing keys, in settings and in the data folder alike.
// A key that a person made up is refused: keys come from a random source.
import { z } from 'zod';

/** A named key. */
export interface NamedKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const KEY_BYTES = 32;
const MAX_KEY_BYTES = 128;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const PLACEHOLDER = /change|example|default|secret|password|insecure/i;
/** 32 random bytes have 30 different values; fewer than 12 in one of 10³⁰ draws. */
const MIN_DISTINCT = 12;

export const HOW_TO_MAKE_A_KEY = `make one with: echo "$(date +%Y%m%d):$(openssl rand -base64 ${KEY_BYTES})"`;

/**
 * A list of keys.
 *
 * @param exactly whether a key must have 32 bytes (a sealing key), not just at least 32 (a pepper).
 */
export function keyList({ exactly }: { readonly exactly: boolean }) {
  return z.string().transform((text, context): readonly NamedKey[] => {
    const keys: NamedKey[] = [];
    const refuse = (message: string): void =>
      void context.issues.push({ code: 'custom', message, input: undefined, continue: true });
    for (const [index, entry] of text.split(',').entries()) {
      const at = entry.indexOf(':');
      const id = entry.slice(0, Math.max(at, 0)).trim();
      const encoded = entry.slice(at + 1).trim();
      const key = Buffer.from(encoded, 'base64');
      const named = ID.test(id) ? `key "${id}"` : `key number ${index + 1}`;
      if (at < 0 || !ID.test(id) || !BASE64.test(encoded)) refuse(`${named} is not of the form id:base64`);
      else if (keys.some((other) => other.id === id)) refuse(`${named} is there twice`);
      else if (key.length < KEY_BYTES)
        refuse(`${named} has ${key.length} bytes, at least ${KEY_BYTES} are needed: ${HOW_TO_MAKE_A_KEY}`);
      else if (key.length > (exactly ? KEY_BYTES : MAX_KEY_BYTES))
        refuse(`${named} has ${key.length} bytes, ${exactly ? KEY_BYTES : MAX_KEY_BYTES} are the most`);
      else if (new Set(key).size < MIN_DISTINCT || PLACEHOLDER.test(key.toString('latin1')))
        refuse(`${named} is not random: ${HOW_TO_MAKE_A_KEY}`);
      else keys.push({ id, key: new Uint8Array(key) });
    }
    return keys;
  });
}

/** The text that {@link keyList} reads. */
export function formatKeyList(keys: readonly NamedKey[]): string {
  return keys.map(({ id, key }) => `${id}:${Buffer.from(key).toString('base64')}`).join(',');
}
