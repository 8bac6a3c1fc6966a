// What becomes of a key, one change after the other, and what its history tells of it.
import { expect, test, vi } from 'vitest';
import { GENESIS } from '../../../events/chain.ts';
import { globalId, payload } from '../../support/api.ts';
import { change, createKey, regenerate } from '../../support/keys.ts';
import { WORKSPACE } from '../../support/system.ts';
import { BY_ITSELF, inFuture, type Started } from './started.ts';

export function changes(started: Started): void {
  test('every change of a key is in force at every verifier that is asked at its position', async () => {
    const { admin, verify } = started();
    const { keyId, secret, position } = await createKey(admin, { scopes: ['orders:read', 'orders:write'] });
    expect(await verify(secret, position, { scopes: ['orders:write'] })).toBe('VALID');

    const narrowed = await change(admin, 'changeScopes', keyId, { scopes: ['orders:read'] });
    expect(await verify(secret, narrowed.position, { scopes: ['orders:write'] })).toBe('INSUFFICIENT_SCOPE');
    expect(await verify(secret, narrowed.position, { scopes: ['orders:read'] })).toBe('VALID');
    expect(await verify(secret, narrowed.position, { permission: 'orders:read and orders:write' })).toBe(
      'INSUFFICIENT_SCOPE',
    );

    const disabled = await change(admin, 'disableKey', keyId, { note: 'seen in a build log' });
    expect(await verify(secret, disabled.position)).toBe('DISABLED');
    const enabled = await change(admin, 'enableKey', keyId);
    expect(await verify(secret, enabled.position)).toBe('VALID');

    const renewed = await regenerate(admin, keyId);
    expect(await verify(secret, renewed.position)).toBe('NOT_FOUND');
    expect(await verify(renewed.secret, renewed.position)).toBe('VALID');

    const revoked = await change(admin, 'revokeKey', keyId, { note: 'the laptop was lost' });
    expect(await verify(renewed.secret, revoked.position)).toBe('REVOKED');
    expect(await admin.key(keyId, revoked.position)).toMatchObject({
      status: 'REVOKED',
      revocation: { reason: null, note: 'the laptop was lost' },
    });
    const late = await admin.settle('enableKey', { id: globalId(keyId) });
    expect(late).toMatchObject({ __typename: 'InvalidState', code: 'INVALID_STATE' });
  });

  test('a deleted key is NOT_FOUND for verifiers, and stays in the history', async () => {
    const { admin, verify } = started();
    const { keyId, secret } = await createKey(admin);
    const { position } = await change(admin, 'deleteKey', keyId);
    expect(await verify(secret, position)).toBe('NOT_FOUND');
    expect(await admin.key(keyId, position)).toMatchObject({
      status: 'DELETED',
      actions: expect.not.arrayContaining(['ENABLE']) as unknown,
    });
    expect((await admin.history(keyId)).at(-1)?.type).toBe('KEY_DELETED');
  });

  test('the history tells every event, who made it, when and from where, in one chain', async () => {
    const { system, admin } = started();
    const bob = await system.api({ subject: 'bob', workspaces: { [WORKSPACE]: 'member' }, operator: false });
    const before = Date.now();
    const { keyId } = await createKey(admin, { name: 'Exports' });
    await change(bob, 'updateKey', keyId, { name: 'Order exports', tags: ['eu'] });
    await change(admin, 'disableKey', keyId, { note: 'why not' });
    const { position } = await change(bob, 'enableKey', keyId);
    const events = await admin.history(keyId, position);

    expect(events.map(({ type, version, actor }) => [version, type, actor?.kind, actor?.id])).toEqual([
      [1, 'KEY_CREATED', 'USER', 'alice'],
      [2, 'KEY_DETAILS_CHANGED', 'USER', 'bob'],
      [3, 'KEY_DISABLED', 'USER', 'alice'],
      [4, 'KEY_ENABLED', 'USER', 'bob'],
    ]);
    expect(events[1]?.data).toMatchObject({ name: 'Order exports', tags: ['eu'] });
    expect(events[2]?.data).toMatchObject({ note: 'why not' });
    for (const { time, ip, userAgent, commandId, requestId, id, version } of events) {
      expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
      expect([ip, userAgent]).toEqual(['127.0.0.1', 'e2e']);
      expect(commandId).toMatch(/^[\w-]{1,64}$/);
      expect(requestId).not.toBe('');
      expect(id).toBe(`${keyId}@${version}`);
    }
    expect(events.map(({ prev }) => prev)).toEqual([GENESIS, ...events.slice(0, -1).map(({ hash }) => hash)]);
    expect(events.at(-1)?.position).toBe(position);
  });

  test('an update changes what it names, clears what it makes null and leaves the rest', async () => {
    const { admin } = started();
    const { keyId } = await createKey(admin, {
      name: 'Ingest',
      description: 'reads the feed',
      tags: ['a', 'b'],
      metadata: { team: { name: 'data' } },
      owner: { id: 'u-17', email: 'u17@example.com' },
    });
    const first = await change(admin, 'updateKey', keyId, { description: null, tags: ['c'] });
    expect(await admin.key(keyId, first.position)).toMatchObject({
      version: 2,
      name: 'Ingest',
      description: null,
      tags: ['c'],
      metadata: { team: { name: 'data' } },
      owner: { id: 'u-17', email: 'u17@example.com' },
    });
    const second = await change(admin, 'updateKey', keyId, { owner: { id: 'u-18' }, metadata: null });
    expect(await admin.key(keyId, second.position)).toMatchObject({
      metadata: null,
      owner: { id: 'u-18', email: null },
    });
    const same = await change(admin, 'updateKey', keyId, { owner: { id: 'u-18' } });
    expect(await admin.history(keyId, same.position)).toHaveLength(3);
  });

  test('a key expires by the clock, and lives again when its end is moved', async () => {
    const { admin, verify } = started();
    const { keyId, secret, position } = await createKey(admin, { expiresAt: inFuture(3_600_000) });
    expect(await verify(secret, position)).toBe('VALID');
    // On a slow machine the moment may be over before it is decided on: then it is refused, and asked for again.
    const { position: soon } = await vi.waitFor(
      async () => payload(await admin.settle('changeExpiry', { id: globalId(keyId), expiresAt: inFuture(1500) })),
      BY_ITSELF,
    );
    await vi.waitFor(async () => expect(await verify(secret, soon)).toBe('EXPIRED'), BY_ITSELF);
    expect(await admin.key(keyId, soon)).toMatchObject({ status: 'EXPIRED' });
    const moved = await change(admin, 'changeExpiry', keyId, { expiresAt: null });
    expect(await verify(secret, moved.position)).toBe('VALID');
  });

  test('during an overlap both secrets work; its end is written into the history by the projector', async () => {
    const { admin, verify } = started();
    const first = await createKey(admin);
    const second = await regenerate(admin, first.keyId, { overlapSeconds: 3600 });
    expect(await verify(first.secret, second.position)).toBe('VALID');
    expect(await verify(second.secret, second.position)).toBe('VALID');
    expect((await admin.key(first.keyId, second.position))?.previousSecret?.retiresAt).toMatch(/Z$/);

    const third = await regenerate(admin, first.keyId, { overlapSeconds: 1 });
    expect(await verify(first.secret, third.position)).toBe('NOT_FOUND');
    await vi.waitFor(async () => expect(await verify(second.secret, third.position)).toBe('NOT_FOUND'), BY_ITSELF);
    expect(await verify(third.secret, third.position)).toBe('VALID');
    const retirement = await vi.waitFor(async () => {
      const last = (await admin.history(first.keyId)).at(-1);
      expect(last).toMatchObject({ type: 'PREVIOUS_SECRET_RETIRED', actor: { kind: 'SYSTEM', id: 'projector' } });
      return last!;
    }, BY_ITSELF);
    expect(await admin.key(first.keyId, retirement.position)).toMatchObject({ version: 4, previousSecret: null });
    expect(await verify(third.secret, retirement.position)).toBe('VALID');
  });

  test('an overlap can be ended by hand', async () => {
    const { admin, verify } = started();
    const first = await createKey(admin);
    const second = await regenerate(admin, first.keyId, { overlapSeconds: 3600 });
    const { position } = await change(admin, 'retirePreviousSecret', first.keyId);
    expect(await verify(first.secret, position)).toBe('NOT_FOUND');
    expect(await verify(second.secret, position)).toBe('VALID');
  });
}
