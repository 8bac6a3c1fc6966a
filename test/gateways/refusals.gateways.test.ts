// What nginx and Caddy refuse, as docs/gateways/ configures them, and what their clients are told: what the verifier says,
// by the keyspace's error map, though nginx itself hands on two statuses and no body.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change } from '../support/keys.ts';
import { newClient, RUN, type Asked, type RunningGateway } from './gateways.ts';
import { madeUp, startInstallation, type Installation } from './installation.ts';

let of: Installation;
beforeAll(async () => {
  of = await startInstallation();
});
afterAll(() => of.stop());

describe.each(RUN)('%s', (name) => {
  let gateway: RunningGateway;
  beforeAll(() => {
    gateway = of.gateways[name];
  });
  const refused = async (asked: Asked) => {
    const before = of.upstream.count();
    const given = await gateway.ask(asked);
    expect([given.seen, of.upstream.count()]).toEqual([null, before]);
    expect(given.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(Object.keys(given.headers).filter((header) => /^x-keyfold-(?!code$)/.test(header))).toEqual([]);
    return given;
  };

  /** Of all codes that a check ends with: what the client is told. */
  async function told(asked: Asked, code: string, status: number, body: object = {}): Promise<void> {
    const given = await refused(asked);
    expect([given.status, given.headers['x-keyfold-code']], code).toEqual([status, code]);
    const requestId = given.headers['x-request-id'];
    expect(requestId).toMatch(/^[\w.-]{16,64}$/);
    expect(given.body).toEqual({ code, message: expect.any(String) as string, requestId, ...body });
    expect('www-authenticate' in given.headers).toBe(status === 401);
  }
  const orders = (secret: string, more: Partial<Asked> = {}): Asked => ({
    ...{ path: '/orders/1', ...more },
    headers: { 'X-API-Key': secret, ...more.headers },
  });

  test('MALFORMED: no key, junk, and a key in the wrong place', async () => {
    const { secret } = await of.key();
    const advice = 'send the key once, as Authorization: Bearer <key> or X-API-Key: <key>';
    await told({ path: '/orders/1' }, 'MALFORMED', 401, { message: advice });
    await told(orders('junk'), 'MALFORMED', 401, { message: advice });
    await told({ path: '/orders/1', headers: { 'Api-Key': secret } }, 'MALFORMED', 401);
    await told(orders(secret, { path: `/orders/1?key=${secret}` }), 'MALFORMED', 401);
    const given = await refused({ path: '/orders/1' });
    expect(given.headers['www-authenticate']).toBe('Bearer realm="default"');
    const agent = await refused({ path: '/api/v1/agent/chat' });
    expect(agent.headers['www-authenticate']).toBe('ApiKey realm="dagen", header="X-API-Key"');
  });

  test('MALFORMED: two credentials, one that is too long, and one that is no ASCII', async () => {
    const { secret } = await of.key();
    const twice: Asked['headers'][] = [
      { 'X-API-Key': [secret, secret] },
      { 'X-API-Key': secret, Authorization: `Bearer ${secret}` },
      { 'X-API-Key': secret, Authorization: 'Basic abc' },
      { 'X-API-Key': `${secret}, ${secret}` },
      { 'X-API-Key': `${'x'.repeat(300)}_${secret}` },
      { 'X-API-Key': 'x'.repeat(4000) },
      { 'X-API-Key': `ü${secret}` },
    ];
    for (const headers of twice) await told({ path: '/orders/1', headers: headers ?? {} }, 'MALFORMED', 401);
    const flood = await gateway.ask(orders('x'.repeat(2_000_000))).catch(() => null);
    expect(flood === null || flood.status >= 400).toBe(true);
  });

  test('NOT_FOUND: a key that was never made, a deleted one and a retired secret', async () => {
    await told(orders(madeUp('kf')), 'NOT_FOUND', 401);
    const deleted = await of.key();
    await of.seen((await change(of.api, 'deleteKey', deleted.keyId)).position);
    await told(orders(deleted.secret), 'NOT_FOUND', 401);
    const rotated = await of.key();
    await of.seen((await change(of.api, 'regenerateKey', rotated.keyId)).position);
    await told(orders(rotated.secret), 'NOT_FOUND', 401);
  });

  test('REVOKED, DISABLED and EXPIRED', async () => {
    const revoked = await of.key();
    await of.seen((await change(of.api, 'revokeKey', revoked.keyId)).position);
    await told(orders(revoked.secret), 'REVOKED', 401);
    const disabled = await of.key();
    await of.seen((await change(of.api, 'disableKey', disabled.keyId)).position);
    await told(orders(disabled.secret), 'DISABLED', 403);
    await of.seen((await change(of.api, 'enableKey', disabled.keyId)).position);
    expect((await gateway.ask(orders(disabled.secret))).status).toBe(200);
    const expiresAt = new Date(Date.now() + 1500).toISOString();
    const short = await of.key({ expiresAt });
    while (Date.now() < Date.parse(expiresAt)) await pause(Date.parse(expiresAt) - Date.now());
    await told(orders(short.secret), 'EXPIRED', 401);
  });

  test('INSUFFICIENT_SCOPE by the method that the client used, whatever it says of it', async () => {
    const { secret } = await of.key({ scopes: ['orders:read'] });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
      await told(orders(secret, { method }), 'INSUFFICIENT_SCOPE', 403);
    const headers = { 'X-HTTP-Method-Override': 'GET', 'X-Forwarded-Method': 'GET', 'X-Original-Method': 'GET' };
    await told(orders(secret, { method: 'POST', headers }), 'INSUFFICIENT_SCOPE', 403);
    for (const method of ['GET', 'HEAD']) expect((await gateway.ask(orders(secret, { method }))).status).toBe(200);
  });

  test('WRONG_KEYSPACE and WRONG_ENVIRONMENT', async () => {
    const other = await of.key({ keyspace: 'dagen', scopes: ['agents'] });
    await told(orders(other.secret), 'WRONG_KEYSPACE', 403);
    const testing = await of.key({ keyspace: 'ayra', scopes: ['conversations:read'], environment: 'test' });
    const headers = { Authorization: `Bearer ${testing.secret}` };
    await told({ path: '/conversations/1', headers }, 'WRONG_ENVIRONMENT', 403);
  });

  test('IP_NOT_ALLOWED and ORIGIN_NOT_ALLOWED', async () => {
    const bound = await of.key({ ipRanges: ['127.200.0.0/16'] });
    await told(orders(bound.secret), 'IP_NOT_ALLOWED', 403);
    const web = await of.key({ origins: ['https://app.example.com'] });
    await told(orders(web.secret), 'ORIGIN_NOT_ALLOWED', 403);
    for (const origin of ['https://evil.example', 'null', ''])
      await told(orders(web.secret, { headers: { origin } }), 'ORIGIN_NOT_ALLOWED', 403);
    const origin = 'https://app.example.com';
    expect((await gateway.ask(orders(web.secret, { headers: { origin } }))).status).toBe(200);
  });

  test('RESOURCE_NOT_ALLOWED, by the resource in the path', async () => {
    const some = { scopes: ['agent'], resources: { ids: ['one'] } };
    const { secret } = await of.key({ keyspace: 'dronahq', ...some });
    const headers = { 'api-key': secret };
    expect((await gateway.ask({ path: '/agents/one/talk', headers })).status).toBe(200);
    await told({ path: '/agents/two/talk', headers }, 'RESOURCE_NOT_ALLOWED', 403);
    for (const id of ['one%26resource=agent:one', 'one&scope=agent', 'o%6ee', 'one two', 'x'.repeat(65)]) {
      const given = await gateway.ask({ path: `/agents/${encodeURI(id)}/talk`, headers });
      expect([given.status === 200 && id !== 'o%6ee', given.seen?.url ?? null], id).toEqual([false, null]);
    }
  });

  test('an error map is told as it stands: its status, code and message', async () => {
    const dagen = await of.key({ keyspace: 'dagen', scopes: ['agents'] });
    await of.seen((await change(of.api, 'disableKey', dagen.keyId)).position);
    const message = 'this key is inactive';
    await told({ path: '/api/v1/agent/', headers: { 'X-API-Key': dagen.secret } }, 'DISABLED', 403, { message });
    const ayra = { path: '/conversations/1', headers: { Authorization: `Bearer ${madeUp('sk_live')}` } };
    await told(ayra, 'NOT_FOUND', 401, { code: 'authentication_error', message: 'This API key is not valid.' });
  });

  test('a body of an error map, letters beyond ASCII too, and statuses that nginx itself cannot hand on', async () => {
    const source = (errors: object) =>
      JSON.stringify({
        ...{ slug: 'default', name: 'Default', types: [{ id: 'secret', label: 'Secret key', prefix: 'kf' }] },
        ...{ permissions: { freeForm: true }, resources: { noun: 'Resource' }, errors },
      });
    const { secret } = await of.key();
    const body = { error: { message: 'Schlüssel gesperrt — "漢字" 💥\u2028\u007f', list: [1, null] } };
    for (const status of [400, 402, 404, 429, 503]) {
      const errors = { INSUFFICIENT_SCOPE: { status, body } };
      const defined = await of.api.settle('defineKeyspace', { source: source(errors) });
      await of.seen(defined.position ?? '');
      const given = await refused(orders(secret, { method: 'POST' }));
      expect([given.status, given.body, given.headers['x-keyfold-code']]).toEqual([status, body, 'INSUFFICIENT_SCOPE']);
    }
    const plain = await of.api.settle('defineKeyspace', { source: source({}) });
    await of.seen(plain.position ?? '');
  });

  test('a path with more than one meaning is refused, whoever may', async () => {
    const { secret } = await of.key();
    const paths = ['/orders/../orders/1', '/orders//1', '/orders/a%2fb', '/orders/a%2F..%2Fb', '/orders/1;v=2'];
    const more = ['/orders/./1', '/orders/%2e%2e/orders/1', '/orders/a%5cb', '/orders/..;/orders/1', '/orders/a\\b'];
    for (const path of [...paths, ...more]) {
      const text = `GET ${path} HTTP/1.1\r\nHost: a\r\nX-API-Key: ${secret}\r\nConnection: close\r\n\r\n`;
      const before = of.upstream.count();
      const answer = await gateway.speak(text, /$^/);
      expect([path, /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1], of.upstream.count()]).toEqual([path, '400', before]);
    }
    for (const path of ['/orders/a%20b', '/orders/1?back=/../x;y=//z', '/orders/.well-known'])
      expect((await gateway.ask(orders(secret, { path }))).seen?.url).toBe(path);
    // What is not protected is not there; nginx sends who leaves out the last slash to where it is.
    for (const path of ['/admin', '/', '/ordersx/1', '/a/../admin', '/_keyfold/check', '/_keyfold/refused/401'])
      expect((await gateway.ask(orders(secret, { path }))).status, path).toBe(404);
    expect((await gateway.ask(orders(secret, { path: '/orders' }))).seen).toBe(null);
  });

  test('too many invalid keys from one address: 429 with Retry-After, and its good keys pass', async () => {
    const { secret } = await of.key();
    const [from, other] = [newClient(), newClient()];
    for (let i = 0; i < 20; i++) await told(orders(madeUp('kf'), { from }), 'NOT_FOUND', 401);
    await told(orders(madeUp('kf'), { from }), 'RATE_LIMITED', 429);
    const given = await refused(orders('junk', { from }));
    expect(Number(given.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(given.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await gateway.ask(orders(secret, { from }))).status).toBe(200);
    await told(orders('junk', { from: other }), 'MALFORMED', 401);
  });
});
