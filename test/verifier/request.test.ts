// Reading requests: the plain ones that are judged by hand are judged as the schema judges them.
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { generateSecret } from '../../events/secret.ts';
import { countPlainMembers } from '../../services/verifier/plain-request.ts';
import { readHeaders } from '../../services/verifier/request-headers.ts';
import { readBody, verifyRequest } from '../../services/verifier/request.ts';

const text = fc.oneof(
  fc.constantFrom(
    '',
    'default',
    'live',
    'a:read',
    '10.0.0.1',
    '::1',
    'fe80::1%eth0',
    '10.1',
    'https://a.example',
    '\0',
    '\ud800',
  ),
  fc.string({ maxLength: 70 }),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.constantFrom('x'.repeat(64), 'x'.repeat(65), 'x'.repeat(129), 'x'.repeat(2048), 'x'.repeat(2049)),
);
const scope = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a:read', 'b', 'x.y/z*') },
  { weight: 1, arbitrary: text },
);
const anything = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }));
const member = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: anything });
const members = {
  keyspace: member(text),
  environment: member(text),
  origin: member(text),
  ip: member(fc.oneof(fc.ipV4(), fc.ipV6(), text)),
  scopes: member(fc.oneof(fc.array(scope, { maxLength: 4 }), fc.constant(Array<string>(101).fill('a')))),
  resource: member(fc.record({ type: text, id: text, more: anything }, { requiredKeys: ['type', 'id'] })),
  flags: member(fc.array(text, { maxLength: 2 })),
  permission: member(fc.constantFrom('a and b', 'a and', '(a)')),
  cost: member(fc.integer()),
  include: member(fc.constantFrom(['name'], ['name', 'metadata'], ['key'])),
  atLeast: member(fc.constantFrom('p1_0-1', 'p2_0-1')),
  request: member(fc.record({ id: text, path: text }, { requiredKeys: [] })),
  ['__proto__']: anything,
  constructor: anything,
};
const names = Object.keys(members) as (keyof typeof members)[];
const body = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.tuple(member(text), fc.subarray(names, { maxLength: 3 })).chain(([key, chosen]) =>
      fc.tuple(...chosen.map((name) => members[name])).map((values) => ({
        key,
        ...Object.fromEntries(chosen.map((name, i): [string, unknown] => [name, values[i]])),
      })),
    ),
  },
  { weight: 1, arbitrary: anything },
);

const read = (json: string) => readBody(Buffer.from(json));

describe('a request', () => {
  test('is taken exactly when the schema takes it, and comes out as the schema gives it', () => {
    let plain = 0;
    let taken = 0;
    fc.assert(
      fc.property(body, (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value));
        const expected = verifyRequest.safeParse(json);
        const found = read(JSON.stringify(value));
        expect(found.ok).toBe(expected.success);
        if (found.ok) expect(found.request).toEqual(expected.data);
        if (countPlainMembers(json) >= 0) {
          plain++;
          expect(expected.success).toBe(true);
        }
        if (expected.success) taken++;
      }),
      { numRuns: 10_000 },
    );
    expect(plain).toBeGreaterThan(500);
    expect(taken).toBeGreaterThan(plain);
  });

  test('with only plain members is judged by hand', () => {
    const plain = {
      ...{ key: 'k', keyspace: 'default', environment: 'live', origin: 'https://a.example', ip: '::1' },
      ...{ scopes: ['a:read', 'b'], resource: { type: 'agent', id: 'a-1' } },
    };
    expect(countPlainMembers(plain)).toBe(9);
    expect(read(JSON.stringify(plain))).toEqual({ ok: true, request: plain });
  });

  test.each([
    ['{"key":"a","key":"a"}'],
    ['{"key":"a","key":"b"}'],
    ['{"key":"b","\\u006bey":"a"}'],
    ['{"key":"a","scopes":["x"],"scopes":[]}'],
    ['{"key":"a","resource":{"type":"t","type":"u","id":"i"}}'],
    ['{"key":"a","request":{"id":"x","id":"y"}}'],
  ])('that names a member twice is refused: %s', (json) => {
    expect(read(json)).toEqual({ ok: false, problem: { path: [], message: 'must not have a member twice' } });
  });

  test('may hold colons, quotes and backslashes in its texts', () => {
    const request = { key: 'a":"b\\', origin: '\\":::{"key":"x"}', scopes: ['a:b:c'] };
    expect(read(JSON.stringify(request, null, 2))).toEqual({ ok: true, request });
  });
});

test('a key is no id of a request, whoever names it: ids are written into logs', () => {
  const key = generateSecret('kf', randomBytes).reveal();
  const body = (id: string) => readBody(Buffer.from(JSON.stringify({ key: 'x', request: { id } })));
  expect(body('req-1').ok).toBe(true);
  expect(body(key)).toEqual({
    ok: false,
    problem: { path: ['request', 'id'], message: 'must not be a key: it is written into logs' },
  });
});

describe('headers', () => {
  test('are found whatever their case, and one that was sent twice is nobody’s', () => {
    const found = readHeaders([
      'Host',
      'a',
      'CONTENT-Type',
      'x',
      'Authorization',
      '1',
      'authorization',
      '1',
      'X-Request-ID',
      'r',
    ]);
    expect(found).toEqual({ contentType: 'x', contentEncoding: null, authorization: '', requestId: 'r' });
  });
});
