// The parts of forms about keys that need no browser: days of a product's time zone, rules, and what scopes include.
import { expect, test } from 'vitest';
import { daysAfter, daysBetween, dayOf, endOfDay } from '../../console/src/form/calendar.ts';
import { breach, rulesFor } from '../../console/src/form/rules.ts';
import { includedBy, levelOf, withLevel, type Permissions } from '../../console/src/form/scopes.ts';

test('a day ends at midnight of the product’s time zone, on days of 23 and 25 hours too', () => {
  expect(endOfDay('UTC', '2027-01-31')).toBe('2027-01-31T23:59:59.999Z');
  expect(endOfDay('Pacific/Auckland', '2027-01-31')).toBe('2027-01-31T10:59:59.999Z');
  expect(endOfDay('America/Los_Angeles', '2027-01-31')).toBe('2027-02-01T07:59:59.999Z');
  // Clocks change in these nights and days.
  expect(endOfDay('Europe/Berlin', '2027-03-27')).toBe('2027-03-27T22:59:59.999Z');
  expect(endOfDay('Europe/Berlin', '2027-03-28')).toBe('2027-03-28T21:59:59.999Z');
  expect(endOfDay('Europe/Berlin', '2027-10-30')).toBe('2027-10-30T21:59:59.999Z');
  expect(endOfDay('Europe/Berlin', '2027-10-31')).toBe('2027-10-31T22:59:59.999Z');
  for (const none of ['', '2027-02-31x', 'soon']) expect(endOfDay('UTC', none)).toBeNull();
});

test('a day of the first century is as long ago as it says', () => {
  expect(endOfDay('UTC', '0027-01-31')).toBe('0027-01-31T23:59:59.999Z');
  expect(daysBetween('UTC', Date.parse('2027-01-31T12:00:00Z'), Date.parse('0027-01-31T12:00:00Z'))).toBe(-730_485);
  expect(Date.parse(endOfDay('America/Los_Angeles', '0001-01-01') ?? '')).toBeLessThan(0);
  // Its end lies in a year that no time of the API has.
  expect(endOfDay('America/Los_Angeles', '9999-12-31')).toBeNull();
});

test('today is the product’s, not the reader’s', () => {
  const instant = Date.parse('2027-01-31T12:00:00Z');
  expect(dayOf('Pacific/Auckland', instant)).toBe('2027-02-01');
  expect(dayOf('America/Los_Angeles', instant)).toBe('2027-01-31');
  expect(dayOf('UTC', instant, 30)).toBe('2027-03-02');
  expect(daysBetween('Pacific/Auckland', instant, Date.parse('2027-02-01T11:00:00Z'))).toBe(1);
  expect(daysBetween('UTC', instant, Date.parse('2027-02-01T11:00:00Z'))).toBe(1);
  expect(daysBetween('UTC', instant, Date.parse('2027-01-31T23:59:59Z'))).toBe(0);
});

test('a lifetime in days ends at the same time of day, whatever the clocks do between', () => {
  const instant = Date.parse('2027-03-01T11:00:00.250Z');
  expect(daysAfter('UTC', instant, 90)).toBe('2027-05-30T11:00:00.250Z');
  expect(daysAfter('Europe/Berlin', instant, 90)).toBe('2027-05-30T10:00:00.250Z');
});

test('the rule that a value does not meet is named, with what it asks for', () => {
  const list = { type: 'array', maxItems: 2, items: { type: 'string', enum: ['a', 'b', 'c'] } };
  expect(breach(list, ['a', 'b'])).toBeNull();
  expect(breach(list, ['a', 'b', 'c'])).toEqual({ rule: 'maxItems', asked: 2 });
  expect(breach(list, ['d'])).toMatchObject({ rule: 'enum' });
  const limit = { type: 'object', properties: { limit: { type: 'integer', minimum: 1, maximum: 600 } } };
  expect(breach(limit, { limit: 600 })).toBeNull();
  expect(breach(limit, { limit: 601 })).toEqual({ rule: 'maximum', asked: 600 });
  expect(breach(limit, { limit: 1.5 })).toEqual({ rule: 'type', asked: 'integer' });
  const email = { anyOf: [{ type: 'string', pattern: '@' }, { type: 'null' }] };
  expect([null, 'a@b', 'a'].map((value) => breach(email, value)?.rule ?? null)).toEqual([null, null, 'anyOf']);
  expect(breach({ 'of-no-vocabulary': true, format: 'date-time' }, 'x')).toBeNull();
});

test('rules of a type, and those for keys that may not do everything, come on top', () => {
  const rules = {
    type: 'array',
    'x-ofType': { public: { minItems: 1 } },
    'x-unlessUnrestricted': { minItems: 2 },
  };
  const wrong = (type: string, unrestricted: boolean, value: unknown): boolean =>
    rulesFor(rules, type, unrestricted).some((each) => breach(each, value) !== null);
  expect(wrong('private', true, [])).toBe(false);
  expect(wrong('public', true, [])).toBe(true);
  expect(wrong('private', false, ['a'])).toBe(true);
  expect(wrong('public', false, ['a', 'b'])).toBe(false);
});

const matrix: NonNullable<Permissions['matrix']> = {
  __typename: 'PermissionMatrix',
  none: 'No access',
  noneDescription: null,
  levels: [
    { __typename: 'MatrixLevel', id: 'read', label: 'Read', description: null },
    { __typename: 'MatrixLevel', id: 'write', label: 'Write', description: null },
  ],
  resources: [],
};

test('a resource has one level, the highest, and a new one takes its place', () => {
  expect(levelOf(matrix, ['calls:read', 'calls:write'], 'calls')).toBe('write');
  expect(levelOf(matrix, ['calls:read'], 'tools')).toBe('');
  expect(withLevel(matrix, ['calls:read', 'tools:read'], ['calls'], 'write')).toEqual(['tools:read', 'calls:write']);
  expect(withLevel(matrix, ['calls:read', 'tools:read'], ['calls', 'tools'], '')).toEqual([]);
});

test('a scope is included by what implies it, through others too and in circles, and by one that covers everything', () => {
  const implication = (scope: string, ...implies: string[]) => ({
    __typename: 'ScopeImplication' as const,
    scope,
    implies,
  });
  const permissions = {
    superScopes: ['all'],
    implications: [implication('admin', 'write'), implication('write', 'read'), implication('read', 'write')],
  } as unknown as Permissions;
  expect(includedBy(permissions, ['admin'], 'read')).toBe('admin');
  expect(includedBy(permissions, ['read'], 'admin')).toBeNull();
  expect(includedBy(permissions, ['read'], 'read')).toBeNull();
  expect(includedBy(permissions, ['all'], 'anything')).toBe('all');
});
