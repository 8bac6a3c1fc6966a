// A source with members changed: what was not changed stays to the letter, and what cannot be changed changes nothing.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { memberAt, PROFILE_MEMBERS, withFallbackRows } from '../../events/keyspaces/members.ts';
import { profile } from '../../events/keyspaces/profile.ts';
import { readSource } from '../../events/keyspaces/source.ts';
import { editSource, type ProfileChange } from '../../events/keyspaces/source-edit.ts';
import { PRESETS, presetSource } from './presets.ts';

const SOURCE = `# What parcels are.
slug: parcels # fixed
name:   'Parcels'   # quoted

# Words.
labels:
  # Above the list.
  title: Passes
  noun: pass
permissions:
  scopes:
    # The doors.
    - { id: doors, label: Doors } # all of them
    - { id: lifts, label: Lifts }
# The one type.
types: [{ id: pass, label: Pass, prefix: zp }]
expiry: null
# The end.
`;

const set = (path: string, value: unknown): ProfileChange => ({ path: path.split('.'), value });
const remove = (path: string): ProfileChange => set(path, undefined);
function edited(source: string, ...changes: readonly ProfileChange[]): string {
  const result = editSource(source, changes);
  if (result.kind !== 'edited') throw new Error(JSON.stringify(result));
  expect(parse(result.source)).toEqual(result.profile);
  return result.source;
}
const refusal = (...changes: readonly ProfileChange[]) => {
  const result = editSource(SOURCE, changes);
  return result.kind === 'refused' ? result.problem : null;
};

describe('a source', () => {
  test('without changes is what it was', () => {
    expect(edited(SOURCE)).toBe(SOURCE);
  });

  test('keeps its comments, its order and the lines of members that were not changed', () => {
    expect(edited(SOURCE, set('name', 'Letters'))).toBe(
      SOURCE.replace(`name:   'Parcels'   # quoted`, `name: 'Letters' # quoted`),
    );
    expect(edited(SOURCE, set('labels.title', 'Tickets'))).toBe(SOURCE.replace('Passes', 'Tickets'));
    expect(edited(SOURCE, set('permissions.scopes.0.label', 'Gates'))).toBe(SOURCE.replace('Doors', 'Gates'));
    expect(edited(SOURCE, set('expiry', {}), set('expiry.required', true))).toBe(
      SOURCE.replace('expiry: null\n', 'expiry:\n  required: true\n\n'),
    );
  });

  test('has members set that were absent, and loses those that are removed', () => {
    expect(edited(SOURCE, set('labels.statuses.ACTIVE', 'On'))).toBe(
      SOURCE.replace('noun: pass\n', 'noun: pass\n  statuses:\n    ACTIVE: On\n'),
    );
    expect(parse(edited(SOURCE, set('timeZone', 'Europe/Berlin')))).toMatchObject({ timeZone: 'Europe/Berlin' });
    expect(edited(SOURCE, set('timeZone', 'UTC'))).toContain('# The end.');
    const without = edited(SOURCE, remove('labels.noun'));
    expect(without).toBe(SOURCE.replace('  noun: pass\n', ''));
    expect(edited(SOURCE, remove('expiry'))).not.toContain('expiry');
  });

  test('has rows added, changed and removed, by their place', () => {
    const more = edited(SOURCE, set('permissions.scopes.2', {}), set('permissions.scopes.2.id', 'roofs'));
    expect(more).toContain('- { id: doors, label: Doors } # all of them\n');
    expect(parse(more)).toMatchObject({ permissions: { scopes: [{ id: 'doors' }, { id: 'lifts' }, { id: 'roofs' }] } });
    const fewer = edited(SOURCE, remove('permissions.scopes.1'));
    expect(fewer).toBe(SOURCE.replace('    - { id: lifts, label: Lifts }\n', ''));
    expect(parse(edited(SOURCE, set('flags', [{}]), set('flags.0.id', 'night')))).toMatchObject({
      flags: [{ id: 'night' }],
    });
  });

  test('that leaves rows to their defaults has them written down when one of them is changed', () => {
    expect(withFallbackRows(parse(SOURCE))).toMatchObject({
      columns: { length: 7 },
      credential: { headers: [{}, {}] },
    });
    const source = edited(SOURCE, set('columns.0.label', 'Called'));
    const read = readSource(source);
    expect(read.ok && read.profile.columns.map(({ label }) => label)).toEqual([
      'Called',
      ...profile.shape.columns
        .parse(undefined)
        .slice(1)
        .map(({ label }) => label),
    ]);
  });

  test('loses a group that a removal leaves empty where that says the same, and no other', () => {
    const errors = edited(SOURCE, set('errors.DISABLED.status', 403));
    expect(edited(errors, remove('errors.DISABLED.status'))).not.toContain('errors');
    const limited = edited(SOURCE, set('rateLimit.min', 1));
    expect(parse(edited(limited, remove('rateLimit.min')))).toMatchObject({ rateLimit: {} });
  });

  test('whose aliases would be written out past its bound is refused before they are', () => {
    const source = ['slug: x', 'name: X', `flags: &a [${'x,'.repeat(3000)}x]`];
    for (let n = 0; n < 90; n++) source.push(`k${n}: *a`);
    expect(editSource(source.join('\n'), [{ path: ['name'], value: 'Y' }])).toMatchObject({
      kind: 'refused',
      problem: { path: ['changes'] },
    });
  });

  test('with aliases has only the member changed that was meant', () => {
    const shared = SOURCE.replace('Doors }', '&d Doors }').replace('Lifts }', '*d }');
    const source = edited(shared, set('permissions.scopes.0.label', 'Gates'));
    expect(parse(source)).toMatchObject({ permissions: { scopes: [{ label: 'Gates' }, { label: 'Doors' }] } });
    expect(source).not.toMatch(/[&*]d/);
  });

  test('in JSON, an empty one, and texts of any kind read back as they were meant', () => {
    expect(parse(edited(JSON.stringify(parse(SOURCE)), set('name', 'Letters')))).toEqual({
      ...(parse(SOURCE) as object),
      name: 'Letters',
    });
    expect(parse(edited('', set('slug', 'new')))).toEqual({ slug: 'new' });
    expect(parse(edited('# Only this.\n', set('slug', 'new')))).toEqual({ slug: 'new' });
    for (const text of [
      '',
      ' ',
      'a: b',
      '# a',
      '- a',
      'yes',
      '1',
      'null',
      '"',
      "'",
      '{',
      'a\nb',
      'a \n b',
      '\n',
      '\t',
      '\u0000',
      'é\u2028',
      '*x',
      '&x',
      '!x',
      '%x',
      '@',
      '`',
      'x'.repeat(500),
    ])
      for (const path of ['name', 'labels.empty', 'permissions.scopes.0.label'])
        expect(editSource(SOURCE, [set(path, text)])).toMatchObject({ kind: 'edited' });
  });
});

test('every member of every product can be set to what it is, with nothing else of its profile changed', () => {
  for (const name of PRESETS) {
    const source = presetSource(name);
    const before: unknown = parse(source);
    const changes: ProfileChange[] = [];
    const look = (value: unknown, path: readonly string[]): void => {
      const member = memberAt(path);
      if (member && member.kind !== 'GROUP' && member.kind !== 'ROWS') changes.push({ path, value });
      else for (const [step, inner] of Object.entries(value ?? {})) look(inner, [...path, step]);
    };
    look(before, []);
    expect(changes.length).toBeGreaterThan(5);
    expect(editSource(source, changes)).toMatchObject({ kind: 'edited', profile: before });
  }
});

describe('a change that cannot be made changes nothing', () => {
  test.each([
    ['no path', []],
    ['a member that is not known', ['colour']],
    ['one in what has none', ['name', 'first']],
    ['a prototype', ['__proto__', 'x']],
    ['a prototype where names are free', ['texts', 'reasons', '__proto__']],
    ['the constructor', ['constructor']],
    ['a star', ['permissions', 'scopes', '*', 'id']],
    ['a star where names are free', ['texts', 'reasons', '*']],
    ['a name that nobody sees', ['texts', 'reasons', '\u200b']],
    ['a row by name', ['permissions', 'scopes', 'doors', 'id']],
    ['a row past the next one', ['permissions', 'scopes', '3']],
    ['a member of a row that is not there', ['permissions', 'scopes', '2', 'id']],
    ['a row far away', ['permissions', 'scopes', '4294967296']],
  ])('%s', (_, path) => {
    expect(refusal(set('name', 'Else'), { path, value: 'x' })).toMatchObject({ path: ['changes', '1', 'path'] });
    expect(refusal({ path, value: undefined })).not.toBeNull();
  });

  test('one that would leave a source that is longer, or of more words, than is taken', () => {
    expect(refusal(set('labels.empty', 'x'.repeat(200_000)))?.message).toContain('at most 131072 characters');
    expect(refusal(set('naming.examples', Array(40_000).fill('x')))?.message).toMatch(/at most \d+/);
  });

  test('a prototype within a value is text, and told by whatever reads the source', () => {
    const value: unknown = JSON.parse('{ "__proto__": { "title": "x" } }');
    const source = edited(SOURCE, set('labels', value));
    expect(readSource(source)).toMatchObject({ ok: false });
    expect(({} as { title?: string }).title).toBeUndefined();
  });

  test('what is no YAML, or no object, is told with its line', () => {
    for (const source of ['a: [', 'slug: x\nslug: y', '- a', 'text', 'a: &x [*x]', '['.repeat(20_000)]) {
      const result = editSource(source, [set('name', 'x')]);
      expect(result.kind === 'unreadable' && result.problems.length > 0).toBe(true);
    }
    const bad = editSource('slug: x\nname: [', []);
    expect(bad.kind === 'unreadable' && bad.problems[0]?.message).toMatch(/at line 2/);
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...Array.from(
        { length: 8 },
        (_, at) =>
          `b${at}: &b${at} [${Array(9)
            .fill(at === 0 ? '*a' : `*b${at - 1}`)
            .join()}]`,
      ),
    ];
    expect(editSource(bomb.join('\n'), [set('name', 'x')])).toMatchObject({ kind: 'unreadable' });
  });
});

test('the members of a form are those of the schema, each with words of its own', () => {
  expect(PROFILE_MEMBERS.filter(({ path }) => path.length === 1).map(({ path }) => path[0])).toEqual(
    Object.keys(profile.shape),
  );
  expect(memberAt(['credential', 'preview', 'first'])).toMatchObject({
    ...{ kind: 'NUMBER', label: 'First', minimum: 0, maximum: 8, fallback: 0, required: false, instead: null },
    description: 'Characters of the random part that are shown.',
  });
  expect(memberAt(['permissions', 'scopes', '7', 'tone'])).toMatchObject({ kind: 'TEXT', instead: 'null' });
  expect(memberAt(['removal', 'mode'])).toMatchObject({
    kind: 'CHOICE',
    choices: ['DELETE', 'DELETE_IS_REVOKE', 'REVOKE'],
  });
  expect(memberAt(['workspaces'])).toMatchObject({ kind: 'TEXTS', instead: '"all"', fallback: 'all' });
  expect(memberAt(['managesKeys'])).toMatchObject({ kind: 'GROUP', instead: 'false', fallback: false });
  expect(memberAt(['roles', 'view'])).toMatchObject({ kind: 'CHOICES' });
  expect(memberAt(['errors', 'DISABLED', 'status'])).toMatchObject({ kind: 'NUMBER', required: true });
  expect(memberAt(['texts', 'reasons', 'Lost'])).toMatchObject({ kind: 'LONG_TEXT' });
});
