// Dagen D5–D8 and D11: what its page is drawn from, and what the page's actions come to.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';
import { DRAFT, fieldOf } from './common.ts';

export function page(product: () => Product): void {
  test('dagen D5: the list shows its nine columns, and has what they show; other edits are the API’s', async () => {
    const { admin, viewer } = await product().place();
    const keyspace = await admin.keyspace();
    expect(keyspace?.columns).toEqual([
      { id: 'name', label: 'Name', format: 'text', description: 'Your label' },
      {
        ...{ id: 'preview', label: 'Key', format: 'mono' },
        description: 'Prefix only; full secret never stored for display',
      },
      { id: 'scopes', label: 'Scopes', format: 'chips', description: 'Agents and/or Workflows' },
      {
        ...{ id: 'status', label: 'Status', format: 'status' },
        description: 'Active or Inactive; Expired if past expiry date',
      },
      { id: 'rateLimit', label: 'Rate limit', format: 'limit', description: null },
      { id: 'requestCount', label: 'Requests', format: 'count', description: 'Lifetime call count' },
      { id: 'lastSeenAt', label: 'Last used', format: 'relative', description: null },
      { id: 'createdAt', label: 'Created', format: 'date', description: null },
      { id: 'actions', label: 'Actions', format: 'actions', description: null },
    ]);
    expect(keyspace?.labels.neverUsed).toBe('Never');
    expect(keyspace?.fields.filter(({ inEditForm }) => inEditForm)).toEqual([]);
    expect((await fieldOf(admin, 'scopes'))?.options.map(({ label, tone }) => [label, tone])).toEqual([
      ['Agents', 'blue'],
      ['Workflows', 'purple'],
    ]);
    const statuses = Object.fromEntries(keyspace?.labels.statuses.map(({ status, label }) => [status, label]) ?? []);
    expect(statuses).toMatchObject({ ACTIVE: 'Active', DISABLED: 'Inactive', EXPIRED: 'Expired' });
    const buttons = Object.fromEntries(keyspace?.labels.actions.map(({ action, label }) => [action, label]) ?? []);
    expect(buttons).toMatchObject({
      ...{ ENABLE: 'Activate', DISABLE: 'Deactivate', REGENERATE: 'Regenerate', DELETE: 'Delete' },
    });

    const menu = keyspace?.operations.filter(({ inMenu }) => inMenu).map(({ action }) => action) ?? [];
    expect(menu.toSorted()).toEqual(['DELETE', 'DISABLE', 'ENABLE', 'REGENERATE'].toSorted());

    const before = Date.now();
    const on = await admin.create({ name: 'On', scopes: ['agents', 'workflows'], rateLimit: { limit: 5 } });
    const off = await admin.create({ name: 'Off', scopes: ['workflows'] });
    const { position } = await admin.change('disableKey', off.keyId);
    const [second, first] = await admin.keys({}, position);
    expect(first).toMatchObject({
      ...{ name: 'On', preview: `${on.secret.slice(0, 'dg_'.length + 4)}…`, scopes: ['agents', 'workflows'] },
      ...{ status: 'ACTIVE', rateLimit: { limit: 5, windowSeconds: 60 } },
      actions: expect.arrayContaining(['DISABLE', 'REGENERATE', 'DELETE']) as unknown,
    });
    expect(second).toMatchObject({
      ...{ name: 'Off', preview: `${off.secret.slice(0, 'dg_'.length + 4)}…`, scopes: ['workflows'] },
      ...{ status: 'DISABLED', rateLimit: { limit: 60, windowSeconds: 60 } },
      actions: expect.arrayContaining(['ENABLE', 'REGENERATE', 'DELETE']) as unknown,
    });
    expect([first?.actions.includes('ENABLE'), second?.actions.includes('DISABLE')]).toEqual([false, false]);
    for (const createdAt of [first?.createdAt ?? '', second?.createdAt ?? '']) {
      expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.now());
    }
    for (const { actions } of await viewer.keys({}, position)) expect(actions).toEqual(['VIEW', 'SEE_USAGE']);

    await admin.change('updateKey', on.keyId, { name: 'CI' });
    const edited = await admin.change('changeScopes', on.keyId, { scopes: ['workflows'] });
    expect(edited.key).toMatchObject({ keyId: on.keyId, name: 'CI', scopes: ['workflows'], preview: on.key.preview });
    expect(await product().code(on.secret, edited.position, { scopes: ['workflows'] })).toBe('VALID');
  });

  test('dagen D6: an empty list calls for the first key, and every success and failure has its words', async () => {
    const { admin, viewer } = await product().place();
    expect(await admin.keys()).toEqual([]);
    const keyspace = await admin.keyspace();
    expect(keyspace?.labels).toMatchObject({ title: 'API Keys', create: 'Create API Key' });
    expect(keyspace?.labels.empty).toMatch(/^No API keys yet\. Create your first key/);
    expect([keyspace?.actions, (await viewer.keyspace())?.actions]).toEqual([
      expect.arrayContaining(['CREATE']) as unknown,
      expect.not.arrayContaining(['CREATE']) as unknown,
    ]);
    const told = Object.fromEntries(keyspace?.texts.success.map(({ action, text }) => [action, text]) ?? []);
    expect(told).toMatchObject({
      ...{ CREATE: 'API key created.', REGENERATE: 'API key regenerated.', DELETE: 'API key deleted.' },
      ...{ DISABLE: 'API key deactivated.', ENABLE: 'API key activated.' },
    });
    const { keyId, __typename } = await admin.create(DRAFT);
    expect(__typename).toBe('CreateKeyPayload');
    const failures = [
      [await admin.tryCreate({ ...DRAFT, name: '' }), 'INVALID_INPUT'],
      [await viewer.tryCreate(DRAFT), 'NOT_ALLOWED'],
      [await viewer.attempt('disableKey', keyId), 'NOT_ALLOWED'],
      [await admin.attempt('revokeKey', keyId), 'NOT_ENABLED'],
      [await admin.attempt('disableKey', 'key_nothing'), 'NOT_FOUND'],
      [await admin.attempt('disableKey', keyId, { ifVersion: 9 }), 'VERSION_CONFLICT'],
    ] as const;
    for (const [{ code, message }, expected] of failures) {
      expect(code).toBe(expected);
      expect(message).toMatch(/\w+ \w+/);
    }
  });

  test('dagen D7: the create form tells what makes name and scopes valid, and the API takes just that', async () => {
    const { admin } = await product().place();
    const fields = (await admin.keyspace())?.fields ?? [];
    expect(fields.filter(({ required }) => required).map(({ id }) => id)).toEqual(['name', 'scopes']);
    expect(fields.filter(({ inCreateForm }) => inCreateForm).map(({ id, label }) => [id, label])).toEqual([
      ['name', 'Name'],
      ['scopes', 'Scopes'],
      ['rateLimit', 'Rate limit (requests per minute)'],
      ['expiresAt', 'Expiration'],
    ]);
    expect((await admin.keyspace())?.labels).toMatchObject({ submit: 'Create', cancel: 'Cancel' });
    expect(await fieldOf(admin, 'name')).toMatchObject({ kind: 'TEXT', rules: { type: 'string', maxLength: 128 } });
    expect(await fieldOf(admin, 'scopes')).toMatchObject({
      ...{ kind: 'SCOPES', default: [] },
      rules: { type: 'array', minItems: 1, items: { enum: ['agents', 'workflows'] } },
    });
    for (const [name, scopes, path] of [
      ['', ['agents'], ['name']],
      [' ', ['agents'], ['name']],
      ['x'.repeat(129), ['agents'], ['name']],
      ['CI', [], ['scopes']],
      ['CI', ['agent'], ['scopes', '0']],
    ] as const)
      expect(await admin.tryCreate({ name, scopes })).toMatchObject({ __typename: 'InvalidInput', path });
    expect(await admin.keys()).toEqual([]);
    for (const scopes of [['agents'], ['workflows'], ['agents', 'workflows']])
      expect((await admin.create({ name: 'C', scopes })).key).toMatchObject({ name: 'C', scopes });
  });

  test('dagen D8: creating and regenerating show the whole key once, with a warning to copy it', async () => {
    const { admin } = await product().place();
    const { texts, labels } = (await admin.keyspace()) ?? {};
    expect(texts?.reveal).toBe('Copy the key now. You cannot see the full key again.');
    expect(labels?.reveal).toMatchObject({ copy: 'Copy', copied: 'Copied', done: 'Done' });
    const [first, second] = [randomUUID(), randomUUID()];
    const made = await admin.create({ ...DRAFT, commandId: first });
    const renewed = await admin.regenerate(made.keyId, { commandId: second });
    const again = [
      await admin.tryCreate({ ...DRAFT, commandId: first }),
      await admin.attempt('regenerateKey', made.keyId, { commandId: second }),
    ];
    for (const { __typename, secret } of again)
      expect([__typename, secret]).toEqual(['SecretAlreadyRevealed', undefined]);
    const shown = [
      again,
      await admin.key(made.keyId, renewed.position),
      await admin.keys(),
      await admin.api.history(made.keyId),
    ];
    for (const secret of [made.secret, renewed.secret]) {
      expect(JSON.stringify(shown)).toContain(secret.slice(0, 'dg_'.length + 4));
      expect(JSON.stringify(shown)).not.toContain(secret.slice(0, 'dg_'.length + 8));
      expect(JSON.stringify(shown)).not.toContain(secret.slice(-8));
    }
    expect(await admin.keys()).toHaveLength(1);
  });

  test("dagen D11: the quick start has three curl examples with the page's own origin", async () => {
    const { admin } = await product().place();
    const { quickStart: steps = [], texts } = (await admin.keyspace()) ?? {};
    expect(texts?.quickStart).toBe('Create a key, copy it once, and send it as X-API-Key.');
    const rest = steps.filter(({ tab }) => tab === 'REST v1');
    expect(rest.map(({ title }) => title)).toEqual(['List agents', 'Agent chat', 'Run workflow']);
    const urls = rest.map(({ code }) => /^curl (?:-X POST )?(\S+)/.exec(code)?.[1]);
    expect(urls).toEqual([
      '{{origin}}/api/v1/agents',
      '{{origin}}/api/v1/agent/chat',
      '{{origin}}/api/v1/workflow/<workflow-id>/run',
    ]);
    for (const { code } of steps) expect(code).toContain('-H "X-API-Key: {{key}}"');

    // Its API management: REST v1 beside A2A, whose calls are JSON-RPC.
    const a2a = steps.filter(({ tab }) => tab === 'A2A Protocol');
    expect(steps).toEqual([...rest, ...a2a]);
    const methods = ['message/send', 'tasks/get', 'tasks/cancel'];
    expect(a2a.map(({ title }) => title)).toEqual(methods);
    const calls = a2a.map(({ code }) => JSON.parse(/-d '([^']+)'/.exec(code)?.[1] ?? '') as unknown);
    expect(calls).toMatchObject(methods.map((method) => ({ jsonrpc: '2.0', method })));
    for (const { code } of a2a) expect(code).toMatch(/^curl -X POST \{\{origin\}\}\/a2a /);
  });
}
