// A profile: everything that makes a keyspace the API-key system of one product. Data, no code; events carry it whole.
// Every member has a default, so that a file names only what its product needs.
import { z } from 'zod';
import * as fields from '../fields.ts';

const label = fields.text(80);
const copy = fields.text(2000);
const days = z.int().min(1).max(36_500);

/** Who may do what with the keys of a keyspace, besides the installation's operators. */
export const ROLES = ['admin', 'member', 'auditor', 'viewer'] as const;
const roles = z.array(z.enum(ROLES)).max(ROLES.length);

const labels = z.strictObject({
  title: label.default('API keys'),
  noun: label.default('API key'),
  create: label.default('Create API key'),
  statuses: z
    .strictObject({
      ACTIVE: label.default('Active'),
      DISABLED: label.default('Disabled'),
      EXPIRED: label.default('Expired'),
      REVOKED: label.default('Revoked'),
      DELETED: label.default('Deleted'),
    })
    .prefault({}),
  actions: z.record(fields.text(40), label).default({}),
  empty: copy.default('No keys yet. Create the first one.'),
});

const keyType = z.strictObject({
  id: fields.keyType,
  label,
  /** Stands before the environment and the random part: `kf` gives `kf_…`. */
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,19}$/)
    .regex(/[a-z0-9]$/, 'must not end in _'),
});

const credential = z.strictObject({
  headers: z
    .array(
      z.strictObject({ name: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/), bearer: z.boolean().default(false) }),
    )
    .min(1)
    .max(5)
    .default([
      { name: 'Authorization', bearer: true },
      { name: 'X-API-Key', bearer: false },
    ]),
  /** How many characters of the random part, and of the whole key's end, are kept to show; never more. */
  preview: z
    .strictObject({ first: z.int().min(0).max(8).default(0), last: z.int().min(0).max(8).default(4) })
    .prefault({}),
});

const scopeEntry = z.strictObject({
  id: fields.scope,
  label,
  tone: z
    .string()
    .regex(/^[a-z]{1,20}$/)
    .nullable()
    .default(null),
  group: label.nullable().default(null),
});

const permissions = z.strictObject({
  model: z.enum(['FLAT', 'RESOURCE_ACTION', 'MATRIX']).default('FLAT'),
  /** Empty and `freeForm`: any scope may be given. */
  freeForm: z.boolean().default(false),
  scopes: z.array(scopeEntry).max(500).default([]),
  implications: z
    .array(z.strictObject({ scope: fields.scope, implies: fields.scopes }))
    .max(500)
    .default([]),
  /** Scopes that cover every scope, future ones too. */
  superScopes: fields.scopes.default([]),
  presets: z
    .array(z.strictObject({ label, scopes: fields.scopes }))
    .max(50)
    .default([]),
  minimum: z.int().min(0).max(100).default(0),
  unrestrictedAllowed: z.boolean().default(true),
});

const resources = z.strictObject({
  noun: label,
  /** The scope under which a resource of this type may be reached, listed or not. */
  types: z
    .array(z.strictObject({ id: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/), scope: fields.scope.nullable() }))
    .max(50),
});

const rateLimit = z.strictObject({
  min: z.int().min(1).max(1_000_000),
  max: z.int().min(1).max(1_000_000),
  default: z.int().min(1).max(1_000_000).nullable().default(null),
  windowSeconds: z.int().min(1).max(86_400).default(60),
});

const expiry = z.strictObject({
  required: z.boolean().default(false),
  presetDays: z.array(days).max(20).default([]),
  maxLifetimeDays: days.nullable().default(null),
  defaultDays: days.nullable().default(null),
  /** Whether the day of expiry must lie after today in the keyspace's time zone. */
  afterToday: z.boolean().default(false),
  bands: z
    .array(z.strictObject({ upToDays: days.nullable(), text: copy }))
    .max(20)
    .default([]),
});

export const EDITABLE = [
  'name',
  'description',
  'owner',
  'tags',
  'metadata',
  'permissions',
  'resources',
  'restrictions',
  'expiry',
] as const;
const edit = z.strictObject({
  how: z.enum(['IN_PLACE', 'SUCCESSOR', 'FORBIDDEN']).default('IN_PLACE'),
  reason: copy.nullable().default(null),
});

const everyone = ['admin', 'member', 'auditor', 'viewer'] as const;
const writers = ['admin', 'member'] as const;
const roleTable = z.strictObject({
  create: roles.default([...writers]),
  view: roles.default([...everyone]),
  edit: roles.default([...writers]),
  disable: roles.default([...writers]),
  rotate: roles.default([...writers]),
  remove: roles.default([...writers]),
  seeHistory: roles.default(['admin', 'auditor']),
  seeUsage: roles.default([...everyone]),
  forget: roles.default(['admin']),
});

const timeZone = z.string().regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'must be an IANA time zone');

/** The schema of a profile as `KeyspaceDefined` keeps it. Which time zones exist depends on the machine, so no fold asks. */
export const recordedProfile = z.strictObject({
  slug: fields.keyspaceSlug,
  name: label,
  workspaces: z.union([z.literal('all'), z.array(fields.workspaceId).max(10_000)]).default('all'),
  timeZone: timeZone.default('UTC'),
  labels: labels.prefault({}),
  columns: z
    .array(z.strictObject({ id: fields.text(40), label, format: fields.text(40) }))
    .max(30)
    .default([
      { id: 'name', label: 'Name', format: 'text' },
      { id: 'preview', label: 'Key', format: 'mono' },
      { id: 'scopes', label: 'Scopes', format: 'chips' },
      { id: 'status', label: 'Status', format: 'status' },
      { id: 'createdAt', label: 'Created', format: 'date' },
      { id: 'expiresAt', label: 'Expires', format: 'date' },
      { id: 'lastUsedAt', label: 'Last used', format: 'relative' },
    ]),
  types: z.array(keyType).min(1).max(10),
  environments: z.array(fields.environment).max(10).default([]),
  credential: credential.prefault({}),
  permissions: permissions.prefault({}),
  resources: resources.nullable().default(null),
  flags: fields.flags.default([]),
  restrictions: z
    .strictObject({ origins: z.boolean().default(true), ipRanges: z.boolean().default(true) })
    .prefault({}),
  rateLimit: rateLimit.nullable().default(null),
  expiry: expiry.nullable().prefault({}),
  edit: z.partialRecord(z.enum(EDITABLE), edit).default({}),
  disable: z.boolean().default(true),
  rotation: z
    .strictObject({
      enabled: z.boolean().default(true),
      defaultOverlapSeconds: z.int().min(0).max(691_200).default(0),
      maxOverlapSeconds: z.int().min(0).max(691_200).default(691_200),
    })
    .prefault({}),
  removal: z
    .strictObject({
      mode: z.enum(['DELETE', 'DELETE_IS_REVOKE', 'REVOKE']).default('DELETE'),
      /** Whether REVOKE is offered beside DELETE. */
      revoke: z.boolean().default(true),
      erase: z.boolean().default(false),
      reasons: z.array(label).max(30).default([]),
    })
    .prefault({}),
  roles: roleTable.prefault({}),
  /** Outcome of a check → what a gateway answers; what is not named has the contract's default. */
  errors: z
    .record(
      fields.text(40),
      z.strictObject({
        status: z.int().min(400).max(599),
        code: label.nullable().default(null),
        message: copy.nullable().default(null),
      }),
    )
    .default({}),
  naming: z
    .strictObject({ discouraged: z.array(label).max(50).default([]), advice: copy.nullable().default(null) })
    .prefault({}),
  metadataFields: z
    .array(z.strictObject({ id: fields.text(40), label }))
    .max(30)
    .default([]),
  requestLogDays: days.default(30),
  quickStart: z
    .array(z.strictObject({ tab: label, title: label, code: fields.text(8000) }))
    .max(30)
    .default([]),
  /** Whether keys of this keyspace may call the GraphQL API to manage keys. */
  managesKeys: z.boolean().default(false),
});

const isTimeZone = (zone: string): boolean => {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** The schema of a profile as an operator writes it. */
export const profile = recordedProfile.extend({
  timeZone: timeZone.refine(isTimeZone, 'must be an IANA time zone').default('UTC'),
});

export type Profile = z.infer<typeof profile>;
export type ProfileInput = z.input<typeof profile>;
export type Role = (typeof ROLES)[number];
export type EditableField = (typeof EDITABLE)[number];
export type EditRule = z.infer<typeof edit>;

const IN_PLACE: EditRule = { how: 'IN_PLACE', reason: null };

/** How a field of an existing key may be edited. */
export function editRule(of: Profile, field: EditableField): EditRule {
  return of.edit[field] ?? IN_PLACE;
}

/** What stands before the last `_` of a key of this type and environment; the type is one of the profile's. */
export function secretPrefix(of: Profile, type: string, environment: string | null): string {
  const prefix = of.types.find((candidate) => candidate.id === type)?.prefix;
  if (prefix === undefined) throw new TypeError('no key of this type can be made');
  return environment === null ? prefix : `${prefix}_${environment}`;
}
