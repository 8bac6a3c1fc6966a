// updateKey, changeScopes, changeRestrictions, changeExpiry, decided: in place, by a successor, or not at all.
import { describe, expect, test } from 'vitest';
import { given, NEW_KEY_ID } from './given.ts';
import { at, caller, created, deleted, disabled, enabled, forgotten, KEY_ID, profileOf, revoked } from './world.ts';
import { named } from '../fakes/named.ts';

const dayAfter = (days: number) => at(days * 86_400);
const invalid = (...path: string[]) => ({ refused: 'InvalidInput', path }) as const;
const EDITS = [
  ['updateKey', { name: 'Renamed' }, 'KeyDetailsChanged'],
  ['changeScopes', { scopes: ['orders:read'] }, 'ScopesChanged'],
  ['changeRestrictions', { origins: ['https://a.example'] }, 'RestrictionsChanged'],
  ['changeExpiry', { expiresAt: dayAfter(5) }, 'ExpiryChanged'],
] as const;

describe('every edit', () => {
  test.each(EDITS)('%s changes an active, a disabled and an expired key', (name, input, event) => {
    given([created()]).when(name, input).then({ event });
    given([created(), disabled]).when(name, input).then({ event });
    given([created({ expiresAt: at(60) })], { now: at(60) })
      .when(name, input)
      .then({ event });
  });

  test.each(EDITS)('%s is refused once the key is revoked or deleted', (name, input) => {
    given([created(), revoked]).when(name, input).then({ refused: 'InvalidState', status: 'REVOKED' });
    given([created(), deleted]).when(name, input).then({ refused: 'InvalidState', status: 'DELETED' });
    given([created(), deleted], { caller: caller('member') })
      .when(name, input)
      .then({ refused: 'NotFound' });
  });

  test.each(EDITS)('%s is refused for another version than the expected one, which is told', (name, input, event) => {
    given([created(), disabled], { ifVersion: 1 })
      .when(name, input)
      .then({ refused: 'VersionConflict', expected: 1, actual: 2 } as never);
    given([created(), disabled], { ifVersion: 3 }).when(name, input).then({ refused: 'VersionConflict' });
    given([created(), disabled], { ifVersion: 2 }).when(name, input).then({ event });
  });

  test.each(EDITS)(
    '%s finds no unknown key, no foreign one and none that may not be viewed, and answers alike',
    (name, input) => {
      const nothing = { refused: 'NotFound', message: 'there is no such key' } as const;
      given([]).when(name, input).then(nothing);
      given([created()], { caller: caller(null) })
        .when(name, input)
        .then(nothing);
      given([created()], { profile: profileOf({ roles: { view: ['auditor'] } }) })
        .when(name, input)
        .then(nothing);
    },
  );
});

describe('updateKey', () => {
  test('records only what differs, as personal data but for the owner’s id', () => {
    const { decision } = given([created()])
      .when('updateKey', { name: 'Nightly export', tags: ['etl', 'prod'], description: null })
      .then({ event: 'KeyDetailsChanged', data: { ownerId: 'u-anna' }, personal: { tags: ['etl', 'prod'] } });
    expect(decision.kind === 'event' && decision.event.personal).toEqual({ tags: ['etl', 'prod'] });
  });

  test('is unchanged where nothing differs', () => {
    given([created()]).when('updateKey', {}).then('unchanged');
    const same = {
      name: 'Nightly export',
      description: null,
      tags: ['etl'],
      metadata: { team: 'data' },
      owner: { id: 'u-anna' },
    };
    given([created()]).when('updateKey', same).then('unchanged');
  });

  test('clears with null and replaces lists', () => {
    const { key } = given([created({}, { description: 'd' })]).when('updateKey', {
      description: null,
      tags: null,
      metadata: null,
    });
    expect(key.details).toMatchObject({ description: null, tags: [], metadata: null, name: 'Nightly export' });
  });

  test('takes the address away with the owner and never hands it to the next', () => {
    given([created()])
      .when('updateKey', { owner: null })
      .then({ event: 'KeyDetailsChanged', data: { ownerId: null }, personal: { email: null } });
    const { key } = given([created()]).when('updateKey', { owner: { id: 'u-ben' } });
    expect([key.state?.ownerId, key.details.email]).toEqual(['u-ben', null]);
    given([created()])
      .when('updateKey', { owner: { id: 'u-anna', email: null } })
      .then({ event: 'KeyDetailsChanged', personal: { email: null } });
  });

  test('leaves no key without an owner with an e-mail address where the keyspace demands an owner', () => {
    const profile = profileOf({ owner: { required: true } });
    const update = (input: object) => given([created()], { profile }).when('updateKey', input);
    update({ owner: null }).then(invalid('owner'));
    update({ owner: { id: 'u-ben' } }).then(invalid('owner', 'email'));
    update({ owner: { id: 'u-anna', email: null } }).then(invalid('owner', 'email'));
    update({ owner: { id: 'u-ben', email: 'ben@example.com' } }).then({ event: 'KeyDetailsChanged' });
    // A rule that came later does not stand in the way of another member, but no new key is made against it.
    const before = created({ ownerId: 'u-anna' }, { email: null });
    given([before], { profile }).when('updateKey', { name: 'n' }).then({ event: 'KeyDetailsChanged' });
    const succeeding = profileOf({ owner: { required: true }, edit: { name: { how: 'SUCCESSOR' } } });
    given([before], { profile: succeeding }).when('updateKey', { name: 'n' }).then({ refused: 'NotEnabled' });
    given([before], { profile: succeeding })
      .when('updateKey', { name: 'n', owner: { id: 'u-anna', email: 'anna@example.com' } })
      .then({ successor: { ownerId: 'u-anna' }, personal: { email: 'anna@example.com' } });
  });

  test('never quotes an e-mail address that was given for an id', () => {
    const { decision } = given([created()])
      .when('updateKey', { owner: { id: 'anna@example.com' } })
      .then(invalid('owner', 'id'));
    expect(JSON.stringify(decision)).not.toContain('anna');
  });

  test('warns of a discouraged name only when the name changes', () => {
    const profile = profileOf({ naming: { discouraged: ['Test'] } });
    const { decision } = given([created()], { profile }).when('updateKey', { name: 'test' });
    expect(decision).toMatchObject({ warnings: [{ code: 'DISCOURAGED_NAME' }] });
    given([created({}, { name: 'Test' })], { profile })
      .when('updateKey', { tags: [] })
      .then({ event: 'KeyDetailsChanged', warnings: [] });
  });

  test('gives a forgotten key a name again', () => {
    const { key } = given([created(), forgotten]).when('updateKey', { name: 'Again' });
    expect(key.details).toMatchObject({ name: 'Again', email: null, tags: [] });
  });
});

describe('changeScopes', () => {
  test('records the access before and after, whole; what is omitted is unchanged, null clears', () => {
    const before = {
      scopes: ['orders:read', 'orders:write'],
      unrestricted: false,
      resources: { all: true, ids: [] },
      flags: [],
    };
    given([created()])
      .when('changeScopes', { scopes: null, resources: { all: false, ids: ['a'] } })
      .then({
        event: 'ScopesChanged',
        data: { before, after: { ...before, scopes: [], resources: { all: false, ids: ['a'] } } },
      });
    const { key } = given([created({ resources: { all: false, ids: ['a'] } })]).when('changeScopes', {
      resources: null,
    });
    expect(key.state?.resources).toEqual({ all: true, ids: [] });
  });

  test('judges only what the input names, by the keyspace of now', () => {
    const profile = profileOf({
      permissions: { scopes: [{ id: 'agents', label: 'Agents' }], minimum: 1 },
      flags: named('f'),
    });
    given([created()], { profile })
      .when('changeScopes', { flags: ['f'] })
      .then({ event: 'ScopesChanged' });
    given([created()], { profile })
      .when('changeScopes', { scopes: ['orders:read'] })
      .then(invalid('scopes', '0'));
    given([created()], { profile }).when('changeScopes', { scopes: [] }).then(invalid('scopes'));
    given([created({ scopes: [], unrestricted: true })], { profile })
      .when('changeScopes', { unrestricted: false })
      .then(invalid('scopes'));
  });
});

describe('changeRestrictions', () => {
  test('records origins, networks and rate limit before and after', () => {
    given([created()])
      .when('changeRestrictions', { ipRanges: ['10.0.0.0/8'], rateLimit: { limit: 5 } })
      .then({
        event: 'RestrictionsChanged',
        data: {
          before: { origins: [], ipRanges: [], rateLimit: null },
          after: { origins: [], ipRanges: ['10.0.0.0/8'], rateLimit: { limit: 5, windowSeconds: 60 } },
        },
      });
  });

  test('falls back to the keyspace’s own limit, never past it', () => {
    const profile = profileOf({ rateLimit: { min: 1, max: 600, default: 60 } });
    given([created({ rateLimit: { limit: 5, windowSeconds: 60 } })], { profile })
      .when('changeRestrictions', { rateLimit: null })
      .then({ event: 'RestrictionsChanged', data: { after: { rateLimit: { limit: 60, windowSeconds: 60 } } } });
    given([created()], { profile })
      .when('changeRestrictions', { rateLimit: { limit: 601 } })
      .then(invalid('rateLimit', 'limit'));
  });

  test('is not enabled where keys have no restrictions', () => {
    const profile = profileOf({ restrictions: { origins: false, ipRanges: false }, rateLimit: null });
    given([created()], { profile }).when('changeRestrictions', { origins: [] }).then({ refused: 'NotEnabled' });
  });
});

describe('changeExpiry', () => {
  test('takes an expired key back into use, and warns by the band', () => {
    const profile = profileOf({ expiry: { bands: [{ upToDays: null, text: 'long' }] } });
    const { key } = given([created({ expiresAt: at(60) })], { profile, now: at(61) })
      .when('changeExpiry', { expiresAt: dayAfter(9) })
      .then({
        event: 'ExpiryChanged',
        data: { before: at(60), after: dayAfter(9) },
        warnings: [{ code: 'EXPIRY_BAND', message: 'long' }],
      });
    expect(key.state?.expiresAt).toBe(dayAfter(9));
  });

  test('must lie in the future by the clock, also after an event of a clock that ran fast', () => {
    const since = dayAfter(20);
    given([created()], { since })
      .when('changeExpiry', { expiresAt: dayAfter(5) })
      .then({ event: 'ExpiryChanged', data: { before: null, after: dayAfter(5) } });
    given([created()], { since })
      .when('changeExpiry', { expiresAt: at(0) })
      .then(invalid('expiresAt'));
  });

  test('counts the maximum lifetime from now where the creation lies ahead: a clock that ran fast makes it no longer', () => {
    const fast = { profile: profileOf({ expiry: { maxLifetimeDays: 90 } }), since: dayAfter(20) };
    given([created({ expiresAt: dayAfter(80) })], fast)
      .when('changeExpiry', { expiresAt: dayAfter(90) })
      .then({ event: 'ExpiryChanged' });
    given([created({ expiresAt: dayAfter(80) })], fast)
      .when('changeExpiry', { expiresAt: dayAfter(91) })
      .then(invalid('expiresAt'));
  });

  test('counts the maximum lifetime from the key’s creation, so that it cannot be prolonged for ever', () => {
    const profile = profileOf({ expiry: { maxLifetimeDays: 90 } });
    const later = { profile, now: dayAfter(60) };
    given([created({ expiresAt: dayAfter(80) })], later)
      .when('changeExpiry', { expiresAt: dayAfter(90) })
      .then({ event: 'ExpiryChanged' });
    given([created({ expiresAt: dayAfter(80) })], later)
      .when('changeExpiry', { expiresAt: dayAfter(91) })
      .then(invalid('expiresAt'));
  });

  test('is not enabled where keys do not expire', () => {
    given([created()], { profile: profileOf({ expiry: null }) })
      .when('changeExpiry', { expiresAt: null })
      .then({ refused: 'NotEnabled' });
  });
});

describe('a field that the keyspace forbids to edit', () => {
  const reason = 'Delete the key and create a new one.';
  const profile = profileOf({ edit: { permissions: { how: 'FORBIDDEN', reason }, name: { how: 'FORBIDDEN' } } });

  test('is refused with the keyspace’s own reason', () => {
    given([created()], { profile })
      .when('changeScopes', { scopes: ['a'] })
      .then({ refused: 'NotEnabled', message: reason });
    given([created()], { profile }).when('changeScopes', { flags: [] }).then({ refused: 'NotEnabled' });
    given([created()], { profile }).when('updateKey', { name: 'Other' }).then({ refused: 'NotEnabled' });
  });

  test('does not stand in the way of another field of the same mutation, nor of itself as it is', () => {
    given([created()], { profile })
      .when('changeScopes', { resources: { all: false, ids: ['a'] } })
      .then({ event: 'ScopesChanged' });
    given([created()], { profile })
      .when('updateKey', { name: 'Nightly export', tags: [] })
      .then({ event: 'KeyDetailsChanged' });
  });

  test('stands before a field that makes a successor', () => {
    const both = profileOf({ edit: { name: { how: 'SUCCESSOR' }, tags: { how: 'FORBIDDEN' } } });
    given([created()], { profile: both })
      .when('updateKey', { name: 'Other', tags: [] })
      .then({ refused: 'NotEnabled' });
  });
});

describe('a field that makes a successor', () => {
  const profile = profileOf({
    edit: { name: { how: 'SUCCESSOR' }, permissions: { how: 'SUCCESSOR' }, expiry: { how: 'SUCCESSOR' } },
    expiry: { maxLifetimeDays: null },
  });
  const settings = {
    scopes: ['orders:read', 'orders:write'],
    resources: { all: false, ids: ['a'] },
    origins: ['https://a.example'],
    ipRanges: ['10.0.0.0/8'],
    rateLimit: { limit: 5, windowSeconds: 60 },
    expiresAt: dayAfter(30),
  };

  test('makes one new key that carries all of the input and all that the old one has, and leaves the old one alone', () => {
    const { decision, key } = given([created(settings)], { profile })
      .when('updateKey', { name: 'Renamed', tags: ['new'] })
      .then({
        successor: { ...settings, predecessor: KEY_ID, ownerId: 'u-anna', type: 'secret' },
        personal: { name: 'Renamed', tags: ['new'], email: 'anna@example.com', metadata: { team: 'data' } },
      });
    expect(decision).toMatchObject({ kind: 'successor', keyId: NEW_KEY_ID });
    expect(decision.kind === 'successor' && decision.secret.reveal()).toMatch(/^kf_[0-9A-Za-z]{36}$/);
    expect(key.state).toMatchObject({ version: 1, status: 'ACTIVE' });
  });

  test('makes it for scopes and expiry too; other fields of the same key are edited in place', () => {
    given([created(settings)], { profile })
      .when('changeScopes', { scopes: ['orders:read'] })
      .then({ successor: { ...settings, scopes: ['orders:read'] } });
    given([created(settings)], { profile })
      .when('changeExpiry', { expiresAt: dayAfter(60) })
      .then({ successor: { ...settings, expiresAt: dayAfter(60) } });
    given([created(settings)], { profile })
      .when('updateKey', { tags: [] })
      .then({ event: 'KeyDetailsChanged' });
    given([created(settings)], { profile })
      .when('changeScopes', { resources: null })
      .then({ event: 'ScopesChanged' });
  });

  test('guards the old key by ifVersion', () => {
    given([created(settings), disabled, enabled], { profile, ifVersion: 2 })
      .when('updateKey', { name: 'Renamed' })
      .then({ refused: 'VersionConflict' });
  });

  test('needs what creating needs: the role, and a keyspace that the workspace still has', () => {
    const editors = profileOf({ edit: { name: { how: 'SUCCESSOR' } }, roles: { edit: ['member'], create: ['admin'] } });
    given([created()], { profile: editors, caller: caller('member') })
      .when('updateKey', { name: 'Renamed' })
      .then({ refused: 'NotAllowed' });
    const withdrawn = profileOf({ edit: { name: { how: 'SUCCESSOR' } }, workspaces: ['other'] });
    given([created()], { profile: withdrawn }).when('updateKey', { name: 'Renamed' }).then({ refused: 'NotEnabled' });
  });

  test('is a new key by the rules of now', () => {
    given([created(settings)], { profile, now: dayAfter(31) })
      .when('updateKey', { name: 'Renamed' })
      .then(invalid('expiresAt'));
    given([created({ scopes: ['gone'] })], {
      profile: profileOf({ edit: { name: { how: 'SUCCESSOR' } }, permissions: {} }),
    })
      .when('updateKey', { name: 'Renamed' })
      .then(invalid('scopes', '0'));
  });

  test('is named after the product where the name was forgotten', () => {
    given([created(), forgotten], { profile })
      .when('changeScopes', { scopes: [] })
      .then({ successor: {}, personal: { name: 'API key', email: null } });
  });
});

test.each([
  ['changeScopes', {}],
  ['changeRestrictions', {}],
] as const)('%s must name something to change', (name, input) => {
  given([created()]).when(name, input).then(invalid());
});
