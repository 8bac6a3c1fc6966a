// Dagen D1–D4: where a key belongs and is sent, its scopes, its rate limit and its end.
import { expect, test } from 'vitest';
import { MUTATIONS } from '../../support/api.ts';
import type { Product } from '../harness.ts';
import { DRAFT, fieldOf, GATEWAYS } from './common.ts';

const DAY_MS = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** What came of it, if it is still the day that it was asked on: else it is asked again. */
async function onOneDay<T>(ask: (today: string) => Promise<T>): Promise<T> {
  for (;;) {
    const today = dayOf(Date.now());
    const answer = await ask(today);
    if (dayOf(Date.now()) === today) return answer;
  }
}

export function settings(product: () => Product): void {
  test('dagen D1: a key is dg_ and random text, sent in X-API-Key, and belongs to the workspace that it was made in alone', async () => {
    const [here, there] = [await product().place(), await product().place()];
    const mine = await here.admin.create(DRAFT);
    const theirs = await there.admin.create(DRAFT);
    expect(mine.secret).toMatch(/^dg_[0-9A-Za-z]{36}$/);
    expect((await here.admin.keyspace())?.credential).toMatchObject({
      headers: [{ name: 'X-API-Key', bearer: false }],
      prefixes: ['dg_'],
    });
    const after = theirs.position;
    for (const gateway of GATEWAYS) {
      for (const [{ workspaceId }, { secret, keyId }] of [[here, mine] as const, [there, theirs] as const]) {
        const { status, headers } = await product().forward({ gateway, after, headers: { 'X-API-Key': secret } });
        expect([status, headers.get('x-keyfold-workspace'), headers.get('x-keyfold-key-id')]).toEqual([
          ...[200, workspaceId, keyId],
        ]);
      }
      for (const headers of [{ authorization: `Bearer ${mine.secret}` }, { 'api-key': mine.secret }]) {
        const { status, code, body } = await product().forward({ gateway, after, headers });
        expect([status, code, body.message]).toEqual([401, 'MALFORMED', 'send the key once, as X-API-Key: <key>']);
      }
    }
    expect(await product().verify(mine.secret, after)).toMatchObject({ workspaceId: here.workspaceId });
    expect(await product().code(mine.secret, after, { keyspace: 'default' })).toBe('WRONG_KEYSPACE');
    expect(await there.admin.key(mine.keyId, after)).toBeNull();
    expect((await there.admin.keys({}, after)).map(({ keyId }) => keyId)).toEqual([theirs.keyId]);
    for (const name of ['disableKey', 'regenerateKey', 'deleteKey'] as const)
      expect(await there.admin.attempt(name, mine.keyId)).toMatchObject({ __typename: 'NotFound' });
    expect(await here.stranger.tryCreate(DRAFT)).toMatchObject({ __typename: 'NotFound' });
  });

  test('dagen D2: a key has Agents, Workflows or both; one for workflows alone is refused for agents', async () => {
    const { admin } = await product().place();
    expect((await admin.keyspace())?.permissions).toMatchObject({
      scopes: [
        { id: 'agents', label: 'Agents', tone: 'blue' },
        { id: 'workflows', label: 'Workflows', tone: 'purple' },
      ],
      ...{ model: 'FLAT', minimum: 1, unrestrictedAllowed: false, implications: [], superScopes: [] },
    });
    const expected = [
      [['agents'], 'VALID', 'INSUFFICIENT_SCOPE'],
      [['workflows'], 'INSUFFICIENT_SCOPE', 'VALID'],
      [['agents', 'workflows'], 'VALID', 'VALID'],
    ] as const;
    for (const [scopes, agents, workflows] of expected) {
      const { secret, position } = await admin.create({ name: 'Zapier', scopes });
      expect(await product().code(secret, position, { scopes: ['agents'] })).toBe(agents);
      expect(await product().code(secret, position, { scopes: ['workflows'] })).toBe(workflows);
      const headers = { 'X-API-Key': secret };
      const { status, code } = await product().forward({ headers, after: position, query: 'scope=agents' });
      expect([status, code]).toEqual([agents === 'VALID' ? 200 : 403, agents]);
    }
    for (const [input, path] of [
      [{ scopes: [] }, ['scopes']],
      [{ scopes: ['agents', 'jobs'] }, ['scopes', '1']],
      [{ unrestricted: true }, ['unrestricted']],
    ] as const)
      expect(await admin.tryCreate({ name: 'n8n', ...input })).toMatchObject({ __typename: 'InvalidInput', path });
  });

  test('dagen D3: a key has a rate limit of 1 to 600 a minute, 60 unless another is given', async () => {
    const { admin } = await product().place();
    expect((await admin.keyspace())?.rateLimit).toEqual({ min: 1, max: 600, default: 60, windowSeconds: 60 });
    expect(await fieldOf(admin, 'rateLimit')).toMatchObject({
      ...{ kind: 'RATE_LIMIT', default: { limit: 60, windowSeconds: 60 }, edit: 'IN_PLACE' },
      rules: { properties: { limit: { type: 'integer', minimum: 1, maximum: 600 } } },
    });
    const perMinute = (limit: number) => ({ limit, windowSeconds: 60 });
    for (const [rateLimit, limit] of [
      [undefined, 60],
      [null, 60],
      [{ limit: 1 }, 1],
      [{ limit: 600 }, 600],
      [perMinute(250), 250],
    ] as const) {
      const { key } = await admin.create({ ...DRAFT, rateLimit });
      expect(key.rateLimit).toEqual(perMinute(limit));
    }
    const { keyId, secret } = await admin.create(DRAFT);
    const raised = await admin.change('changeRestrictions', keyId, { rateLimit: { limit: 600 } });
    expect(raised.key).toMatchObject({ keyId, rateLimit: perMinute(600) });
    expect(await product().code(secret, raised.position)).toBe('VALID');
    const cleared = await admin.change('changeRestrictions', keyId, { rateLimit: null });
    expect(cleared.key.rateLimit).toEqual(perMinute(60));

    for (const [rateLimit, member] of [
      [{ limit: 0 }, 'limit'],
      [{ limit: -1 }, 'limit'],
      [{ limit: 601 }, 'limit'],
      [{ limit: 60, windowSeconds: 1 }, 'windowSeconds'],
    ] as const) {
      const refusal = { __typename: 'InvalidInput', path: ['rateLimit', member] };
      expect(await admin.tryCreate({ ...DRAFT, rateLimit })).toMatchObject(refusal);
      expect(await admin.attempt('changeRestrictions', keyId, { rateLimit })).toMatchObject(refusal);
    }
    const { workspaceId } = cleared.key;
    const input = { workspaceId, keyspace: 'dagen', ...DRAFT, rateLimit: { limit: 1.5 } };
    const { status, errors } = await admin.api.post(MUTATIONS.createKey, { input });
    expect([status, errors[0]?.extensions?.code]).toEqual([400, 'BAD_USER_INPUT']);
  });

  test('dagen D3: no more calls pass in a minute than the limit says, whichever verifier is asked and whatever secret', async () => {
    const { admin } = await product().place();
    const made = await admin.create({ ...DRAFT, rateLimit: { limit: 12 } });
    const { verifiers } = product().system;
    const call = async (secret: string, number: number) => {
      const verifier = verifiers[number % verifiers.length];
      return verifier?.verify(secret, { keyspace: 'dagen', atLeast: made.position });
    };
    const passed = async (secret: string, calls: number): Promise<number> => {
      const answers = await Promise.all(Array.from({ length: calls }, (_, number) => call(secret, number)));
      return answers.filter((answer) => answer?.code === 'VALID').length;
    };
    expect(await passed(made.secret, 5)).toBe(5);
    const renewed = await admin.regenerate(made.keyId);
    expect(await product().code(renewed.secret, renewed.position, { scopes: ['jobs'] })).toBe('INSUFFICIENT_SCOPE');
    expect(await passed(renewed.secret, 40)).toBe(7);
    for (const gateway of GATEWAYS) {
      const headers = { 'X-API-Key': renewed.secret };
      const { status, code, headers: told } = await product().forward({ gateway, after: renewed.position, headers });
      expect([status, code]).toEqual([gateway === 'nginx' ? 403 : 429, 'RATE_LIMITED']);
      expect(told.get('ratelimit-policy')).toBe('"default";q=12;w=60');
      expect(Number(told.get('retry-after'))).toBeGreaterThan(0);
    }
    const raised = await admin.change('changeRestrictions', made.keyId, { rateLimit: { limit: 600 } });
    expect(await product().code(renewed.secret, raised.position)).toBe('VALID');
  });

  test('dagen D4: a key expires if it is wanted so, and on a day after today', async () => {
    const { admin } = await product().place();
    expect(await fieldOf(admin, 'expiresAt')).toMatchObject({ label: 'Expiration', required: false });
    expect((await admin.keyspace())?.expiry).toMatchObject({ afterToday: true, required: false, timeZone: 'UTC' });
    const { key, keyId } = await admin.create(DRAFT);
    expect(key.expiresAt).toBeNull();

    const [late, early] = await onOneDay(async (today) => {
      const midnight = Date.parse(`${today}T00:00:00.000Z`) + DAY_MS;
      const expiring = (ms: number) => ({ expiresAt: new Date(midnight + ms).toISOString() });
      return [
        [
          await admin.tryCreate({ ...DRAFT, ...expiring(-1) }),
          await admin.attempt('changeExpiry', keyId, expiring(-1)),
        ],
        [await admin.tryCreate({ ...DRAFT, ...expiring(0) }), await admin.attempt('changeExpiry', keyId, expiring(0))],
      ] as const;
    });
    for (const answer of late)
      expect(answer).toMatchObject({
        ...{ __typename: 'InvalidInput', path: ['expiresAt'] },
        message: expect.stringContaining('must lie after today (UTC)') as unknown,
      });
    for (const { __typename, key: made } of early) {
      expect(__typename).toMatch(/Payload$/);
      expect(made?.expiresAt).toMatch(/T00:00:00\.000Z$/);
    }
    const { position } = await admin.change('changeExpiry', keyId, { expiresAt: null });
    expect((await admin.key(keyId, position))?.expiresAt).toBeNull();
  });
}
