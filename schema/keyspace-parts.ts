// The small types that a keyspace is made of; each is a part of the profile.
import type { Profile } from '../events/keyspaces/profile.ts';
import { builder } from './builder.ts';
import { EditMode, FieldKind, KeyStatus, PermissionModel, RemovalMode } from './enums.ts';
import type { FormField } from './keyspace-fields.ts';

const StatusLabel = builder
  .objectRef<{ readonly status: keyof Profile['labels']['statuses']; readonly label: string }>('StatusLabel')
  .implement({ fields: (t) => ({ status: t.expose('status', { type: KeyStatus }), label: t.exposeString('label') }) });

const ActionLabel = builder
  .objectRef<{ readonly action: string; readonly label: string }>('ActionLabel')
  .implement({ fields: (t) => ({ action: t.exposeString('action'), label: t.exposeString('label') }) });

export const KeyspaceLabels = builder.objectRef<Profile['labels']>('KeyspaceLabels').implement({
  fields: (t) => ({
    title: t.exposeString('title'),
    noun: t.exposeString('noun'),
    create: t.exposeString('create'),
    statuses: t.field({
      type: [StatusLabel],
      resolve: ({ statuses }) =>
        (Object.keys(statuses) as (keyof typeof statuses)[]).map((status) => ({ status, label: statuses[status] })),
    }),
    actions: t.field({
      type: [ActionLabel],
      resolve: ({ actions }) => Object.entries(actions).map(([action, label]) => ({ action, label })),
    }),
    empty: t.exposeString('empty', { description: 'What a list without keys says.' }),
  }),
});

export const Column = builder.objectRef<Profile['columns'][number]>('Column').implement({
  fields: (t) => ({ id: t.exposeString('id'), label: t.exposeString('label'), format: t.exposeString('format') }),
});

export const Field = builder.objectRef<FormField>('Field').implement({
  fields: (t) => ({
    id: t.exposeString('id', { description: 'The member of the input, `metadata.x` for one of its entries.' }),
    label: t.exposeString('label'),
    kind: t.expose('kind', { type: FieldKind }),
    required: t.exposeBoolean('required', { description: 'When a key is created.' }),
    default: t.field({ type: 'JSON', nullable: true, resolve: (field) => field.default }),
    rules: t.field({ type: 'JSON', description: 'JSON Schema of the value.', resolve: ({ rules }) => rules }),
    edit: t.expose('edit', { type: EditMode }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why it may not be edited, or what to do instead.',
    }),
  }),
});

const Scope = builder.objectRef<Profile['permissions']['scopes'][number]>('Scope').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    label: t.exposeString('label'),
    tone: t.exposeString('tone', { nullable: true }),
    group: t.exposeString('group', { nullable: true }),
  }),
});

const ScopeImplication = builder
  .objectRef<Profile['permissions']['implications'][number]>('ScopeImplication')
  .implement({
    fields: (t) => ({ scope: t.exposeString('scope'), implies: t.exposeStringList('implies') }),
  });

const ScopePreset = builder.objectRef<Profile['permissions']['presets'][number]>('ScopePreset').implement({
  fields: (t) => ({ label: t.exposeString('label'), scopes: t.exposeStringList('scopes') }),
});

export const PermissionCatalog = builder.objectRef<Profile['permissions']>('PermissionCatalog').implement({
  fields: (t) => ({
    model: t.expose('model', { type: PermissionModel }),
    freeForm: t.exposeBoolean('freeForm', { description: 'Any scope may be given, listed or not.' }),
    scopes: t.expose('scopes', { type: [Scope] }),
    implications: t.expose('implications', { type: [ScopeImplication] }),
    superScopes: t.exposeStringList('superScopes', { description: 'These cover every scope, future ones too.' }),
    presets: t.expose('presets', { type: [ScopePreset] }),
    minimum: t.exposeInt('minimum', { description: 'How many a key must have.' }),
    unrestrictedAllowed: t.exposeBoolean('unrestrictedAllowed'),
  }),
});

const CredentialHeader = builder.objectRef<Profile['credential']['headers'][number]>('CredentialHeader').implement({
  fields: (t) => ({ name: t.exposeString('name'), bearer: t.exposeBoolean('bearer') }),
});

const CredentialPreview = builder.objectRef<Profile['credential']['preview']>('CredentialPreview').implement({
  description: 'How many characters are kept to show.',
  fields: (t) => ({
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
    reasons: t.exposeStringList('reasons'),
  }),
});

const ExpiryBand = builder.objectRef<NonNullable<Profile['expiry']>['bands'][number]>('ExpiryBand').implement({
  fields: (t) => ({ upToDays: t.exposeInt('upToDays', { nullable: true }), text: t.exposeString('text') }),
});

export const ExpiryPolicy = builder
  .objectRef<NonNullable<Profile['expiry']> & { readonly timeZone: string }>('ExpiryPolicy')
  .implement({
    fields: (t) => ({
      required: t.exposeBoolean('required'),
      presetDays: t.exposeIntList('presetDays'),
      defaultDays: t.exposeInt('defaultDays', { nullable: true }),
      maxLifetimeDays: t.exposeInt('maxLifetimeDays', { nullable: true }),
      afterToday: t.exposeBoolean('afterToday', { description: 'Whether the day of expiry must lie after today.' }),
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
  fields: (t) => ({ id: t.exposeString('id'), label: t.exposeString('label') }),
});
