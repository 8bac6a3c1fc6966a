// A profile: everything that makes a keyspace the API-key system of one product. Data, no code; events carry it whole.
// Every member has a default or may be absent, so that a file names only what its product needs.
import { z } from 'zod';
import * as fields from '../fields.ts';
import { errors, roleTable, type ROLES } from './profile/access.ts';
import {
  edit,
  expiry,
  metadataFields,
  naming,
  owner,
  rateLimit,
  removal,
  rotation,
  type EDITABLE,
  type editRule as editRuleSchema,
} from './profile/lifecycle.ts';
import { flags, managesKeys, permissions, resources } from './profile/permissions.ts';
import { columns, form, labels, menu, quickStart, texts } from './profile/presentation.ts';
import { days, label } from './profile/text.ts';
import { credential, environments, types } from './profile/token.ts';

export { ROLES } from './profile/access.ts';
export { EDITABLE } from './profile/lifecycle.ts';

/**
 * The shape of a profile, as operators write it and events keep it. Whether a profile of this shape makes sense is
 * `problemsOfProfile`'s affair (check.ts), asked when one is defined: no fold judges it again.
 */
export const profile = z.strictObject({
  slug: fields.keyspaceSlug.meta({
    description: 'What commands and filters name the keyspace by; fixed.',
    examples: ['parcels'],
  }),
  name: label.meta({ description: 'What people call the product.', examples: ['Parcels'] }),
  workspaces: z
    .union([z.literal('all'), z.array(fields.workspaceId).max(10_000)])
    .default('all')
    .meta({ description: 'The workspaces that have it.', examples: [['acme', 'initech']] }),
  timeZone: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'must be an IANA time zone')
    .default('UTC')
    .meta({ description: 'Whose days expiry is judged in.', examples: ['Europe/Berlin'] }),
  labels: labels.prefault({}),
  texts: texts.prefault({}),
  columns,
  menu,
  form,
  types,
  environments,
  credential: credential.prefault({}).describe('Where keys are sent, and what stays readable of them.'),
  permissions: permissions.prefault({}).describe('What keys may be allowed.'),
  resources: resources.nullable().default(null).describe('What keys may be restricted to; null: nothing.'),
  flags,
  restrictions: z
    .strictObject({
      origins: z.boolean().default(true).describe('Whether keys may be bound to web origins.'),
      ipRanges: z.boolean().default(true).describe('Whether keys may be bound to addresses and networks.'),
    })
    .prefault({})
    .describe('Whether keys may be bound to origins and to addresses.'),
  rateLimit: rateLimit.nullable().default(null).describe('null: keys have none.'),
  expiry: expiry.nullable().prefault({}).describe('null: keys do not expire.'),
  edit,
  disable: z.boolean().default(true).describe('Whether keys can be disabled and enabled.'),
  rotation: rotation.prefault({}).describe('New secrets for the same key.'),
  removal: removal.prefault({}).describe('How a key ends for good.'),
  roles: roleTable.prefault({}).describe('Who may do what with keys.'),
  errors,
  naming: naming.prefault({}).describe('Advice on names. Every key needs one.'),
  owner: owner.prefault({}).describe('Whom keys belong to.'),
  metadataFields,
  requestLogDays: days.default(30).describe('How long calls are kept in the request log.'),
  requestLogSample: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .meta({ description: 'The share of calls that the request log keeps; counts are of all.', examples: [0.1] }),
  quickStart,
  managesKeys,
});

export type Profile = z.infer<typeof profile>;
export type ProfileInput = z.input<typeof profile>;
export type Role = (typeof ROLES)[number];
export type EditableField = (typeof EDITABLE)[number];
export type EditRule = z.infer<typeof editRuleSchema>;

const IN_PLACE: EditRule = { how: 'IN_PLACE', reason: null };

/** How a field of an existing key may be edited. */
export function editRule(of: Profile, field: EditableField): EditRule {
  return of.edit[field] ?? IN_PLACE;
}

/** The type of this id; `undefined`: the profile has none such, or none was chosen. */
export function typeOf(of: Profile, id: string | null): Profile['types'][number] | undefined {
  return of.types.find((type) => type.id === id);
}

/** Whether keys of a type are never to do everything, by super scopes neither. */
export function isRestricted({ unrestricted, public: isPublic }: Profile['types'][number]): boolean {
  return unrestricted === 'NEVER' || isPublic;
}
