// The small types that a keyspace is made of; each is a part of the profile.
import type { Profile } from '../events/keyspaces/profile.ts';
import { builder } from './builder.ts';
import { EditMode, FieldKind, RemovalMode, UnrestrictedRule } from './enums.ts';
import type { FormField, FormOption } from './keyspace-fields.ts';

export const KeyManagement = builder.objectRef<Exclude<Profile['managesKeys'], false>>('KeyManagement').implement({
  description: 'The scopes under which keys of the keyspace may manage others of it, never beyond themselves.',
  fields: (t) => ({ view: t.exposeString('view'), change: t.exposeString('change') }),
});

export const Column = builder.objectRef<Profile['columns'][number]>('Column').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    label: t.exposeString('label'),
    format: t.exposeString('format'),
    description: t.string({
      nullable: true,
      description: 'What it shows, beside its heading.',
      resolve: ({ description }) => description ?? null,
    }),
  }),
});

const FieldOption = builder.objectRef<FormOption>('FieldOption').implement({
  fields: (t) => ({
    value: t.exposeString('value'),
    label: t.exposeString('label'),
    tone: t.exposeString('tone', { nullable: true, description: 'Colour of its chip.' }),
    group: t.exposeString('group', { nullable: true, description: 'Heading that it stands under.' }),
    description: t.exposeString('description', { nullable: true, description: 'What choosing it means.' }),
  }),
});

export const Field = builder.objectRef<FormField>('Field').implement({
  fields: (t) => ({
    id: t.exposeString('id', { description: 'The member of the input, `metadata.x` for one of its entries.' }),
    label: t.exposeString('label'),
    description: t.exposeString('description', { nullable: true, description: 'Advice beside it.' }),
    kind: t.expose('kind', { type: FieldKind }),
    inCreateForm: t.exposeBoolean('inCreateForm', {
      description: 'Whether the form to make a key shows it; the API takes it all the same.',
    }),
    inEditForm: t.exposeBoolean('inEditForm', {
      description: 'Whether the form to edit a key shows it, be it locked.',
    }),
    required: t.exposeBoolean('required', {
      description:
        'Whether `createKey` is refused without it; `owner`: unless the caller is a person whose id and e-mail address can stand for it.',
    }),
    default: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'What a key has that is made without it; null: leave it out, and it has none, or what a policy says.',
      resolve: (field) => field.default,
    }),
    options: t.field({
      type: [FieldOption],
      description: 'What there is to choose from, `true` and `false` for a BOOLEAN; empty where anything may be given.',
      resolve: ({ options }) => [...options],
    }),
    rules: t.field({
      type: 'JSON',
      description:
        'JSON Schema of the value. Two members of it hold a JSON Schema that the value must meet, too: `x-ofType`, by type, for keys of that type; `x-unlessUnrestricted`, for keys that are not unrestricted, be it by their type.',
      resolve: ({ rules }) => rules,
    }),
    edit: t.expose('edit', { type: EditMode }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why it may not be edited, or what to do instead.',
    }),
  }),
});

const CredentialHeader = builder.objectRef<Profile['credential']['headers'][number]>('CredentialHeader').implement({
  fields: (t) => ({ name: t.exposeString('name'), bearer: t.exposeBoolean('bearer') }),
});

const CredentialPreview = builder.objectRef<Profile['credential']['preview']>('CredentialPreview').implement({
  description: 'What is kept of a secret to show.',
  fields: (t) => ({
    prefix: t.exposeBoolean('prefix', { description: 'Whether what stands before the random part is shown.' }),
    mask: t.exposeString('mask', { description: 'Stands for what is not shown.' }),
    keyId: t.exposeBoolean('keyId', { description: 'Whether the key’s id is shown behind it.' }),
    first: t.exposeInt('first', { description: 'Of the random part.' }),
    last: t.exposeInt('last', { description: 'Of the end.' }),
  }),
});

export const Credential = builder
  .objectRef<Profile['credential'] & { readonly prefixes: string[] }>('Credential')
  .implement({
    fields: (t) => ({
      headers: t.expose('headers', { type: [CredentialHeader], description: 'Where a key may be sent.' }),
      bearer: t.boolean({
        description: 'Whether one of them takes it as `Bearer`.',
        resolve: ({ headers }) => headers.some((header) => header.bearer),
      }),
      prefixes: t.exposeStringList('prefixes', { description: 'What keys begin with.' }),
      preview: t.expose('preview', { type: CredentialPreview }),
    }),
  });

export const ResourceType = builder
  .objectRef<NonNullable<Profile['resources']>['types'][number]>('ResourceType')
  .implement({
    fields: (t) => ({
      id: t.exposeString('id'),
      scope: t.exposeString('scope', {
        nullable: true,
        description: 'The scope under which it is reached; null: any.',
      }),
    }),
  });

export const RotationPolicy = builder.objectRef<Profile['rotation']>('RotationPolicy').implement({
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled'),
    defaultOverlapSeconds: t.exposeInt('defaultOverlapSeconds'),
    maxOverlapSeconds: t.exposeInt('maxOverlapSeconds'),
  }),
});

export const RemovalPolicy = builder.objectRef<Profile['removal']>('RemovalPolicy').implement({
  fields: (t) => ({
    mode: t.expose('mode', { type: RemovalMode }),
    erase: t.exposeBoolean('erase', { description: 'Whether the personal data goes with the key.' }),
    revoke: t.exposeBoolean('revoke', { description: 'Whether revoking is offered beside deleting.' }),
    reasons: t.exposeStringList('reasons', { description: 'One of them is chosen when a key is revoked.' }),
  }),
});

const ExpiryBand = builder.objectRef<NonNullable<Profile['expiry']>['bands'][number]>('ExpiryBand').implement({
  fields: (t) => ({
    upToDays: t.exposeInt('upToDays', { nullable: true, description: 'Null: all that is longer.' }),
    title: t.string({
      nullable: true,
      description: 'What lifetimes of the band are called.',
      resolve: ({ title }) => title ?? null,
    }),
    text: t.exposeString('text', { description: 'What is said of them.' }),
  }),
});

const ExpiryPreset = builder.objectRef<{ readonly days: number; readonly label: string }>('ExpiryPreset').implement({
  fields: (t) => ({ days: t.exposeInt('days'), label: t.exposeString('label') }),
});

export const ExpiryPolicy = builder
  .objectRef<
    Omit<NonNullable<Profile['expiry']>, 'reminders'> & {
      readonly timeZone: string;
      readonly reminders: number[];
      readonly noExpiry: boolean;
      readonly presets: { readonly days: number; readonly label: string }[];
    }
  >('ExpiryPolicy')
  .implement({
    fields: (t) => ({
      required: t.exposeBoolean('required', { description: 'Whether `createKey` is refused without an end.' }),
      noExpiry: t.exposeBoolean('noExpiry', { description: 'Whether a key may have no end: `expiresAt: null`.' }),
      presetDays: t.exposeIntList('presetDays'),
      presets: t.expose('presets', {
        type: [ExpiryPreset],
        description: 'The same, with what each is called.',
      }),
      custom: t.exposeBoolean('custom', { description: 'Whether a form offers any other day.' }),
      defaultDays: t.exposeInt('defaultDays', {
        nullable: true,
        description: 'Of a key that is made without an end being said.',
      }),
      maxLifetimeDays: t.exposeInt('maxLifetimeDays', { nullable: true }),
      afterToday: t.exposeBoolean('afterToday', { description: 'Whether the day of expiry must lie after today.' }),
      reminders: t.exposeIntList('reminders', {
        description: 'How many days before its end a key is spoken of: KEY_EXPIRING.',
      }),
      timeZone: t.exposeString('timeZone', { description: 'In which today is judged.' }),
      bands: t.expose('bands', { type: [ExpiryBand] }),
    }),
  });

export const RateLimitPolicy = builder.objectRef<NonNullable<Profile['rateLimit']>>('RateLimitPolicy').implement({
  fields: (t) => ({
    min: t.exposeInt('min'),
    max: t.exposeInt('max'),
    default: t.exposeInt('default', { nullable: true }),
    windowSeconds: t.exposeInt('windowSeconds'),
  }),
});

export const QuickStartStep = builder.objectRef<Profile['quickStart'][number]>('QuickStartStep').implement({
  fields: (t) => ({ tab: t.exposeString('tab'), title: t.exposeString('title'), code: t.exposeString('code') }),
});

export const KeyType = builder.objectRef<Profile['types'][number]>('KeyType').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    label: t.exposeString('label'),
    description: t.string({
      nullable: true,
      description: 'What its keys are for.',
      resolve: ({ description }) => description ?? null,
    }),
    public: t.exposeBoolean('public', { description: 'Whether its keys live where everybody can read them.' }),
    unrestricted: t.expose('unrestricted', { type: UnrestrictedRule }),
    scopes: t.exposeStringList('scopes', { nullable: true, description: 'The only ones that its keys may have.' }),
    originsRequired: t.exposeBoolean('originsRequired', { description: 'Whether its keys need an origin at least.' }),
  }),
});
