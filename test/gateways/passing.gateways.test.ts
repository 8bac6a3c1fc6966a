// What passes nginx and Caddy, as docs/gateways/ configures them: with whose identity, and with what of the client's own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUN, type Given, type RunningGateway } from './gateways.ts';
import { startInstallation, type Installation } from './installation.ts';

let of: Installation;
beforeAll(async () => {
  of = await startInstallation();
});
afterAll(() => of.stop());

const OWNER = { id: 'u-7', email: 'u7@example.com' };
const IDENTITY = ['key-id', 'workspace', 'scopes', 'owner', 'environment', 'request-id'].map(
  (name) => `x-keyfold-${name}`,
);
/** All that the upstream has seen under a name. */
const seenOf = ({ seen }: Given, name: string): string[] =>
  (seen?.headers ?? []).filter(([each]) => each === name).map(([, value]) => value);
const keyfoldHeaders = ({ seen }: Given): string[] =>
  (seen?.headers ?? []).map(([name]) => name).filter((name) => /^x[-_]keyfold/.test(name));

describe.each(RUN)('%s', (name) => {
  let gateway: RunningGateway;
  beforeAll(() => {
    gateway = of.gateways[name];
  });

  test('a good key passes, and the upstream is told whose it is', async () => {
    const { keyId, secret } = await of.key({ scopes: ['orders:read', 'orders:write'], owner: OWNER });
    for (const headers of [{ 'X-API-Key': secret }, { authorization: `Bearer ${secret}` }]) {
      const given = await gateway.ask({ path: '/orders/42?x=1', headers });
      expect(given.status).toBe(200);
      expect(given.seen).toMatchObject({ method: 'GET', url: '/orders/42?x=1' });
      const told = Object.fromEntries(IDENTITY.map((header) => [header, seenOf(given, header)]));
      expect(told).toMatchObject({
        'x-keyfold-key-id': [keyId],
        'x-keyfold-workspace': ['acme'],
        'x-keyfold-scopes': ['orders:read orders:write'],
        'x-keyfold-owner': ['u-7'],
        'x-keyfold-request-id': [expect.stringMatching(/^[\w.-]{16,64}$/) as string],
      });
      // What does not apply is not there, or there and empty: never the client's.
      expect(told['x-keyfold-environment']?.join('')).toBe('');
      expect(seenOf(given, 'x-request-id')).toEqual(told['x-keyfold-request-id']);
      // The key and the verifier's token go no further.
      for (const header of ['x-api-key', 'authorization', 'x-keyfold-verifier-token'])
        expect(seenOf(given, header).join('')).toBe('');
      expect(JSON.stringify(given.seen)).not.toContain(secret.slice(4, 20));
    }
  });

  test('an environment is told, too', async () => {
    const { secret } = await of.key({ keyspace: 'ayra', scopes: ['conversations:read'], environment: 'live' });
    const given = await gateway.ask({ path: '/conversations/1', headers: { authorization: `Bearer ${secret}` } });
    expect(given.status).toBe(200);
    expect(seenOf(given, 'x-keyfold-environment')).toEqual(['live']);
  });

  test('a body passes as it is, and the connection goes on', async () => {
    const { secret } = await of.key({ scopes: ['orders:write'] });
    for (const size of [0, 1, 20_000, 900_000]) {
      const body = Buffer.alloc(size, 'keyfold\r\n\r\n');
      const given = await gateway.ask({ method: 'POST', path: '/orders/', headers: { 'X-API-Key': secret }, body });
      expect(given.status).toBe(200);
      expect(given.seen).toMatchObject({ method: 'POST', body: body.toString('base64') });
    }
    const post = (text: string) =>
      `POST /orders/ HTTP/1.1\r\nHost: a\r\nX-API-Key: ${secret}\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const chunked = `POST /orders/ HTTP/1.1\r\nHost: a\r\nX-API-Key: ${secret}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthird\r\n0\r\n\r\n`;
    const refused = 'POST /orders/ HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nrefuse';
    const last = 'GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const answer = await gateway.speak(post('first') + refused + post('second') + chunked + last, /HTTP\/1\.1 404/);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([200, 401, 200, 200, 404].map((status) => `HTTP/1.1 ${status}`));
    const bodies = [...answer.matchAll(/"body":"([^"]*)"/g)].map(([, text = '']) =>
      Buffer.from(text, 'base64').toString(),
    );
    expect(bodies).toEqual(['first', 'second', 'third']);
  });

  test('the upstream’s own answers reach the client as they are', async () => {
    const { secret } = await of.key();
    for (const status of [201, 401, 403, 429, 500, 502, 503]) {
      const given = await gateway.ask({ path: `/orders/?status=${status}`, headers: { 'X-API-Key': secret } });
      expect([given.status, given.headers['x-upstream']]).toEqual([status, 'yes']);
    }
  });

  test('a client’s own X-Keyfold-*, X-Forwarded-* and X-Original-* change nothing', async () => {
    const { keyId, secret } = await of.key();
    const evil = {
      ...Object.fromEntries(
        IDENTITY.flatMap((header) => [
          [header, 'evil'],
          [header.replaceAll('-', '_'), 'evil'],
        ]),
      ),
      ...{ 'X-Keyfold-Verifier-Token': 'evil', 'X-Keyfold-Code': 'VALID', 'x-request-id': 'evil' },
      ...{ 'X-Original-Method': 'POST', 'X-Original-URI': '/evil', 'X-Original-URL': '/evil' },
      ...{ 'X-Forwarded-Method': 'POST', 'X-Forwarded-Uri': '/a/../evil', 'X-Forwarded-Host': 'evil' },
      ...{ 'X-HTTP-Method-Override': 'POST', 'X-Rewrite-URL': '/evil' },
    };
    const given = await gateway.ask({ path: '/orders/1', headers: { 'X-API-Key': secret, ...evil } });
    expect(given.status).toBe(200);
    expect(seenOf(given, 'x-keyfold-key-id')).toEqual([keyId]);
    for (const header of keyfoldHeaders(given)) expect(seenOf(given, header), header).not.toContain('evil');
    expect(keyfoldHeaders(given).filter((header) => header.includes('_'))).toEqual([]);
    // Without a key, or with one that may not, they open nothing.
    expect(await gateway.ask({ path: '/orders/1', headers: evil })).toMatchObject({ status: 401, seen: null });
    const may = await gateway.ask({ method: 'POST', path: '/orders/1', headers: { 'X-API-Key': secret, ...evil } });
    expect(may).toMatchObject({ status: 403, seen: null });
    const twice = Object.fromEntries(IDENTITY.map((header) => [header, ['evil', 'worse']]));
    const again = await gateway.ask({ path: '/orders/1', headers: { 'X-API-Key': secret, ...twice } });
    for (const header of IDENTITY) expect(seenOf(again, header).join(''), header).not.toMatch(/evil|worse/);
  });

  test('the client’s address is the one that it has, whatever it says', async () => {
    const { secret } = await of.key({ ipRanges: ['127.200.0.0/16', '203.0.113.0/24'] });
    const code = async (from: string, headers: Readonly<Record<string, string | string[]>> = {}) => {
      const given = await gateway.ask({ path: '/orders/1', from, headers: { 'X-API-Key': secret, ...headers } });
      return given.status === 200 ? 'VALID' : given.headers['x-keyfold-code'];
    };
    expect(await code('127.200.0.9')).toBe('VALID');
    expect(await code('127.201.0.9')).toBe('IP_NOT_ALLOWED');
    const said: Record<string, string | string[]>[] = [
      { 'x-forwarded-for': '203.0.113.7' },
      { 'x-forwarded-for': '203.0.113.7, 127.0.0.1' },
      { 'x-forwarded-for': ['203.0.113.7', '203.0.113.8'] },
      { 'x-real-ip': '203.0.113.7', forwarded: 'for=203.0.113.7', 'x-client-ip': '203.0.113.7' },
    ];
    for (const headers of said) {
      expect(await code('127.201.0.9', headers), JSON.stringify(headers)).toBe('IP_NOT_ALLOWED');
      expect(await code('127.200.0.9', { ...headers, 'x-forwarded-for': 'garbage' })).toBe('VALID');
    }
  });

  test('a preflight is answered by the origins of the keyspace’s public keys, and carries no key', async () => {
    const origin = `https://${name}.example.com`;
    await of.key({ keyspace: 'voice-agent', type: 'public', scopes: [], origins: [origin], owner: OWNER });
    const ask = (headers: Readonly<Record<string, string>>) =>
      gateway.ask({ method: 'OPTIONS', path: '/call/1?x=1', headers });
    const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const allowed = await ask({ ...asked, origin });
    expect([allowed.status, allowed.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization',
      },
    ]);
    const refused = await ask({ ...asked, origin: 'https://evil.example' });
    expect([refused.status, refused.body.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
    expect((await ask({ origin })).status).toBe(400);
    const before = of.upstream.count();
    await ask({ ...asked, origin, authorization: 'Bearer x' });
    expect(of.upstream.count()).toBe(before);
  });
});
