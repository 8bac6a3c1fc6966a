// Project-admin P6: keys that manage keys, through the GraphQL API with the key itself, never beyond themselves.
import { expect, test, vi } from 'vitest';
import { BY_ITSELF } from '../../e2e/life/started.ts';
import { globalId } from '../../support/api.ts';
import type { Made, Person, Place, Product } from '../harness.ts';
import { usageSeen } from '../usage.ts';

const HEADER = 'x-api-key';
const VIEWER = `{ viewer { actor { kind id } operator workspaces { role workspace { workspaceId } } } }`;

export function management(product: () => Product): void {
  /** The key as a caller, once the API knows it. */
  async function asKey(made: Made): Promise<Person> {
    const person = product().asKey(made, HEADER);
    await vi.waitFor(async () => expect((await person.api.post(VIEWER)).status).toBe(200), BY_ITSELF);
    return person;
  }

  async function callers({ admin }: Place) {
    const scopes = ['api_keys:write', 'contacts:read', 'calls:write'];
    const [manager, reader, none, root] = await Promise.all([
      admin.create({ name: 'Manager', scopes }),
      admin.create({ name: 'Reader', scopes: ['api_keys:read', 'contacts:write'] }),
      admin.create({ name: 'None', scopes: ['contacts:write'] }),
      admin.create({ name: 'Root', unrestricted: true }),
    ]);
    return { manager, reader, none, root };
  }

  test('project-admin P6: a key with API Keys manages other keys with itself as the credential, never beyond what it may', async () => {
    const { code, place } = product();
    const here = await place();
    const { admin, workspaceId } = here;
    expect((await admin.keyspace())?.keyManagement).toEqual({ view: 'api_keys:read', change: 'api_keys:write' });
    const { manager, reader, none, root } = await callers(here);
    const managing = await asKey(manager);
    expect(await managing.api.query(VIEWER)).toEqual({
      viewer: {
        actor: { kind: 'KEY', id: manager.keyId },
        operator: false,
        workspaces: [{ role: 'KEY_CHANGE', workspace: { workspaceId } }],
      },
    });

    // What it may itself, it may give: a level includes the lower one.
    for (const scopes of [
      [],
      ['contacts:read'],
      ['calls:read'],
      ['calls:write', 'api_keys:read'],
      ['api_keys:write'],
    ]) {
      const made = await managing.create({ name: 'Made by a key', scopes });
      expect(made.key).toMatchObject({ scopes, unrestricted: false, createdBy: { kind: 'KEY', id: manager.keyId } });
      for (const scope of scopes) expect(await code(made.secret, made.position, { scopes: [scope] })).toBe('VALID');
    }
    for (const input of [
      { scopes: ['contacts:write'] },
      { scopes: ['contacts:read', 'billing:read'] },
      { unrestricted: true },
    ])
      expect(await managing.tryCreate({ name: 'Too much', ...input })).toMatchObject({ __typename: 'NotAllowed' });

    const mine = await managing.create({ name: 'Mine', scopes: ['contacts:read'] });
    expect(mine.key.actions).toEqual(expect.arrayContaining(['VIEW', 'UPDATE', 'DELETE']));
    expect(mine.key.actions).not.toContain('CHANGE_SCOPES');
    await managing.change('updateKey', mine.keyId, { name: 'Renamed by a key' });
    for (const made of [mine, manager, root])
      expect(await managing.attempt('changeScopes', made.keyId, { unrestricted: true })).not.toHaveProperty('position');
    const removed = await managing.change('deleteKey', mine.keyId);
    expect(await code(mine.secret, removed.position)).toBe('NOT_FOUND');
    expect((await admin.api.history(mine.keyId, removed.position)).map(({ actor }) => actor)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'KEY', id: manager.keyId })),
    );

    // Reading is not changing, and another scope is neither.
    const reading = await asKey(reader);
    const listed = await reading.keys({}, removed.position);
    expect(listed.map(({ keyId }) => keyId)).toEqual(expect.arrayContaining([manager.keyId, root.keyId]));
    expect(await reading.key(manager.keyId)).toMatchObject({ name: 'Manager', actions: ['VIEW', 'SEE_USAGE'] });
    expect(await reading.tryCreate({ name: 'x', scopes: [] })).toMatchObject({ __typename: 'NotAllowed' });
    for (const name of ['updateKey', 'deleteKey'] as const)
      expect(await reading.attempt(name, manager.keyId, name === 'updateKey' ? { name: 'x' } : {})).toMatchObject({
        __typename: 'NotAllowed',
      });
    const outside = await asKey(none);
    expect(await outside.key(manager.keyId)).toBeNull();
    expect(await outside.keyspace()).toBeNull();
    expect(await outside.tryCreate({ name: 'x', scopes: [] })).toMatchObject({ __typename: 'NotFound' });

    const everything = await asKey(root);
    const wide = await everything.create({ name: 'Wide', unrestricted: true });
    expect(await code(wide.secret, wide.position, { scopes: ['billing:write'] })).toBe('VALID');

    // Of its own project and product only, in its own header only, and not once it is gone.
    const elsewhere = await (await place()).admin.create({ name: 'Foreign', scopes: [] });
    expect(await everything.key(elsewhere.keyId, elsewhere.position)).toBeNull();
    expect(await everything.attempt('deleteKey', elsewhere.keyId)).toMatchObject({ __typename: 'NotFound' });
    for (const input of [{ workspaceId: elsewhere.key.workspaceId }, { keyspace: 'default' }])
      expect(await everything.tryCreate({ name: 'x', ...input })).toMatchObject({ __typename: 'NotFound' });
    for (const header of [undefined, 'authorization', 'api-key']) {
      const { api } = product().asKey(root, header);
      expect((await api.post(VIEWER)).status, header).toBe(401);
    }
    await managing.change('deleteKey', root.keyId);
    await vi.waitFor(async () => expect((await everything.api.post(VIEWER)).status).toBe(401), BY_ITSELF);
    expect((await everything.api.post(`{ node(id: "${globalId(manager.keyId)}") { id } }`)).status).toBe(401);
  });

  test('project-admin P6: calls with a key are counted and logged as its other uses are, and none passes once its removal is confirmed', async () => {
    const { admin } = await product().place();
    const manager = await admin.create({ name: 'Counted', scopes: ['api_keys:read'] });
    const managing = await asKey(manager);
    const last = await fetch(`${managing.api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [HEADER]: manager.secret, 'x-request-id': 'a-call-of-its-own' },
      body: JSON.stringify({ query: VIEWER }),
    });
    expect(last.status).toBe(200);
    const found = await vi.waitUntil(
      async () => (await usageSeen(admin, manager.keyId, { requestId: 'a-call-of-its-own' })).requests.nodes[0],
      BY_ITSELF,
    );
    expect(found).toMatchObject({ code: 'VALID', secret: 'CURRENT', method: 'POST', path: '/graphql', keyVersion: 1 });
    // Counted behind what is logged, as soon as the batch is.
    await vi.waitFor(async () => {
      const { requestCount, lastUsedAt } = await usageSeen(admin, manager.keyId);
      expect(requestCount).toBeGreaterThanOrEqual(2);
      expect(lastUsedAt).not.toBeNull();
    }, BY_ITSELF);

    const { enforcement } = await admin.change('deleteKey', manager.keyId, { waitFor: 'VERIFIERS' });
    expect(enforcement?.confirmedAt).toEqual(expect.any(String));
    expect((await managing.api.post(VIEWER)).status).toBe(401);
  });
}
