// The fields of a keyspace's forms, out of its profile: what each is called, what it must be, how it may be edited. Pure.
// Rules are JSON Schema made from the very pieces that commands are checked with.
import { z } from 'zod';
import { createKey } from '../events/key/commands.ts';
import { scopeCatalogue } from '../events/keyspaces/permissions.ts';
import { editRule, type EditableField, type Profile } from '../events/keyspaces/profile.ts';

export type FormFieldKind =
  | 'TEXT'
  | 'LONG_TEXT'
  | 'BOOLEAN'
  | 'CHOICE'
  | 'SCOPES'
  | 'RESOURCES'
  | 'FLAGS'
  | 'ORIGINS'
  | 'IP_RANGES'
  | 'RATE_LIMIT'
  | 'EXPIRY'
  | 'OWNER'
  | 'TAGS'
  | 'METADATA';

/** One choice of a field. */
export interface FormOption {
  readonly value: string;
  readonly label: string;
  readonly tone: string | null;
  readonly group: string | null;
}

export interface FormField {
  readonly id: string;
  readonly label: string;
  readonly kind: FormFieldKind;
  /** When a key is created. */
  readonly required: boolean;
  readonly default: unknown;
  /** Empty: anything that the rules take. */
  readonly options: readonly FormOption[];
  /** JSON Schema of the value. */
  readonly rules: Readonly<Record<string, unknown>>;
  readonly edit: 'IN_PLACE' | 'SUCCESSOR' | 'FORBIDDEN';
  readonly reason: string | null;
}

type Member = keyof typeof createKey.shape;

/** JSON Schema of a member that is given. */
function rulesOf(member: Member): Readonly<Record<string, unknown>> {
  let piece: z.core.$ZodType = createKey.shape[member];
  while (piece instanceof z.ZodOptional || piece instanceof z.ZodNullable) piece = piece.unwrap();
  const rules = z.toJSONSchema(piece, { io: 'input', unrepresentable: 'any' });
  return Object.fromEntries(Object.entries(rules).filter(([name]) => name !== '$schema'));
}

const RULES = Object.fromEntries(
  (Object.keys(createKey.shape) as Member[]).map((member) => [member, rulesOf(member)]),
) as Record<Member, Readonly<Record<string, unknown>>>;

interface Draft {
  readonly id: Member;
  readonly label: string;
  readonly kind: FormFieldKind;
  /** `null`: fixed when the key is created. */
  readonly edited: EditableField | null;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly options?: readonly FormOption[];
  readonly rules?: Readonly<Record<string, unknown>>;
}

function optionsOf(
  choices: readonly { readonly id: string; readonly label: string; tone?: string | null; group?: string | null }[],
): readonly FormOption[] {
  return choices.map(({ id, label, tone = null, group = null }) => ({ value: id, label, tone, group }));
}

/** Every field that keys of this keyspace have, in the order of a form. */
export function fieldsOf(profile: Profile): readonly FormField[] {
  return [...drafts(profile).map((draft) => finish(profile, draft)), ...metadataFields(profile)];
}

function drafts(profile: Profile): readonly Draft[] {
  const { types, environments, permissions, resources, flags, restrictions, rateLimit, expiry } = profile;
  const choice = (ids: readonly string[]) => ({ type: 'string', enum: ids });
  const when = (present: boolean, ...some: readonly Draft[]): readonly Draft[] => (present ? some : []);
  const catalogue = new Set([...scopeCatalogue(permissions).scopes.map(({ id }) => id), ...permissions.superScopes]);
  const scopes = {
    minItems: permissions.minimum,
    ...(permissions.freeForm ? {} : { items: choice([...catalogue]) }),
  };
  return [
    { id: 'name', label: 'Name', kind: 'TEXT', edited: 'name', required: true },
    { id: 'description', label: 'Description', kind: 'LONG_TEXT', edited: 'description' },
    ...when(types.length > 1, {
      ...{ id: 'type', label: 'Type', kind: 'CHOICE', edited: null, required: true, default: types[0]?.id },
      options: optionsOf(types),
      rules: choice(types.map(({ id }) => id)),
    }),
    ...when(environments.length > 0, {
      ...{ id: 'environment', label: 'Environment', kind: 'CHOICE', edited: null, required: true },
      options: optionsOf(environments),
      rules: choice(environments.map(({ id }) => id)),
    }),
    ...when(permissions.unrestrictedAllowed && types.some(({ unrestricted }) => unrestricted === 'ALLOWED'), {
      id: 'unrestricted',
      label: 'Unrestricted',
      kind: 'BOOLEAN',
      edited: 'permissions',
      default: false,
    }),
    ...when(permissions.freeForm || catalogue.size > 0, {
      id: 'scopes',
      label: 'Scopes',
      kind: 'SCOPES',
      edited: 'permissions',
      required: permissions.minimum > 0,
      default: [],
      options: optionsOf(scopeCatalogue(permissions).scopes),
      rules: scopes,
    }),
    ...when(resources !== null, {
      ...{ id: 'resources', label: resources?.noun ?? 'Resources', kind: 'RESOURCES', edited: 'resources' },
      default: { all: true, ids: [] },
    }),
    ...when(flags.length > 0, {
      id: 'flags',
      label: 'Flags',
      kind: 'FLAGS',
      edited: 'permissions',
      default: [],
      options: optionsOf(flags),
      rules: { items: choice(flags.map(({ id }) => id)) },
    }),
    ...when(restrictions.origins, {
      id: 'origins',
      label: 'Allowed origins',
      kind: 'ORIGINS',
      edited: 'restrictions',
      default: [],
    }),
    ...when(restrictions.ipRanges, {
      id: 'ipRanges',
      label: 'Allowed addresses',
      kind: 'IP_RANGES',
      edited: 'restrictions',
      default: [],
    }),
    ...when(rateLimit !== null, {
      ...{ id: 'rateLimit', label: 'Rate limit', kind: 'RATE_LIMIT', edited: 'restrictions' },
      ...(rateLimit && { default: defaultLimit(rateLimit), rules: limitRules(rateLimit) }),
    }),
    ...when(expiry !== null, {
      id: 'expiresAt',
      label: 'Expires',
      kind: 'EXPIRY',
      edited: 'expiry',
      required: expiry?.required ?? false,
    }),
    { id: 'owner', label: 'Owner', kind: 'OWNER', edited: 'owner', required: profile.owner.required },
    { id: 'tags', label: 'Tags', kind: 'TAGS', edited: 'tags', default: [] },
    { id: 'metadata', label: 'Metadata', kind: 'METADATA', edited: 'metadata' },
  ];
}

const FIXED = { how: 'FORBIDDEN', reason: 'It is fixed when the key is created.' } as const;

function finish(
  profile: Profile,
  { id, label, kind, edited, required = false, default: initial = null, options = [], rules }: Draft,
): FormField {
  const { how, reason } = edited === null ? FIXED : editRule(profile, edited);
  const called = profile.labels.fields[id] ?? label;
  const schema = { ...RULES[id], ...rules };
  return { id, label: called, kind, required, default: initial, options, rules: schema, edit: how, reason };
}

type Limit = NonNullable<Profile['rateLimit']>;
const defaultLimit = ({ default: limit, windowSeconds }: Limit) => (limit === null ? null : { limit, windowSeconds });
const limitRules = ({ min, max, windowSeconds }: Limit) => ({
  properties: {
    limit: { type: 'integer', minimum: min, maximum: max },
    windowSeconds: { type: 'integer', const: windowSeconds },
  },
});

/** The entries of `metadata` that this product has names for. */
function metadataFields(profile: Profile): readonly FormField[] {
  const { how, reason } = editRule(profile, 'metadata');
  return profile.metadataFields.map(({ id, label }) => ({
    ...{
      id: `metadata.${id}`,
      label,
      kind: 'TEXT',
      required: false,
      default: null,
      options: [],
      rules: { type: 'string' },
    },
    ...{ edit: how, reason },
  }));
}
