// A profile that is shown and applied again is the same profile, to the last character of its texts.
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { profile as profileSchema, type Profile } from '../../events/keyspaces/profile.ts';
import { MAX_SOURCE, readSource } from '../../events/keyspaces/source.ts';
import { sourceText } from '../../events/keyspaces/source-text.ts';
import { sourceLines } from '../../services/cli/keyspace-source.ts';
import { SOUND } from './bad-profiles.ts';

/** What the API tells, and what the command prints of it. */
const written = (profile: Profile): readonly string[] => {
  const source = sourceText(profile);
  return [source, sourceLines(source).join('\n'), `${sourceLines(source).join('\n')}\n`];
};

function expectSame(profile: Profile): void {
  for (const source of written(profile)) expect(readSource(source)).toEqual({ ok: true, profile });
}

/** What YAML means something by, what it folds, and what nobody sees. */
const PIECES = [
  ...[
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\r',
    '\r\n',
    '\t',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u00a0',
    '\u3000',
    '\u000b',
    '\u001b[2J',
  ],
  ...[
    '\ufeff',
    '\u200b',
    '\u202e',
    '\u0001',
    '\u007f',
    '#',
    ' #',
    ': ',
    ':',
    '- ',
    '---',
    '...',
    '? ',
    '|',
    '>',
    '%',
    '@',
    '`',
  ],
  ...[
    "'",
    '"',
    '\\',
    '\\n',
    '&a',
    '*a',
    '!',
    '[',
    ']',
    '{',
    '}',
    ',',
    '~',
    'null',
    'true',
    'no',
    '0x1f',
    '1e3',
    '.inf',
    '0',
  ],
  ...['word', 'ein Wort mehr', 'é', 'e\u0301', '漢字', '👩‍👩‍👧', '\u{e0001}', 'x'.repeat(90), '{{key}}', '='],
];
const text = (max: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary', maxLength: 40 }),
    )
    .map((each) => each.replaceAll('\u0000', '').slice(0, max))
    .filter((each) => each.isWellFormed());
const json = fc
  .dictionary(
    text(20),
    fc.oneof(text(60), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
    { maxKeys: 4 },
  )
  .filter((value) => !Object.hasOwn(value, '__proto__'))
  // As an event keeps it.
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);

const anyProfile: fc.Arbitrary<Profile> = fc
  .record({
    name: text(80).filter((name) => name.trim() !== ''),
    empty: text(2000),
    title: text(80),
    reveal: text(2000),
    mask: text(8),
    reasons: fc.uniqueArray(text(80), { maxLength: 3 }),
    discouraged: fc.array(text(80), { maxLength: 3 }),
    advice: text(2000),
    code: text(8000),
    body: json,
    message: text(2000),
    entry: text(40),
  })
  .map(({ name, empty, title, reveal, mask, reasons, discouraged, advice, code, body, message, entry }) =>
    profileSchema.parse({
      ...SOUND,
      name,
      labels: { title, empty },
      texts: { reveal },
      credential: { preview: { mask } },
      removal: { mode: 'REVOKE', reasons },
      naming: { discouraged, advice },
      metadataFields: [{ id: entry, label: title }],
      columns: [{ id: `metadata.${entry}`.slice(0, 40), label: title, format: 'text' }],
      quickStart: [{ tab: title, title: name, code }],
      errors: { DISABLED: { status: 403, message, body }, REVOKED: { status: 401, code: title } },
    }),
  )
  .filter((profile) => readSource(JSON.stringify(profile)).ok);

describe('a profile that is shown reads back as it was', () => {
  test('whatever its texts hold', () => {
    fc.assert(fc.property(anyProfile, expectSame), { numRuns: 150 });
  });

  test.each([
    ' \n',
    'a ',
    ' a',
    'a\n',
    'a\n\n',
    '\na',
    'a \nb',
    'a\n \nb',
    'a\n  b\n',
    '\n',
    'a\r\nb',
    '\ta',
    'a\tb',
    '# a',
    '👩‍👩‍👧',
  ])('also %j', (each) => {
    expectSame(profileSchema.parse({ ...SOUND, texts: { reveal: each }, labels: { title: each } }));
  });

  test('and the presets, whose lines stay lines', () => {
    for (const file of readdirSync('keyspaces')) {
      const read = readSource(readFileSync(`keyspaces/${file}`, 'utf8'));
      if (!read.ok) throw new Error(file);
      expectSame(read.profile);
    }
    const profile = profileSchema.parse({
      ...SOUND,
      quickStart: [{ tab: 't', title: 't', code: 'a \\\n  -H "b: c"\nd' }],
    });
    expect(sourceText(profile)).toContain('code: |-\n      a \\\n        -H "b: c"\n      d\n');
  });

  test('without a character that could steer a terminal', () => {
    const reveal = 'a\u001b[2J\u009b\u202e\u200b\ufeffb';
    const [, printed = ''] = written(profileSchema.parse({ ...SOUND, texts: { reveal } }));
    expect(printed).toContain('\\u001b[2J\\u009b\\u202e\\u200b\\ufeff');
    for (const character of reveal.slice(1, -1).replace('[2J', '')) expect(printed).not.toContain(character);
  });

  test('also where it is as large as a profile may be, and YAML would be too long', () => {
    const scopes = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const implications = Array.from({ length: 165 }, (_, index) => ({ scope: `w${index}`, implies: scopes }));
    const permissions = { freeForm: true, implications, superScopes: [], minimum: 0 };
    const profile = profileSchema.parse({
      slug: 'large',
      name: 'Large',
      types: SOUND.types.map((type) => ({ ...type, scopes: null })),
      permissions,
    });
    expect(readSource(JSON.stringify(profile)).ok).toBe(true);
    expect(stringify(profile).length).toBeGreaterThan(MAX_SOURCE);
    for (const source of written(profile)) expect(source.length).toBeLessThan(MAX_SOURCE);
    expectSame(profile);
  });
});
