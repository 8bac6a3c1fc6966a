// A product that nobody has thought of, from its file alone: settings of all five mixed, and all of them in force.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as documents from '../../services/cli/documents.ts';
import { globalId, type Api, type Result } from '../support/api.ts';
import { change, codeOf, createKey, regenerate } from '../support/keys.ts';
import { WORKSPACE, type System } from '../support/system.ts';

const START_MS = 240_000;
const SOURCE = readFileSync(new URL('sixth-product.yaml', import.meta.url), 'utf8');
const KEYSPACE = 'parcel-desk';
const DRAWN = `query {
  keyspaces {
    slug
    labels { reveal { title copy done } }
    texts { secrecy reasons { reason text } guidance { title text } success { action text } }
    permissions { matrix { levels { description } } }
    operations { action confirmation { title text button } }
    fields { id description inCreateForm inEditForm }
  }
}`;
interface Drawn {
  readonly slug: string;
  readonly texts: { readonly success: readonly unknown[] };
  readonly operations: readonly { readonly action: string; readonly confirmation: unknown }[];
  readonly fields: readonly {
    readonly id: string;
    readonly description: string | null;
    readonly inCreateForm: boolean;
    readonly inEditForm: boolean;
  }[];
}
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

export function sixthProduct(on: string, start: () => Promise<System>): void {
  describe(`a sixth product from its file alone, ${on}`, { timeout: START_MS }, () => {
    let system: System;
    let api: Api;
    beforeAll(async () => {
      system = await start();
      api = await system.api();
      const { result } = await api.query<{ result: Result }>(documents.DEFINE_KEYSPACE, { input: { source: SOURCE } });
      expect(result.__typename).toBe('DefineKeyspacePayload');
    }, START_MS);
    afterAll(() => system.stop(), START_MS);

    const input = (more: object = {}) => ({
      ...{ keyspace: KEYSPACE, workspaceId: WORKSPACE, name: 'Counter 4', type: 'server', environment: 'live' },
      ...{ scopes: ['parcels:ship'], expiresAt: inDays(20), ...more },
    });
    const refused = async (more: object): Promise<string> => {
      const { __typename, path } = await api.settle('createKey', input(more));
      return `${__typename} ${path?.join('.') ?? ''}`;
    };
    const code = (secret: string, atLeast: string, request: object = {}) =>
      codeOf(system.verifiers, secret, { keyspace: KEYSPACE, atLeast, ...request });

    test('is drawn in its own words, with the fields that its forms name', async () => {
      const { keyspaces } = await api.query<{ keyspaces: readonly Drawn[] }>(DRAWN);
      const drawn = keyspaces.find(({ slug }) => slug === KEYSPACE);
      expect(drawn).toMatchObject({
        labels: { reveal: { title: 'Your desk key', copy: 'Copy', done: 'It is in the safe' } },
        texts: {
          ...{ secrecy: 'Put it into the safe.', reasons: [{ reason: 'Lost', text: 'Nobody knows where it is' }] },
          guidance: [{ title: 'One key for each desk', text: 'Then a desk can be closed by itself.' }],
        },
        permissions: { matrix: { levels: [{ description: 'See where parcels are' }, {}, {}] } },
      });
      expect(drawn?.texts.success).toEqual(
        expect.arrayContaining([
          { action: 'REVOKE', text: 'The desk key was taken away.' },
          { action: 'CREATE', text: 'Desk key created.' },
        ]),
      );
      expect(drawn?.operations.find(({ action }) => action === 'REVOKE')?.confirmation).toEqual({
        ...{ title: 'Take the desk key away?', button: 'Take it' },
        text: 'The key stops working at once. This cannot be undone.',
      });
      const form = drawn?.fields.filter(({ inCreateForm }) => inCreateForm).map(({ id }) => id);
      expect(form).toEqual(['name', 'type', 'environment', 'scopes', 'resources', 'origins', 'expiresAt']);
      expect(drawn?.fields.filter(({ inEditForm }) => inEditForm).map(({ id }) => id)).toEqual(['name', 'scopes']);
      expect(drawn?.fields.find(({ id }) => id === 'resources')?.description).toBe('The depots that the desk serves.');
    });

    test('makes keys of its prefixes that show nothing but the prefix', async () => {
      const made = await createKey(api, input({ environment: 'stage' }));
      expect(made.secret).toMatch(/^pd_stg_[0-9A-Za-z]{36}$/);
      expect((await api.key(made.keyId, made.position))?.preview).toBe('pd_stg_…');
    });

    test('has a matrix whose levels include the lower ones, and a super scope', async () => {
      const { secret, position } = await createKey(api, input());
      expect(await code(secret, position, { scopes: ['parcels:look', 'parcels:ship'] })).toBe('VALID');
      expect(await code(secret, position, { scopes: ['parcels:bill'] })).toBe('INSUFFICIENT_SCOPE');
      expect(await code(secret, position, { resource: { type: 'depot', id: 'd-1' } })).toBe('VALID');
      expect(await code(secret, position, { resource: { type: 'truck', id: 't-1' } })).toBe('RESOURCE_NOT_ALLOWED');
      const all = await createKey(api, input({ scopes: ['everything'] }));
      expect(await code(all.secret, all.position, { scopes: ['labels:bill', 'of:tomorrow'] })).toBe('VALID');
    });

    test('refuses what its file does not take, each by its own member', async () => {
      expect(await refused({ scopes: [] })).toBe('InvalidInput scopes');
      expect(await refused({ scopes: ['parcels:none'] })).toBe('InvalidInput scopes.0');
      expect(await refused({ unrestricted: true })).toBe('InvalidInput unrestricted');
      expect(await refused({ environment: null })).toBe('InvalidInput environment');
      expect(await refused({ expiresAt: null })).toBe('InvalidInput expiresAt');
      expect(await refused({ expiresAt: inDays(92) })).toBe('InvalidInput expiresAt');
      expect(await refused({ rateLimit: { limit: 4 } })).toBe('InvalidInput rateLimit.limit');
      expect(await refused({ type: 'widget', origins: [] })).toBe('InvalidInput origins');
      expect(await refused({ flags: ['loud'] })).toBe('InvalidInput flags.0');
    });

    test('binds its public keys to their origins', async () => {
      const made = await createKey(api, input({ type: 'widget', origins: ['https://shop.example'] }));
      expect(await code(made.secret, made.position, { origin: 'https://shop.example' })).toBe('VALID');
      expect(await code(made.secret, made.position)).toBe('ORIGIN_NOT_ALLOWED');
    });

    test('edits permissions by a successor, refuses to edit depots, and rotates with an overlap', async () => {
      const { keyId, secret } = await createKey(api, input());
      const edited = await api.settle('changeScopes', { id: globalId(keyId), scopes: ['labels:look'] });
      expect(edited).toMatchObject({ predecessor: { keyId }, key: { scopes: ['labels:look'] } });
      const depots = { id: globalId(keyId), resources: { ids: ['d-1'] } };
      expect(await api.settle('changeScopes', depots)).toMatchObject({
        __typename: 'NotEnabled',
        message: 'Make a new key for another depot.',
      });
      const next = await regenerate(api, keyId);
      expect(await Promise.all([secret, next.secret].map((each) => code(each, next.position)))).toEqual([
        'VALID',
        'VALID',
      ]);
      expect(await api.settle('regenerateKey', { id: globalId(keyId), overlapSeconds: 3601 })).toMatchObject({
        path: ['overlapSeconds'],
      });
    });

    test('revokes with one of its reasons, deletes nothing, and answers in its own words', async () => {
      const { keyId, secret } = await createKey(api, input());
      const at = { id: globalId(keyId), commandId: randomUUID() };
      expect(await api.settle('deleteKey', at)).toMatchObject({ __typename: 'NotEnabled' });
      expect(await api.settle('revokeKey', { ...at, commandId: randomUUID() })).toMatchObject({ path: ['reason'] });
      const { position } = await change(api, 'revokeKey', keyId, { reason: 'Sold' });
      expect(await code(secret, position)).toBe('REVOKED');
      const { url, token } = system.verifiers[0] ?? { url: '', token: null };
      const response = await fetch(`${url}/v1/forward-auth/caddy?keyspace=${KEYSPACE}`, {
        headers: { 'x-parcel-key': secret, ...(token === null ? {} : { 'x-keyfold-verifier-token': token }) },
      });
      expect([response.status, await response.json()]).toEqual([
        410,
        { error: { type: 'gone', text: 'This key was revoked.' } },
      ]);
    });

    test('lets members remove and not create, and warns about names and lifetimes', async () => {
      const member = await system.api({ subject: 'mel', workspaces: { [WORKSPACE]: 'member' }, operator: false });
      expect((await member.settle('createKey', input())).__typename).toBe('NotAllowed');
      const { keyId } = await createKey(api, input());
      await change(member, 'revokeKey', keyId, { reason: 'Lost' });
      const warned = (await api.settle('createKey', input({ name: 'Desk', expiresAt: inDays(60) }))) as Result & {
        readonly warnings: readonly { readonly code: string; readonly message: string }[];
      };
      expect(warned.warnings).toEqual([
        { code: 'DISCOURAGED_NAME', message: 'Name the desk.' },
        { code: 'EXPIRY_BAND', message: 'Long.' },
      ]);
    });
  });
}
