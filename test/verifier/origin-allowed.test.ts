// GET /v1/origin-allowed behind a port: the answers' shapes, what is refused, and freshness.
import { describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { start } from './http-support.ts';

const APP = 'https://app.example.com';
const OPEN = { id: 'open', label: 'Open', prefix: 'open', public: true, unrestricted: 'NEVER' } as const;

async function given(data: Parameters<typeof start>[0] = {}, options: Parameters<typeof start>[1] = {}) {
  const of = await start({ type: 'open', origins: [APP], ...data }, options);
  const profile = { ...DEFAULT_PROFILE, types: [...DEFAULT_PROFILE.types, OPEN] };
  await of.log.append([of.writer.keyspace(profile, 2)]);
  await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
  const ask = (query: string, headers: Record<string, string> = {}, method = 'GET') =>
    of.send({ method, path: `/v1/origin-allowed${query}`, headers });
  const asked = (origin: string, keyspace = 'default') =>
    ask(`?${new URLSearchParams({ keyspace, origin }).toString()}`);
  return { ...of, ask, asked };
}

describe('OPTIONS /v1/origin-allowed/{keyspace}, a preflight that a gateway hands on', () => {
  const ASKED = { origin: APP, 'access-control-request-method': 'PATCH' };
  const token = 'a-token-that-nobody-guesses-0123456789';
  const preflight = (of: Awaited<ReturnType<typeof given>>, headers: object = {}, path = '/default?x=1') =>
    of.ask(path, { ...ASKED, ...headers }, 'OPTIONS');

  test('is answered with the CORS headers that it asks for, or 403 without any', async () => {
    const of = await given();
    const { status, headers, text } = await preflight(of, {
      'access-control-request-headers': 'x-api-key, content-type',
    });
    expect([status, text]).toEqual([204, '']);
    expect(headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'PATCH',
      'access-control-allow-headers': 'x-api-key, content-type',
      'access-control-max-age': '600',
      'cache-control': 'no-store',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    });
    expect((await preflight(of)).headers).not.toHaveProperty('access-control-allow-headers');
    for (const [more, path] of [
      [{ origin: 'https://evil.example' }],
      [{ origin: 'null' }],
      [{}, '/nobodys'],
    ] as const) {
      const refused = await preflight(of, more, path);
      expect([refused.status, refused.body.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
      expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
      expect(refused.headers.vary).toContain('Origin');
    }
  });

  test('is refused without what makes it one, and repeats nothing that is no token', async () => {
    const of = await given();
    const none = await of.ask('/default', { origin: APP }, 'OPTIONS');
    expect([none.status, none.body.code]).toEqual([400, 'INVALID_INPUT']);
    expect((await of.ask('/default', { 'access-control-request-method': 'GET' }, 'OPTIONS')).status).toBe(400);
    for (const method of ['', 'GET POST', 'GET"', 'a'.repeat(1025)])
      expect((await preflight(of, { 'access-control-request-method': method })).status, method).toBe(400);
    for (const asked of ['a b', 'a;b', '"', 'a'.repeat(1025)]) {
      const answer = await preflight(of, { 'access-control-request-headers': asked });
      expect(answer.status).toBe(204);
      expect(answer.headers).not.toHaveProperty('access-control-allow-headers');
    }
    expect((await preflight(of, {}, `/${'x'.repeat(65)}`)).status).toBe(400);
    expect((await of.ask('/default', ASKED, 'GET')).status).toBe(404);
  });

  test('needs the token in the header that gateways send it in', async () => {
    const of = await given({}, { token });
    for (const headers of [{}, { authorization: `Bearer ${token}` }]) {
      const { status, body, headers: told } = await preflight(of, headers);
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
      expect(told).not.toHaveProperty('www-authenticate');
    }
    expect((await preflight(of, { 'x-keyfold-verifier-token': token })).status).toBe(204);
  });

  test('protocol L4: past MAX_STALENESS_MS it is STALE, and allows nothing', async () => {
    const of = await given();
    of.log.setDown(true);
    of.clock.monotonic += 60_000;
    const answer = await preflight(of);
    expect([answer.status, answer.body.code]).toEqual([503, 'STALE']);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('GET /v1/origin-allowed', () => {
  test('says whether an active public key works from an origin, and as of when', async () => {
    const of = await given();
    const { status, headers, body } = await of.ask(`?keyspace=default&origin=${APP}`, { 'x-request-id': 'call-7' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(body).toEqual({ allowed: true, asOf: expect.any(String) as string, requestId: 'call-7' });
    expect(Math.abs(Date.parse(body.asOf as string) - Date.now())).toBeLessThan(10_000);
    expect((await of.asked('https://evil.example')).body).toMatchObject({ allowed: false });
    expect((await of.asked('null')).body).toMatchObject({ allowed: false });
    expect(await of.asked(APP, 'nobodys')).toMatchObject({ status: 200, body: { allowed: false } });
    await of.log.append([of.writer.event(of.keyId, 'KeyRevoked', { reason: null })]);
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    expect((await of.asked(APP)).body).toMatchObject({ allowed: false });
  });

  test('400 says which member and why, and quotes nothing', async () => {
    const of = await given();
    const cases = [
      ['', ['keyspace'], 'keyspace: must be given'],
      ['?keyspace=default', ['origin'], 'origin: must be given'],
      ['?origin=CANARY', ['keyspace'], 'keyspace: must be given'],
      ['?keyspace=default&origin=CANARY&origin=CANARY', ['origin'], 'origin: must not be given twice'],
      ['?keyspace=default&origin=a&key=CANARY', ['query'], 'query: must have no members but keyspace, origin'],
      ['?keyspace=default&origin=a&CANARY=1', ['query'], 'query: must have no members but keyspace, origin'],
      [`?keyspace=default&origin=${'x'.repeat(2049)}`, ['origin'], 'origin: must have at most 2048 characters'],
      [`?keyspace=${'x'.repeat(65)}&origin=a`, ['keyspace'], 'keyspace: must have at most 64 characters'],
    ] as const;
    for (const [query, path, message] of cases) {
      const answer = await of.ask(query);
      expect([answer.status, answer.body], query).toMatchObject([400, { code: 'INVALID_INPUT', path, message }]);
      expect(answer.text).not.toContain('CANARY');
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  test('401 without the token, 405 for all but GET, 404 beside it', async () => {
    const token = 'a-token-that-nobody-guesses-0123456789';
    const of = await given({}, { token });
    const query = `?keyspace=default&origin=${APP}`;
    const refused = await of.ask(query);
    expect(refused).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    const headers = { authorization: `Bearer ${token}` };
    expect((await of.ask(query, headers)).body).toMatchObject({ allowed: true });
    for (const method of ['POST', 'PUT', 'OPTIONS', 'DELETE'])
      expect(await of.ask(query, headers, method)).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect((await of.ask(`/${query}`, headers)).status).toBe(404);
  });

  test('protocol L4: past MAX_STALENESS_MS it is STALE, for every origin and keyspace', async () => {
    const of = await given();
    of.log.setDown(true);
    of.clock.monotonic += 60_000;
    for (const keyspace of ['default', 'nobodys']) {
      const answer = await of.asked(APP, keyspace);
      expect(answer).toMatchObject({ status: 503, body: { code: 'STALE' } });
      expect(answer.body).not.toHaveProperty('allowed');
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    }
  });

  test('protocol L11: a key that expires stops to count by itself', async () => {
    const of = await given({ expiresAt: new Date(Date.now() + 30_000).toISOString() });
    expect((await of.asked(APP)).body).toMatchObject({ allowed: true });
    of.clock.wall += 30_001;
    expect((await of.asked(APP)).body).toMatchObject({ allowed: false });
    of.clock.wall = 0;
    expect((await of.asked(APP)).body).toMatchObject({ allowed: false });
  });
});
