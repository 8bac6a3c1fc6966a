// Canonical JSON (RFC 8785) and SHA-256 over it: the bytes that every hash of the chain is taken of.
import canonicalize from 'canonicalize';
import { createHash, hash } from 'node:crypto';

/** The RFC 8785 form of a JSON value. Throws on what JSON cannot say (lone surrogates, NaN, undefined). */
export function canonical(value: unknown): string {
  const json = canonicalize(value);
  if (json === undefined) throw new TypeError('not a JSON value');
  return json;
}

/** SHA-256 in lower-case hex, of the parts one after the other. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return hash('sha256', only, 'hex');
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest('hex');
}
