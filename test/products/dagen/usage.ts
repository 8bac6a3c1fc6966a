// Dagen D5 and D12 in use: the lifetime count, and the time of the last check.
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';
import { usageReached, usageSeen } from '../usage.ts';
import { DRAFT } from './common.ts';

export function usage(product: () => Product): void {
  test('dagen D5: Requests is the lifetime count, Last used the time of the last check, whatever it came to', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position } = await admin.create(DRAFT);
    expect(await usageSeen(admin, keyId)).toMatchObject({ requestCount: 0, lastSeenAt: null });
    const begun = Date.now();
    expect(await product().code(secret, position)).toBe('VALID');
    expect(await product().code(secret, position, { scopes: ['workflows'] })).toBe('INSUFFICIENT_SCOPE');
    const seen = await usageReached(product(), admin, keyId, 2);
    expect(Date.parse(seen.lastSeenAt ?? '')).toBeGreaterThan(begun - 60_000);
    expect(Date.parse(seen.lastUsedAt ?? '')).toBeLessThanOrEqual(Date.parse(seen.lastSeenAt ?? ''));
    const { position: after } = await admin.change('disableKey', keyId);
    expect(await admin.keys({}, after)).toHaveLength(1);
    expect((await usageSeen(admin, keyId)).requestCount).toBe(seen.requestCount);
  });

  test('dagen D12: the lifetime count outlives the secret, the key’s own end and the request log’s entries', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position } = await admin.create(DRAFT);
    expect(await product().code(secret, position)).toBe('VALID');
    const renewed = await admin.regenerate(keyId);
    expect(await product().code(renewed.secret, renewed.position)).toBe('VALID');
    const { requestCount } = await usageReached(product(), admin, keyId, 2);
    const { position: gone } = await admin.change('deleteKey', keyId);
    expect(await admin.key(keyId, gone)).toMatchObject({ status: 'DELETED' });
    expect((await usageSeen(admin, keyId)).requestCount).toBe(requestCount);
    // What is in the log is another list: the count does not come from it.
    const none = await usageSeen(admin, keyId, { to: '2000-01-01T00:00:00.000Z' });
    expect(none).toMatchObject({ requestCount, requests: { totalCount: 0 } });
  });
}
