// createKey, decided: where a key may be made, what is filled in, what the keyspace refuses.
import { describe, expect, test } from 'vitest';
import { parseSecret } from '../../events/secret.ts';
import { given } from './given.ts';
import { at, caller, created, NOW, profileOf, WORKSPACE } from './world.ts';
import { named } from '../fakes/named.ts';

const input = (changes: object = {}) => ({
  workspaceId: WORKSPACE,
  keyspace: 'default',
  name: 'Nightly export',
  ...changes,
});
const create = (changes: object = {}, surroundings: Parameters<typeof given>[1] = {}) =>
  given([], surroundings).when('createKey', input(changes));
const refuses = (path: string[], changes: object, profile = profileOf()) =>
  create(changes, { profile }).then({ refused: 'InvalidInput', path });
const dayAfter = (days: number) => at(days * 86_400);

describe('a key that is made', () => {
  test('has what the caller asked for, and everything a fold needs in its one event (E4)', () => {
    const asked = {
      scopes: ['orders:read'],
      resources: { all: false, ids: ['a-1'] },
      origins: ['https://app.example.com'],
      ipRanges: ['10.0.0.0/8'],
      rateLimit: { limit: 60 },
      expiresAt: dayAfter(30),
    };
    const { key } = create({ ...asked, description: 'd', tags: ['t'], metadata: { a: { b: 1 } } }).then({
      event: 'KeyCreated',
      data: {
        ...asked,
        rateLimit: { limit: 60, windowSeconds: 60 },
        keyspace: 'default',
        type: 'secret',
        predecessor: null,
      },
      personal: { name: 'Nightly export', description: 'd', tags: ['t'], metadata: { a: { b: 1 } } },
    });
    expect(key.state).toMatchObject({
      ...asked,
      status: 'ACTIVE',
      version: 1,
      keyspaceVersion: 1,
      workspaceId: WORKSPACE,
    });
  });

  test('is restricted, reaches all resources and has no limits unless it was asked for', () => {
    const none = {
      scopes: [],
      flags: [],
      origins: [],
      ipRanges: [],
      rateLimit: null,
      expiresAt: null,
      environment: null,
    };
    create().then({ event: 'KeyCreated', data: { ...none, unrestricted: false, resources: { all: true, ids: [] } } });
  });

  test('takes null for what it may be made without', () => {
    const nulls = [
      'type',
      'environment',
      'scopes',
      'unrestricted',
      'resources',
      'flags',
      'origins',
      'ipRanges',
      'rateLimit',
    ];
    const all = [...nulls, 'expiresAt', 'owner', 'description', 'tags', 'metadata'];
    const changes = Object.fromEntries(all.map((member) => [member, null]));
    create(changes).then({
      event: 'KeyCreated',
      data: { ownerId: null, scopes: [], type: 'secret' },
      personal: { tags: [] },
    });
  });

  test('comes with its secret once: a hash and the allowed preview are all that is recorded of it', () => {
    const { decision, recorded } = create().then({ event: 'KeyCreated' });
    if (decision.kind !== 'event' || !decision.secret) throw new Error('no secret');
    const text = decision.secret.reveal();
    expect(parseSecret(text)?.prefix).toBe('kf');
    expect(decision.event.data).toMatchObject({ preview: `kf_...${text.slice(-4)}` });
    const written = JSON.stringify(recorded);
    for (let i = 0; i + 12 <= text.length; i++) expect(written).not.toContain(text.slice(i, i + 12));
    expect(JSON.stringify(decision)).not.toContain(text.slice(3, 15));
  });

  test('belongs to the person who made it, with the address of their token, unless another owner is named', () => {
    create().then({ event: 'KeyCreated', data: { ownerId: 'u-anna' }, personal: { email: 'anna@example.com' } });
    create({ owner: { id: 'u-anna' } }).then({ event: 'KeyCreated', personal: { email: 'anna@example.com' } });
    create({ owner: { id: 'u-ben' } }).then({
      event: 'KeyCreated',
      data: { ownerId: 'u-ben' },
      personal: { email: null },
    });
    create({ owner: { id: 'u-ben', email: 'ben@example.com' } }).then({
      event: 'KeyCreated',
      personal: { email: 'ben@example.com' },
    });
    create({ owner: null }).then({ event: 'KeyCreated', data: { ownerId: null }, personal: { email: null } });
    const key = caller('admin', { actor: { kind: 'key', id: 'key_x' }, email: null });
    create({}, { caller: key }).then({ event: 'KeyCreated', data: { ownerId: null } });
  });

  test('has an owner with an e-mail address where the keyspace demands an owner: the caller’s own, or one that is named', () => {
    const profile = profileOf({ owner: { required: true } });
    const nameless = { profile, caller: caller('admin', { email: null }) };
    create({}, { profile }).then({ event: 'KeyCreated', personal: { email: 'anna@example.com' } });
    refuses(['owner'], { owner: null }, profile);
    refuses(['owner', 'email'], { owner: { id: 'u-ben' } }, profile);
    refuses(['owner', 'email'], { owner: { id: 'u-anna', email: null } }, profile);
    const needed = { refused: 'InvalidInput', path: ['owner', 'email'] } as const;
    create({}, nameless).then(needed);
    create({ owner: { id: 'u-anna' } }, nameless).then(needed);
    create({ owner: { id: 'u-ben', email: 'ben@example.com' } }, nameless).then({ event: 'KeyCreated' });
  });

  test('needs an owner to be named by a person whose own id is an e-mail address, which is not quoted', () => {
    const mail = caller('admin', { actor: { kind: 'user', id: 'anna@example.com' } });
    const { decision } = create({}, { caller: mail }).then({ refused: 'InvalidInput', path: ['owner'] });
    expect(JSON.stringify(decision)).not.toContain('anna');
    create({ owner: { id: 'u-anna' } }, { caller: mail }).then({ event: 'KeyCreated' });
  });

  test('carries the environment in its prefix', () => {
    const profile = profileOf({
      environments: named('live', 'test'),
      types: [{ id: 'secret', label: 'Secret', prefix: 'sk' }],
    });
    const { decision } = create({ environment: 'live' }, { profile }).then({
      event: 'KeyCreated',
      data: { environment: 'live' },
    });
    expect(decision.kind === 'event' && decision.secret?.reveal().startsWith('sk_live_')).toBe(true);
  });
});

describe('the place', () => {
  const nowhere = { refused: 'NotFound', message: 'there is no such workspace or keyspace' } as const;

  test('a foreign workspace, an unknown keyspace, one not offered and one that may not be viewed are answered alike', () => {
    create({ workspaceId: 'other' }).then(nowhere);
    create({ keyspace: 'unknown' }).then(nowhere);
    create({ keyspace: 'constructor' }).then(nowhere);
    create({}, { profile: profileOf({ workspaces: ['other'] }) }).then(nowhere);
    create({}, { profile: profileOf({ roles: { view: ['member'], create: ['admin'] } }) }).then(nowhere);
    create({}, { caller: caller(null, { operator: true }) }).then(nowhere);
  });

  test('a role that may view and not create is told so', () => {
    create({}, { caller: caller('viewer') }).then({ refused: 'NotAllowed' });
  });

  test('what may not be seen is said before what is wrong with the input', () => {
    create({ keyspace: 'unknown', type: 'nope' }).then(nowhere);
    create({ type: 'nope' }, { caller: caller('viewer') }).then({ refused: 'NotAllowed' });
  });

  test('an offered keyspace is there', () => {
    create({}, { profile: profileOf({ workspaces: [WORKSPACE] }) }).then({ event: 'KeyCreated' });
  });

  test('a key that is there already is not made a second time', () => {
    given([created()]).when('createKey', input()).then({ refused: 'VersionConflict' });
  });
});

describe('the keyspace', () => {
  test('knows its types: the only one needs no choice, several do', () => {
    const types = [
      { id: 'private', label: 'Private', prefix: 'va_private' },
      { id: 'public', label: 'Public', prefix: 'va_public' },
    ];
    refuses(['type'], {}, profileOf({ types }));
    refuses(['type'], { type: 'secret' }, profileOf({ types }));
    const { decision } = create({ type: 'public' }, { profile: profileOf({ types }) }).then({ event: 'KeyCreated' });
    expect(decision.kind === 'event' && decision.secret?.reveal().startsWith('va_public_')).toBe(true);
  });

  test('knows its environments: none, one that needs no choice, or several', () => {
    refuses(['environment'], { environment: 'live' });
    create({}, { profile: profileOf({ environments: named('live') }) }).then({
      event: 'KeyCreated',
      data: { environment: 'live' },
    });
    refuses(['environment'], {}, profileOf({ environments: named('live', 'test') }));
    refuses(['environment'], { environment: 'stage' }, profileOf({ environments: named('live', 'test') }));
  });

  const catalogue = {
    scopes: [
      { id: 'agents', label: 'Agents' },
      { id: 'workflows', label: 'Workflows' },
    ],
    minimum: 1,
    superScopes: ['admin:full'],
  };

  test('takes the scopes of its catalogue and names the place of another, not its text', () => {
    const profile = profileOf({ permissions: catalogue });
    create({ scopes: ['workflows', 'admin:full'] }, { profile }).then({ event: 'KeyCreated' });
    const { decision } = refuses(['scopes', '1'], { scopes: ['agents', 'canary-scope'] }, profile);
    expect(JSON.stringify(decision)).not.toContain('canary');
  });

  test('demands a minimum of scopes but of an unrestricted key', () => {
    refuses(['scopes'], {}, profileOf({ permissions: catalogue }));
    create({ unrestricted: true }, { profile: profileOf({ permissions: catalogue }) }).then({ event: 'KeyCreated' });
  });

  test('may have no unrestricted keys', () => {
    refuses(
      ['unrestricted'],
      { unrestricted: true },
      profileOf({ permissions: { freeForm: true, unrestrictedAllowed: false } }),
    );
  });

  test('may have no resources to choose from, no flags, no origins and no addresses', () => {
    const bare = profileOf({ resources: null, restrictions: { origins: false, ipRanges: false } });
    refuses(['resources'], { resources: { all: false, ids: ['a'] } }, bare);
    create({ resources: { all: true, ids: [] } }, { profile: bare }).then({ event: 'KeyCreated' });
    refuses(['flags', '0'], { flags: ['transientAssistant'] });
    create({ flags: ['transientAssistant'] }, { profile: profileOf({ flags: named('transientAssistant') }) }).then({
      event: 'KeyCreated',
    });
    refuses(['origins'], { origins: ['https://a.example'] }, bare);
    refuses(['ipRanges'], { ipRanges: ['10.0.0.0/8'] }, bare);
  });

  test('bounds rate limits, fills in its default, and has its own window', () => {
    const profile = profileOf({ rateLimit: { min: 1, max: 600, default: 60, windowSeconds: 60 } });
    create({}, { profile }).then({ event: 'KeyCreated', data: { rateLimit: { limit: 60, windowSeconds: 60 } } });
    create({ rateLimit: null }, { profile }).then({
      event: 'KeyCreated',
      data: { rateLimit: { limit: 60, windowSeconds: 60 } },
    });
    for (const limit of [1, 600]) create({ rateLimit: { limit } }, { profile }).then({ event: 'KeyCreated' });
    for (const limit of [0, 601])
      expect(refuses(['rateLimit', 'limit'], { rateLimit: { limit } }, profile)).toBeTruthy();
    refuses(['rateLimit', 'windowSeconds'], { rateLimit: { limit: 5, windowSeconds: 1 } }, profile);
    refuses(['rateLimit'], { rateLimit: { limit: 5 } }, profileOf({ rateLimit: null }));
  });
});

describe('expiry', () => {
  test('lies in the future', () => {
    create({ expiresAt: at(0.001) }).then({ event: 'KeyCreated' });
    refuses(['expiresAt'], { expiresAt: NOW });
    refuses(['expiresAt'], { expiresAt: at(-1) });
  });

  test('lies after today, and today is what the keyspace’s time zone says', () => {
    // NOW is 12:00 UTC: 01:00 of the next day in Auckland (UTC+13), 02:00 of the same day in Honolulu (UTC-10).
    const utc = profileOf({ expiry: { afterToday: true } });
    refuses(['expiresAt'], { expiresAt: '2030-01-31T23:59:59.999Z' }, utc);
    create({ expiresAt: '2030-02-01T00:00:00.000Z' }, { profile: utc }).then({ event: 'KeyCreated' });
    const auckland = profileOf({ expiry: { afterToday: true }, timeZone: 'Pacific/Auckland' });
    refuses(['expiresAt'], { expiresAt: '2030-02-01T10:59:59.999Z' }, auckland);
    create({ expiresAt: '2030-02-01T11:00:00.000Z' }, { profile: auckland }).then({ event: 'KeyCreated' });
    const honolulu = profileOf({ expiry: { afterToday: true }, timeZone: 'Pacific/Honolulu' });
    refuses(['expiresAt'], { expiresAt: '2030-02-01T09:59:59.999Z' }, honolulu);
    create({ expiresAt: '2030-02-01T10:00:00.000Z' }, { profile: honolulu }).then({ event: 'KeyCreated' });
  });

  test('lies within the maximum lifetime, which also rules out never', () => {
    const profile = profileOf({ expiry: { maxLifetimeDays: 90 } });
    create({ expiresAt: dayAfter(90) }, { profile }).then({ event: 'KeyCreated' });
    refuses(['expiresAt'], { expiresAt: dayAfter(91) }, profile);
    refuses(['expiresAt'], {}, profile);
    refuses(['expiresAt'], { expiresAt: null }, profile);
  });

  test('is filled in from the keyspace unless never was said, where never is allowed', () => {
    const profile = profileOf({ expiry: { defaultDays: 30 } });
    create({}, { profile }).then({ event: 'KeyCreated', data: { expiresAt: dayAfter(30) } });
    create({ expiresAt: null }, { profile }).then({ event: 'KeyCreated', data: { expiresAt: null } });
    refuses(['expiresAt'], { expiresAt: null }, profileOf({ expiry: { required: true } }));
  });

  test('is off where the keyspace has none', () => {
    refuses(['expiresAt'], { expiresAt: dayAfter(1) }, profileOf({ expiry: null }));
    create({}, { profile: profileOf({ expiry: null }) }).then({ event: 'KeyCreated', data: { expiresAt: null } });
  });
});

describe('advice', () => {
  test('warns of names that say nothing, whatever their case, and makes the key', () => {
    const profile = profileOf({ naming: { discouraged: ['Key 1', 'Test'], advice: 'Say what it is for.' } });
    const warnings = [{ code: 'DISCOURAGED_NAME', message: 'Say what it is for.' }];
    create({ name: ' tEST ' }, { profile }).then({ event: 'KeyCreated', warnings });
    create({ name: 'Test rig' }, { profile }).then({ event: 'KeyCreated', warnings: [] });
  });

  test('takes names for the same that differ in case, width, white space and what nobody sees', () => {
    const profile = profileOf({ naming: { discouraged: ['API Key', ' Key  1', 'Straße'], advice: 'No.' } });
    const warnings = [{ code: 'DISCOURAGED_NAME', message: 'No.' }];
    for (const name of [
      ...['api key', 'API  Key', ' API Key ', 'API\tKey', 'API\u00a0Key', 'API\u3000Key', 'ＡＰＩ　Ｋｅｙ', 'API\nKey'],
      ...['API\u200b Key', 'key 1', 'Key 1', 'KEY １', 'STRASSE', 'straße', 'STRAẞE'],
    ])
      create({ name }, { profile }).then({ event: 'KeyCreated', warnings });
    for (const name of ['APIKey', 'Key 11', 'Key 1 of the shop', 'Api-Key'])
      create({ name }, { profile }).then({ event: 'KeyCreated', warnings: [] });
  });

  test('says what the keyspace thinks of a lifetime, band by band', () => {
    const bands = [
      { upToDays: 30, text: 'short' },
      { upToDays: 90, text: 'medium' },
      { upToDays: null, text: 'discouraged' },
    ];
    const profile = profileOf({ expiry: { bands } });
    const told = (expiresAt: string | null, message: string) =>
      create({ expiresAt }, { profile }).then({ event: 'KeyCreated', warnings: [{ code: 'EXPIRY_BAND', message }] });
    told(dayAfter(30), 'short');
    told(dayAfter(31), 'medium');
    told(dayAfter(91), 'discouraged');
    told(null, 'discouraged');
  });
});
