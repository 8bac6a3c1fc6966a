// verify: the same verdicts as a plain reading of the contract, on random keys and checks.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../services/verifier/verify.ts';
import { iso, NOW, type Created } from './support.ts';
import { reference } from './reference.ts';
import { code, given } from './verify-support.ts';

describe('equivalence', () => {
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
  const scopes = fc.subarray(['read', 'write', 'admin', 'agents', 'root', 'other']);
  const resources: fc.Arbitrary<Created['resources']> = fc.oneof(
    fc.constant({ all: true, ids: new Array<string>() }),
    fc.subarray(['r1', 'r2']).map((ids) => ({ all: false, ids })),
  );
  const seldom = (item: string): fc.Arbitrary<string[]> =>
    fc.integer({ max: 3, min: 0 }).map((dice) => (dice === 0 ? [item] : []));
  const key: fc.Arbitrary<Partial<Created>> = fc.record({
    environment: fc.constantFrom('live', 'live', null),
    scopes,
    unrestricted: fc.boolean(),
    resources,
    flags: fc.subarray(['f1', 'f2']),
    origins: seldom('https://a.example'),
    ipRanges: seldom('10.0.0.1'),
    expiresAt: fc.constantFrom(null, null, null, iso(NOW), iso(NOW + 1)),
  });
  const end = fc.constantFrom('ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'DISABLED', 'REVOKED', 'DELETED');
  const asked = fc.record({
    keyspace: maybe(fc.constantFrom('default', 'default', 'default', 'other')),
    environment: maybe(fc.constantFrom('live', 'live', 'test')),
    ip: maybe(fc.constantFrom('10.0.0.1', '10.0.0.2')),
    origin: maybe(fc.constantFrom('https://a.example', 'https://b.example')),
    scopes: maybe(fc.subarray(['read', 'write', 'other'])),
    permission: maybe(fc.constant('read and (agents or write)')),
    flags: maybe(fc.subarray(['f1', 'f2'])),
    resource: maybe(
      fc.record({ type: fc.constantFrom('agent', 'file', 'file', 'thing'), id: fc.constantFrom('r1', 'r2') }),
    ),
  });

  test('verdicts are those of the plain reading, on random keys and random checks', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        key,
        end,
        fc.integer({ min: 0, max: 9 }),
        fc.array(asked, { minLength: 5, maxLength: 5 }),
        (data, status, dice, checks) => {
          const of = given(data, (writer, keyId) => {
            if (status === 'DISABLED') return [writer.event(keyId, 'KeyDisabled', {})];
            if (status === 'REVOKED') return [writer.event(keyId, 'KeyRevoked', { reason: null })];
            return status === 'DELETED' ? [writer.event(keyId, 'KeyDeleted', { destroyedDataKey: null })] : [];
          });
          if (dice === 0) of.view.fold(of.log.records(0)[of.put({ key: of.keyId, value: Buffer.from('x') }).offset]!);
          const whole = {
            ...(of.view.keys.get(of.keyId) as unknown as Created),
            ...data,
            status,
            quarantined: dice === 0,
          };
          for (const check of checks) {
            const given = Object.fromEntries(
              Object.entries(check).filter(([, value]) => value !== undefined),
            ) as Partial<Check>;
            const expected = reference(whole, given, NOW);
            seen.add(expected);
            expect(code(of, given)).toBe(expected);
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect([...seen].sort()).toEqual(
      [
        ...[
          'DISABLED',
          'EXPIRED',
          'INSUFFICIENT_SCOPE',
          'IP_NOT_ALLOWED',
          'NOT_FOUND',
          'ORIGIN_NOT_ALLOWED',
          'QUARANTINED',
        ],
        ...['RESOURCE_NOT_ALLOWED', 'REVOKED', 'VALID', 'WRONG_ENVIRONMENT', 'WRONG_KEYSPACE'],
      ].sort(),
    );
  });
});
