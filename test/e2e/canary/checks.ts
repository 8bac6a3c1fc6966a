// Every kind of call of the verifier.
import { expect, test } from 'vitest';
import { globalId } from '../../support/api.ts';
import { WORKSPACE } from '../../support/system.ts';
import type { Watching } from './watch.ts';

export function checks(watching: Watching): void {
  test('every kind of verify call', async () => {
    const { watched, newSecret, send, asCaller, ask, mutate } = watching();
    const { shown: key, key: made } = await mutate('createKey', {
      workspaceId: WORKSPACE,
      keyspace: 'default',
      name: 'Verified',
      scopes: ['orders:read'],
    });
    const lost = newSecret('a secret that nobody has');
    const calls: [code: string, body: object][] = [
      ['VALID', { key, include: ['name', 'metadata'], request: { id: 'r-1', path: '/orders', method: 'GET' } }],
      ['INSUFFICIENT_SCOPE', { key, scopes: ['orders:write'] }],
      ['WRONG_KEYSPACE', { key, keyspace: lost }],
      ['WRONG_ENVIRONMENT', { key, environment: lost }],
      ['NOT_FOUND', { key: lost }],
      ['MALFORMED', { key: `${lost}x` }],
      ['MALFORMED', { key: `Bearer ${key}` }],
      ['MALFORMED', { key: `${key}${key}`.repeat(9) }],
      ['INVALID_INPUT', { key: [key] }],
      ['INVALID_INPUT', { key, atLeast: lost }],
      ['INVALID_INPUT', { key, ip: lost }],
      ['INVALID_INPUT', { key, permission: `${lost} and` }],
      ['INVALID_INPUT', { key, scopes: [`${lost} ${lost}`] }],
      ['INVALID_INPUT', { key, request: { id: `${lost} ${lost}` } }],
      ['INVALID_INPUT', { key, [lost]: lost }],
      ['VALID', { key, origin: lost, request: { path: `/?key=${key}`, userAgent: key } }],
      ['INSUFFICIENT_SCOPE', { key, flags: [lost] }],
    ];
    for (const [code, body] of calls) expect(await ask(`verify, ${code}`, body)).toContain(`"code":"${code}"`);
    const { url } = watched.system.verifiers[0]!;
    for (const body of [
      `{"key":"${lost}`,
      `{"key":"${key}","key":"${lost}"}`,
      `"${lost}"`,
      `{"key":"${lost.repeat(2000)}"}`,
    ])
      await send('a strange body', url, { path: '/v1/verify', headers: asCaller(), body });
    const renewed = await mutate('regenerateKey', { id: globalId(made!.keyId) });
    await ask('verify, retired', { key, atLeast: renewed.position });
    const seen = await ask('verify, renewed', { key: renewed.shown, atLeast: renewed.position });
    expect(seen).toContain('"code":"VALID"');
  });
}
