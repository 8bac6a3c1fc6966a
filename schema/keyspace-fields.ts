// The fields of a keyspace's forms, out of its profile: what each is called, what it must be, how it may be edited. Pure.
import { alwaysScoped, expiryNeeded, fieldIds, formsOf } from '../events/keyspaces/form.ts';
import { scopeCatalogue } from '../events/keyspaces/permissions.ts';
import { editRule, type EditableField, type Profile } from '../events/keyspaces/profile.ts';
import type { FIELD_IDS } from '../events/keyspaces/profile/names.ts';
import { wordsOf } from '../events/keyspaces/words.ts';
import { fieldRules, type Member, type Rules } from './keyspace-field-rules.ts';

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
  readonly description: string | null;
}

export interface FormField {
  readonly id: string;
  readonly label: string;
  /** Advice beside it. */
  readonly description: string | null;
  readonly kind: FormFieldKind;
  readonly inCreateForm: boolean;
  readonly inEditForm: boolean;
  /** Whether a command to make a key is refused without it; of an owner, unless its caller becomes it. */
  readonly required: boolean;
  /** What a key has that is made without it; `null`: none, or what the keyspace’s own policy says. */
  readonly default: unknown;
  /** Empty: anything that the rules take. */
  readonly options: readonly FormOption[];
  /** JSON Schema of the value. */
  readonly rules: Rules;
  readonly edit: 'IN_PLACE' | 'SUCCESSOR' | 'FORBIDDEN';
  readonly reason: string | null;
}

interface Draft {
  readonly id: Extract<Member, (typeof FIELD_IDS)[number]>;
  readonly label: string;
  readonly kind: FormFieldKind;
  /** `null`: fixed when the key is created. */
  readonly edited: EditableField | null;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly options?: readonly FormOption[];
}

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly tone?: string | null;
  readonly group?: string | null;
  readonly description?: string | undefined;
}

function optionsOf(choices: readonly Choice[]): readonly FormOption[] {
  return choices.map(({ id, label, tone = null, group = null, description = null }) => ({
    ...{ value: id, label, tone, group, description },
  }));
}

/** Every field that keys of this keyspace have: those of the form to create in its order, then the others. */
export function fieldsOf(profile: Profile): readonly FormField[] {
  const ids = fieldIds(profile);
  const has: ReadonlySet<string> = new Set(ids);
  const rules = fieldRules(profile);
  const drafted = drafts(profile).flatMap((draft) =>
    has.has(draft.id) ? [finish(profile, draft, rules[draft.id])] : [],
  );
  const fields = [...drafted, ...metadataFields(profile)];
  const forms = formsOf(profile);
  const rank = (id: string): number => (forms.create.includes(id) ? forms.create.indexOf(id) : ids.length);
  return fields
    .map((field) => ({
      ...field,
      description: profile.texts.fields?.[field.id] ?? field.description,
      inCreateForm: forms.create.includes(field.id),
      inEditForm: forms.edit.includes(field.id),
    }))
    .toSorted((a, b) => rank(a.id) - rank(b.id));
}

type Finished = Omit<FormField, 'inCreateForm' | 'inEditForm'>;

/** One for each of `FIELD_IDS`, whether keys of this product have it or not. */
function drafts(profile: Profile): readonly Draft[] {
  const { types, environments, permissions, resources, flags, rateLimit } = profile;
  const { labels, texts } = wordsOf(profile);
  return [
    { id: 'name', label: 'Name', kind: 'TEXT', edited: 'name', required: true },
    { id: 'description', label: 'Description', kind: 'LONG_TEXT', edited: 'description' },
    {
      ...{ id: 'type', label: 'Type', kind: 'CHOICE', edited: null, required: true },
      options: optionsOf(types),
    },
    {
      ...{ id: 'environment', label: 'Environment', kind: 'CHOICE', edited: null },
      ...(environments.length > 1 ? { required: true } : { default: environments[0]?.id }),
      options: optionsOf(environments),
    },
    {
      ...{ id: 'unrestricted', label: 'Unrestricted', kind: 'BOOLEAN', edited: 'permissions', default: false },
      options: optionsOf([
        { id: 'true', label: labels.unrestricted, description: texts.unrestricted },
        { id: 'false', label: labels.restrict, description: texts.restricted },
      ]),
    },
    {
      ...{ id: 'scopes', label: 'Scopes', kind: 'SCOPES', edited: 'permissions', default: [] },
      required: permissions.minimum > 0 && alwaysScoped(profile),
      options: optionsOf(scopeCatalogue(permissions).scopes),
    },
    {
      ...{ id: 'resources', label: resources?.noun ?? 'Resources', kind: 'RESOURCES', edited: 'resources' },
      default: { all: true, ids: [] },
    },
    {
      ...{ id: 'flags', label: 'Flags', kind: 'FLAGS', edited: 'permissions', default: [] },
      options: optionsOf(flags),
    },
    {
      ...{ id: 'origins', label: 'Allowed origins', kind: 'ORIGINS', edited: 'restrictions', default: [] },
      required: types.every(({ originsRequired }) => originsRequired),
    },
    { id: 'ipRanges', label: 'Allowed addresses', kind: 'IP_RANGES', edited: 'restrictions', default: [] },
    {
      ...{ id: 'rateLimit', label: 'Rate limit', kind: 'RATE_LIMIT', edited: 'restrictions' },
      ...(rateLimit && { default: defaultLimit(rateLimit) }),
    },
    { id: 'expiresAt', label: 'Expires', kind: 'EXPIRY', edited: 'expiry', required: expiryNeeded(profile) },
    { id: 'owner', label: 'Owner', kind: 'OWNER', edited: 'owner', required: profile.owner.required },
    { id: 'tags', label: 'Tags', kind: 'TAGS', edited: 'tags', default: [] },
    { id: 'metadata', label: 'Metadata', kind: 'METADATA', edited: 'metadata' },
  ];
}

const FIXED = { how: 'FORBIDDEN', reason: 'It is fixed when the key is created.' } as const;

function finish(
  profile: Profile,
  { id, label, kind, edited, required = false, default: initial = null, options = [] }: Draft,
  rules: Rules,
): Finished {
  const { how, reason } = edited === null ? FIXED : editRule(profile, edited);
  const called = profile.labels.fields[id] ?? label;
  return {
    ...{ id, label: called, description: null, kind, required, default: initial, options, rules },
    ...{ edit: how, reason },
  };
}

type Limit = NonNullable<Profile['rateLimit']>;
const defaultLimit = ({ default: limit, windowSeconds }: Limit) => (limit === null ? null : { limit, windowSeconds });

/** The entries of `metadata` that this product has names for. */
function metadataFields(profile: Profile): readonly Finished[] {
  const { how, reason } = editRule(profile, 'metadata');
  return profile.metadataFields.map(({ id, label, description = null }) => ({
    id: `metadata.${id}`,
    label: profile.labels.fields[`metadata.${id}`] ?? label,
    description,
    ...{ kind: 'TEXT', required: false, default: null, options: [], rules: { type: 'string' } },
    ...{ edit: how, reason },
  }));
}
