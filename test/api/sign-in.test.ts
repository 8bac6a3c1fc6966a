// Signing in to the console over HTTP, on a whole installation in this process: the link, the cookie as a credential of all
// that the API answers, what other pages cannot do with it, and its end.
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SessionRow } from '../../projections/sessions.ts';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { openBrowser, type Answered, type Browser, type Sent } from '../support/browser.ts';
import { startEmbedded, type InProcess } from '../support/in-process.ts';
import { messagesOf, nextOf, wholeOf } from '../support/sse.ts';

let system: InProcess;
let url: string;
/** As the store has it. */
let load: (id: string, now: string) => Promise<SessionRow | null>;

beforeAll(async () => {
  system = await startEmbedded();
  url = system.addresses.api;
  const { sessions } = system.core.store;
  load = sessions.load.bind(sessions);
}, 120_000);
afterAll(() => system.stop());
afterEach(() => void vi.restoreAllMocks());

const OWNER = { subject: 'local', workspaces: { demo: 'admin' }, operator: true } as const;
type Who = Parameters<ReturnType<typeof createLocalIssuer>['mint']>[0];

async function link(who: Who = OWNER): Promise<{ readonly url: string; readonly code: string }> {
  const token = await createLocalIssuer({ key: system.core.issuerKey!, claim: 'keyfold' }).mint(who);
  const made = await fetch(`${url}/session/codes`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  expect(made.status).toBe(201);
  return (await made.json()) as { url: string; code: string };
}
async function signedIn(who: Who = OWNER): Promise<Browser> {
  const browser = openBrowser(url);
  const { code } = await link(who);
  expect((await browser.send('/session', { method: 'POST', body: { code } })).status).toBe(200);
  return browser;
}
const VIEWER = '{ viewer { actor { kind id } operator workspaces { workspace { workspaceId } role } } }';
const codeOf = (answered: Answered): unknown =>
  (answered.json() as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;
const nameOf = (browser: Browser): string => [...browser.jar.keys()][0] ?? '';
const rowOf = async (browser: Browser) => {
  const id = createHash('sha256')
    .update(browser.jar.get(nameOf(browser)) ?? '')
    .digest('hex');
  return (await load(id, new Date().toISOString()))!;
};

describe('a sign-in link', () => {
  test('leads to the console with the code behind the #, and signs in once', async () => {
    const browser = openBrowser(url);
    const made = await link();
    expect(made.url).toBe(`${url}/sign-in#code=${made.code}`);
    expect((await browser.send('/session')).json()).toEqual({
      ...{ signedIn: false, subject: null, methods: ['code'], expiresAt: null, idleUntil: null },
    });
    const first = await browser.send('/session', { method: 'POST', body: { code: made.code } });
    expect(first.status).toBe(200);
    const told = first.json() as { expiresAt: string; idleUntil: string };
    expect(told).toMatchObject({ signedIn: true, subject: 'local', methods: ['code'] });
    expect(Date.parse(told.expiresAt) - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
    expect(Date.parse(told.idleUntil) - Date.now()).toBeLessThanOrEqual(8 * 3_600_000);
    expect((await browser.send('/session')).json()).toEqual(told);

    const again = openBrowser(url);
    const second = await again.send('/session', { method: 'POST', body: { code: made.code } });
    expect([second.status, codeOf(second), second.cookies]).toEqual([401, 'UNAUTHENTICATED', []]);
    expect((await again.graphql(VIEWER)).status).toBe(401);
  });

  test('signs in once when it is opened twice at the same time', async () => {
    const { code } = await link();
    const body = { code };
    const both = await Promise.all(
      [openBrowser(url), openBrowser(url)].map((each) => each.send('/session', { method: 'POST', body })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  test('gives a cookie that no script reads, no other site sends, and no answer is kept', async () => {
    const browser = openBrowser(url);
    const { code } = await link();
    const { cookies, headers } = await browser.send('/session', { method: 'POST', body: { code } });
    const { port } = new URL(url);
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(
      new RegExp(`^keyfold-${port}=[A-Za-z0-9_-]{43}; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict$`),
    );
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('ends the session that the browser had', async () => {
    const browser = await signedIn();
    const former = new Map(browser.jar);
    const { code } = await link({ subject: 'eve', workspaces: { demo: 'viewer' }, operator: false });
    await browser.send('/session', { method: 'POST', body: { code, replace: true } });
    expect((await browser.graphql(VIEWER)).body).toContain('"eve"');
    const thief = openBrowser(url);
    for (const [name, value] of former) thief.jar.set(name, value);
    expect((await thief.graphql(VIEWER)).status).toBe(401);
  });

  test('takes nobody’s place unless it is told to, and is not used up by that', async () => {
    const browser = await signedIn();
    const { code } = await link({ subject: 'trudy', workspaces: { demo: 'admin' }, operator: false });
    for (const body of [{ code }, { code, replace: false }]) {
      const refused = await browser.send('/session', { method: 'POST', body });
      expect([refused.status, codeOf(refused), refused.cookies]).toEqual([409, 'CONFLICT', []]);
    }
    expect((await browser.graphql(VIEWER)).body).toContain('"local"');
    const { status } = await openBrowser(url).send('/session', { method: 'POST', body: { code } });
    expect(status).toBe(200);
  });

  test('of the same person begins their session anew without a word', async () => {
    const browser = await signedIn();
    const { code } = await link({ ...OWNER, operator: false });
    expect((await browser.send('/session', { method: 'POST', body: { code } })).status).toBe(200);
    expect((await browser.graphql('{ viewer { operator } }')).json()).toEqual({
      data: { viewer: { operator: false } },
    });
  });

  test('is good again when the store was away at that moment', async () => {
    const browser = openBrowser(url);
    const body = { code: (await link()).code };
    vi.spyOn(system.core.store.sessions, 'add').mockRejectedValueOnce(new Error('away'));
    const away = await browser.send('/session', { method: 'POST', body });
    expect([away.status, away.cookies, away.headers['retry-after']]).toEqual([503, [], '5']);
    expect((await browser.send('/session', { method: 'POST', body })).status).toBe(200);
  });

  test('is made for holders of the data folder alone', async () => {
    const make = (headers: Record<string, string>, method = 'POST') =>
      fetch(`${url}/session/codes`, { method, headers }).then(({ status }) => status);
    const browser = await signedIn();
    expect(await make({})).toBe(401);
    expect(await make({ authorization: 'Bearer x.y.z' })).toBe(401);
    expect((await browser.send('/session/codes', { method: 'POST', body: {} })).status).toBe(401);
    expect(await make({}, 'GET')).toBe(405);
  });

  const refused: readonly (readonly [what: string, status: number, sent: Sent])[] = [
    ['a form', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'code=CODE' }],
    ['text', 415, { headers: { 'content-type': 'text/plain' }, body: '{"code":"CODE"}' }],
    ['no JSON', 400, { body: '{"code":' }],
    ['no code', 400, { body: {} }],
    ['a list', 400, { body: ['CODE'] }],
    ['an operator of a database', 400, { body: { code: { $ne: null } } }],
    ['too much', 413, { body: { code: 'CODE', more: 'x'.repeat(5000) } }],
    ['another site', 403, { headers: { 'sec-fetch-site': 'cross-site' }, body: { code: 'CODE' } }],
    ['another port', 403, { headers: { 'sec-fetch-site': 'same-site' }, body: { code: 'CODE' } }],
    [
      'another origin',
      403,
      { headers: { 'sec-fetch-site': null, origin: 'https://evil.example' }, body: { code: 'CODE' } },
    ],
    ['another name of this machine', 403, { headers: { host: 'evil.example' }, body: { code: 'CODE' } }],
  ];
  test.each(refused)('is not used up by %s', async (_, status, sent) => {
    const browser = openBrowser(url);
    const { code } = await link();
    const body = typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body);
    const filled = { ...sent, method: 'POST', body: body.replace('CODE', code) };
    const answered = await browser.send('/session', { ...filled, body: filled.body });
    expect([answered.status, answered.cookies]).toEqual([status, []]);
    expect(answered.body).not.toContain(code.slice(0, 12));
    expect((await browser.send('/session', { method: 'POST', body: { code } })).status).toBe(200);
  });

  test('is taken from a program, which says nothing of where it comes from', async () => {
    const { code } = await link();
    const answer = await fetch(`${url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    expect(answer.status).toBe(200);
  });
});

describe('the cookie', () => {
  test('asks and changes as who is signed in, by whom history says it was', async () => {
    const browser = await signedIn({ subject: 'grace', workspaces: { demo: 'admin' }, operator: false });
    expect((await browser.graphql(VIEWER)).json()).toEqual({
      data: {
        viewer: {
          actor: { kind: 'USER', id: 'grace' },
          operator: false,
          workspaces: [{ workspace: { workspaceId: 'demo' }, role: 'ADMIN' }],
        },
      },
    });
    const made = await browser.graphql(
      `mutation { createKey(input: { workspaceId: "demo", keyspace: "default", name: "by a page", scopes: ["a:b"] }) {
        ... on CreateKeyPayload { key { createdBy { kind id } history(first: 1) { nodes { actor { kind id } } } } } ... on Error { code message }
      } }`,
    );
    const actor = { kind: 'USER', id: 'grace' };
    expect(made.json()).toEqual({
      data: { createKey: { key: { createdBy: actor, history: { nodes: [{ actor }] } } } },
    });
    expect(made.headers['cache-control']).toBe('no-store');
  });

  const asks: readonly (readonly [
    what: string,
    ask: (browser: Browser, headers?: Sent['headers']) => Promise<Answered>,
  ])[] = [
    ['queries', (browser, headers) => browser.graphql(VIEWER, {}, headers)],
    [
      'queries by GET',
      (browser, headers = {}) => browser.send(`/graphql?query=${encodeURIComponent(VIEWER)}`, { headers }),
    ],
    [
      'mutations',
      (browser, headers) => browser.graphql('mutation { retryParked(input: {}) { __typename } }', {}, headers),
    ],
    ['exports', (browser, headers = {}) => browser.send('/v1/events/export?workspace=demo', { headers })],
    ['operations', (browser, headers = {}) => browser.send('/v1/operations/peppers', { headers })],
  ];
  describe.each(asks)('for %s', (_, ask) => {
    test('counts from a page of our own', async () => {
      expect((await ask(await signedIn())).status).toBe(200);
    });
    test('counts by its origin, where the browser says no more', async () => {
      expect((await ask(await signedIn(), { 'sec-fetch-site': null, origin: url })).status).toBe(200);
    });
    test.each<Sent['headers']>([
      { 'x-keyfold-csrf': null },
      { 'x-keyfold-csrf': 'yes' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': null, origin: null },
      { 'sec-fetch-site': null, origin: 'https://evil.example' },
      { 'sec-fetch-site': null, origin: 'null' },
    ])('is refused with %j', async (headers) => {
      const answered = await ask(await signedIn(), headers);
      expect([answered.status, codeOf(answered)]).toEqual([403, 'FORBIDDEN']);
    });
    test('counts for whom the page says it is of, and is refused where somebody else has signed in since', async () => {
      const browser = await signedIn({ subject: 'zoë ☂', workspaces: { demo: 'admin' }, operator: true });
      const asOf = (person: string) => ask(browser, { 'x-keyfold-person': person });
      expect((await asOf(encodeURIComponent('zoë ☂'))).status).toBe(200);
      for (const other of ['local', '', 'zo']) {
        const answered = await asOf(other);
        expect([answered.status, codeOf(answered)]).toEqual([409, 'CONFLICT']);
      }
    });
    test('is nobody’s under another name of this machine, or when it is made up', async () => {
      const browser = await signedIn();
      expect((await ask(browser, { host: 'evil.example', origin: null })).status).toBe(401);
      browser.jar.set(nameOf(browser), 'A'.repeat(43));
      expect((await ask(browser)).status).toBe(401);
    });
    test('cannot be checked while the store is away: 503', async () => {
      const browser = await signedIn();
      vi.spyOn(system.core.store.sessions, 'load').mockRejectedValue(new Error('away'));
      expect((await ask(browser)).status).toBe(503);
    });
  });

  test('sends no mutation but as JSON', async () => {
    const browser = await signedIn();
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/graphql',
    ])
      expect((await browser.graphql(VIEWER, {}, { 'content-type': type })).status).toBe(415);
  });

  test('gives way to a credential that was sent on purpose, good or bad', async () => {
    const browser = await signedIn();
    const token = await createLocalIssuer({ key: system.core.issuerKey!, claim: 'keyfold' }).mint({
      ...{ subject: 'mallory', workspaces: {}, operator: false },
    });
    const asked = await browser.graphql(VIEWER, {}, { authorization: `Bearer ${token}` });
    expect(asked.body).toContain('"mallory"');
    for (const headers of [{ authorization: 'Bearer x' }, { 'x-api-key': 'x' }])
      expect((await browser.graphql(VIEWER, {}, headers)).status).toBe(401);
    expect((await browser.send(`/v1/operations/peppers?token=x`)).status).toBe(401);
  });
});

describe('signing out', () => {
  test('takes the cookie and the session away', async () => {
    const browser = await signedIn();
    const former = new Map(browser.jar);
    const { id } = await rowOf(browser);
    const left = await browser.send('/session', { method: 'DELETE' });
    expect([left.status, left.body, browser.jar.size]).toEqual([204, '', 0]);
    expect(await load(id, '2000-01-01T00:00:00.000Z')).toBeNull();
    for (const [name, value] of former) browser.jar.set(name, value);
    expect((await browser.graphql(VIEWER)).status).toBe(401);
    expect((await browser.send('/session')).json()).toMatchObject({ signedIn: false });
    expect((await browser.send('/session', { method: 'DELETE' })).status).toBe(204); // again it changes nothing
  });

  test.each<Sent['headers']>([
    { 'x-keyfold-csrf': null },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': null, origin: 'https://evil.example' },
  ])('cannot be done by another page: %j', async (headers) => {
    const browser = await signedIn();
    expect((await browser.send('/session', { method: 'DELETE', headers: headers! })).status).toBe(403);
    expect((await browser.graphql(VIEWER)).status).toBe(200);
  });

  const streamOf = (browser: Browser): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        ...{ accept: 'text/event-stream', 'content-type': 'application/json', 'x-keyfold-csrf': '1' },
        ...{ 'sec-fetch-site': 'same-origin', cookie: `${nameOf(browser)}=${browser.jar.get(nameOf(browser)) ?? ''}` },
      },
      body: JSON.stringify({ query: 'subscription { keyEvents(workspaceId: "demo") { id } }' }),
    });

  test('ends the subscriptions of the session within 5 s, with `complete`', async () => {
    const browser = await signedIn();
    const stream = await streamOf(browser);
    const reading = wholeOf(stream);
    await browser.send('/session', { method: 'DELETE' });
    const since = performance.now();
    const told = await reading;
    expect(performance.now() - since).toBeLessThan(5000);
    expect(told.at(-1)?.event).toBe('complete');
    expect(nextOf(told.at(-2)!).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  }, 15_000);

  test('a role that is taken away ends what it let in within 5 s', async () => {
    const browser = await signedIn();
    const stream = await streamOf(browser);
    const { id, ...row } = await rowOf(browser);
    const { sessions } = system.core.store;
    await sessions.end(id);
    await sessions.add({ ...row, id, workspaces: {}, operator: false });
    const since = performance.now();
    const told = [];
    for await (const message of messagesOf(stream)) told.push(message);
    expect(performance.now() - since).toBeLessThan(5000);
    expect(told.at(-1)?.event).toBe('complete');
    expect((await browser.graphql('{ workspace(id: "demo") { id } }')).json()).toEqual({ data: { workspace: null } });
  }, 15_000);

  test('an open subscription is no use of the session', async () => {
    const browser = await signedIn();
    const { sessions } = system.core.store;
    const extend = vi.spyOn(sessions, 'extend').mockResolvedValue();
    let looks = 0;
    const looked = new Promise<void>((resolve) => {
      // As after an hour: every use of it would be written down.
      vi.spyOn(sessions, 'load').mockImplementation(async (id, now) => {
        if ((looks += 1) === 4) resolve();
        const row = await load(id, now);
        return row && { ...row, until: new Date(Date.parse(row.until) - 3_600_000).toISOString() };
      });
    });
    const stream = await streamOf(browser);
    await looked; // by the request itself, and then again and again
    expect(extend).toHaveBeenCalledTimes(1);
    await stream.body?.cancel();
  }, 15_000);
});

describe('operators', () => {
  const ask = (browser: Browser, body?: unknown): Promise<Answered> =>
    browser.send('/v1/operations/sessions', body === undefined ? {} : { method: 'POST', body });

  test('see who is signed in, and sign somebody out everywhere', async () => {
    const operator = await signedIn();
    const mallory = { subject: 'mallory', workspaces: { demo: 'member' }, operator: false } as const;
    const both = [await signedIn(mallory), await signedIn(mallory)];
    const { sessions } = (await ask(operator)).json() as { sessions: readonly { readonly subject: string }[] };
    const theirs = sessions.filter(({ subject }) => subject === 'mallory');
    expect(theirs).toEqual(Array(2).fill({ ...mallory, method: 'code', ...TIMES }));
    expect((await ask(operator, { end: 'mallory' })).json()).toEqual({ ended: 2 });
    for (const browser of both) expect((await browser.graphql(VIEWER)).status).toBe(401);
    expect((await ask(operator, { end: 'mallory' })).json()).toEqual({ ended: 0 });
    expect((await operator.graphql(VIEWER)).status).toBe(200);
  });

  test('alone do', async () => {
    const member = await signedIn({ subject: 'mia', workspaces: { demo: 'admin' }, operator: false });
    for (const body of [undefined, { end: 'local' }]) expect((await ask(member, body)).status).toBe(403);
  });

  test.each<unknown>([{}, { end: '' }, { end: null }, { end: { $ne: '' } }, { end: 'a', all: true }, []])(
    'are told what is wanted: %j',
    async (body) => {
      const answered = await ask(await signedIn(), body);
      expect([answered.status, codeOf(answered)]).toEqual([400, 'BAD_USER_INPUT']);
    },
  );
});

const TIMES = Object.fromEntries(
  ['createdAt', 'expiresAt', 'idleUntil'].map((name) => [name, expect.stringMatching(/Z$/) as string]),
);

describe('/session', () => {
  test('takes GET, POST and DELETE', async () => {
    for (const method of ['PUT', 'PATCH', 'OPTIONS', 'HEAD']) {
      const answered = await openBrowser(url).send('/session', { method });
      expect([answered.status, answered.headers.allow]).toEqual([405, 'GET, POST, DELETE']);
    }
    expect((await openBrowser(url).send('/session/else')).status).toBe(404);
  });

  test('tells another site nothing', async () => {
    const browser = await signedIn();
    const other = await browser.send('/session', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(other.json()).toMatchObject({ signedIn: false, expiresAt: null });
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('counts attempts by outcome', async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const outcome of ['ok', 'refused', 'failed'])
      expect(metrics).toMatch(new RegExp(`^keyfold_sign_ins_total\\{method="code",outcome="${outcome}"\\} [1-9]`, 'm'));
  });
});
