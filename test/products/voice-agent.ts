// The voice-agent API's rows, one test each: private and public keys, origins, assistants, owners, and a life that is made,
// changed and ended.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { System } from '../support/system.ts';
import { emailOf, productRows } from './harness.ts';

const APP = 'https://app.example.com';
const PRIVATE = { name: 'Call centre backend', type: 'private' };
const PUBLIC = { name: 'Web widget', type: 'public', origins: [APP] };

export function voiceAgentRows(on: string, start: () => Promise<System>): void {
  productRows('voice-agent', on, start, (product) => {
    test('voice-agent V1: a private key may do everything, a public one is restricted, and the prefix tells which it is', async () => {
      const { code, forward, place } = product();
      const { admin } = await place();
      const keyspace = await admin.keyspace();
      expect(keyspace?.types).toMatchObject([
        {
          ...{ id: 'private', public: false, unrestricted: 'ALWAYS', originsRequired: false },
          description: expect.stringContaining('full access to your account resources') as unknown,
        },
        {
          ...{ id: 'public', public: true, unrestricted: 'NEVER', originsRequired: true },
          description: expect.stringContaining('client-side use and have restricted permissions') as unknown,
        },
      ]);
      expect(keyspace?.credential).toMatchObject({
        headers: [{ name: 'Authorization', bearer: true }],
        prefixes: ['va_private_', 'va_public_'],
      });

      const secret = await admin.create(PRIVATE);
      const open = await admin.create(PUBLIC);
      expect(secret.secret).toMatch(/^va_private_[0-9A-Za-z]{36}$/);
      expect(open.secret).toMatch(/^va_public_[0-9A-Za-z]{36}$/);
      expect([secret.key.preview, open.key.preview]).toEqual(['va_private_...', 'va_public_...']);
      expect(secret.key).toMatchObject({ type: 'private', unrestricted: true });
      expect(open.key).toMatchObject({ type: 'public', unrestricted: false, scopes: [] });

      const anything = { scopes: ['calls:write', 'whatever.comes'], resource: { type: 'phone', id: 'p-1' } };
      expect(await code(secret.secret, secret.position, anything)).toBe('VALID');
      expect(await code(open.secret, open.position, { origin: APP })).toBe('VALID');
      expect(await code(open.secret, open.position, { origin: APP, scopes: ['calls:write'] })).toBe(
        'INSUFFICIENT_SCOPE',
      );

      const refused = [
        [await admin.tryCreate({ name: 'Neither' }), ['type']],
        [await admin.tryCreate({ ...PUBLIC, unrestricted: true }), ['unrestricted']],
        [await admin.tryCreate({ ...PUBLIC, scopes: ['calls:write'] }), ['scopes', '0']],
        [await admin.tryCreate({ ...PRIVATE, unrestricted: false }), ['unrestricted']],
        [await admin.attempt('changeScopes', open.keyId, { unrestricted: true }), ['unrestricted']],
        [await admin.attempt('changeScopes', secret.keyId, { unrestricted: false }), ['unrestricted']],
      ] as const;
      for (const [answer, path] of refused) expect(answer).toMatchObject({ __typename: 'InvalidInput', path });

      const after = open.position;
      const bearer = { authorization: `Bearer ${secret.secret}` };
      expect(await forward({ headers: bearer, after, query: 'scope=calls:write' })).toMatchObject({ status: 200 });
      const elsewhere = await forward({ headers: { 'x-api-key': secret.secret }, after });
      expect(elsewhere).toMatchObject({ status: 401, code: 'MALFORMED' });
      expect(elsewhere.body.message).toMatch(/Authorization: Bearer/);
    });

    test('voice-agent V2: a public key works only from an origin that it lists; it cannot be without one', async () => {
      const { code, forward, place } = product();
      const { admin } = await place();
      for (const origins of [[], undefined])
        expect(await admin.tryCreate({ ...PUBLIC, origins })).toMatchObject({
          __typename: 'InvalidInput',
          path: ['origins'],
        });

      const made = await admin.create({ ...PUBLIC, origins: [APP, 'https://*.widgets.example'] });
      const from = async (origin: string | undefined, at = made.position) => code(made.secret, at, { origin });
      expect(await from(APP)).toBe('VALID');
      expect(await from('https://eu.widgets.example')).toBe('VALID');
      for (const origin of [
        undefined,
        'null',
        'https://evil.example',
        `${APP}.evil.example`,
        'http://app.example.com',
        `${APP}:8443`,
        'https://widgets.example',
        'https://a.b.widgets.example',
      ])
        expect(await from(origin), origin).toBe('ORIGIN_NOT_ALLOWED');

      const headers = { authorization: `Bearer ${made.secret}` };
      const after = made.position;
      expect((await forward({ headers: { ...headers, origin: APP }, after })).status).toBe(200);
      for (const origin of [{ origin: 'https://evil.example' }, {}])
        expect(await forward({ headers: { ...headers, ...origin }, after })).toMatchObject({
          status: 403,
          code: 'ORIGIN_NOT_ALLOWED',
        });

      const moved = await admin.change('changeRestrictions', made.keyId, { origins: ['https://new.example.com'] });
      expect(await from(APP, moved.position)).toBe('ORIGIN_NOT_ALLOWED');
      expect(await from('https://new.example.com', moved.position)).toBe('VALID');
      expect(await admin.attempt('changeRestrictions', made.keyId, { origins: [] })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['origins'],
      });

      const server = await admin.create(PRIVATE);
      expect(await code(server.secret, server.position)).toBe('VALID');
      const bound = await admin.create({ ...PRIVATE, origins: [APP] });
      expect(await code(bound.secret, bound.position)).toBe('ORIGIN_NOT_ALLOWED');
    });

    test('voice-agent V2: a preflight is answered by whether any active public key allows the origin', async () => {
      const { originAllowed, place } = product();
      const { admin } = await place();
      // Of the whole keyspace: no other test has these origins.
      const site = `https://${randomUUID()}.example`;
      const other = `https://${randomUUID()}.example`;
      const server = await admin.create({ ...PRIVATE, origins: [site] });
      expect(await originAllowed(site, server.position)).toBe(false);

      const first = await admin.create({ ...PUBLIC, origins: [site, site.replace('//', '//*.')] });
      expect(await originAllowed(site, first.position)).toBe(true);
      expect(await originAllowed(site.replace('//', '//eu.'), first.position)).toBe(true);
      for (const origin of [other, site.replace('//', '//a.b.'), `${site}:8443`, site.replace('https', 'http'), 'null'])
        expect(await originAllowed(origin, first.position), origin).toBe(false);

      const second = await admin.create({ ...PUBLIC, origins: [site] });
      const moved = await admin.change('changeRestrictions', first.keyId, { origins: [other] });
      expect(await originAllowed(site, moved.position)).toBe(true);
      expect(await originAllowed(other, moved.position)).toBe(true);
      const gone = await admin.change('deleteKey', second.keyId);
      expect(await originAllowed(site, gone.position)).toBe(false);
      expect(await originAllowed(other, gone.position)).toBe(true);
    });

    test('voice-agent V3: a key reaches the assistants that it lists and no other; unsaved ones only with the flag', async () => {
      const { code, forward, place } = product();
      const { admin } = await place();
      const keyspace = await admin.keyspace();
      expect(keyspace).toMatchObject({ resourceNoun: 'Assistant', flags: ['transientAssistant'] });
      expect(keyspace?.fields.find(({ id }) => id === 'resources')).toMatchObject({ label: 'Allowed assistants' });

      const assistant = (id: string) => ({ origin: APP, resource: { type: 'assistant', id } });
      const transient = { origin: APP, flags: ['transientAssistant'] };
      for (const kind of [PRIVATE, PUBLIC]) {
        const any = await admin.create(kind);
        expect(any.key).toMatchObject({ resources: { all: true, ids: [] }, flags: [] });
        expect(await code(any.secret, any.position, assistant('a-9'))).toBe('VALID');
        expect(await code(any.secret, any.position, transient)).toBe('INSUFFICIENT_SCOPE');

        const some = await admin.create({
          ...kind,
          resources: { ids: ['a-1', 'a-2'] },
          flags: ['transientAssistant'],
        });
        expect(await code(some.secret, some.position, assistant('a-1'))).toBe('VALID');
        expect(await code(some.secret, some.position, assistant('a-3'))).toBe('RESOURCE_NOT_ALLOWED');
        expect(await code(some.secret, some.position, transient)).toBe('VALID');
        const headers = { authorization: `Bearer ${some.secret}`, origin: APP };
        const through = (query: string) => forward({ headers, after: some.position, query });
        expect(await through('resource=assistant:a-2&flag=transientAssistant')).toMatchObject({ status: 200 });
        expect(await through('resource=assistant:a-3')).toMatchObject({ status: 403, code: 'RESOURCE_NOT_ALLOWED' });

        const less = await admin.change('changeScopes', some.keyId, { resources: { ids: ['a-3'] }, flags: [] });
        expect(await code(some.secret, less.position, assistant('a-1'))).toBe('RESOURCE_NOT_ALLOWED');
        expect(await code(some.secret, less.position, assistant('a-3'))).toBe('VALID');
        expect(await code(some.secret, less.position, transient)).toBe('INSUFFICIENT_SCOPE');

        const none = await admin.create({ ...kind, resources: { ids: [] } });
        expect(await code(none.secret, none.position, assistant('a-1'))).toBe('RESOURCE_NOT_ALLOWED');
      }
      expect(await admin.tryCreate({ ...PRIVATE, flags: ['root'] })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['flags', '0'],
      });
    });

    test('voice-agent V4: every key has an owner with id and e-mail, the caller unless another is named', async () => {
      const { verify, place } = product();
      const { admin, member, viewer } = await place();
      const mine = await member.create(PRIVATE);
      const own = { id: member.id, email: emailOf(member.id) };
      expect(mine.key.owner).toEqual(own);
      const theirs = await admin.create({ ...PRIVATE, owner: { id: 'u-42', email: 'u42@example.com' } });
      expect(theirs.key.owner).toEqual({ id: 'u-42', email: 'u42@example.com' });

      const found = await viewer.keys({ owner: member.id }, theirs.position);
      expect(found.map(({ keyId, owner }) => ({ keyId, owner }))).toContainEqual({ keyId: mine.keyId, owner: own });
      expect(found.map(({ keyId }) => keyId)).not.toContain(theirs.keyId);
      expect((await viewer.keyspace())?.columns.map(({ id }) => id)).toContain('owner');
      const checked = await verify(mine.secret, mine.position);
      expect(checked).toMatchObject({ owner: member.id });
      expect(JSON.stringify(checked)).not.toContain('@');

      const other = { id: 'u-42', email: 'u42@example.com' };
      const moved = await admin.change('updateKey', mine.keyId, { owner: other });
      expect(moved.key.owner).toEqual(other);
      for (const unreachable of [
        admin.tryCreate({ ...PRIVATE, owner: { id: 'u-42' } }),
        admin.attempt('updateKey', mine.keyId, { owner: { id: 'u-43' } }),
      ])
        expect(await unreachable).toMatchObject({ __typename: 'InvalidInput', path: ['owner', 'email'] });
      for (const nobody of [
        admin.tryCreate({ ...PRIVATE, owner: null }),
        admin.attempt('updateKey', mine.keyId, { owner: null }),
      ])
        expect(await nobody).toMatchObject({ __typename: 'InvalidInput', path: ['owner'] });
      expect(await admin.tryCreate({ ...PRIVATE, owner: { id: 'u42@example.com' } })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['owner', 'id'],
      });
    });

    test('voice-agent V5: a key is created, listed, got, updated and deleted, which revokes it; its value is told once', async () => {
      const { code, place } = product();
      const { admin } = await place();
      const { fields = [], operations = [], texts } = (await admin.keyspace()) ?? {};
      const shown = fields.filter(({ inCreateForm }) => inCreateForm).map(({ id }) => id);
      expect(shown).toEqual(['type', 'name', 'origins', 'resources', 'flags', 'owner']);
      const edited = fields.filter(({ inEditForm }) => inEditForm).map(({ id }) => id);
      expect(edited).toEqual(['origins', 'resources']);
      const offered = operations.filter(({ inMenu }) => inMenu).map(({ action }) => action);
      expect(offered.toSorted()).toEqual(
        ['VIEW', 'CHANGE_SCOPES', 'CHANGE_RESTRICTIONS', 'DELETE', 'SEE_HISTORY', 'SEE_USAGE'].toSorted(),
      );
      expect(texts?.success).toContainEqual({ action: 'DELETE', text: 'API key revoked.' });
      expect(texts?.guidance.map(({ title }) => title)).toContain('Set allowed origins to restrict CORS access');

      const input = { ...PUBLIC, resources: { ids: ['a-1'] } };
      const { keyId, secret, position } = await admin.create(input);
      const [created] = await admin.api.history(keyId, position);
      const updated = await admin.change('changeRestrictions', keyId, { origins: ['https://shop.example.com'] });
      const widened = await admin.change('changeScopes', keyId, { resources: { ids: ['a-1', 'a-2'] } });
      const renamed = await admin.change('updateKey', keyId, { name: 'Shop widget' });
      const expected = {
        name: 'Shop widget',
        type: 'public',
        origins: ['https://shop.example.com'],
        resources: { all: false, ids: ['a-1', 'a-2'] },
        status: 'ACTIVE',
      };
      const got = await admin.key(keyId, renamed.position);
      const listed = await admin.keys({}, renamed.position);
      expect(got).toMatchObject(expected);
      expect(listed.find((key) => key.keyId === keyId)).toMatchObject(expected);
      expect(await code(secret, renamed.position, { origin: 'https://shop.example.com' })).toBe('VALID');

      const again = await admin.tryCreate({ ...input, commandId: created?.commandId });
      expect(again).toMatchObject({ __typename: 'SecretAlreadyRevealed', key: { keyId } });
      const deleted = await admin.change('deleteKey', keyId, { note: 'the shop has closed' });
      expect(deleted.key.status).toBe('REVOKED');
      expect(await code(secret, deleted.position, { origin: 'https://shop.example.com' })).toBe('REVOKED');
      const history = await admin.api.history(keyId, deleted.position);
      expect(history.map(({ type }) => type)).toEqual([
        'KEY_CREATED',
        'RESTRICTIONS_CHANGED',
        'SCOPES_CHANGED',
        'KEY_DETAILS_CHANGED',
        'KEY_REVOKED',
      ]);
      expect(await admin.attempt('deleteKey', keyId)).toMatchObject({ __typename: 'InvalidState', status: 'REVOKED' });

      const random = secret.slice(secret.lastIndexOf('_') + 1);
      for (const told of [got, listed, updated, widened, renamed, again, deleted, history])
        expect(JSON.stringify(told)).not.toContain(random.slice(0, 8));
    });

    test('voice-agent V6: no expiry and no regenerate: whoever rotates creates a key, switches, and deletes the old one', async () => {
      const { code, place } = product();
      const { admin } = await place();
      const keyspace = await admin.keyspace();
      expect(keyspace).toMatchObject({ expiry: null, rotation: { enabled: false }, rateLimit: null });
      expect(keyspace?.fields.map(({ id }) => id)).not.toContain('expiresAt');
      expect(await admin.tryCreate({ ...PRIVATE, expiresAt: '2100-01-01T00:00:00.000Z' })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['expiresAt'],
      });

      const old = await admin.create(PRIVATE);
      expect(old.key.expiresAt).toBeNull();
      expect(new Set(old.key.actions)).toEqual(
        new Set([
          ...['VIEW', 'UPDATE', 'CHANGE_SCOPES', 'CHANGE_RESTRICTIONS', 'DELETE', 'FORGET'],
          ...['SEE_HISTORY', 'SEE_USAGE'],
        ]),
      );
      const never = [
        await admin.attempt('changeExpiry', old.keyId, { expiresAt: '2100-01-01T00:00:00.000Z' }),
        await admin.attempt('regenerateKey', old.keyId),
        await admin.attempt('disableKey', old.keyId),
        await admin.attempt('enableKey', old.keyId),
        await admin.attempt('revokeKey', old.keyId),
      ];
      for (const answer of never) expect(answer).toMatchObject({ __typename: 'NotEnabled' });

      const fresh = await admin.create(PRIVATE);
      expect(await code(old.secret, fresh.position)).toBe('VALID');
      expect(await code(fresh.secret, fresh.position)).toBe('VALID');
      const { position } = await admin.change('deleteKey', old.keyId);
      expect(await code(old.secret, position)).toBe('REVOKED');
      expect(await code(fresh.secret, position)).toBe('VALID');
      expect(await admin.api.history(old.keyId, position)).toHaveLength(2);
    });
  });
}
