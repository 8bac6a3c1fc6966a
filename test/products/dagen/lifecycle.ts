// Dagen D9 and D10: keys that are turned off and on, given a new secret, and deleted.
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';
import { DRAFT, GATEWAYS } from './common.ts';

export function lifecycle(product: () => Product): void {
  test('dagen D9: a deactivated key is answered 403 until it is activated again', async () => {
    const { admin } = await product().place();
    const { keyId, secret } = await admin.create(DRAFT);
    const statuses = (after: string) =>
      Promise.all(
        GATEWAYS.map(async (gateway) => {
          const { status, code } = await product().forward({ gateway, after, headers: { 'X-API-Key': secret } });
          return [status, code];
        }),
      );
    const inactive = await admin.change('disableKey', keyId);
    expect(inactive.key.status).toBe('DISABLED');
    expect(await statuses(inactive.position)).toEqual(GATEWAYS.map(() => [403, 'DISABLED']));
    const active = await admin.change('enableKey', keyId);
    expect(active.key).toMatchObject({ status: 'ACTIVE', preview: inactive.key.preview });
    expect(await statuses(active.position)).toEqual(GATEWAYS.map(() => [200, 'VALID']));
    expect((await admin.keyspace())?.texts.disable).toContain('403');
  });

  test('dagen D10: regenerating stops the old secret at once and keeps the key; deleting takes its access away', async () => {
    const { admin } = await product().place();
    const keyspace = await admin.keyspace();
    expect(keyspace?.rotation).toEqual({ enabled: true, defaultOverlapSeconds: 0, maxOverlapSeconds: 0 });
    expect(keyspace?.removal).toMatchObject({ mode: 'DELETE', erase: false, revoke: false });
    expect(keyspace?.texts.regenerate).toContain('The old secret stops working immediately');
    expect(keyspace?.texts.delete).toContain('lose access');
    const asked = (name: string) => keyspace?.operations.find(({ action }) => action === name)?.confirmation;
    expect(asked('REGENERATE')).toEqual({
      ...{ title: 'Regenerate API key?', text: keyspace?.texts.regenerate, button: 'Regenerate' },
    });
    expect(asked('DELETE')).toEqual({ title: 'Delete API key?', text: keyspace?.texts.delete, button: 'Delete' });
    expect(asked('ENABLE')).toBeNull();

    const old = await admin.create(DRAFT);
    const renewed = await admin.regenerate(old.keyId);
    expect(renewed.keyId).toBe(old.keyId);
    expect(renewed.secret).toMatch(/^dg_/);
    expect(renewed.secret).not.toBe(old.secret);
    expect(renewed.key).toMatchObject({ previousSecret: null, scopes: old.key.scopes, name: old.key.name });
    expect(renewed.key.preview).toBe(`${renewed.secret.slice(0, 'dg_'.length + 4)}…`);
    const after = renewed.position;
    expect(await product().code(old.secret, after)).toBe('NOT_FOUND');
    expect(await product().code(renewed.secret, after, { scopes: ['agents'] })).toBe('VALID');
    expect((await product().forward({ headers: { 'X-API-Key': old.secret }, after })).status).toBe(401);
    const overlap = await admin.attempt('regenerateKey', old.keyId, { overlapSeconds: 1 });
    expect(overlap).toMatchObject({ __typename: 'InvalidInput', path: ['overlapSeconds'] });
    expect(await product().code(renewed.secret, after)).toBe('VALID');

    const deleted = await admin.change('deleteKey', old.keyId);
    expect(await product().code(renewed.secret, deleted.position)).toBe('NOT_FOUND');
    expect(await admin.keys({}, deleted.position)).toEqual([]);
    expect(await admin.attempt('enableKey', old.keyId)).toMatchObject({
      __typename: 'InvalidState',
      status: 'DELETED',
    });
    // It is kept, with its name, until somebody has it forgotten.
    const kept = await admin.key(old.keyId, deleted.position);
    expect(kept).toMatchObject({ status: 'DELETED' });
    expect(kept?.name).not.toBe('');
    const forgotten = await admin.change('forgetKey', old.keyId);
    expect(await admin.key(old.keyId, forgotten.position)).toMatchObject({ status: 'DELETED', name: '' });
  });
}
