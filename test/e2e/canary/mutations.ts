// Every mutation, with secrets where they belong and where they do not.
import { expect, test } from 'vitest';
import { globalId, type MutationName } from '../../support/api.ts';
import { mutationNames } from '../../support/everything.ts';
import { WORKSPACE } from '../../support/system.ts';
import type { Watching } from './watch.ts';

const PROFILE = 'slug: canary\nname: Canary\ntypes: [{ id: secret, label: Secret, prefix: cny }]';

export function mutations(watching: Watching): void {
  test('every mutation, with the secret of a key in good and in bad places', async () => {
    const { driven, mutate } = watching();
    const place = { workspaceId: WORKSPACE, keyspace: 'default', name: 'Canary' };
    const created = await mutate('createKey', place);
    const { keyId } = created.key!;
    const id = globalId(keyId);
    const key = created.shown;
    const good: [MutationName, object][] = [
      ['updateKey', { id, name: 'Canary, renamed', description: 'd', tags: ['t'], metadata: { m: 1 } }],
      ['changeScopes', { id, scopes: ['orders:read'] }],
      ['changeRestrictions', { id, origins: ['https://example.com'], ipRanges: ['192.0.2.0/24'] }],
      ['changeExpiry', { id, expiresAt: '2099-01-01T00:00:00.000Z' }],
      ['disableKey', { id, note: 'n' }],
      ['enableKey', { id, note: 'n' }],
      ['regenerateKey', { id, overlapSeconds: 600 }],
      ['retirePreviousSecret', { id }],
      ['revokeKey', { id, note: 'n' }],
      ['defineKeyspace', { source: PROFILE }],
      ['rebuildProjections', {}],
      ['retryParked', {}],
      ['forgetKey', { id }],
      ['forgetOwner', { workspaceId: place.workspaceId, ownerId: 'u1' }],
    ];
    for (const [name, input] of good) expect((await mutate(name, input)).__typename, name).toMatch(/Payload$/);
    const other = await mutate('createKey', place);
    expect((await mutate('deleteKey', { id: globalId(other.key!.keyId) })).__typename).toMatch(/Payload$/);

    const spaced = `${key} ${key}`;
    const bad: [MutationName, object][] = [
      ['createKey', { ...place, workspaceId: key }],
      ['createKey', { ...place, keyspace: key }],
      ['createKey', { ...place, name: key.repeat(4) }],
      ['createKey', { ...place, scopes: [spaced], tags: [spaced.repeat(9)], owner: { id: `${key}@example.com` } }],
      ['createKey', { ...place, type: key, environment: key, flags: [key] }],
      ['createKey', { ...place, commandId: spaced }],
      ['updateKey', { id, name: '', metadata: { a: { b: { c: { d: { e: key } } } } } }],
      ['updateKey', { id: key, name: key }],
      ['changeScopes', { id, scopes: [spaced], resources: { ids: [spaced.repeat(9)] } }],
      ['changeRestrictions', { id, origins: [key], ipRanges: [key] }],
      ['changeExpiry', { id, expiresAt: key }],
      ['disableKey', { id: key, note: key.repeat(99) }],
      ['enableKey', { id, commandId: spaced }],
      ['regenerateKey', { id, overlapSeconds: key }],
      ['retirePreviousSecret', { id, [key]: 1 }],
      ['revokeKey', { id: globalId(key), reason: key }],
      ['deleteKey', { id: Buffer.from(key).toString('base64') }],
      ['forgetKey', { id: globalId(key) }],
      ['forgetOwner', { workspaceId: place.workspaceId, ownerId: `${key}@example.com` }],
      ['discardRecord', { position: key, reason: 'r' }],
      ['discardRecord', { position: 'p1_0-0', reason: key }],
      ['defineKeyspace', { source: key }],
      ['defineKeyspace', { source: `slug: ${key}` }],
      ['defineKeyspace', { source: `${PROFILE}\n${key}: 1` }],
      ['defineKeyspace', { source: `${PROFILE}\ntimeZone: ${key}` }],
      ['retryParked', { position: key }],
      ['rebuildProjections', { commandId: spaced }],
    ];
    for (const [name, input] of bad) expect((await mutate(name, input)).__typename, name).not.toMatch(/Payload$/);
    expect([...driven].sort()).toEqual(mutationNames().sort());
  });
}
