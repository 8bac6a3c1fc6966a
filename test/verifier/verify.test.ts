// verify: every code, and their order.
import { describe, expect, test } from 'vitest';
import { encodeRecordPosition } from '../../events/position.ts';
import { verify, type Check, type VerifyCode } from '../../services/verifier/verify.ts';
import { iso, NOW, plain, type Created } from './support.ts';
import { code, given, view } from './verify-support.ts';

describe('the codes', () => {
  test('MALFORMED: what has not the form of a key, whatever else is asked', () => {
    const of = given();
    expect(code(of, { key: 'kf_nonsense', keyspace: 'other', scopes: ['x'] })).toBe('MALFORMED');
    expect(code(of, { key: `${of.writer.secretOf(of.keyId)}x` })).toBe('MALFORMED');
  });

  test('NOT_FOUND: a secret that nobody has', () => {
    const of = given();
    of.writer.create('other');
    expect(code(of, { key: of.writer.secretOf(of.writer.keyId('other')) })).toBe('NOT_FOUND');
  });

  test('NOT_FOUND: a deleted key, also a revoked one that was deleted', () => {
    const of = given({}, (writer, keyId) => [
      writer.event(keyId, 'KeyRevoked', { reason: null }),
      writer.event(keyId, 'KeyDeleted', { destroyedDataKey: null }),
    ]);
    expect(code(of)).toBe('NOT_FOUND');
  });

  test('NOT_FOUND: the old secret after a regeneration without overlap', () => {
    const of = given({}, (writer, keyId) => [writer.regenerate(keyId, 0)]);
    expect(code(of)).toBe('VALID');
    expect(code(of, { key: of.writer.secretOf(of.keyId, 1) })).toBe('NOT_FOUND');
  });

  test('VALID: the previous secret during the overlap, and not a millisecond longer', () => {
    const of = given({}, (writer, keyId) => [writer.regenerate(keyId, NOW + 500)]);
    const key = of.writer.secretOf(of.keyId, 1);
    expect(verify({ key }, of.view, NOW)).toMatchObject({ code: 'VALID', secret: 'PREVIOUS' });
    expect(code(of, { key }, NOW + 499)).toBe('VALID');
    expect(code(of, { key }, NOW + 500)).toBe('NOT_FOUND');
    expect(verify({ key: of.writer.secretOf(of.keyId) }, of.view, NOW)).toMatchObject({ secret: 'CURRENT' });
  });

  test('REVOKED, DISABLED, and ACTIVE again', () => {
    expect(code(given({}, (writer, id) => [writer.event(id, 'KeyRevoked', { reason: null })]))).toBe('REVOKED');
    expect(code(given({}, (writer, id) => [writer.event(id, 'KeyDisabled', {})]))).toBe('DISABLED');
    const enabled = given({}, (writer, id) => [
      writer.event(id, 'KeyDisabled', {}),
      writer.event(id, 'KeyEnabled', {}),
    ]);
    expect(code(enabled)).toBe('VALID');
  });

  test('EXPIRED: from the very millisecond on', () => {
    const of = given({ expiresAt: iso(NOW) });
    expect([code(of, {}, NOW - 1), code(of, {}, NOW), code(of, {}, NOW + 1)]).toEqual(['VALID', 'EXPIRED', 'EXPIRED']);
  });

  test('WRONG_KEYSPACE and WRONG_ENVIRONMENT: only when asked', () => {
    const of = given({ environment: 'live' });
    expect([code(of), code(of, { keyspace: 'default', environment: 'live' })]).toEqual(['VALID', 'VALID']);
    expect(code(of, { keyspace: 'other' })).toBe('WRONG_KEYSPACE');
    expect(code(of, { environment: 'test' })).toBe('WRONG_ENVIRONMENT');
    expect(code(given(), { environment: 'live' })).toBe('WRONG_ENVIRONMENT');
  });

  test('IP_NOT_ALLOWED and ORIGIN_NOT_ALLOWED: a restricted key needs the member, and the right one', () => {
    const byAddress = given({ ipRanges: ['10.0.0.0/8'] });
    expect([code(byAddress), code(byAddress, { ip: '11.0.0.1' })]).toEqual(['IP_NOT_ALLOWED', 'IP_NOT_ALLOWED']);
    expect(code(byAddress, { ip: '::ffff:10.1.2.3' })).toBe('VALID');
    const byOrigin = given({ origins: ['https://*.a.example'] });
    expect([code(byOrigin), code(byOrigin, { origin: 'null' })]).toEqual(['ORIGIN_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED']);
    expect(code(byOrigin, { origin: 'https://b.a.example' })).toBe('VALID');
    expect(code(given(), { ip: '1.2.3.4', origin: 'https://x.example' })).toBe('VALID');
  });

  test('INSUFFICIENT_SCOPE: all scopes are needed; implications and super scopes count, unrestricted has them all', () => {
    const of = given({ scopes: ['admin'] });
    expect(code(of, { scopes: ['read', 'write', 'admin'] })).toBe('VALID');
    expect(code(of, { scopes: ['read', 'other'] })).toBe('INSUFFICIENT_SCOPE');
    expect(code(of, { permission: 'other or (read and write)' })).toBe('VALID');
    expect(code(of, { permission: 'other and read' })).toBe('INSUFFICIENT_SCOPE');
    expect(code(of, { scopes: ['read'], permission: 'other' })).toBe('INSUFFICIENT_SCOPE');
    expect(code(given({ scopes: ['read'] }), { scopes: ['write'] })).toBe('INSUFFICIENT_SCOPE');
    expect(code(given({ scopes: ['root'] }), { scopes: ['anything', 'future'] })).toBe('VALID');
    expect(code(given({ unrestricted: true }), { scopes: ['anything'], permission: 'x and y' })).toBe('VALID');
    expect(code(given(), { scopes: [] })).toBe('VALID');
  });

  test('INSUFFICIENT_SCOPE: a flag is needed by name; no scope stands for it', () => {
    expect(code(given({ flags: ['transient'] }), { flags: ['transient'] })).toBe('VALID');
    expect(code(given({ unrestricted: true, scopes: ['root'] }), { flags: ['transient'] })).toBe('INSUFFICIENT_SCOPE');
  });

  test('RESOURCE_NOT_ALLOWED: the list, and the type’s own scope, listed or not', () => {
    const agent = (id: string) => ({ resource: { type: 'agent', id } });
    const listed = given({ scopes: ['agents'], resources: { all: false, ids: ['a1'] } });
    expect([code(listed, agent('a1')), code(listed, agent('a2'))]).toEqual(['VALID', 'RESOURCE_NOT_ALLOWED']);
    const all = given({ scopes: ['agents'] });
    expect(code(all, agent('a2'))).toBe('VALID');
    expect(code(given({ resources: { all: false, ids: ['a1'] } }), agent('a1'))).toBe('INSUFFICIENT_SCOPE');
    expect(code(given({ resources: { all: false, ids: ['f'] } }), { resource: { type: 'file', id: 'f' } })).toBe(
      'VALID',
    );
    expect(code(all, { resource: { type: 'unknown', id: 'a1' } })).toBe('RESOURCE_NOT_ALLOWED');
    expect(code(all, { resource: { type: '__proto__', id: 'a1' } })).toBe('RESOURCE_NOT_ALLOWED');
  });
});

describe('the order of the codes', () => {
  // Everything is wrong with this key at first; then one thing after the other is put right.
  const wrong: Partial<Created> = {
    expiresAt: iso(NOW - 1),
    environment: 'live',
    ipRanges: ['10.0.0.0/8'],
    origins: ['https://a.example'],
    resources: { all: false, ids: ['a1'] },
  };
  const all: Partial<Check> = {
    keyspace: 'other',
    environment: 'test',
    ip: '11.0.0.1',
    origin: 'https://b.example',
    scopes: ['read'],
    resource: { type: 'file', id: 'f9' },
  };
  const fixes: readonly [VerifyCode, Partial<Created>, Partial<Check>][] = [
    ['EXPIRED', { expiresAt: null }, {}],
    ['WRONG_KEYSPACE', {}, { keyspace: 'default' }],
    ['WRONG_ENVIRONMENT', {}, { environment: 'live' }],
    ['IP_NOT_ALLOWED', {}, { ip: '10.0.0.1' }],
    ['ORIGIN_NOT_ALLOWED', {}, { origin: 'https://a.example' }],
    ['INSUFFICIENT_SCOPE', { scopes: ['read'] }, {}],
    ['RESOURCE_NOT_ALLOWED', { resources: { all: false, ids: ['f9'] } }, {}],
  ];

  test('the first that applies is the answer, and putting it right leads to the next', () => {
    let data = wrong;
    let check = all;
    for (const [expected, better, asked] of fixes) {
      expect(code(given(data), check)).toBe(expected);
      data = { ...data, ...better };
      check = { ...check, ...asked };
    }
    expect(code(given(data), check)).toBe('VALID');
  });

  test('NOT_FOUND before REVOKED before QUARANTINED before DISABLED before EXPIRED', () => {
    const of = given(wrong, (writer, keyId) => [writer.event(keyId, 'KeyDisabled', {})]);
    expect(code(of, all)).toBe('DISABLED');
    const position = of.put({ key: of.keyId, value: Buffer.from('junk') });
    const again = () => ({ ...of, ...view(of.log) });
    expect(code(again(), all)).toBe('QUARANTINED');
    of.put(of.writer.event(of.keyId, 'KeyRevoked', { reason: null }));
    expect(code(again(), all)).toBe('REVOKED');
    of.put(of.writer.event(of.keyId, 'KeyDeleted', { destroyedDataKey: null }));
    expect(code(again(), all)).toBe('NOT_FOUND');
    of.put(
      of.writer.write(of.keyId, plain('RecordDiscarded', { position: encodeRecordPosition(position), reason: 'x' })),
    );
    expect(code(again(), { ...all, key: 'x' })).toBe('MALFORMED');
  });
});
