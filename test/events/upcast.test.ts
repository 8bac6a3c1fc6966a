// Upcasting and the catalogue's names and schemas.
import { describe, expect, test } from 'vitest';
import { catalogue, isEventType, schemaName, wireType, type EventType } from '../../events/catalogue.ts';
import { eventJsonSchema } from '../../events/json-schema.ts';
import { readWireType, upcast, type Upcasters } from '../../events/upcast.ts';

const TYPES = Object.keys(catalogue) as EventType[];

describe('the catalogue', () => {
  test('has every event of the contract', () => {
    expect(TYPES.toSorted()).toEqual(
      [
        'KeyCreated',
        'KeyDetailsChanged',
        'ScopesChanged',
        'RestrictionsChanged',
        'ExpiryChanged',
        'KeyDisabled',
        'KeyEnabled',
        'KeyRegenerated',
        'PreviousSecretRetired',
        'KeyRevoked',
        'KeyDeleted',
        'KeyForgotten',
        'RecordDiscarded',
        'KeyspaceDefined',
        'KeyspaceChanged',
      ].toSorted(),
    );
  });

  test.each(TYPES)(
    '%s has its name on the wire, the caller’s circumstances in its personal part, and the fingerprint in its private one',
    (type) => {
      expect(wireType(type)).toBe(`keyfold.${type}.v${catalogue[type].version}`);
      expect(readWireType(wireType(type))).toEqual({ type, version: catalogue[type].version });
      expect(Object.keys(catalogue[type].personal.shape)).toEqual(expect.arrayContaining(['ip', 'userAgent']));
      expect(Object.keys(catalogue[type].private.shape)).toContain('fingerprint');
    },
  );

  test('has nothing personal or secret in public data', () => {
    const secret = [
      'name',
      'description',
      'email',
      'tags',
      'metadata',
      'note',
      'ip',
      'userAgent',
      'hash',
      'fingerprint',
    ];
    for (const type of TYPES)
      for (const member of Object.keys(catalogue[type].data.shape)) expect(secret).not.toContain(member);
  });

  test('knows no other name, and no later version', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'keycreated', ''])
      expect(isEventType(name)).toBe(false);
    for (const wire of [
      'keyfold.KeyCreated.v2',
      'keyfold.KeyCreated.v0',
      'keyfold.KeyCreated',
      'KeyCreated.v1',
      'keyfold.Nothing.v1',
    ])
      expect(readWireType(wire)).toBeNull();
  });
});

describe('upcasting', () => {
  const steps: Upcasters = {
    KeyDisabled: {
      1: ({ data, ...rest }) => ({ ...rest, data: { ...(data as object), two: true } }),
      2: ({ data, ...rest }) => ({ ...rest, data: { ...(data as object), three: true } }),
    },
  };
  const parts = { data: { one: true }, personal: 'p', private: 's' };

  test('goes version by version, from the one that was written to the current one', () => {
    expect(upcast('KeyDisabled', 1, parts, 3, steps)).toEqual({
      ...parts,
      data: { one: true, two: true, three: true },
    });
    expect(upcast('KeyDisabled', 2, parts, 3, steps)).toEqual({ ...parts, data: { one: true, three: true } });
    expect(upcast('KeyDisabled', 3, parts, 3, steps)).toBe(parts);
  });

  test('fails where a step is missing: nothing is read half', () => {
    expect(() => upcast('KeyDisabled', 1, parts, 4, steps)).toThrow('no upcaster from KeyDisabled v3');
    expect(() => upcast('KeyEnabled', 1, parts, 2, steps)).toThrow();
  });

  test.each(TYPES)('%s can be read from every version that it had', (type) => {
    for (let version = 1; version <= catalogue[type].version; version++)
      expect(() => upcast(type, version, parts)).not.toThrow();
  });
});

describe('JSON Schema', () => {
  test.each(TYPES)('of %s is strict, complete and named by the event’s dataschema', (type) => {
    const schema = eventJsonSchema(type);
    expect(schema).toMatchObject({
      $id: schemaName(wireType(type)),
      title: type,
      type: 'object',
      additionalProperties: false,
    });
    expect(schema.required ?? []).toEqual(Object.keys(catalogue[type].data.shape));
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  });
});
