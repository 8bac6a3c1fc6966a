// Signing in at an identity provider, a real one (oidc-provider) on a loopback port, through a whole installation: the way
// there and back, and everything that must not be let in on it.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOidc } from '../../services/api/oidc.ts';
import { openBrowser, type Answered, type Browser } from '../support/browser.ts';
import { AUDIENCE, CLIENT, startIdentityProvider, type IdentityProvider } from '../support/identity-provider.ts';
import { startEmbedded, type InProcess } from '../support/in-process.ts';

const GRACE = { subject: 'grace', claims: { keyfold: { workspaces: { acme: 'viewer' }, operator: false } } };
const VIEWER = '{ viewer { actor { id } operator workspaces { role } } }';

let idp: IdentityProvider;
let system: InProcess;
let url: string;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  idp = await startIdentityProvider(`${url}/session/callback`);
  system = await startEmbedded({
    ...{ API_PORT: String(port), PUBLIC_URL: url },
    ...{ AUTH_ISSUER: idp.issuer, AUTH_AUDIENCE: AUDIENCE, AUTH_JWKS_URL: idp.jwksUrl },
    ...{ AUTH_CLIENT_ID: CLIENT.id, AUTH_CLIENT_SECRET: CLIENT.secret },
  });
}, 120_000);
afterAll(async () => {
  await system.stop();
  await idp.close();
});
beforeEach(() => Object.assign(idp, { person: GRACE, format: 'jwt', instead: () => false }));

const PENDING = () => `keyfold-sign-in-${new URL(url).port}`;
const locationOf = ({ headers }: Answered): URL => new URL(headers.location ?? '', url);

/** From the provider's address on, as a browser goes, until it is sent back; answers where to. */
async function atProvider(from: URL): Promise<URL> {
  const there = openBrowser(idp.issuer);
  let at = from;
  while (at.origin === idp.issuer) {
    const answered = await there.open(`${at.pathname}${at.search}`);
    if (answered.headers.location === undefined) throw new Error(`${answered.status} ${answered.body}`);
    at = new URL(answered.headers.location, idp.issuer);
  }
  return at;
}
const CROSS_SITE = { 'sec-fetch-site': 'cross-site' };
const back = (browser: Browser, { pathname, search }: URL) => browser.open(`${pathname}${search}`, CROSS_SITE);

async function signIn(browser: Browser, path = '/session/start'): Promise<Answered> {
  const started = await browser.open(path);
  expect(started.status).toBe(303);
  return back(browser, await atProvider(locationOf(started)));
}
async function expectNobody(browser: Browser, answered: Answered, error: string, page = '/sign-in'): Promise<void> {
  expect([answered.status, answered.headers.location]).toEqual([303, `${page}#error=${error}`]);
  expect([...browser.jar.keys()]).toEqual([]);
  expect((await browser.send('/session')).json()).toMatchObject({ signedIn: false });
}

describe('signing in at the identity provider', () => {
  test('ends at the console, as whom the access token names, and is told as a way in', async () => {
    const browser = openBrowser(url);
    expect((await browser.send('/session')).json()).toMatchObject({ signedIn: false, methods: ['code', 'oidc'] });
    const answered = await signIn(browser);
    expect([answered.status, answered.headers.location]).toEqual([303, '/']);
    expect(answered.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    expect([...browser.jar.keys()]).toEqual([`keyfold-${new URL(url).port}`]);
    expect(answered.cookies.find((each) => each.startsWith('keyfold-') && !each.includes('sign-in'))).toMatch(
      /; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict$/,
    );
    expect((await browser.graphql(VIEWER)).json()).toEqual({
      data: { viewer: { actor: { id: 'grace' }, operator: false, workspaces: [{ role: 'VIEWER' }] } },
    });
    expect((await browser.send('/session')).json()).toMatchObject({ signedIn: true });
  });

  test('asks for a code with PKCE, state and nonce, each time another, kept by the browser alone', async () => {
    const browser = openBrowser(url);
    const [first, second] = [await browser.open('/session/start'), await browser.open('/session/start')];
    const asked = [first, second].map((each) => Object.fromEntries(locationOf(each).searchParams));
    for (const parameters of asked)
      expect(parameters).toMatchObject({
        ...{ response_type: 'code', client_id: CLIENT.id, redirect_uri: `${url}/session/callback`, scope: 'openid' },
        ...{ resource: AUDIENCE, audience: AUDIENCE, code_challenge_method: 'S256' },
      });
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(new Set(asked.map((parameters) => parameters[name])).size).toBe(2);
    expect(second.cookies).toHaveLength(1);
    expect(second.cookies[0]).toMatch(
      new RegExp(`^${PENDING()}=[\\w.-]+; Path=/; Max-Age=600; HttpOnly; SameSite=Lax$`),
    );
    expect(second.body + (second.headers.location ?? '')).not.toContain(CLIENT.secret);
  });

  test.each([
    ['/w/acme/keys?status=ACTIVE', '/w/acme/keys?status=ACTIVE'],
    ['https://evil.example/', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/a\\..\\b', '/'],
    ['/a\r\nset-cookie: x=y', '/'],
    ['/w/acme/keys#code=abc', '/'],
    ['javascript:alert(1)', '/'],
    ['', '/'],
  ])('leads back to the page that one came from, and nowhere else: %j', async (returnTo, to) => {
    const answered = await signIn(openBrowser(url), `/session/start?${new URLSearchParams({ returnTo }).toString()}`);
    expect(answered.headers.location).toBe(to);
  });

  test('ends the former session of the browser, where it is shown', async () => {
    const browser = openBrowser(url);
    await signIn(browser);
    const former = openBrowser(url);
    for (const [name, value] of browser.jar) former.jar.set(name, value);
    await signIn(browser);
    expect((await former.graphql(VIEWER)).status).toBe(401);
    expect((await browser.graphql(VIEWER)).status).toBe(200);
  });

  test('that is refused there is told on the sign-in page', async () => {
    idp.person = 'denied';
    const browser = openBrowser(url);
    await expectNobody(browser, await signIn(browser), 'access_denied');
  });
});

describe('nobody is signed in', () => {
  test.each([
    ['/w/acme/keys?status=ACTIVE', '/w/acme/keys?status=ACTIVE'],
    ['https://evil.example/', '/sign-in'],
    ['//evil.example', '/sign-in'],
    ['/\\evil.example', '/sign-in'],
    ['/w/acme/keys#code=abc', '/sign-in'],
  ])('and is led to the page that one came from, and nowhere else: %j', async (returnTo, to) => {
    const start = `/session/start?${new URLSearchParams({ returnTo }).toString()}`;
    idp.person = 'denied';
    const browser = openBrowser(url);
    await expectNobody(browser, await signIn(browser, start), 'access_denied', to);
  });

  test('by a cookie that leads elsewhere', async () => {
    idp.person = 'denied';
    const browser = openBrowser(url);
    const callback = await atProvider(locationOf(await browser.open('/session/start')));
    const parts = (browser.jar.get(PENDING()) ?? '').split('.').slice(0, 3);
    browser.jar.set(PENDING(), [...parts, Buffer.from('//evil.example').toString('base64url')].join('.'));
    await expectNobody(browser, await back(browser, callback), 'access_denied');
  });

  test('who did not begin here: another browser, or the second time', async () => {
    const [browser, other] = [openBrowser(url), openBrowser(url)];
    const callback = await atProvider(locationOf(await browser.open('/session/start')));
    await expectNobody(other, await back(other, callback), 'expired');
    const pending = new Map(browser.jar);
    expect((await back(browser, callback)).headers.location).toBe('/');
    await browser.send('/session', { method: 'DELETE' });
    await expectNobody(browser, await back(browser, callback), 'expired');
    for (const [name, value] of pending) browser.jar.set(name, value);
    await expectNobody(browser, await back(browser, callback), 'refused'); // the code is used up
  });

  test.each(['state', 'code', 'iss'])('with another %s', async (name) => {
    const browser = openBrowser(url);
    const callback = await atProvider(locationOf(await browser.open('/session/start')));
    callback.searchParams.set(name, 'https://evil.example');
    await expectNobody(browser, await back(browser, callback), 'refused');
  });

  test.each([
    ['state', 0],
    ['nonce', 1],
    ['verifier', 2],
  ] as const)('whose browser kept another %s', async (_, index) => {
    const browser = openBrowser(url);
    const callback = await atProvider(locationOf(await browser.open('/session/start')));
    const parts = (browser.jar.get(PENDING()) ?? '').split('.');
    parts[index] = 'A'.repeat(43);
    browser.jar.set(PENDING(), parts.join('.'));
    await expectNobody(browser, await back(browser, callback), 'refused');
  });

  test.each(['', 'a.b.c.d', 'x'.repeat(4000)])('whose browser kept something else: %j', async (kept) => {
    const browser = openBrowser(url);
    const callback = await atProvider(locationOf(await browser.open('/session/start')));
    browser.jar.set(PENDING(), kept);
    await expectNobody(browser, await back(browser, callback), 'expired');
  });

  test('whose access token is none of this API: opaque, or with a claim that is none', async () => {
    idp.format = 'opaque';
    const browser = openBrowser(url);
    await expectNobody(browser, await signIn(browser), 'not_accepted');
    idp.format = 'jwt';
    for (const person of [
      { ...GRACE, claims: { keyfold: { workspaces: { acme: 'emperor' } } } },
      { ...GRACE, subject: 'grace@example.com' },
    ]) {
      idp.person = person;
      await expectNobody(browser, await signIn(browser), 'not_accepted');
    }
  });

  test('while the provider answers nothing, nonsense, or too late', async () => {
    const browser = openBrowser(url);
    const started = await browser.open('/session/start');
    const callback = await atProvider(locationOf(started));
    idp.instead = (request, response) => request.url === '/token' && (response.destroy(), true);
    await expectNobody(browser, await back(browser, callback), 'unavailable');
    const again = await atProvider(locationOf(await browser.open('/session/start')));
    idp.instead = (request, response) => request.url === '/token' && (response.end('<html>'), true);
    await expectNobody(browser, await back(browser, again), 'refused');
  });

  test('by anything but GET', async () => {
    for (const path of ['/session/start', '/session/callback'])
      for (const method of ['POST', 'HEAD', 'DELETE'])
        expect((await openBrowser(url).send(path, { method })).status).toBe(405);
  });

  test('and each attempt is counted', async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const outcome of ['ok', 'refused', 'failed'])
      expect(metrics).toMatch(new RegExp(`^keyfold_sign_ins_total\\{method="oidc",outcome="${outcome}"\\} [1-9]`, 'm'));
  });
});

describe('the client of the provider', () => {
  const REDIRECT = 'http://127.0.0.1:1/session/callback';
  const parameters = { scope: 'openid', resource: AUDIENCE };
  const clientOf = (issuer: string, more: object = {}) =>
    createOidc({
      ...{ issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, parameters, redirectUri: REDIRECT },
      ...more,
    });

  test.each(['client_secret_basic', 'client_secret_post'] as const)('shows its secret by %s', async (method) => {
    const provider = await startIdentityProvider(REDIRECT, method);
    try {
      provider.person = GRACE;
      const oidc = clientOf(provider.issuer);
      const { url: first, pending } = await oidc.start();
      const there = openBrowser(provider.issuer);
      let at = first;
      while (at.origin === provider.issuer)
        at = new URL((await there.open(`${at.pathname}${at.search}`)).headers.location ?? '', provider.issuer);
      const token = await oidc.finish(at, pending);
      expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', kid: 'idp-1' });
    } finally {
      await provider.close();
    }
  });

  test('asks an hour long what it was told, and again at once when it was told nothing', async () => {
    const provider = await startIdentityProvider(REDIRECT);
    try {
      let clock = 0;
      const oidc = clientOf(provider.issuer, { clock: () => clock, timeoutSeconds: 1 });
      const discoveries = () => provider.asked.filter((each) => each.includes('.well-known')).length;
      provider.instead = (_, response) => (response.writeHead(500).end(), true);
      await expect(oidc.start()).rejects.toMatchObject({ failure: 'unavailable' });
      provider.instead = () => true; // never answers
      await expect(oidc.start()).rejects.toMatchObject({ failure: 'unavailable' });
      provider.instead = () => false;
      await oidc.start();
      expect(discoveries()).toBe(3);
      clock = 3_599_999;
      await oidc.start();
      expect(discoveries()).toBe(3);
      clock = 3_600_000;
      await oidc.start();
      expect(discoveries()).toBe(4);
    } finally {
      await provider.close();
    }
  });

  test('takes no provider that says it is another one', async () => {
    const provider = await startIdentityProvider(REDIRECT);
    try {
      provider.instead = ({ url: path = '' }, response) =>
        path.includes('.well-known') &&
        (response.setHeader('content-type', 'application/json').end('{"issuer":"https://evil.example"}'), true);
      await expect(clientOf(provider.issuer).start()).rejects.toMatchObject({ failure: 'unavailable' });
    } finally {
      await provider.close();
    }
  });
});
