// editedProfile: what a form of a profile asks, for those who may define it; nothing is written by it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { PROFILE_MEMBERS } from '../../events/keyspaces/members.ts';
import { DefineKeyspaceDocument, EditedProfileDocument, type ProfileChangeInput } from '../generated/graphql.ts';
import { SOUND } from '../keyspaces/bad-profiles.ts';
import { ADMIN, createInstallation, OPERATOR, type Installation } from './installation.ts';

let on: Installation;
beforeAll(async () => {
  on = await createInstallation();
});
afterAll(() => on.stop());

const SOURCE = `# Ours.\n${stringify(SOUND)}`;
const edit = async (changes: ProfileChangeInput[] | null, source = SOURCE, as = OPERATOR) =>
  (await on.run(EditedProfileDocument, { source, changes }, as)).editedProfile;

test('operators get the source with its comments, what it says, and the members of a form; nobody else gets anything', async () => {
  const records = on.log.records().length;
  const edited = await edit([
    { path: ['name'], value: 'Sounder' },
    { path: ['flags', '0'] },
    { path: ['expiry'], value: null },
  ]);
  expect(edited?.source).toBe(
    SOURCE.replace('name: Sound', 'name: Sounder')
      .replace(/flags:\n.*\n.*\n/, 'flags: []\n')
      .replace(/expiry:\n(?: .*\n)+/, 'expiry: null\n'),
  );
  expect(edited?.profile).toMatchObject({ name: 'Sounder', flags: [], expiry: null, credential: SOUND.credential });
  expect(edited?.members).toEqual(PROFILE_MEMBERS);
  expect(edited?.problems).toEqual([]);
  expect(on.log.records()).toHaveLength(records);
  expect(await edit(null, SOURCE, ADMIN)).toBeNull();
});

test('without changes the source is answered to the letter', async () => {
  for (const source of [SOURCE, '', ' a:   1 #', '{ "slug": "x" }'])
    expect((await edit(null, source))?.source).toBe(source);
});

describe('problems', () => {
  test('are those of defineKeyspace, by their path in the profile', async () => {
    const edited = await edit([
      { path: ['requestLogDays'], value: 'many' },
      { path: ['types', '2'], value: {} },
      { path: ['permissions', 'presets', '0', 'scopes'], value: ['none'] },
    ]);
    const paths = edited?.problems.map(({ path }) => path.join('.'));
    expect(paths).toEqual(
      expect.arrayContaining([
        'requestLogDays',
        'types.2.id',
        'types.2.label',
        'types.2.prefix',
        'permissions.presets.0.scopes.0',
      ]),
    );
    const { defineKeyspace } = await on.run(
      DefineKeyspaceDocument,
      { input: { source: edited?.source ?? '', dryRun: true } },
      OPERATOR,
    );
    expect(defineKeyspace).toMatchObject({ problems: edited?.problems });
  });

  test('of what is no YAML have its line, and the source stays', async () => {
    const source = 'slug: x\nname: [';
    const edited = await edit([{ path: ['name'], value: 'X' }], source);
    expect(edited).toMatchObject({ source, profile: null, problems: [{ path: [] }] });
    expect(edited?.problems[0]?.message).toMatch(/at line 2/);
    expect(await edit(null, '- a')).toMatchObject({ profile: null, problems: [{ message: 'must be an object' }] });
  });
});

test('what cannot be changed, and what is too much, is refused with its place, and none of it is repeated', async () => {
  const refused = async (source: string, changes: readonly object[]) => {
    const { result } = await on.ask(
      'query ($source: String!, $changes: [ProfileChangeInput!]) { editedProfile(source: $source, changes: $changes) { source } }',
      { source, changes },
      OPERATOR,
    );
    expect(JSON.stringify(result.errors)).not.toContain('canary');
    return result.errors?.map(({ extensions }) => [extensions.code, extensions.path]);
  };
  const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as object;
  expect(await refused(SOURCE, [{ path: ['canary'], value: 1 }])).toEqual([
    ['BAD_USER_INPUT', ['changes', '0', 'path']],
  ]);
  expect(await refused(SOURCE, [{ path: ['__proto__', 'canary'], value: 1 }])).toEqual([
    ['BAD_USER_INPUT', ['changes', '0', 'path']],
  ]);
  expect(await refused('x'.repeat(131_073), [])).toEqual([['BAD_USER_INPUT', ['source']]]);
  expect(await refused(SOURCE, Array(101).fill({ path: ['name'], value: 'canary' }))).toEqual([
    ['BAD_USER_INPUT', ['changes']],
  ]);
  expect(await refused(SOURCE, [{ path: ['name'], value: 'canary'.repeat(30_000) }])).toEqual([
    ['BAD_USER_INPUT', ['changes']],
  ]);
  // JSON of a number too large for a double is read as an infinite one.
  for (const value of [deep, Infinity, { max: -Infinity }])
    expect(await refused(SOURCE, [{ path: ['name'], value }])).toMatchObject([['BAD_USER_INPUT', expect.anything()]]);
});
