// The body of POST /v1/verify: its schema, and the reading of raw bytes. What is refused says which member and why, and
// quotes nothing of the body: a key may stand anywhere in it.
import { isIP } from 'node:net';
import { z } from 'zod';
import * as fields from '../../events/fields.ts';
import { decodePosition } from '../../events/position.ts';
import { countPlainMembers } from './plain-request.ts';
import { PLAIN } from '../shared/request-id.ts';
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

export const verifyRequest = z.strictObject({
  /** Any text: what is not a key is `MALFORMED`, not a malformed request. */
  key: z.string(),
  keyspace: z.string().max(64).optional(),
  /** All needed; with `permission`, both must hold. */
  scopes: z.array(fields.scope).max(100).optional(),
  permission: permission.optional(),
  resource: z.strictObject({ type: z.string().min(1).max(64), id: fields.resourceId }).optional(),
  flags: z.array(z.string().min(1).max(40)).max(20).optional(),
  /** The raw `Origin` header. */
  origin: z.string().max(2048).optional(),
  ip: z.string().max(64).refine(isAddress, 'must be an IP address').optional(),
  environment: z.string().max(64).optional(),
  /** Tokens of the key's rate limit that the call costs. */
  cost: z.int().min(1).max(1_000_000).optional(),
  include: z
    .array(z.enum(['name', 'metadata']))
    .max(2)
    .optional(),
  atLeast: z
    .string()
    .refine((token) => decodePosition(token) !== null, 'must be a position')
    .optional(),
  /** The call that is being checked. */
  request: z
    .strictObject({
      id: z.string().regex(PLAIN, 'must be 1–64 letters, digits or . _ -, beginning with a letter or digit').optional(),
      method: fields.text(32).optional(),
      path: fields.text(8192).optional(),
      userAgent: fields.text(2048).optional(),
    })
    .optional(),
});

export type VerifyRequest = z.infer<typeof verifyRequest>;

/** A body that was refused: where (`[]`: the body itself) and why. */
export interface BodyProblem {
  readonly path: readonly string[];
  readonly message: string;
}

export type ReadBody =
  { readonly ok: true; readonly request: VerifyRequest } | { readonly ok: false; readonly problem: BodyProblem };

const refused = (message: string, path: readonly string[] = []): ReadBody => ({
  ok: false,
  problem: { path, message },
});

/** Reads a body: JSON of the schema, no member twice. */
export function readBody(body: Buffer): ReadBody {
  const text = body.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused('must be JSON');
  }
  const plain = countPlainMembers(json);
  const read = plain >= 0 ? { success: true as const, data: json as VerifyRequest } : verifyRequest.safeParse(json);
  if (!read.success) return refused(...describe(read.error));
  // JSON.parse keeps the last of two members; whoever asked or checked before us may have kept the first.
  const members = plain >= 0 ? plain : countMembers(json);
  if (members !== countColons(text)) return refused('must not have a member twice');
  return { ok: true, request: read.data };
}

/** zod's own texts for these are fine; the ones left out would quote what was sent. */
function describe(error: z.ZodError): [string, string[]] {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === 'unrecognized_keys') return ['has a member that is not known', path];
  return [issue?.message ?? 'is not valid', path];
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMembers(item), 0);
  let members = 0;
  for (const member of Object.values(value)) members += 1 + countMembers(member);
  return members;
}

/** Colons outside strings, of a text that is JSON: one per member as written. */
function countColons(text: string): number {
  let colons = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) inString = !inString;
    else if (inString) i += code === 0x5c ? 1 : 0;
    else if (code === 0x3a) colons++;
  }
  return colons;
}
