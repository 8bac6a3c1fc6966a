// Ayra A1–A6: environments, preview, scopes, presets, expiry, and the list of keys.
import { expect, test, vi } from 'vitest';
import { BY_ITSELF, inFuture } from '../../e2e/life/started.ts';
import type { Product } from '../harness.ts';
import { advice, APP, authorization, inDays, randomOf } from './common.ts';

const SCOPES = [
  'agents:read',
  'conversations:read',
  'contacts:read',
  'analytics:read',
  'agents:write',
  'conversations:write',
  'contacts:write',
  'workflows:write',
  'admin:full',
];

export function settings(product: () => Product): void {
  test('ayra A1: a key is live or test, chosen at creation and told by its prefix, and refused in the other environment', async () => {
    const { code, forward, place } = product();
    const { admin } = await place();
    const keyspace = await admin.keyspace();
    expect(keyspace).toMatchObject({
      environments: ['live', 'test'],
      credential: { headers: [{ name: 'Authorization', bearer: true }], prefixes: ['sk_live_', 'sk_test_'] },
    });
    expect(keyspace?.fields.find(({ id }) => id === 'environment')).toMatchObject({
      required: true,
      edit: 'FORBIDDEN',
      options: [
        { value: 'live', label: 'Live' },
        { value: 'test', label: 'Test' },
      ],
    });
    for (const environment of [undefined, 'staging'])
      expect(await admin.tryCreate({ ...APP, environment })).toMatchObject({
        __typename: 'InvalidInput',
        path: ['environment'],
      });

    for (const [mine, other] of [
      ['live', 'test'],
      ['test', 'live'],
    ] as const) {
      const { key, secret, position: after } = await admin.create({ ...APP, environment: mine });
      expect(key.environment).toBe(mine);
      expect(secret).toMatch(new RegExp(`^sk_${mine}_[0-9A-Za-z]{36}$`));
      expect(await code(secret, after, { environment: mine })).toBe('VALID');
      expect(await code(secret, after, { environment: other })).toBe('WRONG_ENVIRONMENT');

      const headers = authorization(secret);
      const passed = await forward({ headers, after, query: `environment=${mine}` });
      expect([passed.status, passed.headers.get('x-keyfold-environment')]).toEqual([200, mine]);
      expect(await forward({ headers, after, query: `environment=${other}` })).toMatchObject({
        status: 403,
        code: 'WRONG_ENVIRONMENT',
      });
    }
  });

  test('ayra A2: of a key the first 6 random characters and the last 4 stay readable, and no others', async () => {
    const { place } = product();
    const { admin } = await place();
    for (const environment of ['live', 'test']) {
      const { key, keyId, secret, position } = await admin.create({ ...APP, environment });
      const random = randomOf(secret);
      const preview = `sk_${environment}_${random.slice(0, 6)}...${random.slice(-4)}`;
      expect(key.preview).toBe(preview);
      const told = JSON.stringify([
        key,
        await admin.key(keyId, position),
        await admin.keys({}, position),
        await admin.api.history(keyId, position),
      ]);
      expect(told).toContain(preview);
      expect(told).not.toContain(random.slice(0, 7));
      expect(told).not.toContain(random.slice(-5));

      const renewed = await admin.regenerate(keyId);
      const next = randomOf(renewed.secret);
      expect(renewed.key.preview).toBe(`sk_${environment}_${next.slice(0, 6)}...${next.slice(-4)}`);
    }
  });

  test('ayra A3: nine scopes, each for itself, write without read; admin:full is everything, future scopes too', async () => {
    const { code, place } = product();
    const { admin } = await place();
    const permissions = (await admin.keyspace())?.permissions;
    expect(permissions?.scopes.map(({ id }) => id)).toEqual(SCOPES);
    expect(permissions?.scopes.map(({ description }) => description)).toEqual([
      'View agent configurations and list agents',
      'Access conversation data and transcripts',
      'View contact records',
      'Access analytics and reporting data',
      'Create, update, and delete agents',
      'Create or modify conversation records',
      'Create, update, and delete contacts',
      'Create and trigger workflows',
      'Complete access to all API capabilities',
    ]);
    expect(permissions).toMatchObject({
      model: 'RESOURCE_ACTION',
      implications: [],
      superScopes: ['admin:full'],
      unrestrictedAllowed: false,
    });

    const future = 'billing:write';
    for (const scope of SCOPES) {
      const { secret, position } = await admin.create({ ...APP, scopes: [scope] });
      for (const needed of [...SCOPES, future]) {
        const expected = scope === needed || scope === 'admin:full' ? 'VALID' : 'INSUFFICIENT_SCOPE';
        expect(await code(secret, position, { scopes: [needed] }), `${scope} for ${needed}`).toBe(expected);
      }
    }
    const { secret, position } = await admin.create({ ...APP, scopes: ['contacts:read', 'contacts:write'] });
    expect(await code(secret, position, { scopes: ['contacts:read', 'contacts:write'] })).toBe('VALID');
    expect(await code(secret, position, { permission: 'contacts:read and (agents:read or contacts:write)' })).toBe(
      'VALID',
    );
    expect(await code(secret, position, { scopes: ['contacts:read', 'agents:read'] })).toBe('INSUFFICIENT_SCOPE');

    expect(await admin.tryCreate({ ...APP, scopes: ['agents:read', future] })).toMatchObject({
      __typename: 'InvalidInput',
      path: ['scopes', '1'],
    });
    expect(await admin.tryCreate({ ...APP, unrestricted: true })).toMatchObject({
      __typename: 'InvalidInput',
      path: ['unrestricted'],
    });
  });

  test("ayra A4: presets for a read-only dashboard, a contact creator and a developer's testing key", async () => {
    const { code, place } = product();
    const { admin } = await place();
    const presets = (await admin.keyspace())?.permissions.presets ?? [];
    expect(presets).toEqual([
      {
        ...{ label: 'Read-only dashboard', scopes: ['analytics:read', 'conversations:read'] },
        description: 'For a read-only analytics dashboard',
      },
      {
        ...{ label: 'Contact creator', scopes: ['contacts:write', 'contacts:read'] },
        description: "For an integration that creates contacts but doesn't modify agents",
      },
      {
        ...{ label: "Developer's testing key", scopes: ['admin:full'] },
        description: "For a developer's testing key with full access",
      },
    ]);
    for (const { label, scopes } of presets) {
      const { key, secret, position } = await admin.create({ name: label, environment: 'test', scopes });
      expect(key.scopes).toEqual(scopes);
      const granted = [];
      for (const scope of SCOPES)
        if ((await code(secret, position, { scopes: [scope] })) === 'VALID') granted.push(scope);
      expect(new Set(granted)).toEqual(new Set(scopes.includes('admin:full') ? SCOPES : scopes));
    }
  });

  test('ayra A5: a key may expire, with guidance by how long it lives, and stops by itself', async () => {
    const { code, forward, place } = product();
    const { admin } = await place();
    const expiry = (await admin.keyspace())?.expiry;
    expect(expiry).toMatchObject({ required: false, presetDays: [30, 90, 365], custom: true, maxLifetimeDays: null });
    expect(expiry?.bands.map(({ upToDays }) => upToDays)).toEqual([30, 90, 365, null]);
    const [short, medium, long, longer] = expiry?.bands.map(({ text }) => text) ?? [];
    expect(longer).toMatch(/discouraged/i);
    expect(expiry?.bands.map(({ title }) => title)).toEqual([
      'Short-Term Keys (1-30 days)',
      'Medium-Term Keys (30-90 days)',
      'Long-Term Keys (90-365 days)',
      'No Expiration, or longer than a year',
    ]);
    expect(short).toMatch(/contractors or vendors, proof-of-concept integrations, demo or testing purposes/);
    expect(medium).toMatch(/planned quarterly rotation/);
    expect(long).toMatch(/robust key rotation automation/);

    // Half a day beyond an edge lies behind it on every clock.
    const lives = [
      [1, short],
      [30, short],
      [31.5, medium],
      [90, medium],
      [91.5, long],
      [365, long],
      [366.5, longer],
      [3650, longer],
    ] as const;
    for (const [days, guidance] of lives) {
      const expiresAt = inDays(days);
      const made = await admin.create({ ...APP, expiresAt });
      expect(advice(made, 'EXPIRY_BAND'), `${days} days`).toEqual([guidance]);
      expect(made.key.expiresAt).toBe(expiresAt);
    }
    for (const expiresAt of [null, undefined]) {
      const never = await admin.create({ ...APP, expiresAt });
      expect(advice(never, 'EXPIRY_BAND')).toEqual([longer]);
      expect(never.key.expiresAt).toBeNull();
    }

    // On a slow machine the moment may be over before it is decided on: then it is refused, and asked for again.
    const { secret, keyId, position } = await vi.waitFor(
      () => admin.create({ ...APP, expiresAt: inFuture(1500) }),
      BY_ITSELF,
    );
    await vi.waitFor(async () => expect(await code(secret, position)).toBe('EXPIRED'), BY_ITSELF);
    expect(await admin.key(keyId)).toMatchObject({ status: 'EXPIRED' });
    const refused = await forward({ headers: authorization(secret), after: position });
    expect(refused).toMatchObject({ status: 401, code: 'EXPIRED', body: { code: 'authentication_error' } });
    await vi.waitFor(
      async () => expect((await admin.api.history(keyId)).map(({ type }) => type)).toContain('KEY_EXPIRED'),
      BY_ITSELF,
    );
  });

  test('ayra A5: reminders come before a key expires', async () => {
    const { place } = product();
    const { admin, stranger } = await place();
    // Its last day begins in a few seconds. On a slow machine it may have begun before the key is made: then there is none.
    const expiresAt = inDays(1 + 8 / 86_400);
    const { keyId } = await admin.create({ ...APP, expiresAt });
    const reminder = await vi.waitFor(async () => {
      const found = (await admin.api.history(keyId)).filter(({ type }) => type !== 'KEY_CREATED');
      expect(found).toHaveLength(1);
      return found[0];
    }, BY_ITSELF);
    expect(reminder).toMatchObject({
      type: 'KEY_EXPIRING',
      time: new Date(Date.parse(expiresAt) - 86_400_000).toISOString(),
      data: { keyspace: 'ayra', expiresAt, days: 1 },
      ...{ version: null, actor: null, commandId: null, requestId: null, ip: null, hash: null, prev: null },
    });
    expect(await admin.key(keyId)).toMatchObject({ status: 'ACTIVE', version: 1 });
    expect(await stranger.key(keyId)).toBeNull();
  });

  test('ayra A6: the list shows name, key, environment, scopes, creation, expiry, last use and status', async () => {
    const { place } = product();
    const { admin, viewer } = await place();
    const keyspace = await viewer.keyspace();
    expect(keyspace?.columns).toMatchObject([
      { label: 'Name', id: 'name' },
      { label: 'Key', id: 'preview' },
      { label: 'Environment', id: 'environment' },
      { label: 'Scopes', id: 'scopes', format: 'chips' },
      { label: 'Created', id: 'createdAt', format: 'date' },
      { label: 'Expires', id: 'expiresAt', format: 'date' },
      { label: 'Last Used', id: 'lastSeenAt', format: 'relative' },
      { label: 'Status', id: 'status', format: 'status' },
    ]);
    expect(keyspace?.columns).toHaveLength(8);
    expect(keyspace?.labels.statuses).toEqual(
      expect.arrayContaining([
        { status: 'ACTIVE', label: 'Active' },
        { status: 'EXPIRED', label: 'Expired' },
        { status: 'REVOKED', label: 'Revoked' },
      ]),
    );

    const scopes = ['agents:read', 'agents:write', 'conversations:read'];
    const expiresAt = inDays(90);
    const before = Date.now();
    const { keyId, secret, position } = await admin.create({ ...APP, scopes, expiresAt });
    const row = (await viewer.keys({}, position)).find((key) => key.keyId === keyId);
    expect(row).toMatchObject({
      name: 'Production Web App',
      preview: `${secret.slice(0, 14)}...${secret.slice(-4)}`,
      environment: 'live',
      scopes,
      expiresAt,
      status: 'ACTIVE',
    });
    expect(Date.parse(row?.createdAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(row?.createdAt ?? '')).toBeLessThanOrEqual(Date.now());
  });
}
