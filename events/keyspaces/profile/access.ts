// Who may do what with the keys of a keyspace, and what callers are told whose key was refused.
import { z } from 'zod';
import * as fields from '../../fields.ts';
import { named } from './names.ts';
import { copy, label } from './text.ts';

/** Who may do what with the keys of a keyspace, besides the installation's operators. */
export const ROLES = ['admin', 'member', 'auditor', 'viewer'] as const;
const roles = z.array(z.enum(ROLES)).max(ROLES.length);

const everyone = ['admin', 'member', 'auditor', 'viewer'] as const;
const writers = ['admin', 'member'] as const;

export const roleTable = z.strictObject({
  create: roles.default([...writers]).describe('Who may make keys and successors.'),
  view: roles.default([...everyone]).describe('Who may see keys. For all others the keyspace does not exist.'),
  edit: roles.default([...writers]).describe('Who may edit keys.'),
  disable: roles.default([...writers]).describe('Who may disable and enable keys.'),
  rotate: roles.default([...writers]).describe('Who may regenerate keys and end an overlap.'),
  remove: roles.default([...writers]).describe('Who may revoke and delete keys.'),
  seeHistory: roles.default(['admin', 'auditor']).describe('Who may see the events of keys.'),
  seeUsage: roles.default([...everyone]).describe('Who may see when and how often keys are used.'),
  forget: roles.default(['admin']).describe('Who may erase personal data.'),
});

/** The outcomes of a check that refuse, as an error map names them. */
export const REFUSED_OUTCOMES = [
  'MALFORMED',
  'NOT_FOUND',
  'REVOKED',
  'QUARANTINED',
  'DISABLED',
  'EXPIRED',
  'WRONG_KEYSPACE',
  'WRONG_ENVIRONMENT',
  'IP_NOT_ALLOWED',
  'ORIGIN_NOT_ALLOWED',
  'INSUFFICIENT_SCOPE',
  'RESOURCE_NOT_ALLOWED',
  'RATE_LIMITED',
] as const;

/** Bytes of an answer's body, as JSON. */
const MAX_BODY_BYTES = 2048;
const body = fields.metadata.refine(
  (value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_BODY_BYTES,
  'must have at most 2048 bytes as JSON',
);

export const errors = z
  .record(
    named(fields.text(40), REFUSED_OUTCOMES),
    z.strictObject({
      status: z
        .int()
        .min(400)
        .max(599)
        .meta({ description: 'HTTP status of the answer.', examples: [401, 403] }),
      code: label.nullable().default(null).describe('In the answer’s body; null: the outcome’s own name.'),
      message: copy.nullable().default(null).describe('In the answer’s body; null: a sentence of ours.'),
      body: body
        .nullable()
        .default(null)
        .meta({
          description: 'The whole answer in place of code, message and request id.',
          examples: [{ error: { type: 'gone', text: 'This key was revoked.' } }],
        }),
    }),
  )
  .default({})
  .meta({
    description:
      'Outcome of a check → what a gateway answers; what is not named is answered 401, 403 or 429. Outcomes: ' +
      `${REFUSED_OUTCOMES.join(', ')}.`,
    examples: [{ DISABLED: { status: 403, code: 'disabled', message: 'this key is disabled' } }],
  });
