// What forward-auth reads of a gateway's request: that gateway's own headers, and the operator's own query.
import { describe, expect, test } from 'vitest';
import { createForwardHeaders, readForward } from '../../services/verifier/forward-request.ts';
import { readForwardQuery, splitPrefixed } from '../../services/verifier/forward-query.ts';
import { GATEWAYS, type Gateway, type GatewayName } from '../../services/verifier/gateways.ts';
import { createHeaderReader } from '../../services/shared/headers.ts';
import { createMemo } from '../../services/shared/memo.ts';
import { FLAVOURS } from './forward-support.ts';

const OWN: Record<GatewayName, string[]> = {
  nginx: ['X-Original-Method', 'PATCH', 'X-Original-URI', '/orders?x=1'],
  caddy: ['X-Forwarded-Method', 'PATCH', 'X-Forwarded-Uri', '/orders?x=1'],
  traefik: ['X-Forwarded-Method', 'PATCH', 'X-Forwarded-Uri', '/orders?x=1'],
  envoy: [],
};
/** Every header that some gateway, or a client who hopes for one, names the request by. */
const FOREIGN = [
  ...['X-Original-Method', 'X-Original-URI', 'X-Original-URL', 'X-Forwarded-Method', 'X-Forwarded-Uri'],
  ...['X-Forwarded-Path', 'X-Forwarded-Prefix', 'X-Rewrite-URL', 'X-Envoy-Original-Path', 'X-Envoy-Original-Method'],
  ...['X-HTTP-Method-Override', 'Method', 'Path', ':path', ':method', 'X-Auth-Request-Redirect'],
];

function read(flavour: GatewayName, rawHeaders: readonly string[], query = 'keyspace=shop', method = 'GET') {
  const gateway: Gateway = GATEWAYS[flavour];
  const of = readForward(gateway, { method, query }, createForwardHeaders(gateway)(rawHeaders));
  if (!of.ok) throw new Error(of.problem.message);
  return { method: of.method, path: of.path };
}

describe('the original request', () => {
  test.each(FLAVOURS)('%s: method and path from its own headers', (flavour) => {
    const query = flavour === 'envoy' ? 'keyspace=shop&path=/orders?x=1' : undefined;
    const method = flavour === 'envoy' ? 'PATCH' : 'GET';
    expect(read(flavour, OWN[flavour], query, method)).toEqual({ method: 'PATCH', path: '/orders?x=1' });
    const shouted = OWN[flavour].map((text, i) => (i % 2 === 0 ? text.toUpperCase() : text));
    expect(read(flavour, shouted, query, method)).toEqual({ method: 'PATCH', path: '/orders?x=1' });
  });

  test.each(FLAVOURS)('%s: a header of another gateway has no effect, with or without its own', (flavour) => {
    const query = flavour === 'envoy' ? 'keyspace=shop&path=/orders?x=1' : undefined;
    const foreign = FOREIGN.filter((name) => !OWN[flavour].includes(name)).flatMap((name) => [name, '/evil']);
    expect(foreign.length).toBeGreaterThan(20);
    const without = read(flavour, [], query);
    expect(without).toEqual(
      flavour === 'envoy' ? { method: 'GET', path: '/orders?x=1' } : { method: null, path: null },
    );
    expect(read(flavour, foreign, query)).toEqual(without);
    for (const all of [
      [...foreign, ...OWN[flavour]],
      [...OWN[flavour], ...foreign],
    ])
      expect(read(flavour, all, query)).toEqual(read(flavour, OWN[flavour], query));
  });

  test('a header of its own that was sent twice, one of them perhaps by a client, is refused', () => {
    expect(() => read('nginx', [...OWN.nginx, 'x-original-uri', '/evil'])).toThrow('must be sent once');
    expect(() => read('caddy', [...OWN.caddy, 'x-forwarded-uri', '/orders?x=1'])).toThrow('must be sent once');
    expect(() => read('traefik', [...OWN.traefik, 'x-forwarded-method', 'GET'])).toThrow('must be sent once');
  });

  test('a body is one that is announced, sent or not', () => {
    const hasBody = (...raw: string[]) => createForwardHeaders(GATEWAYS.nginx)(raw).hasBody;
    expect([hasBody(), hasBody('Content-Length', '0')]).toEqual([false, false]);
    expect([hasBody('Content-Length', '1'), hasBody('Transfer-Encoding', 'chunked')]).toEqual([true, true]);
    expect(hasBody('Content-Length', '0', 'content-length', '0')).toBe(true);
  });
});

describe('Envoy: the client’s path and query stand behind the operator’s', () => {
  const operator = 'keyspace=shop&scope=orders:write&permission=a';

  test.each([
    '/orders',
    '/orders?keyspace=other&scope=none',
    '/a&keyspace=other&permission=b',
    '/x?y&path=/z',
    '/?permission=a+or+b',
    '*',
    '',
  ])('with a prefix that ends in path=, %j changes nothing of what is asked', (client) => {
    const of = readForward(
      GATEWAYS.envoy,
      { method: 'GET', query: `${operator}&path=${client}` },
      { method: null, path: null },
    );
    const asked = { keyspace: 'shop', scopes: ['orders:write'], flags: [], permission: 'a' };
    expect(of).toEqual({ ok: true, asked, method: 'GET', path: client });
  });

  test.each(['/orders', '/x+or+b', '/&path=/y', '/orders?keyspace=other&path=', '/a/b/c'])(
    'with another prefix, %j is refused',
    (client) => {
      for (const prefix of [operator, 'keyspace=shop', ''])
        expect(
          readForward(GATEWAYS.envoy, { method: 'GET', query: prefix + client }, { method: null, path: null }),
        ).toMatchObject({ ok: false, problem: { path: ['path'] } });
    },
  );

  test('an operator’s slash is written as %2F', () => {
    expect(splitPrefixed('keyspace=shop&scope=a%2Fb&path=/c')).toEqual({
      query: 'keyspace=shop&scope=a%2Fb',
      path: '/c',
    });
    expect(readForwardQuery('keyspace=shop&scope=a%2Fb')).toMatchObject({ ok: true, asked: { scopes: ['a/b'] } });
  });

  test('no other gateway takes a path in its query', () => {
    for (const flavour of FLAVOURS.filter((name) => name !== 'envoy'))
      expect(() => read(flavour, [], 'keyspace=shop&path=/orders')).toThrow('must have no members but');
  });
});

describe('a path that two servers may read differently', () => {
  const READ = { nginx: 'x-original-uri', caddy: 'x-forwarded-uri', traefik: 'x-forwarded-uri', envoy: null } as const;
  const pathOf = (flavour: GatewayName, path: string) => {
    const header = READ[flavour];
    return header === null ? read(flavour, [], `keyspace=shop&path=${path}`).path : read(flavour, [header, path]).path;
  };

  test.each([
    ...[
      '/a/../b',
      '/..',
      '/a/..',
      '/a/./b',
      '/.',
      '//a',
      '/a//b',
      '/a//',
      '/a%2fb',
      '/a%2Fb',
      '/%2e%2e/b',
      '/a/%2E%2e',
    ],
    ...['/a;b', '/a;x=1/b', '/..;/b', '/a\\b', '/a%5cb', '/a%5C..%5Cb', '/a#b', '/a%00', '/a/../b?x=1', 'http://h/a'],
  ])('%s is refused, whichever gateway sends it', (path) => {
    for (const flavour of FLAVOURS) expect(() => pathOf(flavour, path), flavour).toThrow('must have one meaning');
  });

  test.each([
    ...['/', '/a', '/a/b/', '/.well-known/x', '/a/..b', '/a/b..', '/a...b/...', '/a.b', '/a%20b', '/%C3%A4', '/~a'],
    ...['/a?b=../..//;%2f#', '/a?', '*', '/a:b@c,d=e&f+g!$(h)'],
  ])('%s is not', (path) => {
    for (const flavour of FLAVOURS) expect(pathOf(flavour, path), flavour).toBe(path);
  });
});

describe('the query', () => {
  test('each member as in POST /v1/verify; lists may be empty', () => {
    expect(readForwardQuery('keyspace=shop')).toEqual({ ok: true, asked: { keyspace: 'shop', scopes: [], flags: [] } });
    const all = 'keyspace=shop&scope=a&flag=f&scope=b&permission=a+or+b&resource=agent:x:1&environment=live&flag=g';
    expect(readForwardQuery(all)).toEqual({
      ok: true,
      asked: {
        ...{ keyspace: 'shop', scopes: ['a', 'b'], flags: ['f', 'g'], permission: 'a or b', environment: 'live' },
        resource: { type: 'agent', id: 'x:1' },
      },
    });
  });

  test('a good one is read once; a bad one is read anew each time and not kept', () => {
    expect(readForwardQuery('keyspace=shop&scope=kept')).toBe(readForwardQuery('keyspace=shop&scope=kept'));
    expect(readForwardQuery('keyspace=shop&key=x')).not.toBe(readForwardQuery('keyspace=shop&key=x'));
  });

  test('a memo holds no more than its bound, and nothing that is not worth it', () => {
    const computed: string[] = [];
    const memo = createMemo(
      (text) => (computed.push(text), { text }),
      2,
      ({ text }) => text !== 'bad',
    );
    for (const text of ['a', 'a', 'bad', 'bad', 'b', 'c', 'b', 'c', 'a']) expect(memo(text)).toEqual({ text });
    expect(computed).toEqual(['a', 'bad', 'bad', 'b', 'c', 'a']);
  });
});

test('a header reader finds each name once, in any case, and tells one that was sent twice', () => {
  const valuesOf = createHeaderReader(['a-b', 'x', 'y-y']);
  expect(valuesOf(['Host', 'h', 'A-B', '1', 'X', '2', 'x', '3', 'x', '4', 'c-d', '5'])).toEqual(['1', '', null]);
  expect(valuesOf([])).toEqual([null, null, null]);
});
