// A key that is refused is refused for all that is wrong with it at once, so that a form can say so field by field.
import { expect, test } from 'vitest';
import { given } from './given.ts';
import { profileOf, WORKSPACE } from './world.ts';

const profile = profileOf({
  permissions: { scopes: [{ id: 'a', label: 'A' }], minimum: 1, unrestrictedAllowed: false },
  rateLimit: { min: 1, max: 600 },
});
const input = { workspaceId: WORKSPACE, keyspace: 'default', name: 'n' } as const;
const wrong = { scopes: ['zzz'], rateLimit: { limit: 601, windowSeconds: 60 }, expiresAt: '2020-01-01T00:00:00.000Z' };

test('every wrong member of a new key is told with its path, the first in front', () => {
  const { decision } = given([], { profile }).when('createKey', { ...input, ...wrong });
  expect(decision).toMatchObject({
    kind: 'refused',
    refusal: {
      type: 'InvalidInput',
      path: ['scopes', '0'],
      issues: [
        { path: ['scopes', '0'], message: 'must be a scope of this keyspace' },
        { path: ['rateLimit', 'limit'], message: 'must be 1 to 600' },
        { path: ['expiresAt'], message: 'must lie in the future' },
      ],
    },
  });
});

test('what two members want of a third is told once', () => {
  const { decision } = given([], { profile }).when('createKey', { ...input, scopes: [], flags: ['nope'] });
  expect(decision).toMatchObject({
    refusal: { issues: [{ path: ['scopes'], message: 'must have at least 1 entries' }, { path: ['flags', '0'] }] },
  });
});

test('a single problem is the error itself', () => {
  const { decision } = given([], { profile }).when('createKey', { ...input, scopes: ['zzz'] });
  expect(decision).toMatchObject({ refusal: { path: ['scopes', '0'] } });
  expect(decision).not.toHaveProperty('refusal.issues');
});
