// What keys of a keyspace may be allowed, as a frontend draws it: scopes one by one, or as a matrix.
import { scopeCatalogue } from '../events/keyspaces/permissions.ts';
import type { Profile } from '../events/keyspaces/profile.ts';
import { builder } from './builder.ts';
import { PermissionModel } from './enums.ts';

const Scope = builder.objectRef<Profile['permissions']['scopes'][number]>('Scope').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    label: t.exposeString('label'),
    tone: t.exposeString('tone', { nullable: true }),
    group: t.exposeString('group', { nullable: true }),
    description: t.string({
      nullable: true,
      description: 'What a key with it may do.',
      resolve: ({ description }) => description ?? null,
    }),
  }),
});

const ScopeImplication = builder
  .objectRef<Profile['permissions']['implications'][number]>('ScopeImplication')
  .implement({
    fields: (t) => ({ scope: t.exposeString('scope'), implies: t.exposeStringList('implies') }),
  });

const ScopePreset = builder.objectRef<Profile['permissions']['presets'][number]>('ScopePreset').implement({
  fields: (t) => ({
    label: t.exposeString('label'),
    scopes: t.exposeStringList('scopes'),
    description: t.string({
      nullable: true,
      description: 'What the set is for.',
      resolve: ({ description }) => description ?? null,
    }),
  }),
});

type Matrix = NonNullable<Profile['permissions']['matrix']>;

const MatrixResource = builder.objectRef<Matrix['resources'][number]>('MatrixResource').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    label: t.exposeString('label'),
    group: t.exposeString('group', { nullable: true }),
    description: t.string({
      nullable: true,
      description: 'What the resource is.',
      resolve: ({ description }) => description ?? null,
    }),
  }),
});

const MatrixLevel = builder.objectRef<Matrix['levels'][number]>('MatrixLevel').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    label: t.exposeString('label'),
    description: t.string({
      nullable: true,
      description: 'What a key with this level may do.',
      resolve: ({ description }) => description ?? null,
    }),
  }),
});

const PermissionMatrix = builder.objectRef<Matrix>('PermissionMatrix').implement({
  description: 'Scopes as `resource:level`.',
  fields: (t) => ({
    resources: t.expose('resources', { type: [MatrixResource] }),
    levels: t.expose('levels', { type: [MatrixLevel], description: 'Lowest first; each includes the ones before it.' }),
    none: t.exposeString('none', { description: 'What having no level is called.' }),
    noneDescription: t.string({
      nullable: true,
      description: 'What having no level means.',
      resolve: ({ noneDescription }) => noneDescription ?? null,
    }),
  }),
});

export const PermissionCatalog = builder.objectRef<Profile['permissions']>('PermissionCatalog').implement({
  fields: (t) => ({
    model: t.expose('model', { type: PermissionModel }),
    freeForm: t.exposeBoolean('freeForm', { description: 'Any scope may be given, listed or not.' }),
    scopes: t.field({
      type: [Scope],
      description: 'All of them, those of the matrix too.',
      resolve: (permissions) => [...scopeCatalogue(permissions).scopes],
    }),
    matrix: t.expose('matrix', { type: PermissionMatrix, nullable: true }),
    implications: t.field({
      type: [ScopeImplication],
      resolve: (permissions) => [...scopeCatalogue(permissions).implications],
    }),
    superScopes: t.exposeStringList('superScopes', { description: 'These cover every scope, future ones too.' }),
    presets: t.expose('presets', { type: [ScopePreset] }),
    minimum: t.exposeInt('minimum', { description: 'How many a key must have, unless it is unrestricted.' }),
    unrestrictedAllowed: t.exposeBoolean('unrestrictedAllowed'),
  }),
});
