// What a changed profile means for keys that exist is told, setting by setting; what widens keys' powers needs leave, and
// what only people gain does not.
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../events/keyspaces/diff.ts';
import type { Effect } from '../../events/keyspaces/effects.ts';
import { withFormer } from '../../events/keyspaces/former-scopes.ts';
import { profile as profileSchema, type ProfileInput, type Role } from '../../events/keyspaces/profile.ts';
import { decideDefinition } from '../../events/keyspaces/define.ts';
import { keyspacesWith } from '../events/world.ts';

const scopes = ['a:read', 'a:write', 'b:read', 'root'].map((id) => ({ id, label: id }));
const ADMIN: Role[] = ['admin'];
const ROLES: NonNullable<ProfileInput['roles']> = {
  ...{ view: ['admin', 'member', 'viewer'], create: ADMIN, edit: ADMIN, disable: ADMIN, rotate: ADMIN },
  ...{ remove: ['admin', 'member'], seeHistory: ADMIN, seeUsage: ADMIN, forget: ADMIN },
};
const BEFORE: ProfileInput = {
  slug: 'shop',
  name: 'Shop',
  workspaces: ['acme', 'globex'],
  types: [
    { id: 'secret', label: 'Secret', prefix: 'sh' },
    { id: 'open', label: 'Open', prefix: 'so', public: true, unrestricted: 'NEVER', scopes: ['a:read'] },
  ],
  environments: ['live', 'test'].map((id) => ({ id, label: id })),
  permissions: { scopes, implications: [{ scope: 'a:write', implies: ['a:read'] }], superScopes: ['root'] },
  resources: { noun: 'Thing' },
  flags: [{ id: 'fast', label: 'Fast' }],
  rateLimit: { min: 1, max: 10 },
  expiry: { maxLifetimeDays: 90 },
  edit: { name: { how: 'SUCCESSOR' }, permissions: { how: 'FORBIDDEN' } },
  disable: false,
  rotation: { defaultOverlapSeconds: 60, maxOverlapSeconds: 3600 },
  removal: { mode: 'DELETE_IS_REVOKE', revoke: false },
  roles: ROLES,
  errors: { DISABLED: { status: 403, message: 'Off.' } },
};
const MATRIX = {
  model: 'MATRIX',
  matrix: {
    resources: ['calls', 'mails'].map((id) => ({ id, label: id })),
    levels: ['read', 'write'].map((id) => ({ id, label: id })),
  },
} as const;
const MANAGED = { managesKeys: { view: 'a:read', change: 'a:write' } };

const effects = (changed: Partial<ProfileInput>, before: Partial<ProfileInput> = {}): readonly string[] => {
  const was = { ...BEFORE, ...before };
  const told = diffProfiles(profileSchema.parse(was), profileSchema.parse({ ...was, ...changed }), []).effects;
  return told.map(({ kind, path, message }: Effect) => `${kind} ${path.join('.')}: ${message}`);
};
const needsLeave = (changed: Partial<ProfileInput>, before: Partial<ProfileInput> = {}): boolean => {
  const was = { ...BEFORE, ...before };
  const source = JSON.stringify({ ...was, ...changed });
  const decision = decideDefinition({ source }, keyspacesWith(profileSchema.parse(was)), undefined);
  if (decision.kind === 'refused' && decision.refusal.type === 'InvalidInput')
    expect(decision.refusal.path).toEqual(['allowWidening']);
  return decision.kind === 'refused';
};

const CASES: [string, Partial<ProfileInput>, readonly string[], Partial<ProfileInput>?][] = [
  ['a text', { texts: { subtitle: 'x' }, name: 'Other', columns: [] }, []],
  [
    'a workspace less',
    { workspaces: ['acme'] },
    ['CHANGES workspaces: keys in globex go on and can be managed; new ones cannot be made there'],
  ],
  ['a workspace more', { workspaces: ['acme', 'globex', 'x'] }, ['CHANGES workspaces: keys can be made in x']],
  ['all workspaces', { workspaces: 'all' }, ['CHANGES workspaces: keys can be made in all workspaces']],
  [
    'no longer all workspaces',
    { workspaces: ['acme'] },
    ['CHANGES workspaces: keys in all workspaces but acme go on and can be managed; new ones cannot be made there'],
    { workspaces: 'all' },
  ],
  [
    'a role more',
    { roles: { ...ROLES, edit: ['admin', 'member'], seeHistory: ['admin', 'viewer'] } },
    [
      'CHANGES roles.edit: people with the role member may edit keys',
      'CHANGES roles.seeHistory: people with the role viewer may see the history of keys',
    ],
  ],
  [
    'a role less',
    { roles: { ...ROLES, remove: ['admin'] } },
    ['CHANGES roles.remove: people with the role member may no longer revoke and delete keys'],
  ],
  [
    'roles that see keys no more',
    { roles: { ...ROLES, view: ['admin'], remove: ['admin'] } },
    ['CHANGES roles.view: people with the role member or viewer may no longer see keys, nor do anything with them'],
  ],
  [
    'an error map',
    { errors: { DISABLED: { status: 410 }, REVOKED: { status: 404 } } },
    [
      'CHANGES errors.DISABLED: callers behind a gateway whose key is refused with DISABLED are answered 410',
      'CHANGES errors.REVOKED: callers behind a gateway whose key is refused with REVOKED are answered 404',
    ],
  ],
  [
    'other words of an error map',
    { errors: { DISABLED: { status: 403, message: 'Out.' } } },
    [
      'CHANGES errors.DISABLED: callers behind a gateway whose key is refused with DISABLED are answered in other words',
    ],
  ],
  [
    'an error map that is gone',
    { errors: {} },
    [
      'CHANGES errors.DISABLED: callers behind a gateway whose key is refused with DISABLED are answered as if the profile said nothing',
    ],
  ],
  [
    'scopes that are gone',
    { permissions: { ...BEFORE.permissions, scopes: scopes.filter(({ id }) => id !== 'b:read') } },
    ['CHANGES permissions.scopes: keys keep b:read where they have it; it cannot be given any more'],
  ],
  [
    'a level that is gone',
    { permissions: { ...MATRIX, matrix: { ...MATRIX.matrix, levels: [{ id: 'write', label: 'write' }] } } },
    [
      'NARROWS permissions.implications.calls:write: keys with calls:write no longer have calls:read',
      'NARROWS permissions.implications.mails:write: keys with mails:write no longer have mails:read',
      'CHANGES permissions.matrix: keys keep calls:read, mails:read where they have it; it cannot be given any more',
    ],
    { permissions: MATRIX, types: [BEFORE.types[0] ?? { id: 'x', label: 'x', prefix: 'x' }] },
  ],
  [
    'a resource of the matrix that is gone',
    { permissions: { ...MATRIX, matrix: { ...MATRIX.matrix, resources: [{ id: 'mails', label: 'Mails' }] } } },
    [
      'NARROWS permissions.implications.calls:write: keys with calls:write no longer have calls:read',
      'CHANGES permissions.matrix: keys keep calls:read, calls:write where they have it; it cannot be given any more',
    ],
    { permissions: MATRIX, types: [BEFORE.types[0] ?? { id: 'x', label: 'x', prefix: 'x' }] },
  ],
  [
    'no resources to choose from, no flags, no restrictions, no limits, no ends',
    { resources: null, flags: [], restrictions: { origins: false, ipRanges: false }, rateLimit: null, expiry: null },
    [
      'CHANGES flags: keys keep fast where they have it; it cannot be given any more',
      'CHANGES resources: lists of resources that keys have stay in force, and can only be lifted',
      'CHANGES restrictions.origins: those that keys have stay in force, and can only be lifted',
      'CHANGES restrictions.ipRanges: those that keys have stay in force, and can only be lifted',
      'CHANGES rateLimit: keys keep the limits that they have until these are edited',
      'CHANGES expiry: ends that keys have stay in force',
    ],
  ],
  [
    'another time zone',
    { timeZone: 'Asia/Tokyo' },
    ['CHANGES timeZone: keys keep the ends that they have; the next ones are judged by the days of Asia/Tokyo'],
  ],
  [
    'another time zone where no end is judged by days',
    { timeZone: 'Asia/Tokyo' },
    [],
    { expiry: { afterToday: false } },
  ],
  [
    'another prefix of an environment',
    {
      environments: [
        { id: 'live', label: 'live', prefix: 'l' },
        { id: 'test', label: 'test', prefix: 'test' },
      ],
    },
    ['CHANGES environments.live.prefix: live keys keep their prefix, also of the next secret'],
  ],
  [
    'a type that is gone',
    { types: [BEFORE.types[0] ?? { id: 'x', label: 'x', prefix: 'x' }] },
    [
      'CHANGES types.open: open keys can be edited beyond the limits of their type',
      'CHANGES types.open: open keys go on, and are not regenerated',
    ],
  ],
  [
    'a shorter life',
    { expiry: { maxLifetimeDays: 30 } },
    ['CHANGES expiry: keys keep the ends that they have until these are edited'],
  ],
  [
    'stricter permissions',
    { permissions: { ...BEFORE.permissions, minimum: 1, unrestrictedAllowed: false } },
    [
      'CHANGES permissions.minimum: keys with fewer scopes go on until their scopes are edited',
      'CHANGES permissions.unrestrictedAllowed: keys that are unrestricted stay so until that is edited',
    ],
  ],
  [
    'another prefix, another preview, an environment less',
    {
      types: BEFORE.types.map((type) => ({ ...type, prefix: `n${type.prefix}` })),
      credential: { preview: { last: 0 } },
      environments: [{ id: 'live', label: 'live' }],
    },
    [
      'CHANGES types.secret.prefix: secret keys keep their prefix, also of the next secret',
      'CHANGES types.open.prefix: open keys keep their prefix, also of the next secret',
      'CHANGES environments: keys of test go on; new ones cannot be made',
      'CHANGES credential.preview: keys keep the preview that they have, also of the next secret',
    ],
  ],
  [
    'rules of edits',
    { edit: { expiry: { how: 'FORBIDDEN' }, permissions: { how: 'SUCCESSOR' } } },
    [
      'CHANGES edit.name: names of keys are edited in place',
      'CHANGES edit.permissions: permissions of keys are edited by a successor, beside which the old key works until it is removed',
      'CHANGES edit.expiry: ends of keys can no longer be edited',
    ],
  ],
  [
    'longer overlaps',
    { rotation: { defaultOverlapSeconds: 0, maxOverlapSeconds: 7200 } },
    [
      'CHANGES rotation.maxOverlapSeconds: the old secret of a key that is regenerated works at most 7200 s beside the new one',
      'CHANGES rotation.defaultOverlapSeconds: the old secret of a key that is regenerated works 0 s beside the new one, unless the caller says',
    ],
  ],
  [
    'no rotation',
    { rotation: { enabled: false } },
    ['CHANGES rotation.enabled: keys can no longer be regenerated; an overlap that runs goes on'],
  ],
  [
    'rotation',
    { rotation: {} },
    ['CHANGES rotation.enabled: keys can be regenerated'],
    { rotation: { enabled: false } },
  ],
  [
    'removal with reasons',
    { removal: { mode: 'REVOKE', reasons: ['Lost', 'Sold'] } },
    [
      'CHANGES removal.mode: keys are revoked, and cannot be deleted',
      'CHANGES removal.revoke: keys can be revoked',
      'CHANGES removal.reasons: whoever revokes a key names one of Lost, Sold',
    ],
  ],
  [
    'removal that deletes and erases',
    { removal: { mode: 'DELETE', revoke: false, erase: true }, disable: true },
    [
      'CHANGES disable: keys can be disabled and enabled',
      'CHANGES removal.mode: keys are deleted: they leave lists',
      'CHANGES removal.erase: the personal data of a key is to be erased when it is deleted',
    ],
  ],
  [
    'an owner that is demanded',
    { owner: { required: true } },
    ['CHANGES owner.required: keys without an owner, or without an e-mail address of one, stay as they are'],
  ],
  [
    'another header',
    { credential: { headers: [{ name: 'X-Shop' }] } },
    [
      'NARROWS credential.headers.X-Key: keys are no longer taken from X-Key as before',
      'CHANGES credential.headers.X-Shop: keys are taken from X-Shop too; with another credential, they are refused',
    ],
    { credential: { headers: [{ name: 'X-Key' }] } },
  ],
];

describe('the effects of a changed profile', () => {
  test.each(CASES)('%s: told, and no leave is needed', (_, changed, told, before) => {
    expect(effects(changed, before)).toEqual(told);
    expect(needsLeave(changed, before)).toBe(false);
  });

  test.each([
    ['edit.name', { edit: { ...BEFORE.edit, name: { how: 'IN_PLACE' } } }],
    ['edit.permissions', { edit: { ...BEFORE.edit, permissions: { how: 'SUCCESSOR' } } }],
    ['rotation.maxOverlapSeconds', { rotation: { maxOverlapSeconds: 7200 } }],
    ['removal.mode', { removal: { mode: 'DELETE', revoke: false } }],
    ['removal.revoke', { removal: { mode: 'DELETE_IS_REVOKE', revoke: true } }],
    ['types.open', { types: [BEFORE.types[0] ?? { id: 'x', label: 'x', prefix: 'x' }] }],
    ['types.open', { types: BEFORE.types.map((type) => ({ ...type, unrestricted: 'ALLOWED' })) }],
    ['types.open', { types: BEFORE.types.map((type) => ({ ...type, scopes: ['a:read', 'a:write'] })) }],
    ['expiry', { expiry: null }],
    ['expiry', { expiry: {} }],
    ['expiry', { expiry: { maxLifetimeDays: 91 } }],
    ['managesKeys', { disable: true }],
    ['workspaces', { workspaces: 'all' }],
  ] satisfies [string, Partial<ProfileInput>][])(
    '%s: widens where keys manage keys, and needs leave then',
    (path, changed) => {
      const widened = (before: Partial<ProfileInput>) =>
        effects(changed, before).filter((effect) => effect.startsWith(`WIDENS ${path}: `));
      expect(widened(MANAGED)).toHaveLength(1);
      expect(widened(MANAGED)[0]).toContain('keys with a:write');
      expect(needsLeave(changed, MANAGED)).toBe(true);
      expect(widened({})).toEqual([]);
      expect(needsLeave(changed)).toBe(false);
    },
  );

  test('what people gain widens nothing, whoever manages keys', () => {
    const changed = { roles: {}, errors: {}, owner: { required: true }, expiry: { maxLifetimeDays: 30 } };
    expect(needsLeave(changed, MANAGED)).toBe(false);
  });

  test('what managing keys handed on out of a super scope stays, and is told', () => {
    expect(effects({ permissions: { ...BEFORE.permissions, superScopes: [] } }, MANAGED)).toEqual([
      'NARROWS permissions.superScopes.root: keys with root may no longer do everything; keys that they made keep what they were given',
    ]);
  });

  test('what managing keys may do more is told in words', () => {
    expect(effects({ disable: true }, MANAGED)).toContain(
      'WIDENS managesKeys: keys with a:write may disable keys, enable keys',
    );
  });

  describe('of scopes', () => {
    const levels = ['read', 'write', 'own'].map((id) => ({ id, label: id }));
    const matrix = (changes: object) => ({ permissions: { ...MATRIX, matrix: { ...MATRIX.matrix, ...changes } } });
    const before = { permissions: MATRIX, types: [{ id: 'secret', label: 'Secret', prefix: 'sh' }] };

    test.each([
      ['a resource', matrix({ resources: ['calls', 'mails', 'sites'].map((id) => ({ id, label: id })) })],
      ['a higher level', matrix({ levels })],
    ])('that no key can have nothing is told: %s more', (_, changed) => {
      expect(effects(changed, before)).toEqual([]);
      expect(needsLeave(changed, before)).toBe(false);
    });

    test('a lower level widens the ones above it, which keys have', () => {
      const lower = matrix({ levels: [{ id: 'peek', label: 'Peek' }, ...MATRIX.matrix.levels] });
      expect(effects(lower, before)).toContain(
        'WIDENS permissions.implications.calls:read: keys with calls:read have calls:peek too',
      );
      expect(needsLeave(lower, before)).toBe(true);
    });

    test('where keys may have been given any scope, a new one may be theirs', () => {
      const free = { permissions: { scopes: [], freeForm: true }, types: before.types };
      expect(needsLeave({ permissions: MATRIX }, free)).toBe(true);
    });

    test.each([
      ['taken out, and back', { permissions: MATRIX }],
      ['free', { permissions: { scopes: [], freeForm: true } }],
    ])('one that keys may have from an earlier version widens: %s', (_, earlier) => {
      const parse = (changes: object) => profileSchema.parse({ ...BEFORE, types: before.types, ...changes });
      const first = parse(earlier);
      const second = parse({ permissions: { scopes: [{ id: 'x', label: 'X' }] } });
      const third = parse(matrix({ levels: [{ id: 'peek', label: 'Peek' }, ...MATRIX.matrix.levels] }));
      const former = withFormer([], { version: 1, profile: first }, second);
      const kinds = (known: typeof former) => diffProfiles(second, third, known).effects.map(({ kind }) => kind);
      expect(kinds(former)).toContain('WIDENS');
      expect(kinds([])).not.toContain('WIDENS');
      // However often it goes, it is kept once.
      expect(withFormer(former, { version: 3, profile: first }, second)).toEqual(former);
      const state = keyspacesWith(first, second);
      expect(state.profiles.shop?.formerScopes).toEqual(former);
      expect(decideDefinition({ source: JSON.stringify(third) }, state, undefined).kind).toBe('refused');
    });
  });

  test('of a new keyspace there are none', () => {
    expect(diffProfiles(null, profileSchema.parse(BEFORE)).effects).toEqual([]);
  });
});
