// Identity: a token that fails any check is nobody's, and one that cannot be checked lets nobody in.
import { createHmac, createPublicKey } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createIdentityService, type Authentication, type IdentityService } from '../../services/api/identity.ts';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { createRemoteKeys, MAX_JWKS_BYTES } from '../../services/api/remote-keys.ts';
import { makeIssuerKey } from '../../services/shared/data-folder.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { sign, signingKey, startJwksServer, type JwksServer, type SigningKey } from './jwks-server.ts';

const ISSUER = 'https://login.example.com/';
const AUDIENCE = 'keyfold';
const NOW = Date.parse('2026-03-01T12:00:00Z');
const SECONDS = NOW / 1000;
const logger = createLogger({ level: 'silent' });
const UNAUTHENTICATED = { ok: false, code: 'UNAUTHENTICATED' };
const UNAVAILABLE = { ok: false, code: 'UNAVAILABLE' };

let rsa: SigningKey;
let ec: SigningKey;
let ed: SigningKey;
let stranger: SigningKey;
let jwks: JwksServer;
let identity: IdentityService;

const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'alice',
  iat: SECONDS,
  exp: SECONDS + 600,
  keyfold: { workspaces: { acme: 'admin' } },
  ...more,
});
const omit = (name: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims()).filter(([other]) => other !== name));
const ask = (token: string, query: string | null = null): Promise<Authentication> =>
  identity.authenticate(
    ['Host', 'x', 'Authorization', `Bearer ${token}`],
    query === null ? null : new URLSearchParams(query),
  );
const service = (url: string, options: { timeoutMs?: number } = {}): IdentityService =>
  createIdentityService({
    issuers: [
      { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', keys: createRemoteKeys({ url, logger, ...options }) },
    ],
    claim: 'keyfold',
    maxTokenAgeMs: 3_600_000,
    clock: () => NOW,
  });

beforeAll(async () => {
  [rsa, ec, ed, stranger] = await Promise.all([
    signingKey('RS256', 'rsa-1'),
    signingKey('ES256', 'ec-1'),
    signingKey('EdDSA', 'ed-1'),
    signingKey('ES256', 'ec-1'),
  ]);
});
beforeEach(async () => {
  jwks = await startJwksServer([rsa.jwk, ec.jwk, ed.jwk]);
  identity = service(jwks.url);
});
afterEach(async () => {
  vi.useRealTimers();
  await jwks.close();
});
afterAll(() => vi.restoreAllMocks());

describe('a good token', () => {
  it('is taken under RS256, ES256 and EdDSA, and says who, where and as what', async () => {
    for (const key of [rsa, ec, ed]) {
      const keyfold = { workspaces: { acme: 'admin', beta: 'viewer' }, operator: true };
      expect(await ask(await sign(key, claims({ keyfold, email: 'alice@example.com' })))).toEqual({
        ok: true,
        identity: {
          actor: { kind: 'user', id: 'alice' },
          workspaces: new Map([
            ['acme', 'admin'],
            ['beta', 'viewer'],
          ]),
          operator: true,
          email: 'alice@example.com',
        },
      });
    }
  });

  it.each([
    ['its audience is one of several', { aud: ['other', AUDIENCE] }],
    ['it says nothing of operators', { keyfold: { workspaces: {} } }],
    ['it says nothing of workspaces', { keyfold: { operator: true } }],
    ['it lacks the claim: a caller without access', { keyfold: undefined }],
    ['its claim has members of other programs', { keyfold: { workspaces: {}, theme: 'dark' } }],
    ['it carries an e-mail address that is none', { email: 'nobody' }],
  ])('is taken when %s', async (_, more) => {
    expect(await ask(await sign(ec, claims(more)))).toMatchObject({ ok: true });
  });

  it('with a prototype for a workspace is a caller without access', async () => {
    const keyfold = JSON.parse('{"workspaces":{"__proto__":"admin"}}') as unknown;
    expect(await ask(await sign(ec, claims({ keyfold })))).toMatchObject({ identity: { workspaces: new Map() } });
  });

  it('in media-type form is of the same type', async () => {
    expect(await ask(await sign(ec, claims(), { typ: 'application/at+jwt' }))).toMatchObject({ ok: true });
  });
});

describe('a token is nobody’s', () => {
  it.each(['iss', 'aud', 'sub', 'iat', 'exp'])('without %s', async (name) => {
    expect(await ask(await sign(ec, omit(name)))).toEqual(UNAUTHENTICATED);
  });

  const WRONG: readonly (readonly [string, JWTPayload])[] = [
    ['for another audience', { aud: 'other' }],
    ['for an audience that only begins alike', { aud: 'keyfold2' }],
    ['for no audience', { aud: [] }],
    ['of another issuer', { iss: 'https://evil.example/' }],
    ['of an issuer that lacks its last slash', { iss: 'https://login.example.com' }],
    ['with exp as text', { exp: '9999999999' as unknown as number }],
    ['with iat as text', { iat: '1' as unknown as number }],
    ['with an empty sub', { sub: '' }],
    ['with a sub of 257 characters', { sub: 'x'.repeat(257) }],
    ['with a sub that is an e-mail address, which events would keep in public for ever', { sub: 'alice@example.com' }],
    ['with a sub that holds NUL', { sub: 'a\u0000b' }],
    ['with a sub that is a number', { sub: 5 as unknown as string }],
    ['with an unknown role', { keyfold: { workspaces: { acme: 'owner' } } }],
    ['with one unknown role among good ones', { keyfold: { workspaces: { acme: 'admin', beta: 'root' } } }],
    ['with a workspace id that is none', { keyfold: { workspaces: { 'a/b': 'admin' } } }],
    ['with workspaces as a list', { keyfold: { workspaces: ['acme'] } }],
    ['with operator as text', { keyfold: { operator: 'true' } }],
    ['with the claim as text', { keyfold: 'admin' }],
    ['with the claim null', { keyfold: null }],
    [
      'with more workspaces than anybody has',
      { keyfold: { workspaces: Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`w${n}`, 'viewer'])) } },
    ],
  ];
  it.each(WRONG)('%s', async (_, more) => {
    expect(await ask(await sign(ec, claims(more)))).toEqual(UNAUTHENTICATED);
  });

  it.each([
    ['no typ', { typ: undefined }],
    ['the typ of an ID token', { typ: 'JWT' }],
    ['no kid', { kid: undefined }],
    ['an empty kid', { kid: '' }],
    ['a critical member that nobody knows', { crit: ['x'], x: 1 }],
  ])('with %s in its header', async (_, header) => {
    const token = await sign(ec, claims(), header).catch(() => null);
    // jose refuses to sign an unknown critical member: that header is put in by hand.
    const forged =
      token ??
      `${Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'ec-1', typ: 'at+jwt', ...header })).toString('base64url')}.${(await sign(ec, claims())).split('.').slice(1).join('.')}`;
    expect(await ask(forged)).toEqual(UNAUTHENTICATED);
  });

  it('unsigned', async () => {
    const [, payload] = (await sign(ec, claims())).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'ec-1', typ: 'at+jwt' })).toString('base64url');
      for (const signature of ['', 'AAAA'])
        expect(await ask(`${header}.${payload ?? ''}.${signature}`)).toEqual(UNAUTHENTICATED);
    }
  });

  it('signed by HS256 under the public key, in every form that it can be had in', async () => {
    const pem = createPublicKey({ key: rsa.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const secret of [pem.toString(), pem.toString().trim(), JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
      const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'rsa-1', typ: 'at+jwt' })).toString('base64url');
      const body = `${header}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}`;
      const signature = createHmac('sha256', secret).update(body).digest('base64url');
      expect(await ask(`${body}.${signature}`)).toEqual(UNAUTHENTICATED);
    }
  });

  it('signed by a key that the provider publishes for HS256', async () => {
    const key = Buffer.alloc(32, 7);
    jwks.serve([{ kty: 'oct', k: key.toString('base64url'), kid: 'hs', alg: 'HS256' }]);
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'hs', typ: 'at+jwt' }).sign(key);
    expect(await ask(token)).toEqual(UNAUTHENTICATED);
  });

  it('under an algorithm that is not on the list', async () => {
    const [ps, es384] = [await signingKey('PS256', 'ps'), await signingKey('ES384', 'es384')];
    jwks.serve([ps.jwk, es384.jwk]);
    for (const key of [ps, es384]) expect(await ask(await sign(key, claims()))).toEqual(UNAUTHENTICATED);
  });

  it('signed by a stranger under a known kid', async () => {
    expect(await ask(await sign(stranger, claims()))).toEqual(UNAUTHENTICATED);
  });

  it('signed by one key under the kid of another', async () => {
    expect(await ask(await sign(ec, claims(), { kid: 'rsa-1' }))).toEqual(UNAUTHENTICATED);
  });

  it('with a key, a key set or a certificate of its own in the header', async () => {
    for (const header of [{ jwk: stranger.jwk }, { jku: jwks.url }, { x5u: jwks.url }, { x5c: ['AAAA'] }]) {
      expect(await ask(await sign(stranger, claims(), header))).toEqual(UNAUTHENTICATED);
    }
  });

  it('signed by a key that is published for encryption', async () => {
    jwks.serve([{ ...ec.jwk, use: 'enc' }]);
    expect(await ask(await sign(ec, claims()))).toEqual(UNAUTHENTICATED);
  });

  it('changed in any of its characters', async () => {
    const token = await sign(ed, claims());
    for (let at = 0; at < token.length; at += 7) {
      // The last character of an unpadded part has bits that say nothing: the one before it is changed instead.
      if (token[at] === '.' || token[at + 1] === '.' || at === token.length - 1) continue;
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(await ask(changed), `at ${at}`).toEqual(UNAUTHENTICATED);
    }
  });
});

describe('clocks', () => {
  it.each([
    ['expired 30 s ago', { exp: SECONDS - 30, iat: SECONDS - 600 }, true],
    ['expired 61 s ago', { exp: SECONDS - 61, iat: SECONDS - 600 }, false],
    ['issued 30 s ahead', { iat: SECONDS + 30 }, true],
    ['issued 61 s ahead', { iat: SECONDS + 61 }, false],
    ['valid from 30 s ahead', { nbf: SECONDS + 30 }, true],
    ['valid from 61 s ahead', { nbf: SECONDS + 61 }, false],
    ['an hour and 30 s old', { iat: SECONDS - 3630 }, true],
    ['an hour and 61 s old, with years to go', { iat: SECONDS - 3661, exp: SECONDS + 1e8 }, false],
  ])('%s: %j', async (_, more, passes) => {
    expect((await ask(await sign(ec, claims(more)))).ok).toBe(passes);
  });
});

describe('a token that was found good', () => {
  const at = async (token: string, moments: readonly number[]): Promise<boolean[]> => {
    let now = NOW;
    const patient = createIdentityService({
      issuers: [
        { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', keys: createRemoteKeys({ url: jwks.url, logger }) },
      ],
      claim: 'keyfold',
      maxTokenAgeMs: 3_600_000,
      clock: () => now,
    });
    const answers: boolean[] = [];
    for (const seconds of moments) {
      now = NOW + seconds * 1000;
      answers.push((await patient.authenticate(['Authorization', `Bearer ${token}`], null)).ok);
    }
    return answers;
  };

  it('is refused at the same moment as one that was never seen', async () => {
    const expiring = await sign(ec, claims({ exp: SECONDS + 10 }));
    expect(await at(expiring, [0, 9, 40, 71])).toEqual([true, true, true, false]);
    const ageing = await sign(ec, claims({ iat: SECONDS - 3590, exp: SECONDS + 1e6 }));
    expect(await at(ageing, [0, 9, 40, 71])).toEqual([true, true, true, false]);
  });

  it('is verified again after 30 s', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW });
    const token = await sign(ec, claims());
    expect((await ask(token)).ok).toBe(true);
    jwks.serve([rsa.jwk]);
    vi.advanceTimersByTime(10_000);
    await ask(await sign(rsa, claims()));
    expect((await ask(token)).ok).toBe(true);
    vi.advanceTimersByTime(20_001);
    await ask(await sign(ec, claims(), { kid: 'unknown' }));
    expect(await ask(token)).toEqual(UNAUTHENTICATED);
  });

  it('does not make another token good that differs in one character', async () => {
    const token = await sign(ec, claims());
    expect((await ask(token)).ok).toBe(true);
    expect(await ask(`${token.slice(0, -10)}${token.at(-10) === 'A' ? 'B' : 'A'}${token.slice(-9)}`)).toEqual(
      UNAUTHENTICATED,
    );
  });
});

describe('the credential', () => {
  it('is one Bearer token in one header; everything else is refused alike', async () => {
    const token = await sign(ec, claims());
    const bearer = `Bearer ${token}`;
    const refused: string[][] = [
      [],
      ['Authorization', token],
      ['Authorization', `Basic ${token}`],
      ['Authorization', `Bearer  ${token}`],
      ['Authorization', `Bearer ${token} `],
      ['Authorization', `Bearer ${token}, Bearer ${token}`],
      ['Authorization', 'Bearer '],
      ['Authorization', `Bearer ${token}ä`],
      ['Authorization', `Bearer ${'a'.repeat(8193)}`],
      ['Authorization', bearer, 'Authorization', bearer],
      ['Authorization', bearer, 'authorization', 'Bearer x'],
      ['Authorization', bearer, 'X-API-Key', 'kf_x'],
      ['X-API-Key', bearer],
      ['Proxy-Authorization', bearer],
      ['Cookie', `token=${token}`],
    ];
    for (const headers of refused)
      expect(await identity.authenticate(headers, null), headers[0]).toEqual(UNAUTHENTICATED);
    for (const name of ['Authorization', 'AUTHORIZATION', 'authorization']) {
      expect(await identity.authenticate([name, bearer], null)).toMatchObject({ ok: true });
    }
    expect(await identity.authenticate(['Authorization', `bearer ${token}`], null)).toMatchObject({ ok: true });
  });

  it('in the query is refused, also beside a good header', async () => {
    const token = await sign(ec, claims());
    for (const name of ['access_token', 'token', 'api_key', 'apikey', 'key', 'Access_Token', 'id_token']) {
      expect(await ask(token, `query=x&${name}=${token}`)).toEqual(UNAUTHENTICATED);
      expect(await identity.authenticate([], new URLSearchParams(`${name}=${token}`))).toEqual(UNAUTHENTICATED);
    }
    expect(await ask(token, 'query=x&variables=y')).toMatchObject({ ok: true });
  });

  it('that cannot be good causes no fetch of keys', async () => {
    const tokens = [
      'x',
      'a.b.c',
      await sign(ec, claims({ iss: 'https://evil.example/' })),
      await sign(ec, claims(), { kid: undefined }),
      (await sign(ec, claims())).split('.').slice(0, 2).join('.'),
    ];
    for (const token of tokens) expect(await ask(token)).toEqual(UNAUTHENTICATED);
    expect(jwks.fetches()).toBe(0);
  });
});

describe('the key set', () => {
  it('is fetched once for 100 callers at once', async () => {
    const token = await sign(ec, claims());
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(token)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(jwks.fetches()).toBe(1);
  });

  it('unknown kids cause at most one fetch in 30 s', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW });
    await ask(await sign(ec, claims()));
    for (let second = 1; second < 30; second += 1) {
      vi.advanceTimersByTime(1000);
      expect(await ask(await sign(ec, claims(), { kid: `unknown-${second}` }))).toEqual(UNAUTHENTICATED);
    }
    expect(jwks.fetches()).toBe(1);
    vi.advanceTimersByTime(1001);
    await Promise.all(['a', 'b', 'c'].map(async (kid) => ask(await sign(ec, claims(), { kid }))));
    expect(jwks.fetches()).toBe(2);
  });

  it('a key that was added is found, one that was withdrawn is not accepted for ever', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW });
    const next = await signingKey('ES256', 'ec-2');
    const [old, fresh] = [await sign(ec, claims()), await sign(next, claims())];
    expect((await ask(old)).ok).toBe(true);
    jwks.serve([next.jwk]);
    vi.advanceTimersByTime(30_001);
    expect((await ask(fresh)).ok).toBe(true);
    expect(await ask(old)).toEqual(UNAUTHENTICATED);
  });

  it('two keys under one kid let nobody in', async () => {
    jwks.serve([ec.jwk, stranger.jwk]);
    expect((await ask(await sign(ec, claims()))).ok).toBe(false);
  });

  const huge = `{"keys":[${'{},'.repeat(MAX_JWKS_BYTES / 3)}{}]}`;
  it.each([
    ['status 500', (response) => response.writeHead(500).end('{"keys":[]}')],
    ['status 404', (response) => response.writeHead(404).end()],
    ['a redirect', (response) => response.writeHead(302, { location: '/other' }).end()],
    ['no JSON', (response) => response.end('<html>')],
    ['another shape', (response) => response.end('{"keys":{}}')],
    ['a list', (response) => response.end('[]')],
    ['keys that are none', (response) => response.end('{"keys":[1]}')],
    ['a huge body', (response) => response.end(huge)],
    ['a body that is cut', (response) => response.writeHead(200, { 'content-length': 500 }).end('{"keys":[')],
    ['a connection that is cut', (response) => response.destroy()],
  ] satisfies [string, Parameters<JwksServer['behave']>[0]][])(
    '%s: the token cannot be checked, and is not accepted',
    async (_, answer) => {
      jwks.behave(answer);
      const token = await sign(ec, claims());
      expect(await ask(token)).toEqual(UNAVAILABLE);
      expect(await Promise.all(Array.from({ length: 50 }, () => ask(token)))).toEqual(Array(50).fill(UNAVAILABLE));
      expect(jwks.fetches()).toBe(1);
    },
  );

  it('nobody listening: the token cannot be checked, and is not accepted', async () => {
    await jwks.close();
    expect(await ask(await sign(ec, claims()))).toEqual(UNAVAILABLE);
    jwks = await startJwksServer([]);
  });

  it.each([
    ['sends nothing', (): void => undefined],
    ['sends headers and no body', (response) => void response.writeHead(200).write('{')],
  ] satisfies [string, Parameters<JwksServer['behave']>[0]][])(
    'a server that %s is given up in time',
    async (_, answer) => {
      jwks.behave(answer);
      const begun = performance.now();
      expect(
        await service(jwks.url).authenticate(['Authorization', `Bearer ${await sign(ec, claims())}`], null),
      ).toEqual(UNAVAILABLE);
      expect(performance.now() - begun).toBeLessThan(5_000);
    },
  );

  it('that fails after it was good lets held keys go on, and refuses the unknown', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW });
    const good = await sign(ec, claims());
    expect((await ask(good)).ok).toBe(true);
    jwks.behave((response) => response.writeHead(500).end());
    vi.advanceTimersByTime(31_000);
    expect(await ask(await sign(ec, claims(), { kid: 'unknown' }))).toEqual(UNAVAILABLE);
    expect((await ask(good)).ok).toBe(true);
    for (let second = 0; second < 29; second += 1) {
      vi.advanceTimersByTime(1000);
      await ask(await sign(ec, claims(), { kid: `unknown-${second}` }));
    }
    expect(jwks.fetches()).toBe(2);
  });

  it('recovers by itself', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW });
    const token = await sign(ec, claims());
    jwks.behave((response) => response.writeHead(503).end());
    expect(await ask(token)).toEqual(UNAVAILABLE);
    jwks.serve([ec.jwk]);
    vi.advanceTimersByTime(5_001);
    expect((await ask(token)).ok).toBe(true);
  });
});

describe('the local issuer', () => {
  const localService = async () => {
    const issuer = createLocalIssuer({ key: await makeIssuerKey(), claim: 'keyfold', clock: () => NOW });
    return {
      issuer,
      identity: createIdentityService({
        issuers: [issuer.trusted],
        claim: 'keyfold',
        maxTokenAgeMs: 3_600_000,
        clock: () => NOW,
      }),
    };
  };
  const CALLER = { subject: 'local', workspaces: { demo: 'admin' }, operator: true } as const;

  it('mints tokens that are accepted, for an hour at most', async () => {
    const { issuer, identity: local } = await localService();
    const token = await issuer.mint(CALLER);
    expect(await local.authenticate(['Authorization', `Bearer ${token}`], null)).toMatchObject({
      ok: true,
      identity: { actor: { kind: 'user', id: 'local' }, workspaces: new Map([['demo', 'admin']]), operator: true },
    });
    const { exp = 0, iat = 0 } = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    ) as JWTPayload;
    expect(exp - iat).toBe(3600);
  });

  it('of another installation is a stranger', async () => {
    const [mine, theirs] = [await localService(), await localService()];
    const token = await theirs.issuer.mint(CALLER);
    expect(await mine.identity.authenticate(['Authorization', `Bearer ${token}`], null)).toEqual(UNAUTHENTICATED);
    expect(await identity.authenticate(['Authorization', `Bearer ${token}`], null)).toEqual(UNAUTHENTICATED);
  });

  it('publishes nothing of its private half', async () => {
    const { issuer } = await localService();
    expect(Object.keys(issuer.jwks.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});
