// Project-admin P2–P5 and P7: columns, permissions by resource and level, what cannot be edited, and deletion.
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';

const GROUPS = {
  Communication: ['Calls', 'Messages', 'Transcriptions', 'Recordings'],
  'Agent configuration': [
    ...['Agents', 'Conversational paths', 'Knowledge bases', 'Tools', 'Voices', 'Integrations'],
    'Webhooks',
  ],
  'Contacts and data': ['Contacts', 'Statistics', 'Verifications'],
  Administration: ['Phones', 'Members', 'Billing', 'API Keys', 'Notifications'],
};
const DESCRIPTIONS = [
  ...['Phone call management', 'Sending and receiving messages', 'Access to call transcriptions'],
  ...['Access to audio recordings', 'Agent creation and configuration', 'Conversational path management'],
  ...['Knowledge base management', 'Call tools', 'Voice configuration', 'External integration management'],
  ...['Webhook configuration', 'Contact management', 'Access to analytical data', 'System verifications'],
  ...['Phone number management', 'Project team management', 'Billing and subscription information'],
  ...['Management of other API keys', 'Notification configuration'],
];
const idOf = (resource: string): string => resource.toLowerCase().replaceAll(' ', '_');
const RESOURCES = Object.values(GROUPS).flat().map(idOf);
const CRM = { name: 'CRM_Query', scopes: ['contacts:read', 'calls:write'] };
/** More than a page, and more than a default limit would be. */
const MANY = 105;

export function keys(product: () => Product): void {
  test('project-admin P2: the table shows name, key id, masked key, creation date and whether a key is restricted', async () => {
    const { place } = product();
    const { admin } = await place();
    const { columns } = (await admin.keyspace()) ?? {};
    expect(columns).toMatchObject([
      { label: 'Name', id: 'name' },
      { label: 'Key ID', id: 'keyId' },
      { label: 'Key', id: 'preview' },
      { label: 'Creation date', id: 'createdAt', format: 'date' },
      { label: 'Permissions', id: 'permissions' },
    ]);
    expect(columns).toHaveLength(5);
    expect((await admin.keyspace())?.labels).toMatchObject({ unrestricted: 'Unrestricted', restricted: 'Restricted' });

    const restricted = await admin.create(CRM);
    const unrestricted = await admin.create({ name: 'Booking_App', unrestricted: true });
    const rows = await admin.keys({}, unrestricted.position);
    for (const { keyId, secret, key } of [restricted, unrestricted]) {
      expect(secret).toMatch(/^pa_[0-9A-Za-z]{36}$/);
      expect(rows.find((row) => row.keyId === keyId)).toMatchObject({
        name: key.name,
        preview: `•••••••• ${keyId}`,
        createdAt: key.createdAt,
        unrestricted: keyId === unrestricted.keyId,
      });
      const told = JSON.stringify([key, rows, await admin.api.history(keyId)]);
      for (const part of [secret.slice(3, 11), secret.slice(-8)]) expect(told).not.toContain(part);
    }
  });

  test('project-admin P3: unrestricted, or no access, read or write for each resource; write includes read', async () => {
    const { code, forward, place } = product();
    const { admin } = await place();
    const permissions = (await admin.keyspace())?.permissions;
    expect(permissions).toMatchObject({
      model: 'MATRIX',
      unrestrictedAllowed: true,
      matrix: {
        none: 'No access',
        noneDescription: 'The key cannot access this resource',
        levels: [
          { id: 'read', label: 'Read', description: 'The key can query data but not modify it' },
          { id: 'write', label: 'Write', description: 'The key can query and modify data' },
        ],
      },
    });
    const fields = (await admin.keyspace())?.fields ?? [];
    expect(fields.filter(({ inCreateForm }) => inCreateForm).map(({ id }) => id)).toEqual([
      ...['name', 'unrestricted', 'scopes'],
    ]);
    expect(fields.find(({ id }) => id === 'unrestricted')?.options).toMatchObject([
      { value: 'true', label: 'Unrestricted', description: 'The key has full access to all API resources.' },
      { value: 'false', label: 'Restrict key', description: 'Configure the access level for each API resource.' },
    ]);
    expect(permissions?.implications).toEqual(
      RESOURCES.map((id) => ({ scope: `${id}:write`, implies: [`${id}:read`] })),
    );

    const levels = ['none', 'read', 'write'] as const;
    const levelOf = (index: number) => levels[index % levels.length] ?? 'none';
    const scopes = RESOURCES.flatMap((id, index) => (levelOf(index) === 'none' ? [] : [`${id}:${levelOf(index)}`]));
    const { secret, position } = await admin.create({ name: 'Mixed', scopes });
    for (const [index, id] of RESOURCES.entries()) {
      const may = async (level: string) => (await code(secret, position, { scopes: [`${id}:${level}`] })) === 'VALID';
      expect([await may('read'), await may('write')], id).toEqual([
        levelOf(index) !== 'none',
        levelOf(index) === 'write',
      ]);
    }
    const headers = { 'x-api-key': secret };
    expect(await forward({ headers, after: position, query: `scope=${scopes.join('&scope=')}` })).toMatchObject({
      status: 200,
    });
    expect(await forward({ headers, after: position, query: 'scope=calls:read' })).toMatchObject({
      status: 403,
      code: 'INSUFFICIENT_SCOPE',
    });
    const elsewhere = await forward({ headers: { authorization: `Bearer ${secret}` }, after: position });
    expect(elsewhere).toMatchObject({ status: 401, code: 'MALFORMED' });
    expect(elsewhere.body.message).toMatch(/X-API-Key/);

    const none = await admin.create({ name: 'Nothing', scopes: [] });
    expect(await code(none.secret, none.position)).toBe('VALID');
    const all = await admin.create({ name: 'Everything', unrestricted: true });
    for (const id of [...RESOURCES, 'future_resource'])
      for (const level of ['read', 'write']) {
        const asked = { scopes: [`${id}:${level}`] };
        expect(await code(none.secret, none.position, asked)).toBe('INSUFFICIENT_SCOPE');
        expect(await code(all.secret, all.position, asked)).toBe('VALID');
      }
    for (const scope of ['calls', 'calls:admin', 'cars:read', 'calls:none'])
      expect(await admin.tryCreate({ name: 'Odd', scopes: [scope] })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['scopes', '0'],
      });
  });

  test('project-admin P4: 19 resources in four groups', async () => {
    const { place } = product();
    const { admin } = await place();
    const keyspace = await admin.keyspace();
    const resources = Object.entries(GROUPS)
      .flatMap(([group, labels]) => labels.map((label) => ({ id: idOf(label), label, group })))
      .map((resource, index) => ({ ...resource, description: DESCRIPTIONS[index] }));
    expect(resources).toHaveLength(19);
    expect(keyspace?.permissions.matrix?.resources).toEqual(resources);
    const scopes = RESOURCES.flatMap((id) => [`${id}:read`, `${id}:write`]);
    expect(keyspace?.permissions.scopes.map(({ id }) => id)).toEqual(scopes);
    const field = keyspace?.fields.find(({ id }) => id === 'scopes');
    expect(field?.options.map(({ value }) => value)).toEqual(scopes);
    expect(new Set(field?.options.map(({ group }) => group))).toEqual(new Set(Object.keys(GROUPS)));
    expect(field?.options[1]).toMatchObject({
      ...{ value: 'calls:write', label: 'Calls: Write', description: 'The key can query and modify data' },
    });
    const { key } = await admin.create({ name: 'All of them', scopes });
    expect(key).toMatchObject({ scopes, unrestricted: false });
  });

  test('project-admin P5: permissions of an existing key are not edited: delete it and create a new one', async () => {
    const { code, place } = product();
    const { admin } = await place();
    const keyspace = await admin.keyspace();
    for (const id of ['scopes', 'unrestricted'])
      expect(keyspace?.fields.find((field) => field.id === id)).toMatchObject({
        edit: 'FORBIDDEN',
        reason: expect.stringContaining('delete it and create a new one') as unknown,
      });

    const { key, keyId, secret } = await admin.create(CRM);
    expect(key.actions).not.toContain('CHANGE_SCOPES');
    for (const input of [
      { scopes: ['contacts:write'] },
      { scopes: ['contacts:read'] },
      { scopes: [] },
      { unrestricted: true },
    ])
      expect(await admin.attempt('changeScopes', keyId, input)).toMatchObject({
        __typename: 'NotEnabled',
        message: expect.stringContaining('delete it and create a new one') as unknown,
      });
    const renamed = await admin.change('updateKey', keyId, { name: 'CRM_Production' });
    expect(renamed.key).toMatchObject({ keyId, name: 'CRM_Production', scopes: CRM.scopes, version: 2 });
    expect(renamed.predecessor).toBeNull();
    expect(await code(secret, renamed.position, { scopes: ['contacts:read'] })).toBe('VALID');
    expect(await code(secret, renamed.position, { scopes: ['contacts:write'] })).toBe('INSUFFICIENT_SCOPE');
  });

  test('project-admin P7: a key is deleted from its row, and nothing else ends it; there may be any number of keys', async () => {
    const { code, place } = product();
    const { admin } = await place();
    const keyspace = await admin.keyspace();
    expect(keyspace).toMatchObject({
      removal: { mode: 'DELETE', revoke: false, erase: false, reasons: [] },
      rotation: { enabled: false },
      expiry: null,
    });
    expect(keyspace?.labels.actions).toContainEqual({ action: 'DELETE', label: 'Delete' });
    expect(keyspace?.texts.delete).toMatch(/loses its access/);
    expect(keyspace?.operations.find(({ action }) => action === 'DELETE')?.confirmation).toMatchObject({
      ...{ title: 'Delete API key?', button: 'Delete' },
    });
    expect(keyspace?.texts.guidance).toContainEqual({
      title: 'How many API keys can I create?',
      text: 'There’s no fixed limit on the number of keys you can create per project.',
    });
    expect(keyspace?.texts.guidance).toContainEqual({
      title: "Don't share keys between environments",
      text: null,
    });

    const { key, keyId, secret } = await admin.create(CRM);
    expect(new Set(key.actions)).toEqual(new Set(['VIEW', 'UPDATE', 'DELETE', 'FORGET', 'SEE_HISTORY', 'SEE_USAGE']));
    for (const name of ['revokeKey', 'regenerateKey', 'disableKey', 'enableKey'] as const)
      expect(await admin.attempt(name, keyId), name).toMatchObject({ __typename: 'NotEnabled' });
    const deleted = await admin.change('deleteKey', keyId);
    expect(deleted.key.status).toBe('DELETED');
    expect(await code(secret, deleted.position)).toBe('NOT_FOUND');
    expect((await admin.keys({}, deleted.position)).map((row) => row.keyId)).not.toContain(keyId);
    expect((await admin.api.history(keyId, deleted.position)).map(({ type }) => type)).toEqual([
      'KEY_CREATED',
      'KEY_DELETED',
    ]);
    expect(await admin.attempt('deleteKey', keyId)).toMatchObject({ __typename: 'InvalidState', status: 'DELETED' });

    const made = await Promise.all(
      Array.from({ length: MANY }, (_, i) => admin.create({ ...CRM, name: `Key of ${i}` })),
    );
    expect(new Set(made.map((one) => one.keyId)).size).toBe(MANY);
    const last = made.at(-1);
    expect(await code(last?.secret ?? '', last?.position ?? '', { scopes: ['calls:write'] })).toBe('VALID');
  });
}
