// Dronahq H6–H8 in use: the request log, the last use, and what a disabled key keeps.
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';
import { outcomesOf, usageReached, usageSeen } from '../usage.ts';

const DAY_MS = 86_400_000;
const CLIENT = '203.0.113.9';

export function usage(product: () => Product): void {
  test('dronahq H6: every call with the key is in the request log, with the original caller’s address behind a trusted proxy', async () => {
    const { admin, stranger } = await product().place();
    const { keyId, secret, position } = await admin.create({ name: 'Backend', scopes: ['agent'] });
    const headers = { 'api-key': secret, 'x-forwarded-for': `192.0.2.66, ${CLIENT}`, 'user-agent': 'zap/1' };
    const call = { headers, after: position, method: 'POST', path: '/agents/a-1?token=x' };
    expect((await product().forward(call)).status).toBe(200);
    expect((await product().forward({ ...call, query: 'scope=data_agent' })).status).toBe(403);
    const { requests } = await usageReached(product(), admin, keyId, 2);
    const each = product().system.verifiers.length;
    expect(requests.totalCount).toBe(2 * each);
    expect(requests.nodes.map(({ code }) => code).sort()).toEqual([
      ...Array<string>(each).fill('INSUFFICIENT_SCOPE'),
      ...Array<string>(each).fill('VALID'),
    ]);
    for (const request of requests.nodes)
      expect(request).toMatchObject({
        ...{ method: 'POST', path: '/agents/a-1', ip: CLIENT, secret: 'CURRENT', keyVersion: 1, key: { keyId } },
      });
    const asked = requests.nodes.find(({ code }) => code === 'INSUFFICIENT_SCOPE')?.asked;
    expect(asked).toMatchObject({ keyspace: 'dronahq', scopes: ['data_agent'] });
    // In the log for 30 days (D12: longer ago is counted only).
    expect((await admin.keyspace())?.requestLogDays).toBe(30);
    const before = new Date(Date.now() - 30 * DAY_MS).toISOString();
    expect((await usageSeen(admin, keyId, { from: before, ip: CLIENT })).requests.totalCount).toBe(2 * each);
    expect(await stranger.key(keyId)).toBeNull();
  });

  test('dronahq H7: Last Used is the time of the most recent successful check', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position } = await admin.create({ name: 'Backend', scopes: ['agent'] });
    expect(await usageSeen(admin, keyId)).toMatchObject({ lastUsedAt: null, requestCount: 0 });
    expect(await product().code(secret, position, { scopes: ['agent'] })).toBe('VALID');
    const used = await usageReached(product(), admin, keyId, 1);
    expect(used.lastUsedAt).not.toBeNull();
    expect(used.lastSeenAt).toBe(used.lastUsedAt);
    expect(await product().code(secret, position, { scopes: ['voice_agent'] })).toBe('INSUFFICIENT_SCOPE');
    const seen = await usageReached(product(), admin, keyId, 2);
    expect(seen.lastUsedAt).toBe(used.lastUsedAt);
    expect(Date.parse(seen.lastSeenAt ?? '')).toBeGreaterThanOrEqual(Date.parse(used.lastSeenAt ?? ''));
    expect(seen.secretFirstUsedAt).not.toBeNull();
  });

  test('dronahq H8: a disabled key keeps its request log, and the calls that it refuses are in it', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position } = await admin.create({ name: 'Backend', scopes: ['agent'] });
    expect(await product().code(secret, position)).toBe('VALID');
    const disabled = await admin.change('disableKey', keyId);
    expect(await product().code(secret, disabled.position)).toBe('DISABLED');
    const each = product().system.verifiers.length;
    const seen = await usageReached(product(), admin, keyId, 2);
    expect(outcomesOf(seen)).toEqual({ VALID: each, DISABLED: each });
    expect(seen.requests.totalCount).toBe(2 * each);
    expect(new Set(seen.requests.nodes.map(({ keyVersion, code }) => `${keyVersion} ${code}`))).toEqual(
      new Set(['1 VALID', '2 DISABLED']),
    );
  });
}
