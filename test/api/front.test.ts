// The API's HTTP front: what it takes and what it refuses, one past the edge and at it, and that it repeats nothing.
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_BODY } from '../../services/api/front.ts';
import { startFront, TOKEN, type Front } from './front-server.ts';

interface Answer {
  readonly data?: Record<string, string> | null;
  readonly errors?: readonly { message: string; extensions?: Record<string, string>; path?: unknown }[];
}
const HELLO = { query: '{ hello }' };
const CSRF = { 'x-keyfold-csrf': '1' };
const GRAPHQL = { accept: 'application/graphql-response+json' };

let front: Front;
beforeAll(async () => {
  front = await startFront({ operationLimits: { query: 100, mutation: 150 } });
});
afterAll(() => front.server.stop(0));

const codeOf = async (response: Response): Promise<string | undefined> =>
  ((await response.json()) as Answer).errors?.[0]?.extensions?.code;
const get = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${front.url}/graphql?${query}`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } });

async function raw(bytes: string): Promise<string> {
  const socket = connect(front.port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

describe('media types', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json; foo=bar',
  ])('%s is taken', async (type) => {
    const response = await front.post(HELLO, { 'content-type': type });
    expect([response.status, await response.json()]).toEqual([200, { data: { hello: 'hello you' } }]);
  });

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/json-patch+json',
    'application/jsonx',
    'application/graphql-response+json',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'text/json',
    '*/*',
    '',
  ])('%s is refused with 415, and nothing runs', async (type) => {
    const before = front.ran.length;
    for (const body of [
      '{"query":"mutation { change(text: \\"ran\\") }"}',
      'query=mutation+%7B+change+%7D',
      'mutation { change }',
    ]) {
      const response = await front.post(body, { 'content-type': type });
      expect(response.status).toBe(415);
    }
    expect(front.ran).toHaveLength(before);
  });

  it('a body without a type, with two of them, and a compressed one are refused with 415', async () => {
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 19\r\n`;
    expect(await raw(`${head}\r\n{"query":"{hello}"}`)).toMatch(/^HTTP\/1.1 415 /);
    for (const [name, again] of [
      ['Content-Type', 'text/plain'],
      ['content-type', 'application/json'],
      ['content-encoding', 'gzip'],
    ]) {
      const json = 'content-type: application/json\r\ncontent-encoding: identity\r\n';
      expect(await raw(`${head}${json}${name}: ${again}\r\n\r\n{"query":"{hello}"}`)).toMatch(/^HTTP\/1.1 415 /);
      expect(await raw(`${head}${json}\r\n{"query":"{hello}"}`)).toMatch(/^HTTP\/1.1 200 /);
    }
    for (const encoding of ['gzip', 'br', 'identity, gzip']) {
      expect((await front.post(HELLO, { 'content-encoding': encoding })).status).toBe(415);
    }
  });

  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    ['application/json;q=0.5, application/graphql-response+json', 'application/graphql-response+json'],
    ['text/html, application/json;q=0.1', 'application/json'],
    ['APPLICATION/JSON', 'application/json'],
  ])('Accept: %s is answered as %s', async (accept, type) => {
    const response = await front.post(HELLO, accept === undefined ? {} : { accept });
    expect(response.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
  });

  it.each(['text/html', 'application/xml', 'application/json;q=0', 'image/*'])(
    'Accept: %s is refused with 406',
    async (accept) => {
      expect((await front.post(HELLO, { accept })).status).toBe(406);
    },
  );
});

describe('what a body may be', () => {
  it.each([
    ['not JSON', '{"query":'],
    ['empty', ''],
    ['a list: no batches', '[{"query":"{ hello }"}]'],
    ['a text', '"{ hello }"'],
    ['null', 'null'],
    ['a number', '5'],
    ['without query', '{}'],
    ['query null', '{"query":null}'],
    ['query empty', '{"query":""}'],
    ['query a list', '{"query":["{ hello }"]}'],
    ['operationName a number', '{"query":"{ hello }","operationName":5}'],
    ['variables a list', '{"query":"{ hello }","variables":[]}'],
    ['variables a text', '{"query":"{ hello }","variables":"{}"}'],
    ['extensions a text', '{"query":"{ hello }","extensions":"x"}'],
    ['not UTF-8', Buffer.from('7b227175657279223a227bff7d227d', 'hex')],
  ])('%s is refused with 400', async (_, body) => {
    for (const accept of ['*/*', 'application/json', GRAPHQL.accept]) {
      const response = await front.post(body, { accept });
      expect([response.status, await codeOf(response)]).toEqual([400, 'BAD_USER_INPUT']);
    }
  });

  it('members that nobody knows are ignored, and a prototype is harmless', async () => {
    const body =
      '{"query":"query ($name: String) { hello(name: $name) }","variables":{"name":"x","__proto__":{"a":1}},"__proto__":{"query":"{ fails }"},"more":1}';
    expect(await (await front.post(body)).json()).toEqual({ data: { hello: 'hello x' } });
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  const sized = (bytes: number): string => {
    const frame = JSON.stringify({ ...HELLO, extensions: { x: '' } });
    return frame.replace('"x":""', `"x":"${'a'.repeat(bytes - frame.length)}"`);
  };
  it('256 KiB are taken, one byte more is 413', async () => {
    expect(sized(MAX_BODY)).toHaveLength(MAX_BODY);
    expect((await front.post(sized(MAX_BODY))).status).toBe(200);
    expect((await front.post(sized(MAX_BODY + 1))).status).toBe(413);
  });

  it('the limit is in bytes, not characters', async () => {
    const body = JSON.stringify({ ...HELLO, extensions: { x: 'ä'.repeat(MAX_BODY / 2) } });
    expect(body.length).toBeLessThan(MAX_BODY);
    expect((await front.post(body)).status).toBe(413);
  });

  it('a body whose length is not told is measured all the same', async () => {
    const chunked = (bytes: number): Promise<Response> =>
      fetch(`${front.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: new Blob([sized(bytes)]).stream(),
        duplex: 'half',
      } as RequestInit);
    expect((await chunked(MAX_BODY)).status).toBe(200);
    expect((await chunked(MAX_BODY + 1)).status).toBe(413);
  });

  it('a body that claims to be huge is refused before it comes', async () => {
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 999999999\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i);
  });
});

describe('GET', () => {
  it('runs queries with the CSRF header', async () => {
    expect(await (await get('query={hello}', CSRF)).json()).toEqual({ data: { hello: 'hello you' } });
    const variables = encodeURIComponent('{"n":"x"}');
    expect(await (await get(`query=query($n:String){hello(name:$n)}&variables=${variables}`, CSRF)).json()).toEqual({
      data: { hello: 'hello x' },
    });
  });

  it.each([
    ['without it', {}],
    ['with another value', { 'x-keyfold-csrf': '0' }],
    ['with a body type instead', { 'content-type': 'application/json' }],
  ])('is refused %s', async (_, headers) => {
    const response = await get('query={hello}', headers);
    expect([response.status, await codeOf(response)]).toEqual([403, 'FORBIDDEN']);
  });

  it.each(['mutation{change(text:"x")}', 'query A{hello} mutation B{change(text:"x")}'])(
    'never runs a mutation: %s',
    async (query) => {
      const before = front.ran.length;
      for (const accept of ['*/*', 'application/json', GRAPHQL.accept]) {
        const response = await get(
          `query=${encodeURIComponent(query)}&operationName=${query.includes('B') ? 'B' : ''}`,
          { ...CSRF, accept },
        );
        expect(response.status).toBe(405);
      }
      expect(front.ran).toHaveLength(before);
    },
  );

  it.each([
    '',
    'query=',
    'query={hello}&query={hello}',
    'query={hello}&variables=x',
    'query={hello}&variables=[]',
    'query={hello}&variables=5',
  ])('with %j is refused with 400', async (search) => {
    expect((await get(search, CSRF)).status).toBe(400);
  });

  it('needs a credential like any other request', async () => {
    expect((await fetch(`${front.url}/graphql?query={hello}`, { headers: CSRF })).status).toBe(401);
  });
});

describe('other methods and paths', () => {
  it.each(['PUT', 'PATCH', 'DELETE', 'HEAD'])('%s is refused with 405', async (method) => {
    const response = await fetch(`${front.url}/graphql`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS']);
  });

  it.each(['/', '/graphql/', '/GraphQL', '/graphql/x', '//graphql', '/..%2fgraphql', '/favicon.ico'])(
    '%s is nothing',
    async (path) => {
      expect(await raw(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 404 /,
      );
    },
  );

  it('health and metrics are on the same port, and count requests', async () => {
    await front.post(HELLO);
    expect((await fetch(`${front.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${front.url}/metrics`)).text()).toMatch(
      /keyfold_http_request_seconds_count\{route="graphql",status="200"\} [1-9]/,
    );
  });
});

describe('callers', () => {
  it.each([
    ['no credential', {}],
    ['a bad one', { authorization: 'Bearer bad' }],
    ['another kind', { authorization: 'Basic x' }],
  ])('%s: 401 UNAUTHENTICATED, whatever is asked', async (_, headers) => {
    for (const body of ['{"query":"{ hello }"}', '{"query":"{ __schema { types { name } } }"}', 'nonsense']) {
      const response = await fetch(`${front.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
        body,
      });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(await response.json()).toEqual({
        errors: [{ message: 'A valid credential is needed.', extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  it('one that cannot be checked now: 503 UNAVAILABLE, to be asked again', async () => {
    const response = await front.post(HELLO, { authorization: 'Bearer uncheckable' });
    expect([response.status, response.headers.get('retry-after'), await codeOf(response)]).toEqual([
      503,
      '5',
      'UNAVAILABLE',
    ]);
  });

  it('address, user agent and request id reach the context, and the id comes back', async () => {
    const response = await front.post(
      { query: '{ who }' },
      { 'user-agent': 'test/1', 'x-request-id': 'trace-1', 'x-forwarded-for': '1.2.3.4' },
    );
    const { data } = (await response.json()) as Answer;
    expect(JSON.parse(data?.who ?? '')).toEqual({
      actor: 'alice',
      ip: '127.0.0.1',
      userAgent: 'test/1',
      requestId: 'trace-1',
    });
    expect(response.headers.get('x-request-id')).toBe('trace-1');
  });
});

describe('headers of every answer', () => {
  it('are not to be kept, and vary by origin', async () => {
    const requests = [
      front.post(HELLO),
      front.post('x'),
      front.post(HELLO, { authorization: '' }),
      front.post(HELLO, { 'content-type': 'text/plain' }),
      get('query={hello}'),
      fetch(`${front.url}/graphql`, { method: 'OPTIONS' }),
    ];
    for (const response of await Promise.all(requests)) {
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('vary')).toMatch(/\bOrigin\b/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      for (const name of ['server', 'x-powered-by']) expect(response.headers.get(name)).toBeNull();
    }
  });

  const origins: readonly (readonly [string, boolean])[] = [
    ['https://console.example.com', true],
    ['https://console.example.com.evil.com', false],
    ['https://evil.com', false],
    ['http://console.example.com', false],
    ['https://console.example.com:8443', false],
    ['HTTPS://CONSOLE.EXAMPLE.COM', false],
    ['null', false],
  ];
  it.each(origins)('origin %s is allowed: %s, never with cookies', async (origin, allowed) => {
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    for (const response of [
      await front.post(HELLO, { origin }),
      await front.post(HELLO, { origin, authorization: 'Bearer bad' }),
      await fetch(`${front.url}/graphql`, { method: 'OPTIONS', headers: { origin, ...preflight } }),
    ]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('a preflight of a listed origin is told what it may send', async () => {
    const response = await fetch(`${front.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://console.example.com' },
    });
    expect([response.status, response.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST']);
    expect(response.headers.get('access-control-allow-headers')).toMatch(/Authorization, Content-Type, X-Keyfold-CSRF/);
  });
});

describe('errors', () => {
  it.each([
    ['a syntax error', '{ hello', 'BAD_USER_INPUT', 400],
    ['an unknown field', '{ nothing }', 'BAD_USER_INPUT', 400],
    ['an operation that is not there', 'query A { hello } query B { hello }', 'BAD_USER_INPUT', 400],
    ['a defect', '{ fails }', 'INTERNAL', 500],
    ['a store that is away', '{ away }', 'UNAVAILABLE', 503],
    ['a position that was not reached', '{ late }', 'POSITION_TIMEOUT', 503],
    ['a query that takes too long', '{ slow }', 'UNAVAILABLE', 503],
    ['a mutation that takes too long', 'mutation { slowly }', 'UNAVAILABLE', 503],
  ])('%s: %s is %s', async (_, query, code, status) => {
    for (const headers of [{}, GRAPHQL]) {
      const response = await front.post({ query }, headers);
      expect([response.status, await codeOf(response)]).toEqual([status, code]);
      expect(response.headers.get('retry-after')).toBe(status === 503 ? '5' : null);
    }
    const tolerant = await front.post({ query }, { accept: 'application/json' });
    expect(tolerant.status).toBe(status === 400 ? 200 : status);
  });

  it('a field that fails beside one that answers leaves status 200', async () => {
    const response = await front.post({ query: '{ nullable hello }' });
    expect([response.status, await response.json()]).toEqual([200, { data: { nullable: null, hello: 'hello you' } }]);
  });

  it('a defect is masked, and its correlation id finds it in the log', async () => {
    const response = await front.post({ query: '{ fails }' });
    const text = await response.text();
    expect(text).not.toMatch(/canary|stack|at .*\.ts/);
    const id = (JSON.parse(text) as Answer).errors?.[0]?.extensions?.correlationId ?? 'none';
    expect(id).toBe(response.headers.get('x-request-id'));
    const line =
      front
        .log()
        .split('\n')
        .find((entry) => entry.includes(id)) ?? '';
    expect(line).toContain('canary-stack');
    expect(await (await front.post({ query: '{ away }' })).text()).not.toMatch(/canary|ECONNREFUSED|10\.1\.2\.3/);
  });

  it.each([
    ['a missing variable', 'query ($t: Thing!) { hello(thing: $t) }', {}, 't must be given.', ['t']],
    ['null where none may be', 'query ($t: Thing!) { hello(thing: $t) }', { t: null }, 't must not be null.', ['t']],
    [
      'a wrong scalar',
      'query ($t: Thing) { hello(thing: $t) }',
      { t: { count: 'canary-12345678' } },
      't.count must be a whole number of 32 bits.',
      ['t', 'count'],
    ],
    [
      'a wrong item',
      'query ($t: Thing) { hello(thing: $t) }',
      { t: { count: 1, tags: ['a', { canary: 1 }] } },
      't.tags.1 must be a string.',
      ['t', 'tags', '1'],
    ],
    [
      'an unknown member',
      'query ($t: Thing) { hello(thing: $t) }',
      { t: { count: 1, 'canary-12345678': 1 } },
      't must have no members but count, tags.',
      ['t'],
    ],
    [
      'a missing member',
      'query ($t: Thing) { hello(thing: $t) }',
      { t: { tags: [] } },
      't.count must be given.',
      ['t', 'count'],
    ],
    [
      'what is no object',
      'query ($t: Thing) { hello(thing: $t) }',
      { t: 'canary-12345678' },
      't must be an object.',
      ['t'],
    ],
  ])('%s is named, and its value is not', async (_, query, variables, message, path) => {
    const response = await front.post({ query, variables });
    const text = await response.text();
    expect(response.status).toBe(400);
    expect((JSON.parse(text) as Answer).errors?.[0]).toMatchObject({
      message,
      extensions: { code: 'BAD_USER_INPUT', path },
    });
    expect(text).not.toContain('canary');
  });
});

describe('nothing is repeated', () => {
  const CANARY = 'zq8Xv3Lw9Rt5Kp2Bn7';
  const pieces = Array.from({ length: CANARY.length - 7 }, (_, at) => CANARY.slice(at, at + 8));
  const bodies: readonly (readonly [string, string])[] = [
    ['invalid JSON', `{"query": ${CANARY}`],
    ['JSON of another shape', JSON.stringify([CANARY])],
    ['a wrong query', JSON.stringify({ query: { [CANARY]: CANARY } })],
    ['wrong variables', JSON.stringify({ query: '{ hello }', variables: CANARY })],
    ['a wrong operation name', JSON.stringify({ query: 'query A { hello }', operationName: CANARY })],
    ['a syntax error', JSON.stringify({ query: `{ hello(name: "${CANARY}" }` })],
    ['an unknown field', JSON.stringify({ query: `{ ${CANARY} }` })],
    ['a wrong literal', JSON.stringify({ query: `{ hello(thing: { count: "${CANARY}" }) }` })],
    [
      'a wrong variable',
      JSON.stringify({ query: 'query ($t: Thing) { hello(thing: $t) }', variables: { t: { count: CANARY } } }),
    ],
    [
      'a wrong variable of a wrong kind',
      JSON.stringify({ query: 'query ($t: String) { hello(name: $t) }', variables: { t: { [CANARY]: CANARY } } }),
    ],
    ['a value that a resolver fails on', JSON.stringify({ query: `{ fails hello(name: "${CANARY}") }` })],
  ];
  it.each(bodies)('of %s, in whatever media type', async (_, body) => {
    const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];
    for (const type of types) {
      for (const accept of ['*/*', 'application/json', GRAPHQL.accept, 'text/html']) {
        const response = await front.post(body, { 'content-type': type, accept });
        const told = (await response.text()) + JSON.stringify([...response.headers]);
        expect(pieces.filter((piece) => told.includes(piece))).toEqual([]);
      }
    }
    const response = await get(`query=${encodeURIComponent(`{ hello(name: "${CANARY}" }`)}&variables=${CANARY}`, CSRF);
    expect(pieces.filter((piece) => front.log().includes(piece))).toEqual([]);
    expect(await response.text()).not.toContain(CANARY);
  });
});

describe('the page to try queries on', () => {
  it('is there when it is asked for by a browser, and loads nothing from elsewhere', async () => {
    const embedded = await startFront({ graphiql: true });
    try {
      const response = await fetch(`${embedded.url}/graphql`, {
        headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
      });
      const page = await response.text();
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page).not.toMatch(/https?:\/\/|src=|href=|localStorage|sessionStorage/);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe/);
      expect((await fetch(`${embedded.url}/graphql`, { headers: { accept: 'application/json' } })).status).toBe(403);
    } finally {
      await embedded.server.stop(0);
    }
  });

  it('is not there otherwise', async () => {
    const response = await fetch(`${front.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).not.toContain('html');
    expect(response.status).toBe(403);
  });
});

describe('stop', () => {
  it('answers what is in flight, then lets nobody in', async () => {
    const stopping = await startFront({ operationLimits: { query: 300 } });
    const slow = stopping.post({ query: '{ slow }' });
    await new Promise<void>((resolve) => stopping.server.server.once('request', () => resolve()));
    expect(await stopping.server.stop(5000)).toBe('drained');
    expect((await slow).status).toBe(503);
    await expect(stopping.post(HELLO)).rejects.toThrow();
  });
});
