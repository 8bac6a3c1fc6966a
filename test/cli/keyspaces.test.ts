// keyfold keyspaces list|show|apply against a system in this process: what an operator is told before and after a profile
// is applied, what is refused and with what advice, and that a refusal changes nothing.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import { cli } from '../support/cli.ts';
import { startEmbedded } from '../support/in-process.ts';
import type { CommandResult } from '../support/processes.ts';

type Installation = Awaited<ReturnType<typeof startEmbedded>>;

let on: Installation;
let env: Record<string, string>;
beforeAll(async () => {
  on = await startEmbedded();
  env = { KEYFOLD_URL: on.addresses.api, KEYFOLD_DATA: join(on.folder, 'data') };
}, 120_000);
afterAll(() => on.stop());

const keyspaces = (...argv: readonly string[]): Promise<CommandResult> => cli(['keyspaces', ...argv], env);
const piped = (stdin: string, ...argv: readonly string[]): Promise<CommandResult> =>
  cli(['keyspaces', 'apply', '-', ...argv], env, stdin);
const done = async (ran: Promise<CommandResult>): Promise<string> => {
  const { code, stdout, stderr } = await ran;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const show = (slug: string): Promise<string> => done(keyspaces('show', slug));
const versionOf = async (slug: string): Promise<number | undefined> => {
  const all = JSON.parse(await done(keyspaces('list', '--json'))) as { slug: string; version: number }[];
  return all.find((each) => each.slug === slug)?.version;
};

let made = 0;
/** A product of its own for each test, in a file. */
async function product(changes: Partial<ProfileInput> = {}) {
  made += 1;
  const profile = {
    slug: `product-${made}`,
    name: 'Product',
    types: [{ id: 'secret', label: 'Secret key', prefix: `product${made}` }],
    permissions: {
      scopes: [
        { id: 'a:read', label: 'Read' },
        { id: 'a:write', label: 'Write' },
      ],
    },
    ...changes,
  } satisfies ProfileInput;
  const file = join(on.folder, `${profile.slug}.yaml`);
  const write = (source: string | Uint8Array): Promise<void> => writeFile(file, source);
  const change = (more: object): Promise<void> => write(stringify({ ...profile, ...more }));
  await change({});
  return { profile, slug: profile.slug, file, write, change };
}

const STEERING = ['\u001b', '\u202e', '\u200b'];

const IMPLIED = {
  permissions: {
    scopes: [
      { id: 'a:read', label: 'Read' },
      { id: 'a:write', label: 'Write' },
    ],
    implications: [{ scope: 'a:write', implies: ['a:read'] }],
  },
};

describe('keyfold keyspaces list', () => {
  it('shows every keyspace with its version, its model of permissions and its types', async () => {
    const rows = (await done(keyspaces('list'))).trimEnd().split('\n');
    expect(rows[0]).toMatch(/^KEYSPACE +NAME +VERSION +PERMISSIONS +TYPES$/);
    expect(rows.find((row) => row.startsWith('voice-agent '))).toMatch(
      /^voice-agent +Voice Agent +1 +FLAT +private, public$/,
    );
    expect(rows.find((row) => row.startsWith('project-admin '))).toMatch(/ +MATRIX +secret$/);
  });
});

describe('keyfold keyspaces show', () => {
  it('prints the whole profile, with every default; piped into apply it changes nothing', async () => {
    for (const slug of ['ayra', 'dagen', 'default', 'dronahq', 'project-admin', 'voice-agent']) {
      const source = await show(slug);
      expect(source).toMatch(new RegExp(`^slug: ${slug}\n`));
      expect(source).toMatch(/^requestLogDays: 30$/m);
      expect(await done(piped(source, '--dry-run'))).toMatch(/^nothing changes\n[^]*\ndry run: nothing was changed\n$/);
      expect(await done(piped(source))).toMatch(/^nothing changes\n\nkeyspace +\S+\nversion +1\nposition +\S+\n$/);
    }
  });

  it('writes out what could steer a terminal, and means the same', async () => {
    const { slug, file } = await product({ name: 'Pro\u202educt \u001b[2J', labels: { empty: 'one\ntwo\u200b' } });
    await done(keyspaces('apply', file));
    const source = await show(slug);
    expect(source).toContain('"Pro\\u202educt \\u001b[2J"');
    for (const steering of STEERING) expect(source).not.toContain(steering);
    expect(await done(piped(source))).toMatch(/^nothing changes\n/);
    const list = await done(keyspaces('list'));
    for (const steering of STEERING) expect(list).not.toContain(steering);
  });

  it('of what is not there says where to look', async () => {
    expect(await keyspaces('show', 'none')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'NOT_FOUND: there is no such keyspace, or not for this caller\n  keyfold keyspaces list shows those that are there\n',
    });
  });
});

describe('keyfold keyspaces apply', () => {
  it('makes a new keyspace, and says at which version and position', async () => {
    const { slug, file } = await product();
    const told = await done(keyspaces('apply', file));
    expect(told).toMatch(new RegExp(`^a new keyspace\n\nkeyspace +${slug}\nversion +1\nposition +p1_\\S+\n$`));
    expect(await versionOf(slug)).toBe(1);
  });

  it('tells member by member what differs, before and after, and what it means for keys that exist', async () => {
    const { slug, file, change } = await product(IMPLIED);
    await done(keyspaces('apply', file));
    await change({ name: 'Renamed', expiry: null, permissions: { ...IMPLIED.permissions, implications: [] } });
    const told = await done(keyspaces('apply', file));
    expect(told.split('\n\n')[0]?.split('\n')).toEqual([
      'name: "Product" → "Renamed"',
      'permissions.implications: [{"scope":"a:write","implies":["a:read"]}] → []',
      expect.stringMatching(/^expiry: \{.*\} → –$/),
    ]);
    expect(told.split('\n\n')[1]).toBe(
      [
        'Keys that exist:',
        '  narrows  permissions.implications.a:write: keys with a:write no longer have a:read',
        '  changes  expiry: ends that keys have stay in force',
      ].join('\n'),
    );
    expect(await versionOf(slug)).toBe(2);
  });

  it('takes another order of a list for a change', async () => {
    const columns = ['name', 'preview', 'status'].map((id) => ({ id, label: id, format: 'text' }));
    const { slug, file, change } = await product({ columns });
    await done(keyspaces('apply', file));
    await change({ columns: columns.toReversed() });
    expect(await done(keyspaces('apply', file))).toMatch(/^columns: \[.*\] → \[\{"id":"status".*\]\n/);
    expect(await show(slug)).toMatch(/^columns:\n {2}- id: status\n/m);
  });

  it('changes nothing where nothing differs', async () => {
    const { slug, file } = await product();
    const position = (told: string): string | undefined => /^position +(\S+)$/m.exec(told)?.[1];
    const first = await done(keyspaces('apply', file));
    const again = await done(keyspaces('apply', file));
    expect(again).toMatch(/^nothing changes\n/);
    expect(position(again)).toBe(position(first));
    expect(await versionOf(slug)).toBe(1);
  });

  it('warns of a prefix that another vendor’s keys have', async () => {
    const { file } = await product({ types: [{ id: 'secret', label: 'Secret', prefix: 'hf' }] });
    expect(await done(keyspaces('apply', file, '--dry-run'))).toMatch(
      /^warning VENDOR_PREFIX: keys of Hugging Face begin with hf_ as well/m,
    );
  });

  it('reads the profile from stdin, as YAML or JSON', async () => {
    const { profile, slug } = await product();
    expect(await done(piped(JSON.stringify(profile)))).toMatch(/^a new keyspace\n/);
    expect(await done(piped(stringify(profile)))).toMatch(/^nothing changes\n/);
    expect(await versionOf(slug)).toBe(1);
  });

  it('tells by --json what it tells people', async () => {
    const { slug, file, change } = await product();
    await done(keyspaces('apply', file));
    await change({ name: 'Renamed' });
    expect(JSON.parse(await done(keyspaces('apply', file, '--json', '--dry-run')))).toMatchObject({
      keyspace: { slug, version: 1 },
      dryRun: true,
    });
    expect(JSON.parse(await done(keyspaces('apply', file, '--json')))).toEqual({
      keyspace: { slug, version: 2 },
      diff: { changes: [{ path: ['name'], before: 'Product', after: 'Renamed' }], effects: [] },
      problems: [],
      warnings: [],
      position: expect.stringMatching(/^p1_/) as string,
      dryRun: false,
    });
  });

  it('carried out again under the same --command-id has one effect', async () => {
    const { slug, file, change } = await product();
    await done(keyspaces('apply', file, '--command-id', `apply-${slug}`));
    await done(keyspaces('apply', file, '--command-id', `apply-${slug}`));
    expect(await versionOf(slug)).toBe(1);
    await change({ name: 'Else' });
    const { code, stderr } = await keyspaces('apply', file, '--command-id', `apply-${slug}`);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^INVALID_INPUT: commandId: /)]);
    expect(await versionOf(slug)).toBe(1);
  });
});

describe('a dry run', () => {
  it('of a new keyspace changes nothing', async () => {
    const { slug, file } = await product();
    expect(await done(keyspaces('apply', file, '--dry-run'))).toBe('a new keyspace\n\ndry run: nothing was changed\n');
    expect(await versionOf(slug)).toBeUndefined();
  });

  it('of a change tells it all, and that it would need leave', async () => {
    const { slug, file, change } = await product();
    await done(keyspaces('apply', file));
    await change(IMPLIED);
    const told = [
      'permissions.implications: [] → [{"scope":"a:write","implies":["a:read"]}]',
      '',
      'Keys that exist:',
      '  widens  permissions.implications.a:write: keys with a:write have a:read too',
      '',
      'dry run: nothing was changed',
    ].join('\n');
    expect(await done(keyspaces('apply', file, '--dry-run'))).toBe(`${told}; to apply it --allow-widening is needed\n`);
    expect(await done(keyspaces('apply', file, '--dry-run', '--allow-widening'))).toBe(`${told}\n`);
    expect(await versionOf(slug)).toBe(1);
  });
});

describe('a profile with problems', () => {
  const BAD = { workspaces: [], timeZone: 'Mars/Olympus', disable: true };
  const PROBLEMS = [
    { path: ['workspaces'], message: 'must name at least one workspace' },
    { path: ['timeZone'], message: 'must be an IANA time zone' },
  ];

  it.each([[[]], [['--dry-run']]])(
    'is told all of them with their paths in the file, and exits with 1: apply %s',
    async (options) => {
      const { slug, file } = await product(BAD);
      expect(await keyspaces('apply', file, ...options)).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'INVALID_INPUT: the profile has 2 problems\n  workspaces must name at least one workspace\n  timeZone must be an IANA time zone\n',
      });
      expect(await versionOf(slug)).toBeUndefined();
    },
  );

  it('as JSON tells the same', async () => {
    const { file } = await product(BAD);
    const refused = await keyspaces('apply', file, '--json');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'INVALID_INPUT', issues: PROBLEMS } });
    const looked = await keyspaces('apply', file, '--json', '--dry-run');
    expect(looked.code).toBe(1);
    expect(JSON.parse(looked.stdout)).toMatchObject({ keyspace: null, problems: PROBLEMS, dryRun: true });
    expect(JSON.parse(looked.stderr)).toMatchObject({ error: { code: 'INVALID_INPUT', issues: PROBLEMS } });
  });

  it.each([
    [
      'an unknown member',
      'slug: x\nname: X\ntypes: [{ id: s, label: S, prefix: zz, colour: red }]\n',
      'types.0.colour',
    ],
    ['nothing at all', '', 'file must be an object'],
    ['no YAML', 'a: [', 'file must be YAML or JSON: '],
    ['too much', `a: ${'x'.repeat(140_000)}`, 'file must have at most 131072 characters'],
  ])('names what is wrong: %s', async (_, source, told) => {
    const { code, stdout, stderr } = await piped(source);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^INVALID_INPUT: the profile has 1 problem\n {2}/);
    expect(stderr).toContain(told);
  });

  it('whose prefix another keyspace has is refused with that one’s name', async () => {
    const first = await product();
    await done(keyspaces('apply', first.file));
    const second = await product({ types: first.profile.types });
    const { code, stderr } = await keyspaces('apply', second.file);
    expect([code, stderr]).toEqual([
      1,
      `INVALID_INPUT: the profile has 1 problem\n  types.0.prefix must not be that of the keyspace ${first.slug}\n`,
    ]);
  });
});

describe('a change after which keys that exist may do more', () => {
  it('is refused with what they may, and what to do; with --allow-widening it is applied', async () => {
    const { slug, file, change } = await product();
    await done(keyspaces('apply', file));
    await change(IMPLIED);
    expect(await keyspaces('apply', file)).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'INVALID_INPUT: keys that exist may do more after this change',
        '  permissions.implications.a:write: keys with a:write have a:read too',
        '  look at all of it with --dry-run; if it is meant, apply it with --allow-widening',
        '',
      ].join('\n'),
    });
    expect(JSON.parse((await keyspaces('apply', file, '--json')).stderr)).toMatchObject({
      error: {
        code: 'INVALID_INPUT',
        issues: [{ path: ['permissions', 'implications', 'a:write'], message: 'keys with a:write have a:read too' }],
        advice: expect.stringContaining('--allow-widening') as string,
      },
    });
    expect(await versionOf(slug)).toBe(1);
    expect(await done(keyspaces('apply', file, '--allow-widening'))).toMatch(/^ {2}widens {2}/m);
    expect(await versionOf(slug)).toBe(2);
  });
});

describe('--if-version', () => {
  it('lets a change pass at that version only; a keyspace that is not there is at 0', async () => {
    const { slug, file, change } = await product();
    const conflict = (expected: number, actual: number): CommandResult => ({
      code: 1,
      stdout: '',
      stderr: `VERSION_CONFLICT: version ${expected} was expected, it is at ${actual}\n  look at the keyspace again: keyfold keyspaces list\n`,
    });
    expect(await keyspaces('apply', file, '--if-version', '1')).toEqual(conflict(1, 0));
    expect(await versionOf(slug)).toBeUndefined();
    await done(keyspaces('apply', file));
    await change({ name: 'Second' });
    expect(await keyspaces('apply', file, '--if-version', '2')).toEqual(conflict(2, 1));
    expect(await versionOf(slug)).toBe(1);
    await done(keyspaces('apply', file, '--if-version', '1'));
    expect(await versionOf(slug)).toBe(2);
  });
});

describe('a file', () => {
  it('that is not there, or that is no file, is named, and nobody is asked', async () => {
    for (const file of [join(on.folder, 'none.yaml'), on.folder]) {
      const nobody = { KEYFOLD_URL: 'http://127.0.0.1:1', KEYFOLD_TOKEN: 'x' };
      const { code, stdout, stderr } = await cli(['keyspaces', 'apply', file], nobody);
      expect([code, stdout, stderr.split('\n')[0]]).toEqual([2, '', `UNREADABLE_FILE: ${file} cannot be read`]);
    }
  });

  it('that never ends is not read to its end', async () => {
    const { code, stderr } = await keyspaces('apply', '/dev/zero');
    expect([code, stderr.split('\n')[0]]).toEqual([2, 'UNREADABLE_FILE: /dev/zero is longer than any profile']);
    expect((await piped('#'.repeat(500_000))).stderr).toMatch(/^UNREADABLE_FILE: standard input is longer/);
  });

  it('that is not UTF-8 is refused, not mended', async () => {
    const { slug, file, write, profile } = await product();
    await write(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(stringify(profile), 'utf16le')]));
    const { code, stderr } = await keyspaces('apply', file);
    expect([code, stderr]).toEqual([2, `UNREADABLE_FILE: ${file} is no text in UTF-8\n  save it in UTF-8\n`]);
    await write(`\ufeff${stringify(profile)}`);
    await done(keyspaces('apply', file));
    expect(await versionOf(slug)).toBe(1);
  });
});

describe('who is no operator', () => {
  it('may list and show what there is, and applies nothing, not even to look', async () => {
    const { slug, file } = await product();
    const token = (await done(cli(['token', '--workspace', 'acme', '--role', 'admin'], env))).trimEnd();
    const asAdmin = (...argv: readonly string[]) => cli(['keyspaces', ...argv], { ...env, KEYFOLD_TOKEN: token });
    for (const options of [[], ['--dry-run']]) {
      const { code, stdout, stderr } = await asAdmin('apply', file, ...options);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^NOT_ALLOWED: .*\n {2}keyspaces are defined by operators/);
    }
    expect(await versionOf(slug)).toBeUndefined();
    expect(await done(asAdmin('list'))).toMatch(/^default /m);
    expect(await done(asAdmin('show', 'default'))).toMatch(/^slug: default\n/);
  });
});
