// Commands of API keys: what the key was when its request came in decides nothing. It is read with the facts of the
// decision, and checked once more in the tick that hands the event over.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Data } from '../../events/catalogue.ts';
import { standingOfKey } from '../../events/key/standing.ts';
import { encodeRecord } from '../../events/record.ts';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import type { Caller, Rechecked } from '../../schema/context.ts';
import { noted } from '../fakes/author.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { globalId } from '../support/api.ts';
import * as documents from '../generated/graphql.ts';
import { caller, createInstallation, type Installation } from './installation.ts';

const PROJECT: ProfileInput = {
  slug: 'project',
  name: 'Project',
  types: [{ id: 'secret', label: 'Key', prefix: 'prj' }],
  permissions: {
    scopes: ['api_keys:read', 'api_keys:write', 'calls:read'].map((id) => ({ id, label: id })),
    implications: [{ scope: 'api_keys:write', implies: ['api_keys:read'] }],
  },
  managesKeys: { view: 'api_keys:read', change: 'api_keys:write' },
};

let on: Installation;
beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, PROJECT] });
});
afterAll(() => on.stop());

let count = 0;
/** A key, and the caller that it was when its request came in. */
async function acting(scopes: readonly string[] = ['api_keys:write', 'calls:read'], more: object = {}) {
  count += 1;
  const data = { scopes: [...scopes], unrestricted: false, ownerId: null, ...more };
  const [keyId = ''] = await on.plant([`acting ${count}`], { keyspace: 'project', data });
  return callingKey(keyId);
}

async function callingKey(keyId: string) {
  const { row, keyspaces } = await on.memory.read(async (view) => ({
    row: await view.key(keyId),
    keyspaces: await view.keyspaces(),
  }));
  const standing = row && standingOfKey(row.state, keyspaces, on.now());
  if (!standing) throw new Error('this key manages no keys');
  const as = (recheck?: () => Rechecked): Caller =>
    caller(
      {},
      {
        actor: { kind: 'key', id: keyId },
        workspaces: new Map([['acme', standing]]),
        email: null,
        ...(recheck ? { recheck } : {}),
      },
    );
  return { keyId, as };
}

async function create(as: Caller, input: Partial<documents.CreateKeyInput> = {}) {
  const draft = { workspaceId: 'acme', keyspace: 'project', name: 'made by a key', scopes: ['calls:read'] };
  return (await on.run(documents.CreateKeyDocument, { input: { ...draft, ...input } }, as)).createKey;
}

const narrowing = async (keyId: string) => {
  const wide: Data<'ScopesChanged'>['before'] = {
    scopes: ['api_keys:write', 'calls:read'],
    unrestricted: false,
    resources: { all: true, ids: [] },
    flags: [],
  };
  const data = { before: wide, after: { ...wide, scopes: ['api_keys:write'] } };
  return encodeRecord(await on.author.next(keyId, { type: 'ScopesChanged', data, personal: {}, private: {} }));
};
const events = (): number => on.log.records().length;

test('protocol W2: a key that was narrowed since it came in is held to what it has now', async () => {
  const { keyId, as } = await acting();
  expect(await create(as())).toMatchObject({ __typename: 'CreateKeyPayload' });
  await on.log.append([await narrowing(keyId)]);
  await on.settle();
  expect(await create(as())).toMatchObject({ __typename: 'NotAllowed' });
});

test('protocol W2: a key that was disabled since it came in finds nothing', async () => {
  const { keyId, as } = await acting();
  await on.log.append([encodeRecord(await on.author.next(keyId, noted('KeyDisabled')))]);
  await on.settle();
  expect(await create(as())).toMatchObject({ __typename: 'NotFound' });
});

test('protocol L8: a key that is refused when its command is handed over leaves no event', async () => {
  const { as } = await acting();
  const before = events();
  expect(await create(as(() => ({ ok: false, code: 'UNAUTHENTICATED' })))).toMatchObject({ __typename: 'NotFound' });
  expect(await create(as(() => ({ ok: false, code: 'UNAVAILABLE' })))).toMatchObject({ __typename: 'Unavailable' });
  expect(events()).toBe(before);
});

test('protocol L8: where the view knows more of the key than the facts did, it is decided again', async () => {
  const { keyId, as } = await acting();
  const record = await narrowing(keyId);
  let checks = 0;
  const recheck = (): Rechecked => {
    checks += 1;
    if (checks === 1) void on.log.append([record]);
    return { ok: true, version: 2, keyspacesVersion: 1, settled: () => undefined };
  };
  expect(await create(as(recheck))).toMatchObject({ __typename: 'NotAllowed' });
  expect(checks).toBe(1);
  expect(await create(as(recheck), { scopes: ['api_keys:write'] })).toMatchObject({ __typename: 'CreateKeyPayload' });
});

test('protocol L8: where the view knows of a profile that the facts did not, it is decided again', async () => {
  const { as } = await acting();
  let checks = 0;
  let settled = 0;
  const recheck = (): Rechecked => {
    checks += 1;
    // The view has folded a change of some keyspace; the read models know it at the second look.
    return { ok: true, version: 1, keyspacesVersion: checks === 1 ? 1_000_000 : 0, settled: () => (settled += 1) };
  };
  expect(await create(as(recheck))).toMatchObject({ __typename: 'CreateKeyPayload' });
  expect([checks, settled]).toEqual([2, 2]);
});

test('a key of another environment is not there for a key that manages keys: not in lists, by its id, nor for any command', async () => {
  const { keyId, as } = await acting(['api_keys:read', 'api_keys:write'], { environment: 'test' });
  const plant = async (environment: string) =>
    (
      await on.plant([`of ${environment}`], { keyspace: 'project', data: { environment, scopes: ['api_keys:read'] } })
    )[0] ?? '';
  const [live, own] = [await plant('live'), await plant('test')];
  const listed = async (filter: documents.KeyFilter = {}) => {
    const { workspace } = await on.run(documents.KeysDocument, { workspace: 'acme', first: 100, filter }, as());
    const keys = workspace?.keys;
    return { ids: keys?.edges.map(({ node }) => node.keyId).toSorted(), count: keys?.totalCount };
  };
  expect(await listed()).toEqual({ ids: [keyId, own].toSorted(), count: 2 });
  expect(await listed({ environment: 'live' })).toEqual({ ids: [], count: 0 });
  const shown = async (id: string) => (await on.run(documents.KeyDocument, { id: globalId(id) }, as())).key;
  expect(await shown(live)).toBeNull();
  expect((await shown(own))?.keyId).toBe(own);
  const disable = async (id: string, by: Caller, commandId: string) =>
    (await on.run(documents.DisableKeyDocument, { input: { id: globalId(id), commandId } }, by)).disableKey;
  const nothing = await disable('key_000000000000000000000', as(), 'd-0');
  const before = events();
  expect(await disable(live, as(), 'd-1')).toEqual(nothing);
  expect(events()).toBe(before);
  expect(await disable(live, caller({ acme: 'admin' }), 'd-2')).toMatchObject({ __typename: 'DisableKeyPayload' });
  expect(await disable(live, as(), 'd-2')).toEqual(nothing);
  expect(await disable(own, as(), 'd-3')).toMatchObject({ __typename: 'DisableKeyPayload' });
});

test('protocol W1: a retry learns the first outcome, without the secret, as long as its key may make keys', async () => {
  const { as } = await acting();
  const input = { commandId: 'by-a-key' };
  const first = await create(as(), input);
  expect(first).toMatchObject({ __typename: 'CreateKeyPayload', secret: expect.stringMatching(/^prj_/) as string });
  expect(await create(as(), input)).toMatchObject({ __typename: 'SecretAlreadyRevealed' });
  const reader = await acting(['api_keys:read']);
  expect(await create(reader.as(), input)).toMatchObject({ __typename: 'NotAllowed' });
});

test('a key names its own owner with the e-mail address that it has itself, and no other', async () => {
  const owner = { id: 'u-anna', email: 'anna@example.com' };
  const own = await create(caller({ acme: 'admin' }), { scopes: ['api_keys:write', 'calls:read'], owner });
  if (own.__typename !== 'CreateKeyPayload') throw new Error(own.__typename);
  await on.settle();
  const { as } = await callingKey(own.key?.keyId ?? '');
  const { keyId } = await acting(undefined, { ownerId: 'u-bob' });
  const made = await create(as(), { owner: { id: 'u-anna' } });
  expect(made).toMatchObject({ key: { owner } });
  const spoof = { id: 'u-anna', email: 'ceo@example.com' };
  expect(await create(as(), { owner: spoof })).toMatchObject({ __typename: 'NotAllowed' });
  const regenerated = await on.run(documents.RegenerateKeyDocument, { input: { id: globalId(keyId) } }, as());
  expect(regenerated.regenerateKey).toMatchObject({ __typename: 'NotAllowed' });
});
