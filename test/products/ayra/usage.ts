// Ayra A6–A8 and A11 in use: the last check, the usage of a key, who still uses the old secret, and incident work.
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';
import { outcomesOf, requestsSeen, usageReached, usageSeen } from '../usage.ts';
import { APP } from './common.ts';

export function usage(product: () => Product): void {
  test('ayra A6: Last Used is the time of the last check', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position } = await admin.create(APP);
    expect((await usageSeen(admin, keyId)).lastSeenAt).toBeNull();
    expect(await product().code(secret, position, { environment: 'test' })).toBe('WRONG_ENVIRONMENT');
    const { lastSeenAt, lastUsedAt, requests } = await usageReached(product(), admin, keyId, 1);
    expect(lastSeenAt).toBe(requests.nodes[0]?.time);
    expect(lastUsedAt).toBeNull();
  });

  test('ayra A7: View Usage shows the calls that were made with the key, and what came of them', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position } = await admin.create(APP);
    const other = await admin.create({ ...APP, name: 'Another App' });
    expect(await product().code(other.secret, other.position)).toBe('VALID');
    expect(await product().code(secret, position, { scopes: ['agents:read'] })).toBe('VALID');
    expect(await product().code(secret, position, { scopes: ['agents:write'] })).toBe('INSUFFICIENT_SCOPE');
    const seen = await usageReached(product(), admin, keyId, 2);
    const each = product().system.verifiers.length;
    expect(outcomesOf(seen)).toEqual({ VALID: each, INSUFFICIENT_SCOPE: each });
    expect(seen.requests.nodes.every(({ key }) => key?.keyId === keyId)).toBe(true);
    expect((await usageSeen(admin, keyId, { codes: ['INSUFFICIENT_SCOPE'] })).requests.totalCount).toBe(each);
  });

  test('ayra A8: usage shows who still uses the old secret, and when the new one was first used', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position } = await admin.create(APP);
    expect(await product().code(secret, position)).toBe('VALID');
    const first = await usageReached(product(), admin, keyId, 1);
    expect(first.secretFirstUsedAt).not.toBeNull();

    const renewed = await admin.regenerate(keyId, { overlapSeconds: 3600 });
    const waiting = await usageSeen(admin, keyId);
    expect(waiting).toMatchObject({
      secretFirstUsedAt: null,
      previousSecret: { lastUsedAt: null, requestCount: 0 },
    });
    expect(await product().code(secret, renewed.position, { request: { id: 'old-app' } })).toBe('VALID');
    const each = product().system.verifiers.length;
    const old = await usageReached(product(), admin, keyId, 2);
    expect(old.secretFirstUsedAt).toBeNull();
    expect(old.previousSecret).toMatchObject({ requestCount: each });
    expect(old.previousSecret?.lastUsedAt).not.toBeNull();
    expect(old.usage.reduce((sum, { previousSecret }) => sum + previousSecret, 0)).toBe(each);
    const { requests } = await usageSeen(admin, keyId, { secret: 'PREVIOUS' });
    expect(requests.nodes.map(({ requestId }) => requestId)).toEqual(Array<string>(each).fill('old-app'));

    expect(await product().code(renewed.secret, renewed.position)).toBe('VALID');
    const moved = await usageReached(product(), admin, keyId, 3);
    expect(moved.secretFirstUsedAt).not.toBeNull();
    expect(moved.previousSecret).toEqual(old.previousSecret);
  });

  test('ayra A11: request ids lead to the calls and to the key, what it could reach and whose it was', async () => {
    const { workspaceId, admin, stranger } = await product().place();
    const { keyId, secret, position } = await admin.create({ ...APP, owner: { id: 'leaver' } });
    const request = { id: `call-${keyId.slice(-8)}`, method: 'GET', path: '/agents', userAgent: 'curl/8' };
    expect(await product().code(secret, position, { request, ip: '198.51.100.7', scopes: ['agents:read'] })).toBe(
      'VALID',
    );
    await usageReached(product(), admin, keyId, 1);
    const found = await requestsSeen(admin, workspaceId, { requestId: request.id });
    expect(found).toHaveLength(product().system.verifiers.length);
    expect(found[0]).toMatchObject({
      ...{ requestId: request.id, code: 'VALID', ip: '198.51.100.7', path: '/agents', key: { keyId } },
      ...{ asked: { keyspace: 'ayra', scopes: ['agents:read'] }, keyVersion: 1 },
    });
    expect(found[0]?.position).toMatch(/^p1_/);
    expect(await admin.key(keyId)).toMatchObject({ scopes: ['agents:read'], owner: { id: 'leaver' } });
    expect(await admin.keys({ owner: 'leaver' })).toMatchObject([{ keyId }]);
    const ofAddress = await requestsSeen(admin, workspaceId, { ip: '198.51.100.7', path: '/agents' });
    expect(ofAddress).toEqual(found);
    expect(await requestsSeen(stranger, workspaceId, { requestId: request.id })).toEqual([]);
  });
}
