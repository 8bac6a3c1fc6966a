// API keys that manage keys, through HTTP, on embedded storage: a product in the manner of project-admin, whose keys come
// with `api_keys` among their permissions. What a key may not, no key that it makes may either.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { profile as profileSchema } from '../../events/keyspaces/profile.ts';
import { seedKeyspaces } from '../../services/api/seed.ts';
import * as documents from '../../services/cli/documents.ts';
import { apiClient, globalId, payload, type Api, type Connection, type KeyView, type Result } from '../support/api.ts';
import { startEmbedded, type InProcess } from '../support/in-process.ts';
import { WORKSPACE } from '../support/system.ts';

const LEVELS = [
  { id: 'read', label: 'Read' },
  { id: 'write', label: 'Write' },
];
const PROJECT = profileSchema.parse({
  slug: 'project',
  name: 'Project',
  types: [{ id: 'secret', label: 'Key', prefix: 'prj' }],
  credential: { headers: [{ name: 'X-Project-Key' }] },
  permissions: {
    model: 'MATRIX',
    matrix: { resources: ['calls', 'billing', 'api_keys'].map((id) => ({ id, label: id })), levels: LEVELS },
  },
  roles: { view: ['admin'], create: ['admin'], edit: ['admin'], remove: ['admin'], seeHistory: ['admin'] },
  managesKeys: { view: 'api_keys:read', change: 'api_keys:write' },
});

const VIEWER =
  'query { viewer { operator actor { kind id key { keyId name } } workspaces { role workspace { workspaceId } } } }';
const KEYSPACES = `query ($id: String!) {
  keyspaces { slug actions } workspace(id: $id) { keyspaces { slug } history(first: 10) { nodes { id } } }
}`;
const CREATED_BY = `query ($id: ID!) { node(id: $id) { ... on ApiKey {
  createdBy { kind id key { keyId } } history(first: 5) { nodes { type actor { kind id key { keyId } } } }
} } }`;

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
const beyond = (what: string) => ({
  __typename: 'NotAllowed',
  message: `a key may not let another, or itself, go beyond itself: ${what}`,
});

let system: InProcess;
let admin: Api;
beforeAll(async () => {
  system = await startEmbedded();
  await seedKeyspaces(system.core, [PROJECT], AbortSignal.timeout(60_000));
  admin = await system.api();
}, 120_000);
afterAll(() => system.stop());

interface Made {
  readonly keyId: string;
  readonly secret: string;
  readonly api: Api;
}

/** Makes a key, and waits until the verifier of this process, which calling keys are checked with, knows it. */
async function make(input: object, by = admin): Promise<Made> {
  const result = payload(await by.settle('createKey', draft(input)));
  const { key, secret, position } = result;
  if (!key || secret == null) throw new Error('no key was shown');
  await folded(secret, position);
  return { keyId: key.keyId, secret, api: apiClient({ url: admin.url, token: secret, header: 'X-Project-Key' }) };
}
const draft = (input: object) => ({ workspaceId: WORKSPACE, keyspace: 'project', name: 'A key', ...input });
const folded = (secret: string, atLeast: string) => system.verifiers[0]?.verify(secret, { atLeast });
const list = async (api: Api): Promise<readonly string[]> => {
  const found = await api.query<{ workspace: { keys: Connection<KeyView> } | null }>(documents.LIST_KEYS, {
    workspace: WORKSPACE,
    first: 100,
  });
  return found.workspace?.keys.nodes.map(({ keyId }) => keyId) ?? [];
};
const change = (api: Api, name: Parameters<Api['settle']>[0], keyId: string, input: object = {}): Promise<Result> =>
  api.settle(name, { id: globalId(keyId), ...input });

describe('an API key that manages keys', { timeout: 120_000 }, () => {
  test('that may look at keys lists those of its keyspace, and makes none', async () => {
    const reader = await make({ name: 'Reader', scopes: ['api_keys:read'] });
    const wide = await make({ unrestricted: true });
    const other = payload(await admin.settle('createKey', draft({ keyspace: 'default' }))).key?.keyId ?? '';

    expect(await reader.api.query(VIEWER)).toEqual({
      viewer: {
        operator: false,
        actor: { kind: 'KEY', id: reader.keyId, key: { keyId: reader.keyId, name: 'Reader' } },
        workspaces: [{ role: 'KEY_VIEW', workspace: { workspaceId: WORKSPACE } }],
      },
    });
    const keys = await list(reader.api);
    expect(keys).toEqual(expect.arrayContaining([reader.keyId, wide.keyId]));
    expect(keys).not.toContain(other);
    expect(await reader.api.key(wide.keyId)).toMatchObject({ actions: ['VIEW', 'SEE_USAGE'] });
    expect(await reader.api.key(other)).toBeNull();
    expect(await reader.api.query(KEYSPACES, { id: WORKSPACE })).toEqual({
      keyspaces: [{ slug: 'project', actions: ['VIEW', 'SEE_USAGE'] }],
      workspace: { keyspaces: [{ slug: 'project' }], history: { nodes: [] } },
    });
    expect(await reader.api.query(KEYSPACES, { id: 'globex' })).toMatchObject({ workspace: null });

    expect(await reader.api.settle('createKey', draft({ scopes: ['api_keys:read'] }))).toMatchObject({
      __typename: 'NotAllowed',
    });
    expect(await change(reader.api, 'deleteKey', wide.keyId)).toMatchObject({ __typename: 'NotAllowed' });
    // Another keyspace of its workspace is answered like another workspace, and like nothing at all.
    for (const foreign of [{ keyspace: 'default' }, { keyspace: 'none' }, { workspaceId: 'globex' }])
      expect(await reader.api.settle('createKey', draft(foreign))).toMatchObject({ __typename: 'NotFound' });
    expect(await change(reader.api, 'deleteKey', other)).toMatchObject({ __typename: 'NotFound' });
  });

  test('that may change keys makes a narrower one, which history knows as its work', async () => {
    const manager = await make({ scopes: ['api_keys:write', 'calls:write'], expiresAt: inDays(30) });
    const made = await make({ scopes: ['calls:read', 'api_keys:read'], expiresAt: inDays(20) }, manager.api);
    const by = { kind: 'KEY', id: manager.keyId, key: { keyId: manager.keyId } };
    expect(await admin.query(CREATED_BY, { id: globalId(made.keyId) })).toEqual({
      node: { createdBy: by, history: { nodes: [{ type: 'KEY_CREATED', actor: by }] } },
    });
    expect(await admin.key(made.keyId)).toMatchObject({ owner: null });
    expect(await change(manager.api, 'updateKey', made.keyId, { name: 'Renamed' })).toMatchObject({
      key: { name: 'Renamed', version: 2 },
    });
    expect(await change(manager.api, 'disableKey', made.keyId)).toMatchObject({ key: { status: 'DISABLED' } });
    expect(await change(manager.api, 'enableKey', made.keyId)).toMatchObject({ key: { status: 'ACTIVE' } });
    expect(await change(manager.api, 'regenerateKey', made.keyId)).toMatchObject({
      __typename: 'RegenerateKeyPayload',
      secret: expect.stringMatching(/^prj_/) as string,
    });
    expect(await change(manager.api, 'deleteKey', made.keyId)).toMatchObject({ key: { status: 'DELETED' } });
    expect(await manager.api.key(made.keyId)).toBeNull();
  });

  test('makes no wider key, gives a wider one no secret and no life, and may take it away', async () => {
    const manager = await make({ scopes: ['api_keys:write', 'calls:read'], expiresAt: inDays(30) });
    const wide = await make({ unrestricted: true });
    const create = (input: object) =>
      manager.api.settle('createKey', draft({ expiresAt: inDays(10), scopes: [], ...input }));
    expect(await create({ scopes: ['calls:write'] })).toMatchObject(beyond('scopes'));
    expect(await create({ scopes: ['billing:read'] })).toMatchObject(beyond('scopes'));
    expect(await create({ unrestricted: true })).toMatchObject(beyond('unrestricted'));
    expect(await create({ expiresAt: inDays(31) })).toMatchObject(beyond('expiresAt'));
    expect(await create({ expiresAt: null })).toMatchObject(beyond('expiresAt'));
    expect(await change(manager.api, 'regenerateKey', wide.keyId)).toMatchObject(beyond('unrestricted'));
    expect(await change(manager.api, 'disableKey', wide.keyId)).toMatchObject({ key: { status: 'DISABLED' } });
    expect(await change(manager.api, 'enableKey', wide.keyId)).toMatchObject(beyond('unrestricted'));
    const { actions } = (await manager.api.key(wide.keyId)) ?? { actions: [] };
    expect(actions).toEqual(['VIEW', 'UPDATE', 'REVOKE', 'DELETE', 'SEE_USAGE']);
    expect(await change(manager.api, 'deleteKey', wide.keyId)).toMatchObject({ key: { status: 'DELETED' } });
  });

  test('does not widen or extend itself, and is nobody once it has given itself up', async () => {
    const manager = await make({ scopes: ['api_keys:write'], expiresAt: inDays(30) });
    const self = (name: Parameters<Api['settle']>[0], input: object = {}) =>
      change(manager.api, name, manager.keyId, input);
    expect(await self('changeScopes', { scopes: ['api_keys:write', 'calls:read'] })).toMatchObject(beyond('scopes'));
    expect(await self('changeScopes', { unrestricted: true })).toMatchObject(beyond('unrestricted'));
    expect(await self('changeExpiry', { expiresAt: inDays(31) })).toMatchObject(beyond('expiresAt'));
    expect(await self('changeExpiry', { expiresAt: null })).toMatchObject(beyond('expiresAt'));
    expect(await self('changeExpiry', { expiresAt: inDays(20) })).toMatchObject({ key: { version: 2 } });
    const { position } = payload(await self('deleteKey'));
    await folded(manager.secret, position);
    expect((await manager.api.post(VIEWER)).status).toBe(401);
  });

  test('is refused like anybody without a credential: disabled, in the wrong header, of another product, twice', async () => {
    const key = await make({ scopes: ['api_keys:read'] });
    const foreign = payload(await admin.settle('createKey', draft({ keyspace: 'default', unrestricted: true })));
    await folded(foreign.secret ?? '', foreign.position);
    const send = async (headers: Record<string, string>) => {
      const response = await fetch(`${admin.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ viewer { operator } }' }),
      });
      return { status: response.status, text: await response.text() };
    };
    const nobody = await send({});
    expect(nobody.status).toBe(401);
    expect(await send({ 'x-project-key': key.secret })).toMatchObject({ status: 200 });
    for (const headers of [
      { authorization: `Bearer ${key.secret}` },
      { 'x-api-key': key.secret },
      { 'x-project-key': key.secret, authorization: `Bearer ${admin.token}` },
      { authorization: `Bearer ${foreign.secret}` },
      { 'x-api-key': foreign.secret ?? '' },
      { 'x-project-key': foreign.secret ?? '' },
    ])
      expect(await send(headers), Object.keys(headers).join()).toEqual(nobody);
    const { position } = payload(await change(admin, 'disableKey', key.keyId));
    await folded(key.secret, position);
    expect(await send({ 'x-project-key': key.secret })).toEqual(nobody);
  });
});
