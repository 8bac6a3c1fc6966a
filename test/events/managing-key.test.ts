// API keys that manage keys: what they may do with which keys, and that nothing they leave behind goes beyond them.
import { describe, expect, test } from 'vitest';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { actionsFor, type KeyAction } from '../../events/key/access.ts';
import { EDITABLE } from '../../events/keyspaces/profile.ts';
import { keyspaceActionsFor } from '../../events/keyspaces/actions.ts';
import { mayDo, type Operation } from '../../events/key/subject.ts';
import { standingOfKey, type ManagingKey } from '../../events/key/standing.ts';
import type { KeyState } from '../../events/key/state.ts';
import { given } from './given.ts';
import { BASE, calling, CREATE, keyOf, MANAGED, PROFILE, standing, WIDE, type Data } from './managing.ts';
import { at, created, disabled, keyspacesWith, LATER, NOW, profileOf, revoked, WORKSPACE } from './world.ts';

describe('the standing of a key', () => {
  const of = (data: Partial<Data>, profile = PROFILE, more: AnyNewEvent[] = [], now = NOW) =>
    standingOfKey(keyOf(data, ...more).state, keyspacesWith(profile), now)?.may ?? null;

  test('follows its scopes, with what they imply, super scopes and being unrestricted', () => {
    expect(of({ scopes: ['keys:read'] })).toBe('view');
    expect(of({ scopes: ['keys:write'] })).toBe('change');
    expect(of({ scopes: ['admin'] })).toBe('change');
    expect(of(WIDE)).toBe('change');
    expect(of({ scopes: ['a:write'] })).toBeNull();
  });

  test('is none where its keyspace lets no key manage keys, and where changing does not come with looking', () => {
    expect(of(WIDE, profileOf({ ...MANAGED, managesKeys: false }))).toBeNull();
    const apart = profileOf({ ...MANAGED, managesKeys: { view: 'a:read', change: 'keys:write' } });
    expect(of({ scopes: ['keys:write'] }, apart)).toBeNull();
  });

  test('is none once the key is disabled, revoked or expired', () => {
    expect(of({}, PROFILE, [disabled])).toBeNull();
    expect(of({}, PROFILE, [revoked])).toBeNull();
    expect(of({ expiresAt: at(60) }, PROFILE, [], at(59))).toBe('change');
    expect(of({ expiresAt: at(60) }, PROFILE, [], at(60))).toBeNull();
  });
});

describe('a managing key', () => {
  const OPERATIONS = Object.keys(PROFILE.roles) as Operation[];
  const allowed = (scopes: string[], profile = PROFILE) =>
    OPERATIONS.filter((operation) => mayDo(profile, standing({ scopes }), operation)).sort();

  test('that may look at keys looks at them and at their usage', () => {
    expect(allowed(['keys:read'])).toEqual(['seeUsage', 'view']);
  });

  test('that may change keys does all but see history and forget', () => {
    expect(allowed(['keys:write'])).toEqual(['create', 'disable', 'edit', 'remove', 'rotate', 'seeUsage', 'view']);
  });

  test('may do nothing in another keyspace, whoever else may', () => {
    expect(allowed(['keys:write'], profileOf({ ...MANAGED, slug: 'other' }))).toEqual([]);
  });

  test('has no use of the roles of people, and they none of it', () => {
    const closed = profileOf({ ...MANAGED, roles: { view: [], create: [], edit: [] } });
    expect(allowed(['keys:write'], closed)).toContain('create');
    expect(mayDo(closed, 'admin', 'view')).toBe(false);
  });

  test('is offered in a keyspace what it may do there', () => {
    const of = (as: ManagingKey, profile = PROFILE) =>
      keyspaceActionsFor({ profile, workspaceId: WORKSPACE, standings: [as], operator: false });
    expect(of(standing())).toEqual(['CREATE', 'VIEW', 'SEE_USAGE']);
    expect(of(standing({ scopes: ['keys:read'] }))).toEqual(['VIEW', 'SEE_USAGE']);
    expect(of(standing(), profileOf({ ...MANAGED, slug: 'other' }))).toEqual([]);
  });

  test('that may only look is refused every change, as one who may not', () => {
    const reader = calling(standing({ scopes: ['keys:read'] }));
    const { when } = given([created({ ...BASE, scopes: ['keys:read'] })], { profile: PROFILE, caller: reader });
    const message = "the calling key's scopes do not allow this";
    when('disableKey', {}).then({ refused: 'NotAllowed', message });
    const create = { workspaceId: WORKSPACE, keyspace: 'default', name: 'n' };
    given([], { profile: PROFILE, caller: reader }).when('createKey', create).then({ refused: 'NotAllowed', message });
  });

  test.each([
    ['updateKey', { name: 'n' }],
    ['changeScopes', { scopes: [] }],
    ['changeRestrictions', { origins: ['https://a.example'] }],
    ['changeExpiry', { expiresAt: LATER }],
    ['disableKey', {}],
    ['enableKey', {}],
    ['regenerateKey', {}],
    ['retirePreviousSecret', {}],
    ['revokeKey', {}],
    ['deleteKey', {}],
  ] as const)('meets keys of another environment as if there were none: %s', (name, input) => {
    for (const as of [standing(), standing(WIDE)])
      for (const environment of ['test', null])
        given([created({ ...BASE, environment })], { profile: PROFILE, caller: calling(as) })
          .when(name, input)
          .then({ refused: 'NotFound', message: 'there is no such key' });
  });

  test('meets keys of another keyspace and workspace as if there were none', () => {
    const foreign = { ...standing(), keyspace: 'other' };
    const { when } = given([created(BASE)], { profile: PROFILE, caller: calling(foreign) });
    when('deleteKey', {}).then({ refused: 'NotFound' });
    const elsewhere = { ...calling(standing()), workspaces: new Map([['globex', standing()]]) };
    given([created(BASE)], { profile: PROFILE, caller: elsewhere })
      .when('deleteKey', {})
      .then({ refused: 'NotFound' });
  });
});

const beyond = (what: string) =>
  ({ refused: 'NotAllowed', message: `a key may not let another, or itself, go beyond itself: ${what}` }) as const;

describe('a key never goes beyond itself', () => {
  const SELF: Partial<Data> = {
    flags: ['fast'],
    resources: { all: false, ids: ['r1', 'r2'] },
    origins: ['https://a.example', 'https://b.example'],
    ipRanges: ['10.0.0.0/8', '2001:db8::/32'],
    rateLimit: { limit: 100, windowSeconds: 60 },
    expiresAt: at(1000),
  };
  const NARROW = {
    ...CREATE,
    type: 'secret',
    scopes: ['a:read'],
    resources: { all: false, ids: ['r1'] },
    origins: ['https://a.example'],
    ipRanges: ['10.1.0.0/16'],
    rateLimit: { limit: 100 },
    expiresAt: at(1000),
  };
  const create = (input: object) =>
    given([], { profile: PROFILE, caller: calling(standing(SELF)) }).when('createKey', { ...NARROW, ...input });

  test('it makes a narrower key, and one like itself, of nobody or of its own owner', () => {
    create({}).then({ event: 'KeyCreated', data: { ownerId: null }, personal: { email: null } });
    const { ownerId } = standing(SELF);
    if (ownerId !== null) create({ owner: { id: ownerId } }).then({ event: 'KeyCreated', data: { ownerId } });
    create({ owner: { id: 'somebody-else' } }).then({ refused: 'NotAllowed' });
    const like = { scopes: ['keys:write', 'a:write'], flags: SELF.flags, resources: SELF.resources };
    create({ ...like, origins: SELF.origins, ipRanges: SELF.ipRanges }).then({ event: 'KeyCreated' });
  });

  test.each([
    ['scopes', { scopes: ['admin'] }],
    ['unrestricted', { scopes: [], unrestricted: true }],
    ['type', { type: 'root', unrestricted: true, scopes: [] }],
    ['environment', { environment: 'test' }],
    ['resources', { resources: { all: true, ids: [] } }],
    ['resources', { resources: { all: false, ids: ['r1', 'r3'] } }],
    ['flags', { flags: ['fast', 'loud'] }],
    ['origins', { origins: [] }],
    ['origins', { origins: ['https://a.example', 'https://c.example'] }],
    ['ipRanges', { ipRanges: [] }],
    ['ipRanges', { ipRanges: ['10.0.0.0/7'] }],
    ['ipRanges', { ipRanges: ['10.0.0.1', '11.0.0.1'] }],
    ['ipRanges', { ipRanges: ['::/0'] }],
    ['rateLimit', { rateLimit: { limit: 101 } }],
    ['rateLimit', { rateLimit: null }],
    ['expiresAt', { expiresAt: at(1001) }],
    ['expiresAt', { expiresAt: null }],
  ])('it makes no key that is wider by its %s: %j', (what, input) => {
    create(input).then(beyond(what));
  });

  describe('hands on what it was given, not what it is lent', () => {
    const made = (scopes: string[], asked: string[], profile = PROFILE) =>
      given([], { profile, caller: calling(standing({ scopes }, profile)) }).when('createKey', {
        ...CREATE,
        type: 'secret',
        scopes: asked,
      });
    test('a scope that an implication lends it stays with it', () => {
      made(['keys:write', 'a:write'], ['a:write']).then({ event: 'KeyCreated' });
      made(['keys:write', 'a:write'], ['a:read']).then(beyond('scopes'));
      made(['keys:write', 'a:write', 'a:read'], ['a:read']).then({ event: 'KeyCreated' });
      const self = { ...BASE, scopes: ['keys:write', 'a:write'] };
      const { when } = given([created(self)], { profile: PROFILE, caller: calling(standing(self)) });
      when('changeScopes', { scopes: ['keys:write', 'a:read'] }).then(beyond('scopes'));
    });

    test('a level was given with the lower ones, and a super scope with all scopes but other super scopes', () => {
      const matrix = profileOf({
        ...MANAGED,
        permissions: {
          model: 'MATRIX',
          matrix: {
            resources: [{ id: 'keys', label: 'Keys' }],
            levels: ['look', 'read', 'write'].map((id) => ({ id, label: id })),
          },
          scopes: ['root', 'other'].map((id) => ({ id, label: id })),
          superScopes: ['root', 'other'],
        },
      });
      made(['keys:write'], ['keys:read', 'keys:look'], matrix).then({ event: 'KeyCreated' });
      made(['keys:write'], ['root'], matrix).then(beyond('scopes'));
      made(['root'], ['root', 'keys:write'], matrix).then({ event: 'KeyCreated' });
      made(['root'], ['other'], matrix).then(beyond('scopes'));
    });
  });

  test('it makes no unrestricted key out of a super scope, which a later profile may take away', () => {
    const admin = calling(standing({ scopes: ['admin'] }));
    const { when } = given([], { profile: PROFILE, caller: admin });
    when('createKey', { ...CREATE, type: 'secret', scopes: ['admin', 'a:write'] }).then({ event: 'KeyCreated' });
    when('createKey', { ...CREATE, type: 'secret', unrestricted: true }).then(beyond('unrestricted'));
  });

  test('an unrestricted key makes what it likes, within its other limits', () => {
    const { when } = given([], { profile: PROFILE, caller: calling(standing(WIDE)) });
    when('createKey', { ...CREATE, type: 'root' }).then({ event: 'KeyCreated', data: { unrestricted: true } });
    when('createKey', { ...CREATE, type: 'root', environment: 'test' }).then(beyond('environment'));
  });

  test('it does not widen, extend or free itself', () => {
    const self = { ...BASE, ...SELF };
    const { when } = given([created(self)], { profile: PROFILE, caller: calling(standing(SELF)) });
    when('changeScopes', { scopes: ['admin'] }).then(beyond('scopes'));
    when('changeScopes', { unrestricted: true }).then(beyond('unrestricted'));
    when('changeScopes', { resources: null }).then(beyond('resources'));
    when('changeRestrictions', { origins: null }).then(beyond('origins'));
    when('changeRestrictions', { ipRanges: [] }).then(beyond('ipRanges'));
    when('changeRestrictions', { rateLimit: { limit: 1000 } }).then(beyond('rateLimit'));
    when('changeExpiry', { expiresAt: at(2000) }).then(beyond('expiresAt'));
    when('changeExpiry', { expiresAt: null }).then(beyond('expiresAt'));
    when('changeScopes', { scopes: ['keys:read'] }).then({ event: 'ScopesChanged' });
    when('changeExpiry', { expiresAt: at(500) }).then({ event: 'ExpiryChanged' });
    when('regenerateKey', {}).then({ event: 'KeyRegenerated' });
  });

  describe('with a key that is wider than it', () => {
    const as = calling(standing());
    const wider = (events: AnyNewEvent[] = [], profile = PROFILE) =>
      given([created(WIDE), ...events], { profile, caller: as });

    test('it gives it no new secret, does not let it in again, and changes nothing that would leave it wider', () => {
      wider().when('regenerateKey', {}).then(beyond('unrestricted'));
      wider([disabled]).when('enableKey', {}).then(beyond('unrestricted'));
      wider().when('changeExpiry', { expiresAt: LATER }).then(beyond('unrestricted'));
      wider()
        .when('changeRestrictions', { origins: ['https://a.example'] })
        .then(beyond('unrestricted'));
      wider()
        .when('changeScopes', { scopes: ['a:read'] })
        .then(beyond('unrestricted'));
    });

    test('it may narrow it to what it has itself', () => {
      wider()
        .when('changeScopes', { scopes: ['a:read'], unrestricted: false })
        .then({ event: 'ScopesChanged' });
    });

    test('it renames, disables, revokes and deletes it, and ends its overlap', () => {
      wider().when('updateKey', { name: 'Renamed' }).then({ event: 'KeyDetailsChanged' });
      wider().when('disableKey', {}).then({ event: 'KeyDisabled' });
      wider().when('revokeKey', {}).then({ event: 'KeyRevoked' });
      wider().when('deleteKey', {}).then({ event: 'KeyDeleted' });
      wider().when('retirePreviousSecret', {}).then({ event: 'PreviousSecretRetired' });
    });

    test('it makes no successor of it that has what it lacks itself', () => {
      const profile = profileOf({
        ...MANAGED,
        edit: { name: { how: 'SUCCESSOR' }, permissions: { how: 'SUCCESSOR' } },
      });
      wider([], profile).when('updateKey', { name: 'Renamed' }).then(beyond('unrestricted'));
      const { when } = wider([], profile);
      when('changeScopes', { scopes: ['a:read'], unrestricted: false }).then({ successor: { scopes: ['a:read'] } });
    });

    test('it is offered what it may do', () => {
      const offered = (state: KeyState) =>
        actionsFor({ state, profile: PROFILE, standing: standing(), now: NOW }).filter((action) => action !== 'VIEW');
      const always: KeyAction[] = ['UPDATE', 'DISABLE', 'REVOKE', 'DELETE', 'SEE_USAGE'];
      expect(offered(keyOf(WIDE).state).sort()).toEqual([...always, 'CHANGE_SCOPES'].sort());
      expect(offered(keyOf({ environment: 'test' }).state)).toEqual([]);
    });
  });
});

describe('a key speaks for no other owner than its own', () => {
  const SUCCEEDED = profileOf({
    ...MANAGED,
    edit: Object.fromEntries(
      EDITABLE.filter((field) => field !== 'restrictions').map((field) => [field, { how: 'SUCCESSOR' }]),
    ),
  });
  const FOREIGN = { refused: 'NotAllowed', message: 'a key may not speak for another owner than its own' } as const;
  /** A key of one owner, met by one like it of another. */
  const meeting = (ownerId: string | null, asOwner: string | null, profile = PROFILE) =>
    given([created({ ...BASE, ownerId })], {
      profile,
      caller: calling(standing({ ownerId: asOwner }, profile), asOwner && `${asOwner}@example.com`),
    });

  test.each([
    ['another', 'bob', 'alice'],
    ['somebody, being nobody’s, such as that of a key that made it,', 'bob', null],
  ])('it gets no secret of a key of %s', (_, owner, own) => {
    meeting(owner, own).when('regenerateKey', {}).then(FOREIGN);
    meeting(owner, own, SUCCEEDED).when('updateKey', { name: 'Renamed' }).then(FOREIGN);
    meeting(owner, own, SUCCEEDED)
      .when('changeScopes', { scopes: ['keys:read'] })
      .then(FOREIGN);
    meeting(owner, own, SUCCEEDED).when('changeExpiry', { expiresAt: LATER }).then(FOREIGN);
  });

  test.each([
    ['its own owner', 'alice', 'alice'],
    ['nobody', null, 'alice'],
    ['nobody, like itself', null, null],
  ])('it gets the secret of a key of %s', (_, owner, own) => {
    meeting(owner, own).when('regenerateKey', {}).then({ event: 'KeyRegenerated' });
    meeting(owner, own, SUCCEEDED)
      .when('changeExpiry', { expiresAt: LATER })
      .then({ successor: { ownerId: owner } });
  });

  test('it is not offered what would give it such a secret, and all else that it may do', () => {
    const offered = (profile = PROFILE) =>
      actionsFor({ state: keyOf({ ownerId: 'bob' }).state, profile, standing: standing({}, profile), now: NOW });
    expect(offered()).not.toContain('REGENERATE');
    expect(offered()).toEqual(
      expect.arrayContaining(['UPDATE', 'CHANGE_SCOPES', 'CHANGE_EXPIRY', 'DISABLE', 'DELETE']),
    );
    for (const action of ['UPDATE', 'CHANGE_SCOPES', 'CHANGE_EXPIRY']) expect(offered(SUCCEEDED)).not.toContain(action);
    expect(offered(SUCCEEDED)).toContain('CHANGE_RESTRICTIONS');
  });

  test('it says whom a key is of, and its metadata, only of a key within itself that is its own owner’s or nobody’s', () => {
    for (const change of [{ metadata: { plan: 'enterprise' } }, { owner: null }, { owner: { id: 'alice' } }]) {
      meeting('bob', 'alice').when('updateKey', change).then(FOREIGN);
      given([created({ ...WIDE, ownerId: 'alice' })], {
        profile: PROFILE,
        caller: calling(standing({ ownerId: 'alice' }), 'a@example.com'),
      })
        .when('updateKey', { ...change, metadata: { plan: 'enterprise' } })
        .then(beyond('unrestricted'));
    }
    meeting('alice', 'alice').when('updateKey', { owner: null }).then({ event: 'KeyDetailsChanged' });
    meeting('alice', 'alice')
      .when('updateKey', { metadata: { plan: 'free' } })
      .then({ event: 'KeyDetailsChanged' });
    meeting(null, 'alice')
      .when('updateKey', { owner: { id: 'bob' } })
      .then({ refused: 'NotAllowed', message: 'a key may name no other owner than its own' });
    const { when } = given([created({ ...WIDE, ownerId: 'bob' })], { profile: PROFILE, caller: calling(standing()) });
    when('updateKey', { name: 'n', description: 'd', tags: ['t'] }).then({ event: 'KeyDetailsChanged' });
  });

  test('where only metadata and owner are edited in place, it is offered that as far as it may', () => {
    const how = { how: 'FORBIDDEN' } as const;
    const profile = profileOf({ ...MANAGED, edit: { name: how, description: how, tags: how } });
    const offered = (ownerId: string) =>
      actionsFor({ state: keyOf({ ownerId }).state, profile, standing: standing({ ownerId: 'alice' }), now: NOW });
    expect(offered('alice')).toContain('UPDATE');
    expect(offered('bob')).not.toContain('UPDATE');
  });

  test('it names its own owner with the e-mail address that it has itself, and no other', () => {
    const spoof = { owner: { id: 'alice', email: 'ceo@example.com' } };
    const own = { owner: { id: 'alice', email: 'alice@example.com' } };
    const refused = {
      refused: 'NotAllowed',
      message: "a key may name no other e-mail address than its own owner's",
    } as const;
    const create = (owner: object) =>
      given([], { profile: PROFILE, caller: calling(standing({ ownerId: 'alice' }), 'alice@example.com') }).when(
        'createKey',
        { ...CREATE, type: 'secret', scopes: ['a:read'], ...owner },
      );
    create(spoof).then(refused);
    const made = { event: 'KeyCreated', data: { ownerId: 'alice' }, personal: { email: 'alice@example.com' } } as const;
    create(own).then(made);
    create({ owner: { id: 'alice' } }).then(made);
    meeting(null, 'alice').when('updateKey', spoof).then(refused);
    meeting('alice', 'alice').when('updateKey', spoof).then(refused);
    const changed = { event: 'KeyDetailsChanged', personal: { email: 'alice@example.com' } } as const;
    meeting(null, 'alice').when('updateKey', own).then(changed);
    meeting(null, 'alice')
      .when('updateKey', { owner: { id: 'alice' } })
      .then(changed);
  });
});
