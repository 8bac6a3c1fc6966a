// Keyspaces: everything that a frontend draws a product from, out of its profile; who sees which, and what they may do there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse as parseDocument } from 'graphql';
import { parse } from 'yaml';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { profile as profileSchema, type ProfileInput } from '../../events/keyspaces/profile.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { fieldsOf } from '../../schema/keyspace-fields.ts';
import { KeyspacesDocument, NodeDocument, WorkspaceDocument } from '../generated/graphql.ts';
import { ADMIN, caller, createInstallation, GUARDED, OPERATOR, SUCCEEDING, type Installation } from './installation.ts';
import { named } from '../fakes/named.ts';
import { preset, PRESETS } from '../keyspaces/presets.ts';

const SHARED: ProfileInput = {
  slug: 'shared',
  name: 'Shared',
  workspaces: ['acme', 'initech'],
  types: [
    { id: 'private', label: 'Private', prefix: 'va_private' },
    { id: 'public', label: 'Public', prefix: 'va_public' },
  ],
  resources: { noun: 'Assistant', types: [{ id: 'assistant', scope: null }] },
  flags: named('transientAssistant'),
  restrictions: { origins: true, ipRanges: false },
  credential: { headers: [{ name: 'api-key' }], preview: { first: 4, last: 2 } },
  permissions: {
    model: 'MATRIX',
    scopes: [{ id: 'calls:read', label: 'Read', group: 'Calls', tone: 'blue' }],
    implications: [{ scope: 'calls:write', implies: ['calls:read'] }],
    presets: [{ label: 'Reader', scopes: ['calls:read'] }],
    unrestrictedAllowed: false,
  },
  rateLimit: { min: 1, max: 600, default: 60 },
  expiry: {
    presetDays: [30, 90],
    bands: [
      { upToDays: 30, text: 'Good.' },
      { upToDays: null, text: 'Long.' },
    ],
  },
  timeZone: 'Europe/Berlin',
  labels: { noun: 'token', actions: { disable: 'Deactivate' } },
  edit: { permissions: { how: 'FORBIDDEN', reason: 'Delete it and create a new one.' } },
  quickStart: [{ tab: 'curl', title: 'List', code: 'curl {origin}' }],
};

let on: Installation;
beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED, SUCCEEDING, SHARED] });
});
afterAll(() => on.stop());

const keyspaces = async (as = ADMIN) => (await on.run(KeyspacesDocument, {}, as)).keyspaces;
const shared = async (as = ADMIN) => (await keyspaces(as)).find(({ slug }) => slug === 'shared')!;

describe('who sees which', () => {
  test('callers see those of their workspaces, operators all', async () => {
    const slugs = async (as: typeof ADMIN) => (await keyspaces(as)).map(({ slug }) => slug);
    expect(await slugs(ADMIN)).toEqual(['default', 'guarded', 'shared', 'succeeding']);
    expect(await slugs(caller({ acme: 'member' }))).toEqual(['default', 'shared', 'succeeding']);
    expect(await slugs(caller({ globex: 'admin' }))).toEqual(['default', 'guarded', 'succeeding']);
    expect(await slugs(caller({}))).toEqual([]);
    expect(await slugs(OPERATOR)).toEqual(['default', 'guarded', 'shared', 'succeeding']);
  });

  test('the ids of those that are not visible find nothing', async () => {
    const find = async (id: string, as: typeof ADMIN) =>
      (await on.run(NodeDocument, { id: encodeGlobalId('Keyspace', id) }, as)).node;
    const STRANGER = caller({ globex: 'admin' });
    for (const id of [
      'shared',
      'acme/default',
      'acme/shared',
      'globex/shared',
      'nowhere/default',
      'globex/',
      '/default',
      'globex/default/x',
    ]) {
      expect(await find(id, STRANGER)).toBeNull();
    }
    expect(await find('globex/default', STRANGER)).not.toBeNull();
    expect(await find('default', STRANGER)).not.toBeNull();
  });

  test('actions are those of the roles, in the workspace where it is met', async () => {
    const both = caller({ acme: 'admin', globex: 'viewer' });
    const in_ = async (id: string) =>
      (await on.run(WorkspaceDocument, { id, slug: 'default' }, both)).workspace!.keyspace!;
    expect((await in_('acme')).actions).toEqual(['CREATE', 'VIEW', 'SEE_USAGE']);
    expect((await in_('globex')).actions).toEqual(['VIEW', 'SEE_USAGE']);
    expect((await in_('globex')).id).not.toBe((await in_('acme')).id);
    expect((await keyspaces(both)).find(({ slug }) => slug === 'default')!.actions).toEqual([
      'CREATE',
      'VIEW',
      'SEE_USAGE',
    ]);
    expect((await shared(OPERATOR)).actions).toEqual(['VIEW', 'DEFINE']);
  });

  test('the source tells operators alone who else has it', async () => {
    expect(parse((await shared(OPERATOR)).source)).toEqual(profileSchema.parse(SHARED));
    const told = (await shared()).source;
    expect(told).not.toContain('initech');
    expect(profileSchema.parse(parse(told))).toEqual({ ...profileSchema.parse(SHARED), workspaces: 'all' });
  });
});

describe('a keyspace', () => {
  test('has everything that its profile says', async () => {
    expect(await shared()).toMatchObject({
      ...{
        slug: 'shared',
        version: 1,
        name: 'Shared',
        timeZone: 'Europe/Berlin',
        environments: [],
        flags: ['transientAssistant'],
      },
      types: [
        { id: 'private', label: 'Private' },
        { id: 'public', label: 'Public' },
      ],
      resourceNoun: 'Assistant',
      labels: {
        noun: 'token',
        actions: [{ action: 'disable', label: 'Deactivate' }],
        statuses: expect.arrayContaining([{ status: 'ACTIVE', label: 'Active' }]) as unknown[],
      },
      credential: {
        headers: [{ name: 'api-key', bearer: false }],
        bearer: false,
        prefixes: ['va_private_', 'va_public_'],
        preview: { first: 4, last: 2 },
      },
      permissions: {
        ...{ model: 'MATRIX', minimum: 0, unrestrictedAllowed: false, superScopes: [], freeForm: false },
        scopes: [{ id: 'calls:read', label: 'Read', group: 'Calls', tone: 'blue' }],
        implications: [{ scope: 'calls:write', implies: ['calls:read'] }],
        presets: [{ label: 'Reader', scopes: ['calls:read'] }],
      },
      rotation: { enabled: true, defaultOverlapSeconds: 0, maxOverlapSeconds: 691_200 },
      removal: { mode: 'DELETE', erase: false, reasons: [] },
      expiry: {
        required: false,
        presetDays: [30, 90],
        maxLifetimeDays: null,
        timeZone: 'Europe/Berlin',
        bands: [
          { upToDays: 30, text: 'Good.' },
          { upToDays: null, text: 'Long.' },
        ],
      },
      rateLimit: { min: 1, max: 600, default: 60, windowSeconds: 60 },
      quickStart: [{ tab: 'curl', title: 'List', code: 'curl {origin}' }],
    });
    expect((await shared()).columns.map(({ id }) => id)).toContain('name');
  });

  test('offers to make keys first, with the roles that may', async () => {
    const asked = parseDocument(
      'query { keyspaces { slug operations { action label roles inMenu } } }',
    ) as TypedDocumentNode<
      { readonly keyspaces: readonly { readonly slug: string; readonly operations: readonly object[] }[] },
      Readonly<Record<string, never>>
    >;
    const first = Object.fromEntries(
      (await on.run(asked, {})).keyspaces.map(({ slug, operations }) => [slug, operations[0]]),
    );
    const made = { action: 'CREATE', label: 'Create API key', inMenu: false };
    expect(first.shared).toEqual({ ...made, roles: ['ADMIN', 'MEMBER'] });
    expect(first.guarded).toEqual({ ...made, roles: ['ADMIN'] });
  });

  test('prefixes name every type and environment', async () => {
    expect((await keyspaces()).find(({ slug }) => slug === 'succeeding')!.credential.prefixes).toEqual([
      'sc_live_',
      'sc_test_',
    ]);
  });
});

interface Said {
  readonly labels: Readonly<Record<string, unknown>>;
  readonly texts: Readonly<Record<string, unknown>>;
  readonly naming: { readonly examples: readonly string[] };
  readonly expiry: { readonly presets: readonly unknown[] };
  readonly operations: readonly { readonly action: string; readonly confirmation: unknown }[];
}
const SAID = parseDocument(`query {
  keyspaces {
    slug
    labels { submit save cancel noExpiry neverUsed customExpiry unrestricted restricted restrict
      reveal { title copy copied done } }
    texts { secrecy quickStart retirePreviousSecret unrestricted restricted
      actions { action text } success { action text } reasons { reason text } guidance { title text } }
    naming { examples }
    expiry { presets { days label } }
    operations { action description confirmation { title text button } }
  }
}`) as TypedDocumentNode<
  { readonly keyspaces: readonly (Said & { readonly slug: string })[] },
  Readonly<Record<string, never>>
>;

describe('words', () => {
  const said = async () => (await on.run(SAID, {})).keyspaces.find(({ slug }) => slug === 'shared')!;

  test('stand for what a profile does not say, by what it calls a key', async () => {
    const { labels, texts, naming, expiry, operations } = await said();
    expect(labels).toEqual({
      ...{ submit: 'Create API key', save: 'Save', cancel: 'Cancel' },
      ...{ noExpiry: 'Never', neverUsed: 'Never', customExpiry: 'Custom date' },
      ...{ unrestricted: 'Unrestricted', restricted: 'Restricted', restrict: 'Restrict key' },
      reveal: { title: 'Copy the key', copy: 'Copy', copied: 'Copied', done: 'Done' },
    });
    expect(texts).toMatchObject({ secrecy: null, quickStart: null, actions: [], reasons: [], guidance: [] });
    expect(texts.success).toContainEqual({ action: 'CREATE', text: 'Token created.' });
    expect(texts.success).toContainEqual({
      ...{ action: 'SUCCESSOR', text: 'New token created. The old one works until it is revoked.' },
    });
    expect(naming.examples).toEqual([]);
    expect(expiry.presets).toEqual([
      { days: 30, label: '30 days' },
      { days: 90, label: '90 days' },
    ]);
    const asked = operations.filter(({ confirmation }) => confirmation !== null).map(({ action }) => action);
    expect(asked).toEqual(['DISABLE', 'REGENERATE', 'RETIRE_PREVIOUS_SECRET', 'REVOKE', 'DELETE']);
    expect(operations.find(({ action }) => action === 'DELETE')).toEqual({
      ...{ action: 'DELETE', description: null },
      confirmation: {
        ...{ title: 'Delete this token?', button: 'Delete' },
        text: 'Whatever uses this key loses its access. This cannot be undone.',
      },
    });
  });

  test('are not written into the profile', async () => {
    const { source } = await shared(OPERATOR);
    for (const word of ['noExpiry', 'success', 'confirmations', 'form:', 'guidance'])
      expect(source).not.toContain(word);
  });
});

describe('fields', () => {
  const fields = async () => Object.fromEntries((await shared()).fields.map((field) => [field.id, field]));

  test('are those that keys of this product have', async () => {
    expect(Object.keys(await fields())).toEqual([
      ...[
        'name',
        'description',
        'type',
        'scopes',
        'resources',
        'flags',
        'origins',
        'rateLimit',
        'expiresAt',
        'owner',
        'tags',
        'metadata',
      ],
    ]);
    const own = fieldsOf(profileSchema.parse(SUCCEEDING)).map(({ id }) => id);
    expect(own).toContain('environment');
    expect(own).toContain('metadata.purpose');
    expect(own).not.toContain('type');
  });

  test('are all in both forms where the profile says nothing, and those that it names where it does, in its order', () => {
    const plain = fieldsOf(profileSchema.parse(SHARED));
    expect(plain.filter(({ inCreateForm, inEditForm }) => !inCreateForm || !inEditForm)).toEqual([]);
    const form = { create: ['type', 'name', 'expiresAt'], edit: ['tags', 'name'] };
    const own = fieldsOf(profileSchema.parse({ ...SHARED, form }));
    expect(own.map(({ id }) => id).toSorted()).toEqual(plain.map(({ id }) => id).toSorted());
    expect(own.slice(0, 3).map(({ id }) => id)).toEqual(form.create);
    expect(own.filter(({ inCreateForm }) => inCreateForm)).toHaveLength(3);
    expect(own.filter(({ inEditForm }) => inEditForm).map(({ id }) => id)).toEqual(['name', 'tags']);
  });

  test('have advice and choices with what they mean, where the profile says so', () => {
    const own = fieldsOf(
      profileSchema.parse({
        ...SHARED,
        types: [
          { id: 'private', label: 'Private', prefix: 'va_private', description: 'For servers.' },
          { id: 'public', label: 'Public', prefix: 'va_public' },
        ],
        permissions: { unrestrictedAllowed: true },
        labels: { restrict: 'Limit it', fields: { 'metadata.purpose': 'What for' } },
        texts: { fields: { name: 'Be clear.', 'metadata.purpose': 'Why it is there.' } },
        metadataFields: [
          { id: 'purpose', label: 'Purpose', description: 'What it is for.' },
          { id: 'place', label: 'Place', description: 'Where it is used.' },
        ],
      }),
    );
    const field = (id: string) => own.find((each) => each.id === id);
    expect(field('name')?.description).toBe('Be clear.');
    expect(field('tags')?.description).toBeNull();
    expect(field('type')?.options.map(({ description }) => description)).toEqual(['For servers.', null]);
    expect(field('unrestricted')?.options.map(({ value, label }) => [value, label])).toEqual([
      ['true', 'Unrestricted'],
      ['false', 'Limit it'],
    ]);
    expect(field('metadata.purpose')).toMatchObject({ label: 'What for', description: 'Why it is there.' });
    expect(field('metadata.place')).toMatchObject({ label: 'Place', description: 'Where it is used.' });
  });

  test('a form hides none that is required of every caller, in any preset', () => {
    for (const slug of PRESETS) {
      const hidden = fieldsOf(preset(slug)).filter(
        ({ id, required, inCreateForm }) => required && !inCreateForm && id !== 'owner',
      );
      expect([slug, ...hidden]).toEqual([slug]);
    }
  });

  test('say what is required, what it starts as and what it must be', async () => {
    const { name, scopes, rateLimit, flags, type, origins, resources } = await fields();
    expect(name).toMatchObject({
      kind: 'TEXT',
      required: true,
      default: null,
      rules: { type: 'string', maxLength: 128 },
    });
    expect(scopes).toMatchObject({
      kind: 'SCOPES',
      required: false,
      default: [],
      rules: { type: 'array', maxItems: 100, items: { enum: ['calls:read'] } },
    });
    expect(rateLimit).toMatchObject({
      default: { limit: 60, windowSeconds: 60 },
      rules: { properties: { limit: { minimum: 1, maximum: 600 } } },
    });
    expect(flags!.rules).toMatchObject({ items: { enum: ['transientAssistant'] } });
    expect(type).toMatchObject({
      kind: 'CHOICE',
      required: true,
      rules: { enum: ['private', 'public'] },
      edit: 'FORBIDDEN',
    });
    expect(origins!.rules).toMatchObject({ type: 'array', maxItems: 50 });
    expect(resources).toMatchObject({ label: 'Assistant', default: { all: true, ids: [] } });
  });

  test('say how they may be edited, and why not', async () => {
    const { name, scopes, flags } = await fields();
    expect(name).toMatchObject({ edit: 'IN_PLACE', reason: null });
    for (const field of [scopes, flags])
      expect(field).toMatchObject({ edit: 'FORBIDDEN', reason: 'Delete it and create a new one.' });
    const own = Object.fromEntries(fieldsOf(profileSchema.parse(SUCCEEDING)).map((field) => [field.id, field.edit]));
    expect(own).toMatchObject({
      name: 'SUCCESSOR',
      scopes: 'SUCCESSOR',
      expiresAt: 'SUCCESSOR',
      tags: 'IN_PLACE',
      environment: 'FORBIDDEN',
    });
    expect(own.scopes).toBe('SUCCESSOR');
  });
});
