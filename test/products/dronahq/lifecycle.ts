// Dronahq H6–H10: the list of keys, the switch, edits in place, and the end of a key.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';
import { usageReached, usageSeen } from '../usage.ts';
import { inDays } from './common.ts';

const CLIENT = '203.0.113.77';

export function lifecycle(product: () => Product): void {
  test('dronahq H6: calls are to be kept in the request log for 30 days', async () => {
    const { admin } = await product().place();
    expect((await admin.keyspace())?.requestLogDays).toBe(30);
  });

  test('dronahq H7: the list shows name, preview, scopes, agents, expiry, last use and a switch, and has what they show', async () => {
    const { admin, viewer } = await product().place();
    expect((await admin.keyspace())?.columns).toEqual([
      { id: 'name', label: 'Name', format: 'text', description: 'The label you set at creation' },
      {
        ...{ id: 'preview', label: 'Key Preview', format: 'mono' },
        description: 'Last 4 characters of the secret (the full value is never shown again)',
      },
      { id: 'scopes', label: 'Scopes', format: 'chips', description: 'The agent types this key can address' },
      {
        ...{ id: 'resources', label: 'Agent Access', format: 'access' },
        description: 'All Agents, or the count of allowlisted agents',
      },
      { id: 'expiresAt', label: 'Expires', format: 'date', description: 'Expiry date, or Never' },
      {
        ...{ id: 'lastUsedAt', label: 'Last Used', format: 'date' },
        description: 'Timestamp of the most recent successful auth',
      },
      {
        ...{ id: 'enabled', label: 'Enabled', format: 'toggle' },
        description: 'Toggle — controls whether the key authenticates',
      },
    ]);
    const expiresAt = inDays(90);
    const all = await admin.create({ name: 'Backend', scopes: ['agent'] });
    const resources = { all: false, ids: ['a-1', 'a-2', 'a-3'] };
    const some = await admin.create({ name: 'Zapier', scopes: ['agent', 'data_agent'], resources, expiresAt });
    const { position } = await admin.change('disableKey', all.keyId);
    const [zapier, backend] = await admin.keys({}, position);
    expect(backend).toMatchObject({
      ...{ name: 'Backend', preview: `••••••••${all.secret.slice(-4)}`, scopes: ['agent'], expiresAt: null },
      ...{ resources: { all: true, ids: [] }, status: 'DISABLED' },
      actions: expect.arrayContaining(['ENABLE']) as unknown,
    });
    expect(zapier).toMatchObject({
      ...{ name: 'Zapier', preview: `••••••••${some.secret.slice(-4)}`, scopes: ['agent', 'data_agent'] },
      ...{ resources, expiresAt, status: 'ACTIVE' },
      actions: expect.arrayContaining(['DISABLE']) as unknown,
    });
    for (const { actions } of await viewer.keys({}, position)) {
      expect(actions).not.toContain('DISABLE');
      expect(actions).not.toContain('ENABLE');
    }
  });

  test('dronahq H8: a disabled key fails with disabled and stays as it was; enabling brings it back', async () => {
    const { admin } = await product().place();
    const { keyId, secret, key, position: before } = await admin.create({ name: 'Backend', scopes: ['agent'] });
    const headers = { 'api-key': secret };
    expect((await product().forward({ headers, after: before })).status).toBe(200);

    const disabled = await admin.change('disableKey', keyId, { note: 'seen in a build log' });
    expect(await product().code(secret, disabled.position)).toBe('DISABLED');
    const refused = await product().forward({ headers, after: disabled.position });
    expect(refused).toMatchObject({ status: 403, code: 'DISABLED', body: { code: 'disabled' } });
    expect(await admin.keys({}, disabled.position)).toMatchObject([{ keyId, status: 'DISABLED' }]);
    expect(disabled.key).toMatchObject({ name: key.name, scopes: key.scopes, preview: key.preview });

    const enabled = await admin.change('enableKey', keyId);
    expect(enabled.key).toMatchObject({ status: 'ACTIVE', preview: key.preview });
    expect(await product().code(secret, enabled.position, { scopes: ['agent'] })).toBe('VALID');
    const types = (await admin.api.history(keyId, enabled.position)).map(({ type }) => type);
    expect(types).toEqual(['KEY_CREATED', 'KEY_DISABLED', 'KEY_ENABLED']);
  });

  test('dronahq H9: name, scopes, agent access and expiry are edited in place, and the secret never changes', async () => {
    const { admin } = await product().place();
    const { keyId, secret, key } = await admin.create({ name: 'Backend', scopes: ['agent'] });
    const form = (await admin.keyspace())?.fields.filter(({ inEditForm }) => inEditForm);
    expect(form?.map(({ id, edit }) => [id, edit])).toEqual([
      ['name', 'IN_PLACE'],
      ['scopes', 'IN_PLACE'],
      ['resources', 'IN_PLACE'],
      ['expiresAt', 'IN_PLACE'],
    ]);
    const [expiresAt, resources] = [inDays(30), { all: false, ids: ['v-1'] }];
    const edits = [
      await admin.change('updateKey', keyId, { name: 'Production backend' }),
      await admin.change('changeScopes', keyId, { scopes: ['voice_agent'] }),
      await admin.change('changeScopes', keyId, { resources }),
      await admin.change('changeExpiry', keyId, { expiresAt }),
    ];
    for (const [index, edit] of edits.entries()) {
      expect(edit.secret).toBeNull();
      expect(edit.predecessor).toBeNull();
      expect(edit.key).toMatchObject({ keyId, version: index + 2, preview: key.preview, lastRotatedAt: null });
      expect(await product().code(secret, edit.position)).toBe('VALID');
    }
    const last = edits.at(-1);
    expect(last?.key).toMatchObject({ name: 'Production backend', scopes: ['voice_agent'], resources, expiresAt });
    const asked = (request: Readonly<Record<string, unknown>>) => product().code(secret, last?.position ?? '', request);
    expect(await asked({ scopes: ['agent'] })).toBe('INSUFFICIENT_SCOPE');
    expect(await asked({ resource: { type: 'voice_agent', id: 'v-1' } })).toBe('VALID');
    expect(await asked({ resource: { type: 'voice_agent', id: 'v-2' } })).toBe('RESOURCE_NOT_ALLOWED');
    const emptied = await admin.attempt('changeScopes', keyId, { scopes: [] });
    expect(emptied).toMatchObject({ __typename: 'InvalidInput', path: ['scopes'] });
    expect(await admin.keys()).toHaveLength(1);
  });

  test('dronahq H10: a deleted key never comes back, and there is no rotation', async () => {
    const { admin, viewer } = await product().place();
    const { keyId, secret, key } = await admin.create({ name: 'Backend', scopes: ['agent'] });
    const keyspace = await admin.keyspace();
    expect(keyspace?.rotation.enabled).toBe(false);
    expect(keyspace?.removal).toEqual({ mode: 'DELETE', erase: true, revoke: false, reasons: [] });
    const operations = keyspace?.operations ?? [];
    expect(operations.find(({ action }) => action === 'DELETE')).toMatchObject({
      description: expect.stringMatching(
        /^Hard delete\. The key cannot be recovered\. There is no rotate operation/,
      ) as unknown,
      confirmation: {
        ...{ title: 'Delete this API key?', button: 'Delete' },
        text: expect.stringContaining('cannot be recovered') as unknown,
      },
    });
    expect(operations.map(({ action }) => action)).not.toContain('REGENERATE');
    expect(keyspace?.texts.guidance.map(({ title }) => title)).toEqual([
      'Never commit a key to source control',
      'Set an expiry',
      'Grant least privilege',
      'Disable before deleting',
      'Rotate on exposure',
    ]);
    expect(key.actions).toContain('DELETE');
    for (const action of ['REGENERATE', 'RETIRE_PREVIOUS_SECRET', 'REVOKE']) expect(key.actions).not.toContain(action);
    const [regenerated, revoked] = [
      await admin.attempt('regenerateKey', keyId),
      await admin.attempt('revokeKey', keyId),
    ];
    expect([regenerated.__typename, revoked.__typename]).toEqual(['NotEnabled', 'NotEnabled']);
    expect(regenerated.secret).toBeUndefined();

    const { position } = await admin.change('deleteKey', keyId);
    expect(await product().code(secret, position)).toBe('NOT_FOUND');
    expect((await product().forward({ headers: { 'api-key': secret }, after: position })).status).toBe(401);
    expect(await admin.keys({}, position)).toEqual([]);
    expect(await viewer.key(keyId, position)).toBeNull();
    for (const name of ['enableKey', 'changeScopes', 'regenerateKey', 'deleteKey'] as const) {
      const late = await admin.attempt(name, keyId, name === 'changeScopes' ? { scopes: ['agent'] } : {});
      expect(late).toMatchObject({ __typename: 'InvalidState', status: 'DELETED' });
    }
    const types = (await admin.api.history(keyId, position)).map(({ type }) => type);
    expect(types).toEqual(['KEY_CREATED', 'KEY_DELETED']);
  });

  test('dronahq H10: deleting a key erases its personal data with it: its name, its notes, and where it was used from', async () => {
    const { admin } = await product().place();
    const name = `Backend ${randomUUID()}`;
    const agent = `zap/${randomUUID()}`;
    const { keyId, secret, position: before } = await admin.create({ name, scopes: ['agent'] });
    const other = await admin.create({ name: 'Other', scopes: ['agent'] });
    const note = `note ${randomUUID()}`;
    const noted = await admin.change('disableKey', keyId, { note });
    await admin.change('enableKey', keyId);
    const headers = { 'api-key': secret, 'x-forwarded-for': CLIENT, 'user-agent': agent };
    for (const key of [headers, { ...headers, 'api-key': other.secret }])
      await product().forward({ headers: key, after: before });
    await usageReached(product(), admin, keyId, 1);
    await usageReached(product(), admin, other.keyId, 1);
    expect(JSON.stringify(await admin.api.history(keyId, noted.position))).toContain(note);

    const deleted = await admin.attempt('deleteKey', keyId, { note: `last ${note}` });
    expect(deleted).toMatchObject({ __typename: 'DeleteKeyPayload', warnings: [{ code: 'NOTE_NOT_KEPT' }] });
    const { position = '' } = deleted;
    const gone = await admin.key(keyId, position);
    expect(gone).toMatchObject({ status: 'DELETED', name: '' });
    const history = await admin.api.history(keyId, position);
    expect(history.map(({ type }) => type)).toEqual(['KEY_CREATED', 'KEY_DISABLED', 'KEY_ENABLED', 'KEY_DELETED']);
    expect(history.map(({ ip, userAgent }) => [ip, userAgent])).toEqual(history.map(() => [null, null]));
    expect(JSON.stringify([gone, history])).not.toContain(name);
    expect(JSON.stringify([gone, history])).not.toContain(note);
    const calls = (await usageSeen(admin, keyId)).requests;
    expect(calls.totalCount).toBeGreaterThan(0);
    for (const { ip } of calls.nodes) expect(ip).toBeNull();
    // The other one's stay.
    expect((await usageSeen(admin, other.keyId)).requests.nodes[0]).toMatchObject({ ip: CLIENT });
    expect(await admin.key(other.keyId, position)).toMatchObject({ name: 'Other' });
    // It is erased, and may be again.
    expect(gone?.actions).toContain('FORGET');
  });
}
