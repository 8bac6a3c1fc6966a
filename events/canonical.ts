// Canonical JSON (RFC 8785) and SHA-256 over it: the bytes that every hash of the chain is taken of.
import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';

/** The RFC 8785 form of a JSON value. Throws on what JSON cannot say (lone surrogates, NaN, undefined). */
export function canonical(value: unknown): string {
  if (isInOrder(value)) return JSON.stringify(value);
  const json = canonicalize(value);
  if (json === undefined) throw new TypeError('not a JSON value');
  return json;
}

/**
 * Whether `JSON.stringify` gives the canonical form: names are in the order of their UTF-16 code units, and nothing is in
 * it that JSON cannot say. So it is with all that this project records, and it is a tenth of the work.
 */
function isInOrder(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.every(isInOrder) : isPlain(value) && hasOrderedMembers(value);
}

/** Nothing that brings a form of its own. */
const isPlain = (value: object): value is Readonly<Record<string, unknown>> =>
  Object.getPrototypeOf(value) === Object.prototype && !('toJSON' in value);

/** What `for … in` walks besides own members is no object's that came out of JSON; it would only cost the short way. */
function hasOrderedMembers(value: Readonly<Record<string, unknown>>): boolean {
  let last = '';
  for (const name in value) {
    if (name < last || !name.isWellFormed() || !isInOrder(value[name])) return false;
    last = name;
  }
  return true;
}

/**
 * The same object with its own members in canonical order: whoever hashes it after that has little to do. What lies deeper
 * stays in the order that it was given in, which may mean something to those who gave it.
 */
export function inCanonicalOrder<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) as T;
}

/** Whether two JSON values are the same, whatever the order of members. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isSameJson(item, b[index]));
  }
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(b, name) && isSameJson((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
  );
}

/** SHA-256 in lower-case hex, of the parts one after the other. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return hash('sha256', only, 'hex');
  // In one call: a hash that is fed piece by piece costs half as much again.
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return hash('sha256', bytes, 'hex');
}
