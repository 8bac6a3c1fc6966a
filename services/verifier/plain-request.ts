// Plain requests: the ones that nearly all callers send, judged by hand. Whatever is unusual is left to the schema
// (request.ts), which takes everything that this takes, unchanged (property test).
import { isIP } from 'node:net';

const SCOPE = /^[A-Za-z0-9_.:*/-]{1,64}$/;
const PLAIN_ID = /^[\x21-\x7e]{1,64}$/;
const MAX_SCOPES = 100;
const MAX_NAME = 64;
const MAX_ORIGIN = 2048;
const NOT_PLAIN = -1;

/** How many members a plain request has, those of `resource` too; −1: it is not plain. */
export function countPlainMembers(json: unknown): number {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return NOT_PLAIN;
  const body = json as Record<string, unknown>;
  if (typeof body.key !== 'string') return NOT_PLAIN;
  let members = 0;
  for (const name in body) {
    const value = body[name];
    if (name === 'resource') {
      if (!isPlainResource(value)) return NOT_PLAIN;
      members += 2;
    } else if (!isPlainMember(name, value)) return NOT_PLAIN;
    members++;
  }
  return members;
}

function isPlainMember(name: string, value: unknown): boolean {
  if (name === 'key') return true;
  if (name === 'scopes') return Array.isArray(value) && value.length <= MAX_SCOPES && value.every(isScope);
  if (typeof value !== 'string') return false;
  if (name === 'keyspace' || name === 'environment') return value.length <= MAX_NAME;
  if (name === 'origin') return value.length <= MAX_ORIGIN;
  return name === 'ip' && isIP(value) !== 0 && !value.includes('%');
}

const isScope = (value: unknown): boolean => typeof value === 'string' && SCOPE.test(value);
const isPlainId = (value: unknown): boolean => typeof value === 'string' && PLAIN_ID.test(value);

function isPlainResource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { type, id } = value as Record<string, unknown>;
  return isPlainId(type) && isPlainId(id);
}
