// Secrets of the settings beside those that an installation was run with.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkSecrets, WrongSecretError } from '../../services/secret-checks.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const secret = (id: string) => ({ id, key: new Uint8Array(randomBytes(32)) });
const [p1, p2, s1, s2] = [secret('p1'), secret('p2'), secret('s1'), secret('s2')];

describe('secrets of an installation', () => {
  test('new ones may come in front, and old peppers may go', async () => {
    const store = createMemoryStore();
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s1] });
    await checkSecrets(store, { peppers: [p2, p1], sealingKeys: [s2, s1] });
    await checkSecrets(store, { peppers: [p2], sealingKeys: [s2, s1] });
    expect([...(await store.checks.all()).keys()].sort()).toEqual([
      'pepper:p1',
      'pepper:p2',
      'sealing:s1',
      'sealing:s2',
    ]);
  });

  test.each([
    ['pepper', { peppers: [secret('p1')], sealingKeys: [s1] }, /pepper "p1" is not the one/, /KEYFOLD_PEPPERS/],
    ['sealing key', { peppers: [p1], sealingKeys: [secret('s1')] }, /sealing key "s1" is not the one/, /SEALING_KEYS/],
  ])('other bytes under the id of a known %s are refused, by name', async (_, secrets, message, advice) => {
    const store = createMemoryStore();
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s1] });
    const refused = await checkSecrets(store, secrets).catch((error: unknown) => error);
    if (!(refused instanceof WrongSecretError)) throw new Error('not refused');
    expect(refused.message).toMatch(message);
    expect(refused.advice).toMatch(advice);
  });

  test('a sealing key that was in use and is missing is refused, and nothing new is noted; a verifier alone needs none', async () => {
    const store = createMemoryStore();
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s1] });
    await store.dataKeys.insert({ id: 'a.1', sealingKeyId: 's1', wrapped: 'x' });
    await expect(checkSecrets(store, { peppers: [p1], sealingKeys: [s2] })).rejects.toThrow(
      /sealing key "s1".*missing/,
    );
    expect((await store.checks.all()).has('sealing:s2')).toBe(false);
    await checkSecrets(store, { peppers: [p1], sealingKeys: [] });
  });

  test('a sealing key that wraps nothing may go: rotated out, or put in by mistake; its id still means the same bytes', async () => {
    const store = createMemoryStore();
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s1] });
    await store.dataKeys.insert({ id: 'a.1', sealingKeyId: 's1', wrapped: 'x' });
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s2, s1] });
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s1] });
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s2, s1] });
    await expect(checkSecrets(store, { peppers: [p1], sealingKeys: [s2] })).rejects.toThrow(/sealing key "s1"/);
    store.eraseDataKey('a.1');
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s2] });
    await expect(checkSecrets(store, { peppers: [p1], sealingKeys: [s2, secret('s1')] })).rejects.toThrow(
      /"s1" is not/,
    );
  });

  test('a check value is no part of its secret', async () => {
    const store = createMemoryStore();
    await checkSecrets(store, { peppers: [p1], sealingKeys: [s1] });
    const values = [...(await store.checks.all()).values()];
    for (const { key } of [p1, s1]) {
      for (const value of values) expect(Buffer.from(key).toString('hex')).not.toContain(value.slice(0, 8));
    }
  });
});
