// Fields: each limit is accepted at its edge and refused one past, hostile values are refused with their path, and no
// message quotes what was sent.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import * as fields from '../../events/fields.ts';
import { keyCommands, type KeyCommandName } from '../../events/key/commands.ts';
import { readSource } from '../../events/keyspaces/source.ts';
import { profile } from '../../events/keyspaces/profile.ts';
import { problemOf } from '../../events/problem.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { readCommand } from './read-command.ts';

const x = (length: number) => 'x'.repeat(length);
const many = (length: number, of: (i: number) => string = (i) => `a${i}`) => Array.from({ length }, (_, i) => of(i));
/** A JSON object of exactly so many bytes. */
const bytes = (length: number) => ({ a: x(length - '{"a":""}'.length) });
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
const withProto = JSON.parse('{"a":{"__proto__":{"admin":true}}}') as unknown;
const deep = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`) as unknown;

interface Row {
  readonly field: z.ZodType;
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
}

const HOSTILE_TEXT = ['a\u0000b', '\u0000', '\ud800', 'a\udc00', '\udc00\ud800'];
const KEPT_TEXT = [
  'a\r\nb',
  '\u202eabc',
  'a\u200bb',
  '👩‍👩‍👧',
  '$gt',
  'a.b',
  '__proto__',
  "'; DROP TABLE keys",
  '<script>',
];

const TABLE: Record<string, Row> = {
  name: {
    field: fields.name,
    accepted: [x(128), ...KEPT_TEXT],
    refused: [x(129), '', ' ', '\u200a\t', ...HOSTILE_TEXT, 1, null],
  },
  description: {
    field: fields.description,
    accepted: ['', x(1024), ...KEPT_TEXT],
    refused: [x(1025), ...HOSTILE_TEXT],
  },
  note: { field: fields.note, accepted: ['', x(1024)], refused: [x(1025), ...HOSTILE_TEXT] },
  discardReason: { field: fields.discardReason, accepted: ['x', x(1024)], refused: ['', ' ', x(1025)] },
  tags: {
    field: fields.tags,
    accepted: [[], [x(64)], many(50), KEPT_TEXT],
    refused: [[x(65)], many(51), ['a', 'a'], [''], ['a\u0000'], [1], 'a'],
  },
  metadata: {
    field: fields.metadata,
    accepted: [{}, bytes(4096), nested(4), { 'a.b': 1, $gt: 2, constructor: 3, toString: null }, { a: [[[1]]] }],
    refused: [
      bytes(4097),
      nested(5),
      { a: [[[[1]]]] },
      { a: [[[{}]]] },
      withProto,
      [],
      'a',
      null,
      1,
      { a: 'x\u0000' },
      { 'x\ud800': 1 },
      { a: NaN },
      { a: Infinity },
    ],
  },
  ownerId: {
    field: fields.ownerId,
    accepted: ['u-1', x(128), 'auth0|5f'],
    refused: ['', ' ', x(129), 'a@b', 'anna@example.com', 'a\u0000'],
  },
  email: {
    field: fields.email,
    accepted: ['a@b', `${x(250)}@b.c`],
    refused: ['a', '@', 'a@', '@b', 'a b@c', 'a@b@c', `${x(251)}@b.c`, 'a@\u0000'],
  },
  workspaceId: {
    field: fields.workspaceId,
    accepted: ['a', 'Acme_1-x', x(64)],
    refused: ['', x(65), '-a', '_a', 'a b', 'a/b', '../a', 'ä', 'a\n'],
  },
  keyspaceSlug: {
    field: fields.keyspaceSlug,
    accepted: ['a', x(40), 'project-admin'],
    refused: ['', x(41), 'A', '1a', 'keys', 'audit', 'a.b', '__proto__', 'a\n'],
  },
  commandId: {
    field: fields.commandId,
    accepted: ['a', 'A-_9', x(64)],
    refused: ['', x(65), 'a b', 'a.b', 'ä', 'a\n'],
  },
  scopes: {
    field: fields.scopes,
    accepted: [[], [x(64)], many(100), ['agents:read', 'admin.*', 'a/b']],
    refused: [[x(65)], many(101), [''], ['a b'], ['a', 'a'], ['ä'], ['a\n'], [null]],
  },
  resources: {
    field: fields.resources,
    accepted: [
      { all: true, ids: [] },
      { all: false, ids: [] },
      { all: false, ids: many(500) },
      { all: false, ids: [x(128)] },
    ],
    refused: [
      { all: true, ids: ['a'] },
      { all: false, ids: many(501) },
      { all: false, ids: [x(129)] },
      { all: false, ids: [''] },
      { all: false, ids: ['a', 'a'] },
      { all: false },
      { ids: [] },
      { all: false, ids: [], extra: 1 },
    ],
  },
  flags: {
    field: fields.flags,
    accepted: [[], ['transientAssistant', x(40)], many(20)],
    refused: [many(21), [x(41)], ['1a'], ['a-b'], ['a', 'a']],
  },
  origins: {
    field: fields.origins,
    accepted: [
      [],
      [
        'https://app.example.com',
        'http://localhost:3000',
        'https://*.example.com',
        'capacitor://localhost',
        'http://[::1]:8080',
        'https://a.b:65535',
        'http://127.0.0.1:1',
        'http://a:443',
        'https://xn--bcher-kva.example',
      ],
      many(50, (i) => `https://a${i}.example`),
    ],
    refused: [
      many(51, (i) => `https://a${i}.example`),
      ...[
        'https://app.example.com\\@evil.com',
        'https://app.example.com@evil.com',
        'null',
        '*',
        'https://*',
        'https://a.*.com',
        'https://*.*.com',
        'https://a*.com',
        'https://App.example.com',
        'HTTPS://a.example',
        'https://a.example/',
        'https://a.example/path',
        'https://a.example?x',
        'https://a.example#x',
        'https://',
        'a.example',
        '//a.example',
        'https://a.example:0',
        'https://a.example:65536',
        'https://a.example:',
        'https://a.example:443',
        'http://a.example:80',
        'https://a.example:08',
        'https://-a.example',
        'https://a-.example',
        'https://a..example',
        'https://.a.example',
        'https://a.example.',
        'https://bücher.example',
        'https://a_b.example',
        'https://[::1',
        'https://[:::1]',
        'https://[127.0.0.1]',
        'https://a.example ',
        ' https://a.example',
        'https://a.example\n',
        'https://a.example\u0000',
        'https://u:p@a.example',
        `https://${x(64)}.example`,
        `https://${`${x(60)}.`.repeat(5)}example`,
        '',
      ].map((origin) => [origin]),
      ['https://a.example', 'https://a.example'],
    ],
  },
  settableOrigins: {
    field: fields.settableOrigins,
    accepted: [
      [],
      ['https://app.example.com', 'http://localhost:3000', 'https://*.example.com', 'https://*.app.example.co.uk:8443'],
      ['http://[::1]:8080'],
      many(50, (i) => `https://a${i}.example`),
    ],
    refused: [
      many(51, (i) => `https://a${i}.example`),
      ...[
        'javascript://x',
        'capacitor://localhost',
        'httpx://a.example',
        'https://*.com',
        'http://*.localhost:3000',
        'https://*',
        'https://app.example.com/',
        'https://App.example.com',
        'null',
        '',
      ].map((origin) => [origin]),
      ['https://a.example', 'https://a.example'],
    ],
  },
  ipRanges: {
    field: fields.ipRanges,
    accepted: [
      [
        '10.0.0.0/8',
        '192.0.2.1',
        '0.0.0.0/0',
        '203.0.113.255/32',
        '::/0',
        '::1',
        '2001:db8::/32',
        '2001:DB8::/32',
        '::ffff:192.0.2.0/120',
        'fe80::/10',
      ],
      many(100, (i) => `10.0.0.${i}`),
    ],
    refused: [
      many(101, (i) => `10.0.0.${i}`),
      ...[
        '10.0.0.1/8',
        '192.0.2.1/31',
        '2001:db8::1/32',
        '::1/127',
        '0x7f.1',
        '0x7f000001',
        '127.1',
        '2130706433',
        '010.0.0.1',
        '10.0.0.0/08',
        '10.0.0.0/33',
        '10.0.0.0/',
        '10.0.0.0/-1',
        '10.0.0.0/8/8',
        '::/129',
        'fe80::1%eth0',
        '10.0.0.0/255.0.0.0',
        '10.0.0',
        '10.0.0.256',
        '',
        ' 10.0.0.1',
        '10.0.0.1 ',
        '10.0.0.1\n',
        'localhost',
        '[::1]',
        '*',
        '10.*',
      ].map((range) => [range]),
      ['10.0.0.0/8', '10.0.0.0/8'],
    ],
  },
  rateLimit: {
    field: fields.rateLimit,
    accepted: [
      { limit: 1, windowSeconds: 1 },
      { limit: 1_000_000, windowSeconds: 86_400 },
    ],
    refused: [
      { limit: 0, windowSeconds: 1 },
      { limit: 1_000_001, windowSeconds: 1 },
      { limit: 1, windowSeconds: 0 },
      { limit: 1, windowSeconds: 86_401 },
      { limit: 1.5, windowSeconds: 1 },
      { limit: '1', windowSeconds: 1 },
      { limit: NaN, windowSeconds: 1 },
    ],
  },
  instant: {
    field: fields.instant,
    accepted: ['2030-02-28T00:00:00.000Z', '2028-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    refused: [
      '2030-02-31T00:00:00.000Z',
      '2030-02-29T00:00:00.000Z',
      '2030-04-31T00:00:00.000Z',
      '2030-13-01T00:00:00.000Z',
      '2030-00-01T00:00:00.000Z',
      '2030-01-01T24:00:00.000Z',
      '2030-01-01T00:60:00.000Z',
      '2030-01-01T00:00:60.000Z',
      '2030-01-01T00:00:00Z',
      '2030-01-01T00:00:00.000+00:00',
      '2030-01-01',
      'tomorrow',
      '+12030-01-01T00:00:00.000Z',
      '2030-01-01T00:00:00.000z',
      '2030-01-01T00:00:00.000Z\n',
      0,
    ],
  },
  recordPosition: {
    field: fields.recordPosition,
    accepted: ['p1_0-0', 'p1_5-17'],
    refused: ['', 'p1', 'p1_0', 'p1_0-1_1-1', 'p2_0-1', 'p1_0-01', `p1_0-${'9'.repeat(17)}`, 'p1_0-1\u0000'],
  },
  keyId: {
    field: fields.keyId,
    accepted: [`key_${x(22)}`],
    refused: [x(26), `key_${x(21)}`, `key_${x(23)}`, `key_${'-'.repeat(22)}`, 'keyspaces'],
  },
};

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 60);

describe.each(Object.entries(TABLE))('%s', (_, { field, accepted, refused }) => {
  test.each(accepted.map((value) => [shown(value), value]))('takes %s as it is', (__, value) => {
    const read = field.safeParse(value);
    expect(read.error?.issues ?? []).toEqual([]);
    expect(JSON.stringify(read.data)).toBe(JSON.stringify(value));
  });

  test.each(refused.map((value) => [shown(value), value]))('refuses %s', (__, value) => {
    expect(field.safeParse(value).success).toBe(false);
  });
});

test('metadata that is nested without end is refused and does not throw', () => {
  expect(fields.metadata.safeParse(deep).success).toBe(false);
  expect(readCommand('updateKey', { metadata: deep })).toMatchObject({ ok: false, refusal: { path: ['metadata'] } });
});

test('no network makes its check throw, and an accepted one is its own network address', () => {
  const part = fc.oneof(fc.nat(300).map(String), fc.constantFrom('0x7f', '', '::', 'ffff', '/', '.', ':', '%eth0'));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
      ),
      fc.nat(140),
      (address, bits) => {
        for (const range of [address, `${address}/${bits}`])
          expect(typeof fields.ipRange.safeParse(range).success).toBe('boolean');
      },
    ),
    { numRuns: 2000 },
  );
});

describe('messages', () => {
  const canary = 'canary@evil.example\u0000';
  const refusalOf = (name: KeyCommandName, input: unknown) => {
    const read = readCommand(name, input);
    return read.ok ? null : read.refusal;
  };

  test('say where and why', () => {
    const base = { workspaceId: 'acme', keyspace: 'default', name: 'n' };
    expect(refusalOf('createKey', {})).toEqual({
      type: 'InvalidInput',
      message: 'workspaceId must be given',
      path: ['workspaceId'],
    });
    expect(refusalOf('createKey', { ...base, name: '' })).toMatchObject({ message: 'name must not be empty' });
    expect(refusalOf('createKey', { ...base, name: 1 })).toMatchObject({ message: 'name must be a string' });
    expect(refusalOf('createKey', { ...base, scopes: ['a', 'b c'] })).toMatchObject({ path: ['scopes', '1'] });
    expect(refusalOf('createKey', { ...base, owner: { id: 'a', email: 'x' } })).toMatchObject({
      path: ['owner', 'email'],
    });
    expect(refusalOf('createKey', { ...base, rateLimit: { limit: 0 } })).toMatchObject({
      path: ['rateLimit', 'limit'],
    });
    expect(refusalOf('createKey', { ...base, metadata: [] })).toMatchObject({
      path: ['metadata'],
      message: 'metadata must be an object',
    });
    const withNumber = (json: string): object => ({ ...base, metadata: JSON.parse(`{"a":[${json}]}`) as unknown });
    expect(refusalOf('createKey', withNumber('1e400'))).toMatchObject({
      message: 'metadata must hold no number beyond ±1.79e308: none is kept',
    });
    const rounded =
      'metadata must hold no whole number beyond ±9007199254740991: it would be rounded; write it as text';
    for (const number of ['9007199254740993', '-9007199254740993', '9007199254740992', '1e300'])
      expect(refusalOf('createKey', withNumber(number))).toMatchObject({ path: ['metadata'], message: rounded });
    for (const number of ['9007199254740991', '-9007199254740991', '0.1', '1e-300'])
      expect(refusalOf('createKey', withNumber(number))).toBeNull();
    expect(refusalOf('changeExpiry', {})).toMatchObject({ path: ['expiresAt'] });
    expect(refusalOf('disableKey', null)).toMatchObject({ path: [], message: 'input must be an object' });
  });

  test('never quote what was sent, whichever member of whichever command it was sent for', () => {
    for (const [name, schema] of Object.entries(keyCommands) as [KeyCommandName, z.ZodObject][]) {
      for (const member of [...Object.keys(schema.shape), 'canary@evil.example'])
        for (const value of [
          canary,
          [canary],
          { [canary]: canary },
          { id: canary, email: canary },
          { canary: { canary: [{ canary }] } },
        ]) {
          const refusal = refusalOf(name, { [member]: value });
          if (member in schema.shape || refusal)
            expect(JSON.stringify(refusal ?? {}), `${name}.${member}`).not.toContain('canary');
        }
    }
  });

  test('of profiles do not either', () => {
    const read = profile.safeParse({ ...DEFAULT_PROFILE, timeZone: 'Canary/Zone', [canary]: 1 });
    expect(JSON.stringify(read.error && problemOf(read.error)).toLowerCase()).not.toContain('canary');
  });
});

describe('time zones', () => {
  test('are those that this machine can count days in', () => {
    for (const timeZone of [
      'UTC',
      'Europe/Berlin',
      'Asia/Kolkata',
      'Asia/Calcutta',
      'America/Argentina/Buenos_Aires',
      'Etc/GMT+12',
    ])
      expect(readSource(JSON.stringify({ ...DEFAULT_PROFILE, timeZone })).ok, timeZone).toBe(true);
    for (const timeZone of ['', 'Mars/Olympus', 'utc ', '../etc', 'a'.repeat(65), '+01:00'])
      expect(readSource(JSON.stringify({ ...DEFAULT_PROFILE, timeZone })).ok, timeZone).toBe(false);
  });
});
