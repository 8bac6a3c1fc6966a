// Forward-auth: what a gateway gets that asks whether a request may pass, and what the key must have and be sent in.
import { describe, expect, test } from 'vitest';
import { GATEWAYS } from '../../services/verifier/gateways.ts';
import { FLAVOURS, IDENTITY, identityOf, shop, type Headers } from './forward-support.ts';
import { speak } from './http-support.ts';

describe('a request that may pass', () => {
  test.each(FLAVOURS)('%s: 200 with every identity header, by any method', async (flavour) => {
    const of = await shop({}, { scopes: ['a:read', 'b'], ownerId: 'u7', environment: 'live' });
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const answer = await of.ask({ flavour, query: '&scope=a:read', method });
      expect(answer.status, method).toBe(200);
      expect(identityOf(answer)).toEqual({
        'x-keyfold-key-id': of.keyId,
        'x-keyfold-workspace': 'acme',
        'x-keyfold-scopes': 'a:read b',
        'x-keyfold-owner': 'u7',
        'x-keyfold-environment': 'live',
        'x-keyfold-request-id': expect.stringMatching(/^call-\d+$/) as string,
      });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers).not.toHaveProperty('x-keyfold-code');
      if (method !== 'HEAD') expect(answer.body).toMatchObject({ code: 'VALID' });
    }
  });

  test('what does not apply is there and empty', async () => {
    const of = await shop({}, { scopes: [], ownerId: null, environment: null });
    const identity = identityOf(await of.ask());
    expect(Object.keys(identity)).toEqual(IDENTITY);
    const empty = Object.keys(identity).filter((name) => identity[name] === '');
    expect(empty).toEqual(['x-keyfold-scopes', 'x-keyfold-owner', 'x-keyfold-environment']);
  });

  test.each([
    'ünï cödé',
    'a\r\nx-keyfold-workspace: evil',
    '100%',
    '💥\u2028',
    'auth0|7',
    'x'.repeat(128),
    '漢'.repeat(128),
  ])('owner %j: a safe header that decodes to the very text', async (ownerId) => {
    const of = await shop({}, { ownerId });
    const answer = await of.ask();
    expect(answer.headers['x-keyfold-owner']).toMatch(/^[\x21-\x7e]*$/);
    expect(decodeURIComponent(answer.headers['x-keyfold-owner'] as string)).toBe(ownerId);
    expect(answer.headers['x-keyfold-workspace']).toBe('acme');
  });

  test('the request id: the caller’s if it is a plain one, else a new one each time', async () => {
    const of = await shop();
    const id = async (given: string) => {
      const { headers } = await of.ask({ headers: { 'api-key': of.key(), 'x-request-id': given } });
      return headers['x-keyfold-request-id'];
    };
    expect(await id('call-7')).toBe('call-7');
    const made = [await id('a"b'), await id('a"b'), await id('x'.repeat(65))];
    expect(new Set(made).size).toBe(3);
    for (const each of made) expect(each).toMatch(/^req_[0-9a-f]{18}_[0-9a-z]+$/);
  });

  test('the body is not read: neither one that is large nor one that never comes; the connection is not used again', async () => {
    const of = await shop();
    const small = await of.ask({ method: 'POST', body: `key=${of.key()}` });
    expect([small.status, small.headers.connection]).toEqual([200, 'close']);
    expect((await of.ask({ method: 'POST', body: Buffer.alloc(300_000) })).status).toBe(200);
    const smuggled = `GET /v1/forward-auth/nginx?keyspace=shop HTTP/1.1\r\nHost: a\r\nApi-Key: ${of.key()}\r\n\r\n`;
    const answer = await speak(
      of.port,
      `GET /v1/forward-auth/nginx?keyspace=shop HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n${smuggled}`,
    );
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
    expect((await of.ask({ headers: { 'api-key': of.key(), 'content-length': '0' } })).headers.connection).not.toBe(
      'close',
    );
  });
});

describe('what is asked of the key', () => {
  test('every scope that is named, a permission, a resource, flags and an environment', async () => {
    const of = await shop(
      {
        permissions: { freeForm: true, implications: [{ scope: 'b:write', implies: ['b:read'] }] },
        resources: { noun: 'Agent', types: [{ id: 'agent', scope: 'a' }] },
      },
      {
        scopes: ['a', 'b:write'],
        resources: { all: false, ids: ['x:1', 'ä 2'] },
        flags: ['beta'],
        environment: 'live',
      },
    );
    const cases: [string, string][] = [
      ['', 'VALID'],
      ['&scope=a&scope=b:read', 'VALID'],
      ['&scope=a&scope=c', 'INSUFFICIENT_SCOPE'],
      ['&permission=a+and+(c+or+b:read)', 'VALID'],
      ['&permission=a%20and%20c', 'INSUFFICIENT_SCOPE'],
      ['&permission=a&scope=c', 'INSUFFICIENT_SCOPE'],
      ['&resource=agent:x:1', 'VALID'],
      ['&resource=agent:%C3%A4%202', 'VALID'],
      ['&resource=agent:x', 'RESOURCE_NOT_ALLOWED'],
      ['&resource=file:x:1', 'RESOURCE_NOT_ALLOWED'],
      ['&flag=beta', 'VALID'],
      ['&flag=beta&flag=gamma', 'INSUFFICIENT_SCOPE'],
      ['&environment=live', 'VALID'],
      ['&environment=test', 'WRONG_ENVIRONMENT'],
    ];
    for (const flavour of FLAVOURS)
      for (const [query, code] of cases) expect(await of.code({ flavour, query }), `${flavour} ${query}`).toBe(code);
  });

  test('a change of the profile is obeyed from the next question on', async () => {
    const of = await shop();
    expect(await of.code()).toBe('VALID');
    const credential = { headers: [{ name: 'X-Other' }] };
    await of.append(of.writer.keyspace({ ...of.profile, credential, errors: { MALFORMED: { status: 418 } } }, 2));
    expect((await of.ask()).status).toBe(418);
    expect(await of.code({ headers: { 'x-other': of.key() } })).toBe('VALID');
  });

  test('another keyspace’s key is for another API, whichever header it is in', async () => {
    const of = await shop();
    const other = of.writer.secretOf(of.writer.keyId('a'));
    expect(await of.code({ headers: { 'api-key': other } })).toBe('WRONG_KEYSPACE');
    expect(await of.code({ headers: { 'x-api-key': other } })).toBe('MALFORMED');
  });
});

describe('where the key is sent', () => {
  const BOTH = { credential: { headers: [{ name: 'Authorization', bearer: true }, { name: 'X-API-Key' }] } };

  test('a plain header: its value as it stands; a bearer header: what stands behind the word', async () => {
    const of = await shop(BOTH);
    const key = of.key();
    const cases: [Headers, string][] = [
      [{ 'x-api-key': key }, 'VALID'],
      [{ 'X-API-KEY': key }, 'VALID'],
      [{ authorization: `Bearer ${key}` }, 'VALID'],
      [{ authorization: `bearer ${key}` }, 'VALID'],
      [{ authorization: key }, 'MALFORMED'],
      [{ authorization: `Basic ${key}` }, 'MALFORMED'],
      [{ authorization: `Bearer ${key} ${key}` }, 'MALFORMED'],
      [{ authorization: 'Bearer' }, 'MALFORMED'],
      [{ 'x-api-key': `Bearer ${key}` }, 'MALFORMED'],
    ];
    for (const [headers, code] of cases) expect(await of.code({ headers }), JSON.stringify(headers)).toBe(code);
    const either = await shop({
      credential: { headers: [{ name: 'authorization', bearer: true }, { name: 'Authorization' }] },
    });
    for (const authorization of [either.key(), `Bearer ${either.key()}`])
      expect(await either.code({ headers: { authorization } })).toBe('VALID');
  });

  test.each(FLAVOURS)('%s: no key, two keys, in the wrong place and not a key are answered alike', async (flavour) => {
    const of = await shop(BOTH);
    const key = of.key();
    const url = flavour === 'nginx' ? 'x-original-uri' : 'x-forwarded-uri';
    const mistyped = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
    const wrong: [Headers, string?][] = [
      [{}],
      [{ 'api-key': key }],
      [{ 'x-api-key': [key, key] }],
      [{ authorization: [`Bearer ${key}`, `Bearer ${key}`] }],
      [{ authorization: `Bearer ${key}`, 'x-api-key': key }],
      [{ authorization: `Basic abc`, 'x-api-key': key }],
      [{ cookie: `x-api-key=${key}` }],
      [{ 'x-api-key': '' }],
      [{ 'x-api-key': mistyped }],
      [{ 'x-api-key': `${key},${key}` }],
      [{ 'x-api-key': `k${'x'.repeat(300)}_${key}` }],
      [{ 'x-api-key': `ü${key}` }],
      [{ 'x-api-key': 'constructor' }],
    ];
    if (flavour === 'envoy')
      wrong.push([{}, `&path=/a?api_key=${key}`], [{ 'x-api-key': key }, `&path=/a?b=1&c=${key}`]);
    else wrong.push([{ [url]: `/a?api_key=${key}` }], [{ 'x-api-key': key, [url]: `/a?b=1&c=${key}` }]);
    const shapes = new Set<string>();
    for (const [headers, query = ''] of wrong) {
      const answer = await of.ask({ flavour, query, headers: { ...headers, 'x-request-id': 'r' } });
      expect(answer.status, JSON.stringify(headers)).toBe(401);
      expect(answer.body).toEqual({
        code: 'MALFORMED',
        message: 'send the key once, as Authorization: Bearer <key> or X-API-Key: <key>',
        requestId: 'r',
      });
      shapes.add(JSON.stringify([{ ...answer.headers, date: '' }, answer.text]));
      expect(identityOf(answer)).toEqual({});
    }
    expect([...shapes]).toHaveLength(1);
  });

  test.each(FLAVOURS)('%s: a key in the URL is found whatever prefix its keyspace has by now', async (flavour) => {
    const of = await shop(BOTH);
    const [first, { writer, profile }] = [of.key(), of];
    const types = (prefix: string) => [{ id: 'secret', label: 'Secret', prefix }];
    const environments = [{ id: 'live', label: 'Live' }];
    await of.append(writer.keyspace({ ...profile, types: types('sn'), environments }, 2));
    await of.append(writer.create('second', { keyspace: 'shop', environment: 'live' }, { prefix: 'sn_live' }));
    await of.append(writer.keyspace({ ...profile, types: types('third') }, 3));
    const second = writer.secretOf(writer.keyId('second'));
    const url = flavour === 'nginx' ? 'x-original-uri' : 'x-forwarded-uri';
    const asked = (path: string) => {
      const headers = { 'x-api-key': first };
      return of.ask(
        flavour === 'envoy'
          ? { flavour, headers, query: `&path=${path}` }
          : { flavour, headers: { ...headers, [url]: path } },
      );
    };
    expect((await asked('/a?b=c')).status).toBe(200);
    for (const key of [first, second])
      for (const query of [
        `k=${key}`,
        key,
        `a=1&${key}`,
        `authorization=Bearer%20${key}`,
        `q=%20${key}`,
        `list=a,${key},b`,
        `j=${encodeURIComponent(JSON.stringify({ key }))}`,
        `k=${key.replace('_', '%5F')}`,
      ]) {
        const answer = await asked(`/a?${query}`);
        expect([answer.status, answer.body], query).toEqual([
          401,
          {
            code: 'MALFORMED',
            message: 'send the key once, as Authorization: Bearer <key> or X-API-Key: <key>',
            requestId: expect.any(String) as string,
          },
        ]);
      }
    expect((await asked(`/a?token=x${first}`)).status).toBe(200);
  });

  test('another vendor’s token of the same form may stand in the URL', async () => {
    const of = await shop();
    const headers = { 'api-key': of.key(), 'x-forwarded-uri': '/hook?token=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' };
    expect(await of.code({ headers })).toBe('VALID');
  });

  test('WWW-Authenticate names the scheme on 401, and nothing of a key', async () => {
    const bearer = await shop(BOTH);
    const plain = await shop({ credential: { headers: [{ name: 'api-key' }, { name: 'X-Key' }] } });
    const challenge = async (of: typeof plain, headers: Headers) =>
      (await of.ask({ headers })).headers['www-authenticate'];
    for (const sent of ['', 'nonsense', bearer.key().slice(1)])
      expect(await challenge(bearer, { 'x-api-key': sent })).toBe('Bearer realm="shop"');
    expect(await challenge(plain, {})).toBe(
      'ApiKey realm="shop", header="api-key", ApiKey realm="shop", header="X-Key"',
    );
    expect((await plain.ask()).headers).not.toHaveProperty('www-authenticate');
    expect((await plain.ask({ query: '&scope=x' })).headers).not.toHaveProperty('www-authenticate');
  });
});

describe('VERIFIER_TOKEN', () => {
  const token = 'a-token-that-nobody-guesses-0123456789';

  test.each(FLAVOURS)(
    '%s: without it, with another, with two, and in another place nobody passes, and no client is told that its key is bad',
    async (flavour) => {
      const of = await shop({}, {}, { token });
      const wrong: Headers[] = [
        {},
        { authorization: `Bearer ${token}` },
        { 'x-keyfold-verifier-token': `${token}x` },
        { 'x-keyfold-verifier-token': `Bearer ${token}` },
        { 'x-keyfold-verifier-token': [token, token] },
      ];
      for (const headers of wrong) {
        const answer = await of.ask({ flavour, query: '&nonsense', headers: { 'api-key': of.key(), ...headers } });
        expect([answer.status, answer.body.code], JSON.stringify(headers)).toEqual([
          GATEWAYS[flavour].stale,
          'UNAVAILABLE',
        ]);
        expect(answer.headers).toMatchObject({ 'x-keyfold-code': 'UNAVAILABLE', 'cache-control': 'no-store' });
        expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
        expect(answer.headers).not.toHaveProperty('www-authenticate');
        expect(answer.headers['x-keyfold-status']).toBe(flavour === 'nginx' ? '503' : undefined);
        expect(answer.text).not.toMatch(/token/i);
        expect(identityOf(answer)).toEqual({});
      }
      expect(await of.code({ flavour, headers: { 'api-key': of.key(), 'x-keyfold-verifier-token': token } })).toBe(
        'VALID',
      );
    },
  );

  test('Authorization belongs to the client’s key', async () => {
    const of = await shop({ credential: { headers: [{ name: 'Authorization', bearer: true }] } }, {}, { token });
    const headers = { authorization: `Bearer ${of.key()}`, 'x-keyfold-verifier-token': token };
    expect(await of.code({ headers })).toBe('VALID');
  });
});
