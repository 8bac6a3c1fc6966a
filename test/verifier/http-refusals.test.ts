// Requests that the verifier refuses: every status, the place of what is wrong, and nothing of what was sent.
import { describe, expect, test } from 'vitest';
import { speak, start } from './http-support.ts';
import { createRandom, SEED } from './random.ts';

describe('requests that are refused', () => {
  const SECRET = 'kf_CANARYcanaryCANARYcanaryCANARY1234567';

  test('400 says which member and why, and nothing of the body comes back', async () => {
    const of = await start();
    const MEMBERS =
      'body: must have no members but key, keyspace, scopes, permission, resource, flags, origin, ip, environment, cost, ' +
      'include, atLeast, request';
    const cases: [string, string, string[]][] = [
      ['', 'must be JSON', []],
      ['{', 'must be JSON', []],
      [`{"key":"${SECRET}"`, 'must be JSON', []],
      [`"${SECRET}"`, 'body: must be an object', []],
      [`["${SECRET}"]`, 'body: must be an object', []],
      ['null', 'body: must be an object', []],
      ['{}', 'key: must be given', ['key']],
      [`{"key":["${SECRET}"]}`, 'key: must be a string', ['key']],
      ['{"key":null}', 'key: must be a string', ['key']],
      [`{"key":"x","${SECRET}":1}`, MEMBERS, []],
      [`{"key":"x","scope":["${SECRET}"]}`, MEMBERS, []],
      [`{"key":"x","__proto__":{"key":"${SECRET}"}}`, MEMBERS, []],
      [`{"key":"${SECRET}","key":"${SECRET}"}`, 'must not have a member twice', []],
      [`{"key":"x","k\\u0065y":"${SECRET}"}`, 'must not have a member twice', []],
      [`{"key":"x","resource":{"type":"a","id":"${SECRET}","id":"b"}}`, 'must not have a member twice', []],
      [`{"key":"x","scopes":"${SECRET}"}`, 'scopes: must be a list', ['scopes']],
      [`{"key":"x","scopes":["ok","${SECRET} ü"]}`, 'must be 1–64 letters', ['scopes', '1']],
      [`{"key":"x","permission":"${SECRET} ${SECRET}"}`, 'must have and, or or the end', ['permission']],
      [`{"key":"x","resource":{"type":"${SECRET}"}}`, 'resource.id: must be given', ['resource', 'id']],
      [
        `{"key":"x","resource":{"type":"a","id":"b","${SECRET}":1}}`,
        'resource: must have no members but type, id',
        ['resource'],
      ],
      [`{"key":"x","resource":{"type":1,"id":"b"}}`, 'resource.type: must be a string', ['resource', 'type']],
      [`{"key":"x","flags":[true]}`, 'flags.0: must be a string', ['flags', '0']],
      [`{"key":"x","flags":["${'x'.repeat(41)}"]}`, 'flags.0: must have at most 40 characters', ['flags', '0']],
      [`{"key":"x","ip":"${SECRET}"}`, 'must be an IP address', ['ip']],
      ['{"key":"x","ip":"10.1"}', 'must be an IP address', ['ip']],
      ['{"key":"x","ip":"fe80::1%eth0"}', 'must be an IP address', ['ip']],
      ['{"key":"x","origin":null}', 'origin: must be a string', ['origin']],
      ['{"key":"x","cost":0}', 'cost: must be at least 1', ['cost']],
      ['{"key":"x","cost":1.5}', 'cost: must be a whole number', ['cost']],
      ['{"key":"x","cost":1000001}', 'cost: must be at most 1000000', ['cost']],
      ['{"key":"x","cost":1e308}', 'cost: must be at most 1000000', ['cost']],
      ['{"key":"x","cost":-1e308}', 'cost: must be at least 1', ['cost']],
      [`{"key":"x","include":["${SECRET}"]}`, 'include.0: must be one of name, metadata', ['include', '0']],
      [`{"key":"x","request":{"id":"${SECRET}!"}}`, 'must be 1–64', ['request', 'id']],
      [
        `{"key":"x","request":{"${SECRET}":1}}`,
        'request: must have no members but id, method, path, userAgent',
        ['request'],
      ],
      [`{"key":"x","request":{"path":"${'x'.repeat(9000)}"}}`, 'at most 8192', ['request', 'path']],
    ];
    for (const [body, message, path] of cases) {
      const answer = await of.send({ headers: { 'content-type': 'application/json' }, body });
      expect([answer.status, answer.body.code, answer.body.path], body).toEqual([400, 'INVALID_INPUT', path]);
      expect(answer.body.message, body).toContain(message);
      expect(answer.body.message, body).not.toMatch(/expected|received|invalid|too (?:big|small)|unrecognized/i);
      for (let i = 0; i + 8 <= SECRET.length; i++) expect(answer.text).not.toContain(SECRET.slice(i, i + 8));
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  test('415 for every other media type, charset and encoding', async () => {
    const of = await start();
    const body = JSON.stringify({ key: of.key() });
    const types = [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'];
    for (const type of [
      ...types,
      'application/json; charset=utf-16',
      'application/jsonp',
      'application/json, text/plain',
    ]) {
      const answer = await of.send({ body, headers: type === undefined ? {} : { 'content-type': type } });
      expect([answer.status, answer.body.code], type).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    }
    const json = { 'content-type': 'application/json' };
    expect((await of.send({ body, headers: { ...json, 'content-encoding': 'gzip' } })).status).toBe(415);
    expect((await of.send({ body, headers: { ...json, 'content-encoding': 'identity' } })).status).toBe(200);
    expect((await of.send({ body, headers: { 'content-type': 'Application/JSON; charset=UTF-8' } })).status).toBe(200);
  });

  test('413 one byte past 64 KiB, with and without a stated length; 64 KiB are read', async () => {
    const of = await start();
    const body = (bytes: number) => JSON.stringify({ key: of.key() }).padEnd(bytes, ' ');
    const headers = { 'content-type': 'application/json' };
    expect((await of.send({ headers, body: body(65_536) })).body.code).toBe('VALID');
    for (const bytes of [65_537, 900_000, 5_000_000]) {
      const answer = await of.send({ headers, body: body(bytes) });
      expect([answer.status, answer.body.code], `${bytes}`).toEqual([413, 'PAYLOAD_TOO_LARGE']);
      const chunked = await of.send({ headers: { ...headers, 'transfer-encoding': 'chunked' }, body: body(bytes) });
      expect(chunked.status, `${bytes} chunked`).toBe(413);
    }
    expect((await of.verify({ key: of.key() })).status).toBe(200);
  });

  test('401 without the token, with another, with two, and in another place', async () => {
    const token = 'a-token-that-nobody-guesses-0123456789';
    const of = await start({}, { token });
    const body = JSON.stringify({ key: of.key() });
    const json = { 'content-type': 'application/json' };
    const wrong: Record<string, string | string[]>[] = [
      {},
      { authorization: token },
      { authorization: `Bearer ${token}x` },
      { authorization: `Bearer ${token.slice(1)}` },
      { authorization: 'Bearer ' },
      { authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` },
      { authorization: `Bearer ${token} ${token}` },
      { 'x-api-key': token },
    ];
    for (const headers of wrong) {
      const answer = await of.send({ body, headers: { ...json, ...headers } });
      expect([answer.status, answer.body.code], JSON.stringify(headers)).toEqual([401, 'UNAUTHENTICATED']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.text).not.toContain(of.keyId);
    }
    expect((await of.send({ body, headers: { ...json, authorization: `Bearer ${token}` } })).status).toBe(200);
    // The same header twice, as it stands on the wire.
    const raw = await speak(
      of.port,
      `POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\n` +
        `Authorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('404, 405 and a key in the URL, in JSON', async () => {
    const of = await start();
    const get = (path: string, method = 'GET') => of.send({ method, path });
    expect(await get('/')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await get('/v1/verify/')).toMatchObject({ status: 404 });
    expect(await get('/v1/verify/../verify', 'POST')).toMatchObject({ status: 404 });
    expect(await get('/v1/verify')).toMatchObject({
      status: 405,
      body: { code: 'METHOD_NOT_ALLOWED' },
      headers: { allow: 'POST' },
    });
    expect(await get('/v1/verify', 'PUT')).toMatchObject({ status: 405 });
    const inUrl = await of.send({
      path: `/v1/verify?key=${of.key()}`,
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect([inUrl.status, inUrl.text.includes(of.key().slice(4, 12))]).toEqual([400, false]);
  });

  test('431 past 100 headers, 400 for what is no HTTP, and the next one is answered', async () => {
    const of = await start();
    const headers = (count: number): Record<string, string> => ({
      host: 'a',
      ...Object.fromEntries(Array.from({ length: count }, (_, i): [string, string] => [`x-${i}`, 'y'])),
    });
    const body = JSON.stringify({ key: of.key() });
    const many = { ...headers(99), 'content-type': 'application/json' };
    expect((await of.send({ headers: many, body })).status).toBe(431);
    expect((await of.verify({ key: of.key() }, headers(90))).status).toBe(200);
    expect(await speak(of.port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await of.verify({ key: of.key() })).status).toBe(200);
  });

  test(`10,000 malformed keys: 10,000 times MALFORMED, no crash (SEED=${SEED})`, async () => {
    const of = await start();
    const random = createRandom(SEED);
    const good = of.key();
    const characters = ['a', 'Z', '0', '_', '-', ' ', '{', '"', '\\', '\0', '\u2028', 'é', '💥', '\ud800', '__proto__'];
    const malformed = (): string => {
      const dice = random.below(4);
      if (dice === 0) return Array.from({ length: random.below(80) }, () => random.pick(characters)).join('');
      const at = random.below(good.length);
      if (dice === 1) return good.slice(0, at) + random.pick(characters) + good.slice(at + 1) + random.pick(characters);
      if (dice === 2) return good.slice(0, at);
      return good + 'x'.repeat(1 + random.below(3000));
    };
    for (let round = 0; round < 200; round++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => of.verify({ key: malformed() })));
      for (const { status, body } of answers) expect([status, body.code]).toEqual([200, 'MALFORMED']);
    }
    expect((await of.verify({ key: good })).body.code).toBe('VALID');
  }, 120_000);
});
