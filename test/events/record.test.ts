// Records: what is written can be read, and nothing else; a changed byte is found, and reasons quote nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyEvent, AnyNewEvent, Attributes } from '../../events/catalogue.ts';
import { canonical, sha256 } from '../../events/canonical.ts';
import { commitment, eventHash, withSalt } from '../../events/chain.ts';
import { decodeRecord, encodeRecord, openPersonal } from '../../events/record.ts';
import { isUtf8 } from 'node:buffer';
import { seededBytes } from './seeded.ts';
import { created, dataKeyOf, disabled, KEY_ID, NOTHING, recordAll, recordOn } from './world.ts';

const EVENT = recordOn(NOTHING, created({ scopes: ['orders:read'], ipRanges: ['10.0.0.0/8'] }));
const RECORD = encodeRecord(EVENT);
const JSON_VALUE = JSON.parse(Buffer.from(RECORD.value).toString()) as Record<string, unknown> & {
  data: Record<string, unknown>;
  private: Record<string, unknown>;
};
const KEY = dataKeyOf(KEY_ID).key;

const decode = (value: unknown, key: string | null = KEY_ID) =>
  decodeRecord({ key, value: Buffer.from(JSON.stringify(value)) });
const decodeText = (text: string) => decodeRecord({ key: KEY_ID, value: Buffer.from(text) });

const without = (value: object, ...members: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([member]) => !members.includes(member)));

/** The record with other members, hashed again: everything is right about it but those. */
function rehashed(changes: Record<string, unknown>, data: unknown = JSON_VALUE.data, hidden = JSON_VALUE.private) {
  const { personal, ...members } = { ...JSON_VALUE, ...changes };
  const attributes = without(members, 'hash', 'data', 'private');
  const privatedigest = commitment(hidden as never);
  const covered = { ...attributes, privatedigest, ...('privatedigest' in changes ? changes : {}) };
  return { ...covered, hash: sha256(canonical({ ...covered, data })), data, personal, private: hidden };
}

describe('a record', () => {
  test('is read back as it was written', () => {
    expect(decodeRecord(RECORD)).toEqual({ ok: true, event: EVENT });
    expect(decode(rehashed({}))).toEqual({ ok: true, event: EVENT });
  });

  test('is one line of JSON under the aggregate’s id, with no header', () => {
    expect(RECORD).toMatchObject({ key: KEY_ID, headers: {} });
    expect(Buffer.from(RECORD.value).toString()).not.toMatch(/[\n\r]/);
  });

  test('is found out when one byte of any attribute, of the data or of the private part is another', () => {
    const bytes = Buffer.from(RECORD.value);
    const sealedAt = bytes.indexOf(EVENT.sealed);
    const isSealed = (at: number) => at >= sealedAt && at < sealedAt + EVENT.sealed.length;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        fc.pre(bytes[at] !== byte);
        const tampered = Buffer.from(bytes);
        tampered[at] = byte;
        const decoded = decodeRecord({ key: KEY_ID, value: tampered });
        if (!isSealed(at)) expect(decoded.ok, `byte ${at} as ${byte}`).toBe(false);
        else if (decoded.ok && decoded.event) expect(openPersonal(decoded.event, KEY)).toBeNull();
      }),
      { numRuns: 5000 },
    );
  });

  test('is found out when any two of its bytes change places', () => {
    const bytes = Buffer.from(RECORD.value);
    fc.assert(
      fc.property(fc.nat(bytes.length - 2), (at) => {
        fc.pre(bytes[at] !== bytes[at + 1]);
        const swapped = Buffer.from(bytes);
        [swapped[at], swapped[at + 1]] = [bytes[at + 1] ?? 0, bytes[at] ?? 0];
        const decoded = decodeRecord({ key: KEY_ID, value: swapped });
        if (decoded.ok && decoded.event) expect(openPersonal(decoded.event, KEY)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  test('has no member too many or too few, anywhere, `__proto__` included', () => {
    for (const member of Object.keys(JSON_VALUE)) {
      expect(decode(without(JSON_VALUE, member)), member).toMatchObject({ ok: false });
    }
    expect(decode({ ...JSON_VALUE, extra: 1 })).toEqual({
      ok: false,
      reason: 'record must not have members that are not known',
    });
    const text = JSON.stringify(JSON_VALUE);
    expect(decodeText(text.replace('{', '{"__proto__":{},')).ok).toBe(false);
    expect(decodeText(text.replace('"data":{', '"data":{"__proto__":{},')).ok).toBe(false);
    expect(decodeText(text.replace('"private":{', '"private":{"__proto__":{},')).ok).toBe(false);
  });

  test.each([
    ['another subject than the record’s key', { subject: `key_${'0'.repeat(22)}` }],
    ['another id', { id: `${KEY_ID}@2` }],
    ['a version that is no count', { version: 0 }],
    ['an unknown type', { type: 'keyfold.KeyRenamed.v1' }],
    ['a version of the type that is not known yet', { type: 'keyfold.KeyCreated.v2' }],
    ['a type that every object has', { type: 'keyfold.constructor.v1' }],
    ['a day that does not exist', { time: '2030-02-31T00:00:00.000Z' }],
    ['an actor of no kind', { actor: 'root:1' }],
    ['an empty request id', { requestid: '' }],
    ['NUL in a request id', { requestid: 'a\u0000' }],
    ['NUL in an actor', { actor: 'user:\u0000' }],
    ['another source', { source: '/other' }],
    ['a digest that is none', { prev: 'A'.repeat(64) }],
    ['a member that is null', { keyspaceversion: null }],
    ['a wrong commitment', { privatedigest: 'a'.repeat(64) }],
  ])('with %s is unreadable, though its hash is right', (_, changes) => {
    expect(decode(rehashed(changes))).toMatchObject({ ok: false });
  });

  test.each([
    ['an unknown member', { ...JSON_VALUE.data, extra: 1 }],
    ['a blank one', { ...JSON_VALUE.data, keyspace: '' }],
    ['a missing one', {}],
    ['a null one', { ...JSON_VALUE.data, scopes: null }],
    ['NUL', { ...JSON_VALUE.data, preview: 'a\u0000' }],
    ['host bits', { ...JSON_VALUE.data, ipRanges: ['10.0.0.1/8'] }],
  ])('with %s in its data is unreadable, though its hash is right', (_, data) => {
    expect(decode(rehashed({}, data))).toMatchObject({ ok: false });
  });

  test.each([
    ['without a salt', { ...JSON_VALUE.private, salt: undefined }],
    ['with another scheme', { ...JSON_VALUE.private, scheme: 'none' }],
    ['with a member too many', { ...JSON_VALUE.private, extra: 1 }],
    ['that is a list', []],
  ])('with a private part %s is unreadable', (_, hidden) => {
    expect(decode({ ...JSON_VALUE, private: hidden })).toMatchObject({ ok: false });
    if ('extra' in hidden) expect(decode(rehashed({}, undefined, hidden)).ok).toBe(false);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"a":'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['a byte order mark', `\ufeff${JSON.stringify(JSON_VALUE)}`],
    ['a megabyte', JSON.stringify({ ...JSON_VALUE, personal: 'x'.repeat(1_000_000), subject: 'y'.repeat(1_000_000) })],
    ['nesting without end', `{"data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ])('of %s is unreadable and does not throw', (_, text) => {
    expect(decodeText(text)).toMatchObject({ ok: false });
  });

  test('that is nested without end where the shape allows it is unreadable, too', () => {
    const text = JSON.stringify(JSON_VALUE).replace(
      '"scopes":["orders:read"]',
      `"scopes":${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    );
    expect(decodeText(text)).toMatchObject({ ok: false });
  });

  test('with a lone surrogate anywhere is unreadable: it has no canonical form', () => {
    expect(decode({ ...JSON_VALUE, requestid: '\ud800' })).toMatchObject({ ok: false });
    expect(decode({ ...JSON_VALUE, data: { ...JSON_VALUE.data, preview: '\udc00' } })).toMatchObject({ ok: false });
    expect(decode({ ...JSON_VALUE, private: { ...JSON_VALUE.private, pepperId: '\ud800' } })).toMatchObject({
      ok: false,
    });
  });

  test('of bytes that are not UTF-8 is unreadable', () => {
    const value = Buffer.concat([RECORD.value.subarray(0, 10), Buffer.from([0xff]), RECORD.value.subarray(10)]);
    expect(isUtf8(value)).toBe(false);
    expect(decodeRecord({ key: KEY_ID, value })).toEqual({ ok: false, reason: 'not JSON' });
  });

  test('with no key or another one is unreadable', () => {
    expect(decode(JSON_VALUE, null)).toEqual({ ok: false, reason: 'subject is not the record key' });
    expect(decode(JSON_VALUE, 'keyspaces')).toMatchObject({ ok: false });
  });

  test('never throws and never quotes what it holds, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
        expect(decodeRecord({ key: KEY_ID, value }).ok).toBe(false);
      }),
    );
    const members = Object.keys(JSON_VALUE);
    fc.assert(
      fc.property(fc.constantFrom(...members), fc.jsonValue(), (member, value) => {
        const decoded = decode({ ...JSON_VALUE, [member]: value, canary: 1 });
        expect(decoded.ok).toBe(false);
        if (!decoded.ok) expect(decoded.reason).not.toContain('canary');
      }),
    );
    const canary = decode(rehashed({}, { ...JSON_VALUE.data, keyspace: 'Canary-Value', 'canary-name': 1 }));
    expect(JSON.stringify(canary).toLowerCase()).not.toContain('canary');
  });
});

describe('recording', () => {
  test('refuses what could not be read again, before anything is sealed or appended', () => {
    const wrong: [AnyNewEvent, object][] = [
      [created({ keyspace: 'Not A Slug' }), {}],
      [created({}, { name: '' }), {}],
      [created({}, { email: 'no address' }), {}],
      [disabled, { requestId: '' }],
      [disabled, { requestId: 'a\ud800' }],
      [disabled, { commandId: 'no spaces allowed' }],
      [disabled, { fingerprint: 'short' }],
      [disabled, { now: 'yesterday' }],
    ];
    for (const [event, changes] of wrong) {
      expect(() =>
        recordOn(event.type === 'KeyCreated' ? NOTHING : recordAll([created()]).key, event, changes),
      ).toThrow(/cannot be recorded|surrogate/i);
    }
  });

  test('keeps a client’s address and agent whatever they sent, cut to what is kept', () => {
    const event = recordOn(NOTHING, created(), { ip: null, userAgent: `\u0000agent \ud800${'x'.repeat(600)}` });
    const personal = openPersonal(event, KEY);
    expect(personal).toMatchObject({ ip: null });
    expect(personal?.userAgent).toHaveLength(512);
    expect(personal?.userAgent).toMatch(/^agent \ufffdx+$/);
  });
});

describe('the chain', () => {
  test('hashes the canonical form of all attributes and the data, as any RFC 8785 implementation makes it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.jsonValue(),
        fc.boolean(),
        (requestid, data, bare) => {
          const absent = bare ? ['hash', 'workspaceid', 'keyspaceversion'] : ['hash'];
          const covered = { ...without(EVENT.attributes, ...absent), requestid } as Omit<Attributes, 'hash'>;
          expect(eventHash(covered, data)).toBe(sha256(canonical({ ...covered, data })));
        },
      ),
    );
  });

  test('commits to a part under its salt: another salt is another commitment, and each member counts', () => {
    const one = withSalt({ name: 'Anna' }, seededBytes('1'));
    expect(commitment(one)).toBe(sha256(Buffer.from(one.salt, 'base64url'), `{"name":"Anna","salt":"${one.salt}"}`));
    expect(commitment(withSalt({ name: 'Anna' }, seededBytes('2')))).not.toBe(commitment(one));
    expect(commitment({ ...one, name: 'Ben' } as never)).not.toBe(commitment(one));
    expect(Buffer.from(one.salt, 'base64url')).toHaveLength(16);
  });
});

describe('the personal part', () => {
  const opened = (event: AnyEvent, key = KEY) => openPersonal(event, key);

  test('is opened by its own data key, without its salt', () => {
    expect(opened(EVENT)).toEqual({
      ip: '203.0.113.9',
      userAgent: 'curl/8.5.0',
      name: 'Nightly export',
      description: null,
      email: 'anna@example.com',
      tags: ['etl'],
      metadata: { team: 'data' },
    });
  });

  test('is in no form in the record, and cannot be opened with another key', () => {
    const text = Buffer.from(RECORD.value).toString();
    for (const piece of ['Nightly', 'anna@', 'etl', '203.0.113', 'curl', 'team']) expect(text).not.toContain(piece);
    expect(opened(EVENT, dataKeyOf(KEY_ID, 2).key)).toBeNull();
    expect(opened(EVENT, new Uint8Array(31))).toBeNull();
  });

  test('belongs to its event: moved to another one, or under another commitment, it is not opened', () => {
    const other = recordOn(recordAll([created()]).key, {
      type: 'KeyDetailsChanged',
      data: { ownerId: null },
      personal: { name: 'x' },
      private: {},
    });
    expect(opened(other)).toMatchObject({ name: 'x' });
    expect(opened({ ...other, sealed: EVENT.sealed })).toBeNull();
    expect(
      opened({ ...EVENT, attributes: { ...EVENT.attributes, personaldigest: other.attributes.personaldigest } }),
    ).toBeNull();
  });
});
