// Who may do what, who gets no answer at all, and what is refused with the place and the reason.
import { expect, test } from 'vitest';
import { globalId } from '../../support/api.ts';
import { createKey } from '../../support/keys.ts';
import { WORKSPACE } from '../../support/system.ts';
import type { Started } from './started.ts';

export function access(started: Started): void {
  test('roles: members manage keys, auditors read history, viewers look, and nobody more than that', async () => {
    const { system, admin } = started();
    const as = (role: 'member' | 'auditor' | 'viewer') =>
      system.api({ subject: role, workspaces: { [WORKSPACE]: role }, operator: false });
    const [member, auditor, viewer] = await Promise.all([as('member'), as('auditor'), as('viewer')]);
    const { keyId, position } = await createKey(member, { name: 'Made by a member' });

    for (const reader of [member, auditor, viewer])
      expect(await reader.key(keyId, position)).toMatchObject({ createdBy: { id: 'member' } });
    expect((await viewer.key(keyId))?.actions).toEqual(
      expect.not.arrayContaining(['DISABLE', 'SEE_HISTORY']) as unknown,
    );
    expect(await auditor.history(keyId)).toHaveLength(1);
    for (const reader of [auditor, viewer]) {
      const refused = await reader.settle('disableKey', { id: globalId(keyId) });
      expect(refused).toMatchObject({ __typename: 'NotAllowed', code: 'NOT_ALLOWED' });
    }
    for (const other of [member, auditor, viewer]) {
      expect(await other.settle('rebuildProjections', {})).toMatchObject({ code: 'NOT_ALLOWED' });
      expect(await other.settle('retryParked', {})).toMatchObject({ code: 'NOT_ALLOWED' });
    }
    expect(await admin.history(keyId)).toHaveLength(1);
  });

  test("another workspace's key is answered like one that does not exist, whatever is asked", async () => {
    const { system, admin } = started();
    const { keyId, position } = await createKey(admin);
    const stranger = await system.api({ subject: 'mallory', workspaces: { other: 'admin' }, operator: false });
    const random = `key_${'0'.repeat(22)}`;
    const inputs = {
      updateKey: { name: 'mine' },
      changeScopes: { scopes: [] },
      changeRestrictions: { origins: [] },
      changeExpiry: { expiresAt: null },
      disableKey: {},
      enableKey: {},
      regenerateKey: {},
      retirePreviousSecret: {},
      revokeKey: {},
      deleteKey: {},
    } as const;
    expect(await stranger.key(keyId, position)).toBeNull();
    for (const [name, input] of Object.entries(inputs)) {
      const [foreign, unknown] = await Promise.all(
        [keyId, random].map((id) => stranger.settle(name as keyof typeof inputs, { id: globalId(id), ...input })),
      );
      expect(foreign).toEqual(unknown);
      expect(foreign).toMatchObject({ __typename: 'NotFound' });
    }
    const created = await stranger.settle('createKey', { workspaceId: WORKSPACE, keyspace: 'default', name: 'x' });
    expect(created).toMatchObject({ __typename: 'NotFound' });
    const nodes = `query ($key: ID!, $workspace: ID!) { a: node(id: $key) { id } b: nodes(ids: [$key]) { id }
      c: node(id: $workspace) { id } d: workspace(id: "${WORKSPACE}") { id } }`;
    const workspace = Buffer.from(`Workspace:${WORKSPACE}`).toString('base64url');
    expect(await stranger.query(nodes, { key: globalId(keyId), workspace })).toEqual({
      a: null,
      b: [null],
      c: null,
      d: null,
    });
    expect(await admin.history(keyId)).toHaveLength(1);
  });

  test('without a good token nobody gets an answer', async () => {
    const { admin } = started();
    const parts = admin.token.split('.');
    for (const token of ['', 'x', `${admin.token}x`, `${parts[0]}..${parts[2]}`]) {
      const response = await fetch(`${admin.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: '{ viewer { operator } }' }),
      });
      expect(response.status).toBe(401);
      expect(await response.text()).toContain('UNAUTHENTICATED');
    }
  });

  test('bad input is refused with the place and the reason, and nothing is appended', async () => {
    const { admin } = started();
    const { keyId } = await createKey(admin);
    const id = globalId(keyId);
    const refusals = [
      [await admin.settle('updateKey', { id, name: '' }), ['name']],
      [await admin.settle('updateKey', { id, owner: { id: 'a@b.example' } }), ['owner', 'id']],
      [await admin.settle('changeScopes', { id, scopes: ['a', 'not a scope'] }), ['scopes', '1']],
      [await admin.settle('changeRestrictions', { id, ipRanges: ['192.0.2.1/24'] }), ['ipRanges', '0']],
      [await admin.settle('changeRestrictions', { id, origins: ['null'] }), ['origins', '0']],
      [await admin.settle('changeExpiry', { id, expiresAt: '2001-01-01T00:00:00.000Z' }), ['expiresAt']],
      [await admin.settle('regenerateKey', { id, overlapSeconds: -1 }), ['overlapSeconds']],
      [await admin.settle('revokeKey', { id, reason: 'because' }), ['reason']],
      [await admin.settle('disableKey', { id, commandId: 'not an id' }), ['commandId']],
    ] as const;
    for (const [result, path] of refusals) expect(result).toMatchObject({ __typename: 'InvalidInput', path });
    const conflict = await admin.settle('disableKey', { id, ifVersion: 7 });
    expect(conflict).toMatchObject({ __typename: 'VersionConflict', actual: 1 });
    expect(await admin.history(keyId)).toHaveLength(1);
  });
}
