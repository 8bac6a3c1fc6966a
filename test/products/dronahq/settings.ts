// Dronahq H1–H5: what a key looks like and where it is sent, its scopes, its agents, its end, and its secret shown once.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Product } from '../harness.ts';
import { inDays } from './common.ts';

const SCOPES = ['agent', 'data_agent', 'voice_agent'];
/** Every choice of at least one. */
const CHOICES = Array.from({ length: 2 ** SCOPES.length - 1 }, (_, n) => SCOPES.filter((_, i) => ((n + 1) >> i) & 1));

export function settings(product: () => Product): void {
  test('dronahq H1: a key is sk_ and random text, sent in api-key; elsewhere the refusal names that header', async () => {
    const { admin } = await product().place();
    const { keyId, secret, position: after } = await admin.create({ name: 'CI runner', scopes: ['agent'] });
    expect(secret).toMatch(/^sk_[0-9A-Za-z]{36}$/);
    expect((await admin.keyspace())?.credential).toMatchObject({
      headers: [{ name: 'api-key', bearer: false }],
      bearer: false,
      prefixes: ['sk_'],
    });
    for (const gateway of ['nginx', 'caddy', 'traefik'] as const) {
      const right = await product().forward({ gateway, after, headers: { 'api-key': secret }, query: 'scope=agent' });
      expect([right.status, right.headers.get('x-keyfold-key-id')]).toEqual([200, keyId]);
      const wrong = [{ authorization: `Bearer ${secret}` }, { 'x-api-key': secret }, { 'api-key': `Bearer ${secret}` }];
      for (const headers of [...wrong, {}]) {
        const { status, code, body, headers: told } = await product().forward({ gateway, after, headers });
        expect([status, code, body.code]).toEqual([401, 'MALFORMED', 'MALFORMED']);
        expect(body.message).toBe('send the key once, as api-key: <key>');
        expect(told.get('www-authenticate')).toBe('ApiKey realm="dronahq", header="api-key"');
        expect(told.get('x-keyfold-key-id')).toBeNull();
      }
    }
  });

  test('dronahq H2: a key has one or more of Agent, Data Agent and Voice Agent, and can do what these allow together', async () => {
    const { admin } = await product().place();
    const permissions = (await admin.keyspace())?.permissions;
    expect(permissions?.scopes.map(({ id, label }) => [id, label])).toEqual([
      ['agent', 'Agent'],
      ['data_agent', 'Data Agent'],
      ['voice_agent', 'Voice Agent'],
    ]);
    expect(permissions).toMatchObject({ model: 'FLAT', minimum: 1, unrestrictedAllowed: false, implications: [] });
    for (const scopes of CHOICES) {
      const { key, secret, position } = await admin.create({ name: scopes.join(), scopes });
      expect(key.scopes).toEqual(scopes);
      for (const scope of SCOPES) {
        const code = await product().code(secret, position, { scopes: [scope] });
        expect([scope, code]).toEqual([scope, scopes.includes(scope) ? 'VALID' : 'INSUFFICIENT_SCOPE']);
      }
      expect(await product().code(secret, position, { scopes })).toBe('VALID');
    }
    const refused = async (input: object) => admin.tryCreate({ name: 'Zapier', ...input });
    expect(await refused({ scopes: [] })).toMatchObject({ __typename: 'InvalidInput', path: ['scopes'] });
    expect(await refused({})).toMatchObject({ __typename: 'InvalidInput', path: ['scopes'] });
    expect(await refused({ scopes: ['agent', 'chat'] })).toMatchObject({ path: ['scopes', '1'] });
    expect(await refused({ unrestricted: true })).toMatchObject({ path: ['unrestricted'] });
  });

  test('dronahq H3: a key reaches all agents or those of its list, each only under the scope of its own type', async () => {
    const { admin } = await product().place();
    const keyspace = await admin.keyspace();
    expect(keyspace).toMatchObject({ resourceNoun: 'Agent', resourceAll: 'All Agents' });
    expect(keyspace?.fields.find(({ id }) => id === 'resources')).toMatchObject({
      label: 'Agent Access',
      description: expect.stringContaining('denied access to anything outside that list') as unknown,
    });
    const scopes = ['agent', 'voice_agent'];
    const all = await admin.create({ name: 'All', scopes });
    expect(all.key.resources).toEqual({ all: true, ids: [] });
    const some = await admin.create({ name: 'Some', scopes, resources: { all: false, ids: ['a-1', 'v-1', 'd-1'] } });
    expect(some.key.resources).toEqual({ all: false, ids: ['a-1', 'v-1', 'd-1'] });
    const none = await admin.create({ name: 'None', scopes, resources: { all: false, ids: [] } });

    const expected = [
      ['agent', 'a-1', 'VALID', 'VALID', 'RESOURCE_NOT_ALLOWED'],
      ['voice_agent', 'v-1', 'VALID', 'VALID', 'RESOURCE_NOT_ALLOWED'],
      ['agent', 'a-2', 'VALID', 'RESOURCE_NOT_ALLOWED', 'RESOURCE_NOT_ALLOWED'],
      ['voice_agent', 'v-2', 'VALID', 'RESOURCE_NOT_ALLOWED', 'RESOURCE_NOT_ALLOWED'],
      ['data_agent', 'd-1', 'INSUFFICIENT_SCOPE', 'INSUFFICIENT_SCOPE', 'INSUFFICIENT_SCOPE'],
      ['data_agent', 'd-2', 'INSUFFICIENT_SCOPE', 'INSUFFICIENT_SCOPE', 'INSUFFICIENT_SCOPE'],
      ['app', 'a-1', 'RESOURCE_NOT_ALLOWED', 'RESOURCE_NOT_ALLOWED', 'RESOURCE_NOT_ALLOWED'],
    ] as const;
    for (const [type, id, ...codes] of expected) {
      const said: string[] = [];
      for (const { secret, position } of [all, some, none])
        said.push(await product().code(secret, position, { resource: { type, id } }));
      expect([type, id, ...said]).toEqual([type, id, ...codes]);
    }
    for (const scope of SCOPES) {
      const { secret, position } = await admin.create({ name: scope, scopes: [scope] });
      for (const type of SCOPES) {
        const code = await product().code(secret, position, { resource: { type, id: 'x-1' } });
        expect([scope, type, code]).toEqual([scope, type, scope === type ? 'VALID' : 'INSUFFICIENT_SCOPE']);
      }
    }
    const asked = { headers: { 'api-key': some.secret }, after: none.position };
    const inside = await product().forward({ ...asked, query: 'scope=agent&resource=agent:a-1' });
    const outside = await product().forward({ ...asked, query: 'scope=agent&resource=agent:a-2' });
    expect([inside.status, outside.status, outside.code]).toEqual([200, 403, 'RESOURCE_NOT_ALLOWED']);
  });

  test('dronahq H4: a key never expires, or after 30 days, 90 days, a year or at any other time; it needs a name', async () => {
    const { admin } = await product().place();
    const keyspace = await admin.keyspace();
    expect(keyspace?.expiry).toMatchObject({
      ...{ required: false, presetDays: [30, 90, 365], custom: true },
      ...{ defaultDays: null, maxLifetimeDays: null },
    });
    const required = keyspace?.fields.filter((field) => field.required).map(({ id }) => id);
    expect(required).toEqual(['name', 'scopes']);
    const shown = keyspace?.fields.filter(({ inCreateForm }) => inCreateForm);
    expect(shown?.map(({ id, label }) => [id, label])).toEqual([
      ['name', 'Name'],
      ['scopes', 'Scopes'],
      ['resources', 'Agent Access'],
      ['expiresAt', 'Expires'],
    ]);
    for (const field of shown ?? []) expect(field.description, field.id).toMatch(/\w+ \w+/);
    const { labels, expiry, naming } = keyspace ?? {};
    const choices = [labels?.noExpiry, ...(expiry?.presets.map(({ label }) => label) ?? []), labels?.customExpiry];
    expect(choices).toEqual(['Never', '30 days', '90 days', '1 year', 'Custom date']);
    expect(naming?.examples).toEqual(['Production backend', 'CI runner', 'Zapier integration']);

    const never = await admin.create({ name: 'Never', scopes: ['agent'] });
    expect(never.key.expiresAt).toBeNull();
    for (const days of [30, 90, 365, 1000]) {
      const expiresAt = inDays(days);
      const { key, secret, position } = await admin.create({ name: `${days} days`, scopes: ['agent'], expiresAt });
      expect(key.expiresAt).toBe(expiresAt);
      expect(await product().verify(secret, position)).toMatchObject({ code: 'VALID', expiresAt });
    }
    const past = await admin.tryCreate({ name: 'Past', scopes: ['agent'], expiresAt: inDays(-1) });
    expect(past).toMatchObject({ __typename: 'InvalidInput', path: ['expiresAt'] });
    expect(await admin.tryCreate({ name: '', scopes: ['agent'] })).toMatchObject({
      __typename: 'InvalidInput',
      path: ['name'],
    });
  });

  test('dronahq H5: the secret is shown once; afterwards only its last 4 characters, behind eight dots', async () => {
    const { admin } = await product().place();
    const commandId = randomUUID();
    const { key, keyId, secret, position } = await admin.create({ name: 'CI', scopes: ['agent'], commandId });
    expect(key.preview).toBe(`••••••••${secret.slice(-4)}`);
    expect((await admin.keyspace())?.credential.preview).toEqual({
      ...{ prefix: false, first: 0, last: 4, mask: '••••••••', keyId: false },
    });
    const { texts } = (await admin.keyspace()) ?? {};
    expect(texts?.secrecy).toMatch(
      /^Treat the secret like a password\..*screenshots, support tickets, or public channels\.$/,
    );
    expect(texts?.reveal).toMatch(/delete the key and create a new one/);
    const again = await admin.tryCreate({ name: 'CI', scopes: ['agent'], commandId });
    expect(again).toMatchObject({ __typename: 'SecretAlreadyRevealed', key: { keyId } });
    const shown = [again, await admin.key(keyId, position), await admin.keys(), await admin.api.history(keyId)];
    for (const answer of shown) {
      expect(JSON.stringify(answer)).toContain(secret.slice(-4));
      expect(JSON.stringify(answer)).not.toContain(secret.slice(-8));
      expect(JSON.stringify(answer)).not.toContain(secret.slice(0, 11));
    }
  });
}
