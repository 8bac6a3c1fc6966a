// What a verifier says of a key, and what it does not.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { generateSecret } from '../../../events/secret.ts';
import { change, createKey, verdict } from '../../support/keys.ts';
import type { Started } from './started.ts';

const wellFormedButUnknown = (): string => generateSecret('kf', randomBytes).reveal();

export function verdicts(started: Started): void {
  test('a verifier names every reason for which a key may not be used', async () => {
    const { admin, verify } = started();
    const { keyId, secret, position } = await createKey(admin, {
      resources: { all: false, ids: ['agent-1'] },
      origins: ['https://*.example.com'],
      ipRanges: ['192.0.2.0/24', '2001:db8::/32'],
    });
    const here = { origin: 'https://app.example.com', ip: '192.0.2.7' };
    const ask = (request: object) => verify(secret, position, { ...here, ...request });

    expect(await ask({})).toBe('VALID');
    expect(await ask({ ip: '2001:db8::1' })).toBe('VALID');
    expect(await ask({ ip: '198.51.100.1' })).toBe('IP_NOT_ALLOWED');
    expect(await verify(secret, position, { origin: here.origin })).toBe('IP_NOT_ALLOWED');
    expect(await ask({ origin: 'https://example.com' })).toBe('ORIGIN_NOT_ALLOWED');
    expect(await ask({ origin: 'https://app.example.com\\@evil.com' })).toBe('ORIGIN_NOT_ALLOWED');
    expect(await verify(secret, position, { ip: here.ip })).toBe('ORIGIN_NOT_ALLOWED');
    expect(await ask({ keyspace: 'default' })).toBe('VALID');
    expect(await ask({ keyspace: 'other' })).toBe('WRONG_KEYSPACE');
    expect(await ask({ environment: 'live' })).toBe('WRONG_ENVIRONMENT');
    expect(await ask({ resource: { type: 'agent', id: 'agent-1' } })).toBe('VALID');
    expect(await ask({ resource: { type: 'agent', id: 'agent-2' } })).toBe('RESOURCE_NOT_ALLOWED');
    expect(await ask({ scopes: ['orders:delete'] })).toBe('INSUFFICIENT_SCOPE');
    expect(await ask({ flags: ['beta'] })).toBe('INSUFFICIENT_SCOPE');
    expect(await verify(wellFormedButUnknown(), position)).toBe('NOT_FOUND');
    expect(await verify(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`, position)).toBe('MALFORMED');
    expect(await verify('not a key', position)).toBe('MALFORMED');

    const opened = await change(admin, 'changeRestrictions', keyId, { origins: [], ipRanges: null });
    expect(await verify(secret, opened.position)).toBe('VALID');
  });

  test('of keys that are unknown or malformed an answer tells nothing, and looks the same', async () => {
    const { system, admin } = started();
    const { keyId, secret } = await createKey(admin);
    const { position } = await change(admin, 'deleteKey', keyId);
    const [deleted, unknown] = await Promise.all(
      [secret, wellFormedButUnknown()].map((key) => verdict(system.verifiers.slice(0, 1), key, { atLeast: position })),
    );
    const ownMoment = { asOf: expect.any(String) as string, requestId: expect.any(String) as string };
    expect(unknown).toEqual({ ...deleted, ...ownMoment });
    expect(deleted).toMatchObject({ valid: false, code: 'NOT_FOUND', keyId: null, workspaceId: null, version: null });
  });
}
