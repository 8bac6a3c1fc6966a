// The body of POST /v1/verify: its schema, and the reading of raw bytes. What is refused says which member and why, and
// quotes nothing of the body: a key may stand anywhere in it.
import { isAscii } from 'node:buffer';
import { isIP } from 'node:net';
import { z } from 'zod';
import * as fields from '../../events/fields.ts';
import { decodePosition } from '../../events/position.ts';
import { problemOf, type Problem } from '../../events/problem.ts';
import { isRequestId, PLAIN } from '../shared/request-id.ts';
import { countPlainMembers } from './plain-request.ts';
import { compilePermission, MAX_PERMISSION_LENGTH, PermissionSyntaxError } from './permission.ts';

const permission = z
  .string()
  .max(MAX_PERMISSION_LENGTH, `must have at most ${MAX_PERMISSION_LENGTH} characters`)
  .superRefine((text, context) => {
    try {
      compilePermission(text);
    } catch (error) {
      if (!(error instanceof PermissionSyntaxError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** Whether a text is an address; one with a zone is the caller's own link and no client's. */
const isAddress = (text: string): boolean => isIP(text) !== 0 && !text.includes('%');

/** An object of these members and no others, whose names are told; those of others are the caller's text. */
const only = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `must have no members but ${Object.keys(shape).join(', ')}` : undefined,
  });

export const verifyRequest = only({
  key: z.string().describe('any text: what is not a key is MALFORMED, not a malformed request'),
  keyspace: z.string().max(64).optional(),
  scopes: z.array(fields.scope).max(100).optional().describe('all needed; with permission, both must hold'),
  permission: permission.optional().describe('such as: a:read and (b:write or c)'),
  resource: only({ type: z.string().min(1).max(64), id: fields.resourceId }).optional(),
  flags: z.array(z.string().min(1).max(40)).max(20).optional(),
  origin: z.string().max(2048).optional().describe('the raw Origin header'),
  ip: z.string().max(64).refine(isAddress, 'must be an IP address').optional(),
  environment: z.string().max(64).optional(),
  cost: z
    .number()
    .min(1)
    .max(1_000_000)
    .int()
    .optional()
    .describe("tokens of the key's rate limit that the call costs; absent: 1"),
  include: z
    .array(z.enum(['name', 'metadata']))
    .max(2)
    .optional(),
  atLeast: z
    .string()
    .refine((token) => decodePosition(token) !== null, 'must be a position')
    .optional()
    .describe('a position that must have been followed; waits for 5 s, then STALE'),
  request: only({
    id: z
      .string()
      .regex(PLAIN, 'must be 1–64 letters, digits or . _ -, beginning with a letter or digit')
      .refine(isRequestId, 'must not be a key: it is written into logs')
      .optional(),
    method: fields.text(32).optional(),
    path: fields.text(8192).optional(),
    userAgent: fields.text(2048).optional(),
  })
    .optional()
    .describe('the call that is being checked'),
});

export type VerifyRequest = z.infer<typeof verifyRequest>;

/** Of POST /v1/verify/batch. */
export const MAX_CHECKS = 100;
const listOfChecks = z.array(z.unknown()).min(1).max(MAX_CHECKS);

interface Refused {
  readonly ok: false;
  readonly problem: Problem;
}

/** What was refused: its path is `[]` where that is the body itself. */
export type ReadBody = { readonly ok: true; readonly request: VerifyRequest } | Refused;

/** Of a batch; a path begins with the number of the check, from 0. */
export type ReadBatch = { readonly ok: true; readonly requests: readonly VerifyRequest[] } | Refused;

const refused = (message: string): Refused => ({ ok: false, problem: { path: [], message } });
const NO_JSON = refused('must be JSON');
// JSON.parse keeps the last of two members; whoever asked or checked before us may have kept the first.
const TWICE = refused('must not have a member twice');

/** `undefined`: it is no JSON. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString(isAscii(body) ? 'latin1' : 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads a body: JSON of the schema, no member twice. */
export function readBody(body: Buffer): ReadBody {
  const json = parse(body);
  if (json === undefined) return NO_JSON;
  const plain = countPlainMembers(json);
  const read = plain >= 0 ? { success: true as const, data: json as VerifyRequest } : verifyRequest.safeParse(json);
  if (!read.success) return { ok: false, problem: problemOf(read.error) };
  const members = plain >= 0 ? plain : countMembers(json);
  return members === countColons(body) ? { ok: true, request: read.data } : TWICE;
}

/** Reads the body of a batch: a JSON list of what {@link readBody} reads. */
export function readBatch(body: Buffer): ReadBatch {
  const json = parse(body);
  if (json === undefined) return NO_JSON;
  const list = listOfChecks.safeParse(json);
  if (!list.success) return { ok: false, problem: problemOf(list.error) };
  const requests: VerifyRequest[] = [];
  for (const [index, item] of list.data.entries()) {
    const read =
      countPlainMembers(item) >= 0
        ? { success: true as const, data: item as VerifyRequest }
        : verifyRequest.safeParse(item);
    if (!read.success) {
      const { path, message } = problemOf(read.error);
      return { ok: false, problem: { path: [String(index), ...path], message } };
    }
    requests.push(read.data);
  }
  return countMembers(json) === countColons(body) ? { ok: true, requests } : TWICE;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMembers(item), 0);
  let members = 0;
  for (const member of Object.values(value)) members += 1 + countMembers(member);
  return members;
}

/** Colons outside strings, of UTF-8 that is JSON: one per member as written. No byte of a longer character looks like these. */
function countColons(json: Uint8Array): number {
  let colons = 0;
  for (let i = 0; i < json.length; i++) {
    if (json[i] === COLON) colons++;
    else if (json[i] === QUOTE) {
      for (i++; i < json.length && json[i] !== QUOTE; i++) if (json[i] === BACKSLASH) i++;
    }
  }
  return colons;
}
