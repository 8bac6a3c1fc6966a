// Profiles that are defined: what is wrong with a source is told all at once, with its path; what widens needs leave.
import { describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { decideDefinition, planKeyspace } from '../../events/keyspaces/define.ts';
import { REFUSED_OUTCOMES } from '../../events/keyspaces/profile/access.ts';
import { FIELD_IDS, LABELLED_ACTIONS } from '../../events/keyspaces/profile/names.ts';
import { profile as profileSchema, type ProfileInput } from '../../events/keyspaces/profile.ts';
import { MAX_SOURCE, readSource } from '../../events/keyspaces/source.ts';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import { withFormat } from '../../events/keyspaces/token-format.ts';
import { KEY_ACTIONS } from '../../events/key/access.ts';
import { createKey } from '../../events/key/commands.ts';
import { CODES } from '../../services/verifier/verify.ts';
import { keyspacesWith } from '../events/world.ts';
import { BAD, SOUND } from './bad-profiles.ts';

const source = (changes: object = {}): string => stringify({ ...SOUND, ...changes });
const NEEDED = ['name', 'type', 'environment', 'scopes', 'origins'];
const paths = (text: string): string[] => {
  const read = readSource(text);
  return read.ok ? [] : read.problems.map(({ path }) => path.join('.'));
};
const having = (...inputs: readonly ProfileInput[]): KeyspacesState =>
  inputs.reduce<KeyspacesState>((state, input) => {
    const { profiles } = keyspacesWith(profileSchema.parse(input));
    return { ...state, profiles: { ...state.profiles, ...profiles } };
  }, NO_KEYSPACES);

/** Each line is nine times the one before. */
const BILLION_LAUGHS = ['b', 'c', 'd', 'e', 'f', 'g', 'h']
  .reduce(
    (lines, name, index) => [
      ...lines,
      `${name}: &${name} [${Array(9)
        .fill(`*${'abcdefgh'.charAt(index)}`)
        .join(',')}]`,
    ],
    ['a: &a [x,x,x,x,x,x,x,x,x]'],
  )
  .join('\n');

describe('a source', () => {
  test('may be YAML with comments, or JSON', () => {
    expect(readSource(`# a comment\n${source()}`).ok).toBe(true);
    expect(readSource(JSON.stringify(SOUND)).ok).toBe(true);
  });

  test.each(BAD)('with %s is refused with its path', (_, changes, path) => {
    expect(paths(source(changes))).toContain(path);
  });

  test('tells every problem at once', () => {
    const read = readSource(source({ timeZone: 'Mars/Olympus', rateLimit: { min: 9, max: 1 }, workspaces: [] }));
    expect(read.ok ? [] : read.problems.map(({ path }) => path.join('.')).toSorted()).toEqual(
      ['rateLimit.min', 'timeZone', 'workspaces'].toSorted(),
    );
    expect(paths(source({ typo: 1, rateLimit: { min: 9, max: 1 }, timeZone: 'Mars/X', menu: ['FOO'] }))).toEqual(
      expect.arrayContaining(['typo', 'rateLimit.min', 'timeZone', 'menu.0']),
    );
    expect(paths(source({ slug: 1, flags: 'f', expiry: { presetDays: [30, 30] } }))).toEqual(
      expect.arrayContaining(['slug', 'flags', 'expiry.presetDays.1']),
    );
    expect(paths('colour: red\nsize: 3')).toEqual(expect.arrayContaining(['slug', 'name', 'types', 'colour', 'size']));
  });

  test('is told what is wrong besides one wrong member, and nothing that this one brings about', () => {
    const { permissions: asked, ...rest } = SOUND;
    const scopes = asked?.scopes?.map((scope, index) => (index === 0 ? { ...scope, tone: ['blue'] } : scope));
    expect(paths(source({ permissions: { ...asked, scopes } }))).toEqual(['permissions.scopes.0.tone']);
    const presets = [{ label: 'P', scopes: ['none'] }];
    expect(paths(source({ permissions: { ...asked, scopes, presets } }))).toEqual([
      'permissions.scopes.0.tone',
      'permissions.presets.0.scopes.0',
    ]);
    // Whatever was to stand there may have been what others name.
    expect(paths(stringify({ ...rest, permissions: 5, form: { create: NEEDED } }))).toEqual(['permissions']);
    expect(paths(source({ expiry: { presetDays: ['30'] }, labels: { lifetimes: { 30: 'A month' } } }))).toEqual([
      'expiry.presetDays.0',
    ]);
    expect(paths(source({ errors: { DISABLED: { status: 200 } }, rateLimit: { min: 9, max: 1 } }))).toEqual([
      'errors.DISABLED.status',
      'rateLimit.min',
    ]);
  });

  test('lists a hundred problems and counts the rest', () => {
    const named = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`K${index}`, 'x']));
    const read = readSource(source({ labels: { actions: named } }));
    expect(read.ok ? [] : read.problems).toHaveLength(101);
    expect(read.ok ? '' : read.problems.at(-1)?.message).toContain('50 more');
  });

  test.each([
    ['of many members', `{${Array.from({ length: 27_000 }, (_, index) => `${index.toString(36)},`).join('')}}`],
    ['of brackets', ']'.repeat(MAX_SOURCE)],
    ['of fewer brackets', ']'.repeat(65_000)],
    ['of anchors', '&a '.repeat(20_000)],
    ['of unknown members', Array.from({ length: 10_000 }, (_, index) => `m${index}: 1`).join('\n')],
    ['of aliases', Array.from({ length: 5000 }, (_, index) => `- &a${index} 1\n- *a${index}\n`).join('')],
  ])('is answered soon, even one %s', (_, text) => {
    const { user: before } = process.cpuUsage();
    const read = readSource(text);
    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(2500);
    expect(read.ok ? 0 : read.problems.length).toBeLessThanOrEqual(101);
  });

  test.each([
    ['a key that is a map', '? { canary: 1 }\n: 1', /non string key at line \d+, column 3/],
    ['an unknown tag', 'labels: { title: !include canary }', /tag resolve failed at line \d+, column 18/],
    ['a tag of another language', 'labels: { title: !!js/function canary }', /tag resolve failed/],
    [
      'an alias of what it stands in',
      'errors: { DISABLED: { status: 403, body: &a { canary: *a } } }',
      /stands in at line/,
    ],
  ])('is told of %s by its place, and nothing is printed', (_, text, message) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const read = readSource(`${source({ labels: undefined, errors: undefined })}${text}`);
    const told = JSON.stringify(read.ok ? [] : read.problems);
    expect(told).toMatch(message);
    expect(told).not.toContain('canary');
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  test.each(['%YAML 1.1\n---\n', '%YAML 9.9\n---\n', '%FOO bar\n---\n'])('is refused with the directive %j', (head) => {
    expect(paths(`${head}${source()}`)).toEqual(['']);
  });

  test('quotes nothing but names that members can have', () => {
    const odd = { 'kf_canary-0123456789': 1, timeZone: 'canary', flags: ['canary'], rateLimit: 'canary' };
    expect(JSON.stringify(readSource(source(odd)))).not.toContain('canary');
  });

  test.each([
    ['what is no YAML', 'slug: [', /YAML or JSON: .* at line 1/],
    ['a member twice', 'slug: a\nslug: b', /at line 2/],
    ['two documents', 'slug: a\n---\nslug: b', /YAML or JSON/],
    ['aliases of aliases', BILLION_LAUGHS, /aliases/],
  ])('refuses %s, and says where', (_, text, message) => {
    const read = readSource(text);
    expect(read.ok ? '' : read.problems.map((problem) => problem.message).join('\n')).toMatch(message);
  });

  test.each([
    ['__proto__: { polluted: true }', '__proto__'],
    ['errors: { __proto__: { status: 401 } }', 'errors.__proto__'],
    ['errors: { constructor: { status: 401 } }', 'errors.constructor'],
    [
      'errors: { DISABLED: { status: 403, body: { list: [{ __proto__: 1 }] } } }',
      'errors.DISABLED.body.list.0.__proto__',
    ],
    ['errors: { DISABLED: { status: 403, __proto__: 1 } }', 'errors.DISABLED.__proto__'],
    ['edit: { __proto__: { how: FORBIDDEN } }', 'edit.__proto__'],
    ['edit: { toString: { how: FORBIDDEN } }', 'edit.toString'],
    ['labels: { actions: { __proto__: Remove } }', 'labels.actions.__proto__'],
    ['labels: { fields: { "__proto__": Name } }', 'labels.fields.__proto__'],
    ['labels: { fields: { constructor: Name } }', 'labels.fields.constructor'],
    ['roles: { __proto__: [admin] }', 'roles.__proto__'],
    ['a: &a { __proto__: 1 }\nb: *a', 'a.__proto__'],
  ])('drops no member in silence: %s', (member, path) => {
    const plain = stringify({ slug: SOUND.slug, name: SOUND.name, types: SOUND.types });
    expect(readSource(plain).ok).toBe(true);
    expect(paths(`${plain}\n${member}`)).toContain(path);
    expect(paths(`${plain}\n${member}\ntimeZone: Mars/Olympus`)).toEqual(expect.arrayContaining([path, 'timeZone']));
  });

  test('makes objects of nothing but data', () => {
    expect(readSource(`${source()}\n__proto__: { polluted: true }`).ok).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(MAX_SOURCE).toBeLessThan(256 * 1024);
  });
});

describe('a form', () => {
  test('may leave out all that a key can be made without, and need not name what the edits are', () => {
    const needed = ['scopes', 'name', 'origins', 'environment', 'type'];
    expect(paths(source({ form: { create: needed, edit: [] } }))).toEqual([]);
    expect(paths(source({ form: { edit: ['expiresAt', 'metadata.purpose'] } }))).toEqual([]);
    expect(paths(source({ form: {} }))).toEqual([]);
  });

  test('that leaves out too much is told everything that it lacks', () => {
    const read = readSource(source({ form: { create: ['tags'] } }));
    const told = read.ok ? [] : read.problems.map(({ message }) => /must have (\w+):/.exec(message)?.[1]);
    expect(told).toEqual(['name', 'type', 'environment', 'scopes', 'origins']);
  });
});

describe('what a profile may name', () => {
  test('are the outcomes that the verifier has, the actions of keys, and the fields of a key', () => {
    expect([...REFUSED_OUTCOMES].toSorted()).toEqual(
      ['MALFORMED', 'NOT_FOUND', ...CODES.filter((code) => code !== 'VALID')].toSorted(),
    );
    expect(LABELLED_ACTIONS).toEqual(['CREATE', ...KEY_ACTIONS]);
    expect(Object.keys(createKey.shape)).toEqual(expect.arrayContaining([...FIELD_IDS]));
  });
});

describe('a definition', () => {
  const decided = (state: KeyspacesState, changes: object = {}, more: object = {}, ifVersion?: number) =>
    decideDefinition({ source: source(changes), ...more }, state, ifVersion);

  test('makes a keyspace, changes it, and does nothing where nothing differs', () => {
    expect(decided(NO_KEYSPACES)).toMatchObject({ event: { type: 'KeyspaceDefined', data: { version: 1 } } });
    expect(decided(having(SOUND), { name: 'Other' })).toMatchObject({
      event: { type: 'KeyspaceChanged', data: { version: 2, profile: { name: 'Other' } } },
      diff: { changes: [{ path: ['name'], before: 'Sound', after: 'Other' }], effects: [] },
    });
    expect(decided(having(SOUND))).toEqual({ kind: 'unchanged' });
  });

  test('sees what is put in another order, since columns and levels have one', () => {
    const types = [SOUND.types[1], SOUND.types[0]];
    expect(decided(having(SOUND), { types })).toMatchObject({ diff: { changes: [{ path: ['types'] }] } });
    expect(decided(having(SOUND), { flags: [...(SOUND.flags ?? []), { id: 'slow', label: 'Slow' }] })).toMatchObject({
      diff: { changes: [{ path: ['flags', 'slow'], before: null }] },
    });
  });

  test('is refused with everything that is wrong, each under source', () => {
    expect(decided(NO_KEYSPACES, { workspaces: [], timeZone: 'Nowhere' })).toMatchObject({
      refusal: {
        type: 'InvalidInput',
        issues: [{ path: ['source', 'workspaces'] }, { path: ['source', 'timeZone'] }],
      },
    });
  });

  test('keeps to the version that was expected', () => {
    expect(decided(having(SOUND), { name: 'Other' }, {}, 2)).toMatchObject({
      refusal: { type: 'VersionConflict', expected: 2, actual: 1 },
    });
    expect(decided(NO_KEYSPACES, {}, {}, 1)).toMatchObject({ refusal: { expected: 1, actual: 0 } });
    expect(decided(having(SOUND), { name: 'Other' }, {}, 1).kind).toBe('event');
  });

  test('is refused where keys of another keyspace begin alike, whichever came first', () => {
    const other = { ...SOUND, slug: 'other' };
    expect(decided(having(other))).toMatchObject({
      refusal: { issues: [{ path: ['source', 'types', '0', 'prefix'] }, { path: ['source', 'types', '1', 'prefix'] }] },
    });
    const all = planKeyspace(source({ rateLimit: { min: 9, max: 1 }, typo: 1 }), having(other)).problems;
    expect(all.map(({ path }) => path.join('.')).toSorted()).toEqual(
      ['typo', 'rateLimit.min', 'types.0.prefix', 'types.1.prefix'].toSorted(),
    );
    // `sk` with an environment `live` and `sk_live` without one are the same text.
    const plain = { slug: 'plain', name: 'Plain', types: [{ id: 'secret', label: 'S', prefix: 'so_private_live' }] };
    expect(decided(having(plain)).kind).toBe('refused');
    expect(decided(having({ ...plain, types: [{ id: 'secret', label: 'S', prefix: 'so' }] })).kind).toBe('event');
  });

  test('is refused the prefix that keys of another keyspace were made with, also after that one has changed', () => {
    const first = having(SOUND);
    const types = SOUND.types.map((type) => ({ ...type, prefix: `n${type.prefix}` }));
    const changed = decided(first, { types });
    if (changed.kind !== 'event' || changed.event.type !== 'KeyspaceChanged') throw new Error(changed.kind);
    const { profile, version } = changed.event.data;
    const entry = first.profiles.sound;
    const formats = withFormat(entry?.formats ?? [], version, profile);
    const state = { ...first, profiles: { sound: { version, profile, changedAt: '', formats } } };
    expect(decided(state, { slug: 'other' })).toMatchObject({ refusal: { type: 'InvalidInput' } });
    expect(decided(state).kind).toBe('event');
  });

  test('warns of prefixes that other vendors’ keys have', () => {
    const types = [{ id: 'secret', label: 'S', prefix: 'sk' }];
    const { warnings, problems } = planKeyspace(source({ types }), NO_KEYSPACES);
    expect(problems).toEqual([]);
    expect(warnings.map(({ message }) => message.includes('Stripe'))).toEqual([true, true]);
    expect(planKeyspace(source(), NO_KEYSPACES).warnings).toEqual([]);
  });

  test('that lets managing keys do more with other keys, or in more places, needs leave', () => {
    const narrow = {
      ...{ ...SOUND, managesKeys: { view: 'a:read', change: 'a:write' }, rotation: { enabled: false }, disable: false },
      workspaces: ['acme'],
    };
    for (const changes of [{ rotation: {} }, { disable: true }, { workspaces: 'all' }, { workspaces: ['acme', 'b'] }])
      expect(decided(having(narrow), { ...narrow, ...changes }).kind, JSON.stringify(changes)).toBe('refused');
    expect(decided(having(narrow), { ...narrow, name: 'Other' }).kind).toBe('event');
  });

  test('is refused where all of it, written out, is too much for an event', () => {
    const scopes = Array.from({ length: 100 }, (_, index) => `${'s'.repeat(60)}${index}`);
    const free = { model: 'FLAT', freeForm: true, implications: [{ scope: 'a', implies: scopes }] };
    const implications = Array.from({ length: 12 }, (_, index) => ({ scope: `a${index}`, implies: scopes }));
    expect(paths(source({ permissions: { ...free, implications }, resources: null }))).toEqual(['']);
    expect(paths(source({ permissions: free, resources: null }))).toEqual([]);
  });

  test('is refused text that a store would change', () => {
    expect(paths(JSON.stringify({ ...SOUND, errors: { MALFORMED: { status: 400, body: { a: '\ud800' } } } }))).toEqual([
      'errors.MALFORMED.body',
    ]);
  });

  test('warns of keys that may change what they may not look at', () => {
    const codes = (managesKeys: object) =>
      planKeyspace(source({ managesKeys }), NO_KEYSPACES).warnings.map(({ code }) => code);
    expect(codes({ view: 'a:read', change: 'all' })).toEqual([]);
    expect(codes({ view: 'a:read', change: 'a:write' })).toEqual([]);
    expect(codes({ view: 'a:write', change: 'a:read' })).toEqual(['CHANGE_WITHOUT_VIEW']);
  });

  test.each([
    [
      'an implication',
      { implications: [{ scope: 'a:read', implies: ['a:write'] }] },
      'keys with a:read have a:write too',
    ],
    ['a super scope', { implications: [], superScopes: ['all', 'a:read'] }, 'keys with a:read may do everything'],
  ])('that widens by %s needs leave, and says what it widens', (_, changes, message) => {
    const widening = { permissions: { ...SOUND.permissions, ...changes } };
    expect(decided(having(SOUND), widening)).toMatchObject({
      refusal: {
        path: ['allowWidening'],
        issues: expect.arrayContaining([expect.objectContaining({ message })]) as unknown,
      },
    });
    expect(decided(having(SOUND), widening, { allowWidening: true })).toMatchObject({
      event: { type: 'KeyspaceChanged' },
    });
  });

  test.each([
    ['resources that need no scope any more', { resources: { noun: 'Thing', types: [{ id: 'thing', scope: null }] } }],
    ['resources under another scope', { resources: { noun: 'Thing', types: [{ id: 'thing', scope: 'all' }] } }, false],
    [
      'another type of resources',
      { resources: { noun: 'Thing', types: [...(SOUND.resources?.types ?? []), { id: 'more', scope: null }] } },
    ],
    ['resources of any type', { resources: { noun: 'Thing' } }],
    ['public keys from everywhere', { types: [SOUND.types[0], { ...SOUND.types[1], originsRequired: false }] }],
    ['a type with limits that is gone', { types: [SOUND.types[0]] }],
    ['nothing that a key may do itself', { expiry: null, edit: {}, disable: false }, false],
    ['keys that manage keys', { managesKeys: { view: 'a:read', change: 'a:write' } }],
  ])('that widens by %s needs leave', (_, changes, widens = true) => {
    expect(decided(having(SOUND), changes).kind).toBe(widens ? 'refused' : 'event');
  });

  test('that narrows, or binds new keys only, needs none', () => {
    for (const changes of [
      { permissions: { ...SOUND.permissions, implications: [] } },
      { permissions: { ...SOUND.permissions, superScopes: [] } },
      { permissions: { ...SOUND.permissions, minimum: 0 } },
      { expiry: null, edit: {} },
      { rateLimit: null },
      { disable: false },
    ])
      expect(decided(having(SOUND), changes).kind, JSON.stringify(changes)).toBe('event');
    expect(
      planKeyspace(source({ permissions: { ...SOUND.permissions, implications: [] } }), having(SOUND)).diff.effects,
    ).toEqual([
      {
        kind: 'NARROWS',
        path: ['permissions', 'implications', 'a:write'],
        message: 'keys with a:write no longer have a:read',
      },
    ]);
  });
});
