// Forward-auth's refusals: the error map, what each gateway can hand on, restrictions, STALE, and bad questions.
import { describe, expect, test } from 'vitest';
import { profile as profileSchema } from '../../events/keyspaces/profile.ts';
import { mapRefusal, type RefusalCode } from '../../services/verifier/error-map.ts';
import { CODES } from '../../services/verifier/verify.ts';
import { FLAVOURS, identityOf, shop } from './forward-support.ts';

const errorsOf = (errors: object) =>
  profileSchema.parse({
    ...{ slug: 'shop', name: 'Shop', errors },
    types: [{ id: 'secret', label: 'Secret', prefix: 'sk' }],
  }).errors;

const REFUSALS: RefusalCode[] = [
  ...(['MALFORMED', 'NOT_FOUND', 'RATE_LIMITED'] as const),
  ...CODES.filter((code) => code !== 'VALID'),
];

describe('the error map', () => {
  const ADVICE = { advice: 'send it in X', requestId: 'r' };
  const map = (code: RefusalCode, errors: object = {}) => {
    const { status, body } = mapRefusal(code, errorsOf(errors), ADVICE);
    return { status, body: JSON.parse(body) as Record<string, unknown> };
  };

  test('by default 401 for what is no good key, 429 for too many calls, 403 for all else', () => {
    const unauthenticated = ['MALFORMED', 'NOT_FOUND', 'REVOKED', 'EXPIRED'];
    for (const code of REFUSALS) {
      const { status, body } = map(code);
      expect(status, code).toBe(unauthenticated.includes(code) ? 401 : code === 'RATE_LIMITED' ? 429 : 403);
      expect(body, code).toEqual({ code, message: expect.stringMatching(/^[a-z]/) as string, requestId: 'r' });
    }
    expect(map('MALFORMED').body.message).toBe('send it in X');
  });

  test.each(REFUSALS)(
    '%s: the profile’s status, code and message, each where it is given; its body in place of all',
    (code) => {
      const own = map(code).body;
      expect(map(code, { [code]: { status: 410 } })).toEqual({ status: 410, body: own });
      expect(map(code, { [code]: { status: 402, code: 'nö', message: 'Go away.' } })).toEqual({
        status: 402,
        body: { code: 'nö', message: 'Go away.', requestId: 'r' },
      });
      expect(map(code, { [code]: { status: 403, message: 'Go away.' } }).body).toEqual({ ...own, message: 'Go away.' });
      const body = { error: { type: 'x', list: [1, null] } };
      expect(map(code, { [code]: { status: 400, code: 'c', message: 'm', body } })).toEqual({ status: 400, body });
    },
  );

  test('what nginx cannot hand on stands in headers, for it alone, in any letters', async () => {
    const body = { error: 'gesperrt — 漢字 💥\u2028\u007f"' };
    const of = await shop({ errors: { INSUFFICIENT_SCOPE: { status: 451, body } } });
    for (const flavour of FLAVOURS) {
      const { headers } = await of.ask({ flavour, query: '&scope=x' });
      const { 'x-keyfold-status': status, 'x-keyfold-body': text } = headers;
      expect([status, text === undefined ? null : JSON.parse(text as string)]).toEqual(
        flavour === 'nginx' ? ['451', body] : [undefined, null],
      );
      const good = await of.ask({ flavour });
      expect(Object.keys(good.headers).filter((name) => /status|body|code/.test(name))).toEqual([]);
    }
  });

  test('what is mapped for one outcome changes no other', () => {
    for (const code of REFUSALS)
      for (const other of REFUSALS.filter((each) => each !== code))
        expect(map(code, { [other]: { status: 599, message: 'm' } })).toEqual(map(code));
  });
});

describe('behind a gateway', () => {
  test.each(FLAVOURS)('%s: no key, unknown, deleted, revoked, disabled and expired keys', async (flavour) => {
    const of = await shop();
    const { writer, keyId } = of;
    const create = (name: string, data: object = {}) =>
      writer.create(name, { keyspace: 'shop', ...data }, { prefix: 'sk' });
    const secretOf = (name: string) => writer.secretOf(writer.keyId(name));
    const before = of.key();
    await of.append(
      create('revoked'),
      writer.event(writer.keyId('revoked'), 'KeyRevoked', { reason: null }),
      create('deleted'),
      writer.event(writer.keyId('deleted'), 'KeyDeleted', { destroyedDataKey: null }),
      create('expired', { expiresAt: new Date(Date.now() - 1).toISOString() }),
      create('disabled'),
      writer.event(writer.keyId('disabled'), 'KeyDisabled', {}),
      writer.regenerate(keyId, 0),
    );
    create('never appended');
    const cases: [string, string, number][] = [
      ['', 'MALFORMED', 401],
      [secretOf('never appended'), 'NOT_FOUND', 401],
      [secretOf('deleted'), 'NOT_FOUND', 401],
      [before, 'NOT_FOUND', 401],
      [secretOf('revoked'), 'REVOKED', 401],
      [secretOf('expired'), 'EXPIRED', 401],
      [secretOf('disabled'), 'DISABLED', 403],
    ];
    for (const [key, code, status] of cases) {
      const answer = await of.ask({ flavour, headers: { 'api-key': key, 'x-request-id': 'r' } });
      expect([answer.status, answer.headers['x-keyfold-code']]).toEqual([status, code]);
      expect(answer.body).toEqual({ code, message: expect.any(String) as string, requestId: 'r' });
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': 'r' });
      expect('www-authenticate' in answer.headers).toBe(status === 401);
      expect(identityOf(answer)).toEqual({});
      if (code !== 'MALFORMED') expect(answer.text + JSON.stringify(answer.headers)).not.toContain(key.slice(3, 15));
    }
    expect(await of.code({ flavour })).toBe('VALID');
    await of.append(writer.event(keyId, 'KeyDisabled', {}));
    expect(await of.code({ flavour })).toBe('DISABLED');
    await of.append(writer.event(keyId, 'KeyEnabled', {}));
    expect(await of.code({ flavour })).toBe('VALID');
    const text = (await of.send({ method: 'GET', path: '/metrics' })).text;
    expect(text).toContain('keyfold_verifications_total{code="NOT_FOUND",keyspace="shop"} 3');
    expect(text).toContain('keyfold_verify_seconds_count{status="401"} 6');
  });

  test('a profile’s refusal: its body whole, the request’s id in a header, the outcome’s own name in another', async () => {
    const body = { error: 'disabled' };
    const of = await shop({
      errors: { DISABLED: { status: 403, body }, REVOKED: { status: 401, code: 'authentication_error' } },
    });
    await of.append(of.writer.event(of.keyId, 'KeyDisabled', {}));
    const disabled = await of.ask({ headers: { 'api-key': of.key(), 'x-request-id': 'r' } });
    expect([disabled.status, disabled.body, disabled.headers['x-keyfold-code']]).toEqual([403, body, 'DISABLED']);
    expect(disabled.headers['x-request-id']).toBe('r');
    await of.append(of.writer.event(of.keyId, 'KeyRevoked', { reason: null }));
    const revoked = await of.ask();
    expect([revoked.status, revoked.body.code, revoked.headers['x-keyfold-code']]).toEqual([
      401,
      'authentication_error',
      'REVOKED',
    ]);
  });

  test('a status that a gateway cannot hand on is 403; a 401 has its challenge whoever chose it', async () => {
    const refused = (status: number) => ({ INSUFFICIENT_SCOPE: { status }, MALFORMED: { status } });
    for (const status of [400, 401, 402, 403, 404, 429, 451, 500, 503]) {
      const of = await shop({ errors: refused(status) });
      for (const flavour of FLAVOURS) {
        const lost = { nginx: status !== 401 && status !== 403, caddy: false, traefik: false, envoy: status >= 500 };
        const given = lost[flavour] ? 403 : status;
        const answer = await of.ask({ flavour, query: '&scope=x' });
        expect([answer.status, answer.headers['x-keyfold-code']]).toEqual([given, 'INSUFFICIENT_SCOPE']);
        expect('www-authenticate' in answer.headers).toBe(status === 401);
        expect((await of.ask({ flavour, headers: {} })).status).toBe(given);
      }
    }
  });

  test.each(FLAVOURS)('%s: origins, from Origin as the client sent it, once', async (flavour) => {
    const of = await shop({}, { origins: ['https://app.example.com'] });
    const code = (headers: object) => of.code({ flavour, headers: { 'api-key': of.key(), ...headers } });
    expect(await code({ origin: 'https://app.example.com' })).toBe('VALID');
    const refused = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: '' },
      { origin: ['https://app.example.com', 'https://app.example.com'] },
      { 'x-forwarded-origin': 'https://app.example.com' },
      { referer: 'https://app.example.com' },
    ];
    for (const headers of refused) expect(await code(headers), JSON.stringify(headers)).toBe('ORIGIN_NOT_ALLOWED');
  });

  test.each(FLAVOURS)('%s: addresses, behind trusted proxies only', async (flavour) => {
    const restricted = { ipRanges: ['203.0.113.0/24'] };
    const direct = await shop({}, restricted);
    const forwarded = (of: typeof direct, given: object) =>
      of.code({ flavour, headers: { 'api-key': of.key(), ...given } });
    expect(await forwarded(direct, { 'x-forwarded-for': '203.0.113.7' })).toBe('IP_NOT_ALLOWED');
    const behind = await shop({}, restricted, { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] });
    const cases: [object, string][] = [
      [{ 'x-forwarded-for': '203.0.113.7' }, 'VALID'],
      [{ 'x-forwarded-for': '203.0.113.7, 10.1.1.1' }, 'VALID'],
      [{ 'x-forwarded-for': '::ffff:203.0.113.7' }, 'VALID'],
      [{ 'x-forwarded-for': '203.0.113.7, 198.51.100.1' }, 'IP_NOT_ALLOWED'],
      [{ 'x-forwarded-for': '203.0.113.7, garbage' }, 'IP_NOT_ALLOWED'],
      [{ 'x-real-ip': '203.0.113.7' }, 'IP_NOT_ALLOWED'],
      [{ 'x-envoy-external-address': '203.0.113.7' }, 'IP_NOT_ALLOWED'],
      [{ 'x-client-ip': '203.0.113.7', forwarded: 'for=203.0.113.7' }, 'IP_NOT_ALLOWED'],
      [{}, 'IP_NOT_ALLOWED'],
    ];
    for (const [headers, code] of cases) expect(await forwarded(behind, headers), JSON.stringify(headers)).toBe(code);
    const local = await shop({}, { ipRanges: ['127.0.0.0/8'] });
    expect(await forwarded(local, { 'x-forwarded-for': '203.0.113.7' })).toBe('VALID');
  });

  test.each(FLAVOURS)(
    'protocol L6: %s: STALE when nothing can be proven, by no error map, and back by itself',
    async (flavour) => {
      const of = await shop(
        { errors: { STALE: { status: 418 }, MALFORMED: { status: 418 } } },
        {},
        { maxStalenessMs: 3000 },
      );
      of.log.setDown(true);
      of.clock.monotonic += 60_000;
      const questions = [{}, { headers: {} }, { query: 'x' }].map((question) => ({ flavour, ...question }));
      for (const question of questions) {
        const answer = await of.ask(question);
        expect([answer.status, answer.body.code]).toEqual([flavour === 'nginx' ? 403 : 503, 'STALE']);
        expect(answer.headers).toMatchObject({ 'x-keyfold-code': 'STALE', 'cache-control': 'no-store' });
        expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
        expect(identityOf(answer)).toEqual({});
      }
      of.log.setDown(false);
      expect(await of.verifier.whenReady(AbortSignal.timeout(10_000))).toBe(true);
      expect(await of.code({ flavour })).toBe('VALID');
    },
  );
});

describe('bad questions', () => {
  test.each(FLAVOURS)('%s: 400 says which member and why, and nothing of it comes back', async (flavour) => {
    const of = await shop();
    const canary = of.key();
    const cases: [string, string[], string][] = [
      [`&key=${canary}`, ['query'], 'must have no members but keyspace, permission'],
      [`&${canary}=1`, ['query'], 'must have no members but'],
      ['&keyspace=shop', ['keyspace'], 'must not be given twice'],
      [`x${canary}`, ['keyspace'], 'must be a keyspace of this installation'],
      ['&scope=', ['scope', '0'], 'must be 1–64'],
      [`&scope=a&scope=${canary}%20`, ['scope', '1'], 'must be 1–64'],
      ['&permission=a+and', ['permission'], 'must have a scope'],
      [`&resource=${canary}`, ['resource'], 'must be type:id'],
      [`&resource=${canary}:`, ['resource', 'id'], 'must not be empty'],
    ];
    for (const [query, path, message] of cases) {
      const answer = await of.ask({ flavour, query });
      expect([answer.status, answer.body.code, answer.body.path], query).toEqual([400, 'INVALID_INPUT', path]);
      expect(answer.body.message).toContain(message);
      expect(answer.headers).toMatchObject({ 'x-keyfold-code': 'INVALID_INPUT', 'cache-control': 'no-store' });
      expect(answer.text).not.toContain(canary.slice(4, 12));
      expect(identityOf(answer)).toEqual({});
    }
    for (const path of [`/v1/forward-auth/${flavour}`, `/v1/forward-auth/${flavour}?scope=a`])
      expect(await of.send({ method: 'GET', path })).toMatchObject({ status: 400, body: { path: ['keyspace'] } });
  });

  test.each(FLAVOURS)(
    '%s: an ambiguous path is refused as the gateway can hand it on, and not quoted',
    async (flavour) => {
      const of = await shop();
      const path = `/canary-1234/../b`;
      const header = flavour === 'nginx' ? 'x-original-uri' : 'x-forwarded-uri';
      const answer = await of.ask(
        flavour === 'envoy'
          ? { flavour, query: `&path=${path}` }
          : { flavour, headers: { 'api-key': of.key(), [header]: path } },
      );
      expect([answer.status, answer.body.code]).toEqual([flavour === 'nginx' ? 403 : 400, 'INVALID_INPUT']);
      expect(answer.headers).toMatchObject({ 'x-keyfold-code': 'INVALID_INPUT', 'cache-control': 'no-store' });
      expect(answer.text).not.toContain('canary');
      expect(identityOf(answer)).toEqual({});
    },
  );

  test('an unknown keyspace is any that is not there', async () => {
    const of = await shop();
    for (const slug of ['nope', 'constructor', '__proto__', '', 'SHOP'])
      expect(await of.send({ method: 'GET', path: `/v1/forward-auth/caddy?keyspace=${slug}` })).toMatchObject({
        status: 400,
        body: { path: ['keyspace'] },
      });
  });

  test('any other path is 404', async () => {
    const of = await shop();
    for (const name of ['', 'nginx/', 'nginx/a', 'apache', 'constructor', 'Nginx', 'caddy%2f', 'envoyx/a', '../verify'])
      expect(await of.send({ method: 'GET', path: `/v1/forward-auth/${name}?keyspace=shop` }), name).toMatchObject({
        status: 404,
      });
    expect((await of.send({ method: 'GET', path: '/v1/forward-auth?keyspace=shop' })).status).toBe(404);
  });
});
