// docs/keyspaces.md keeps to what there is: every member of a profile with its default and its values, excerpts that stand
// in the presets, profiles that can be applied, and commands that print what is stated.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { eventJsonSchema, profileJsonSchema } from '../../events/json-schema.ts';
import { REFUSED_OUTCOMES } from '../../events/keyspaces/profile/access.ts';
import {
  COLUMN_FORMATS,
  COLUMN_IDS,
  CONFIRMED_ACTIONS,
  FIELD_IDS,
  LABELLED_ACTIONS,
  TOLD_ACTIONS,
} from '../../events/keyspaces/profile/names.ts';
import { EDITABLE, profile as profileShape, ROLES } from '../../events/keyspaces/profile.ts';
import { readSource } from '../../events/keyspaces/source.ts';
import { mapRefusal } from '../../services/verifier/error-map.ts';
import { makeFolder, type EmbeddedFolder, type RunningFolder } from '../support/embedded-folder.ts';
import { pageText, pattern, replaced, stepsOf } from '../support/readme.ts';
import { openShell, type Shell } from '../support/shell.ts';

const PAGE = 'docs/keyspaces.md';
const page = pageText(PAGE);

/** A member of the JSON Schema; a list's entries are `x[]`, members of any name `x.*`. */
interface Member {
  readonly path: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly values: readonly string[];
  readonly node: Node;
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly additionalProperties?: Node | boolean;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

function membersOf(node: Node, path: string): Member[] {
  const { properties = {}, required = [], items, anyOf = [], additionalProperties } = node;
  return [
    ...Object.entries(properties).flatMap(([name, child]) => {
      const at = path === '' ? name : `${path}.${name}`;
      const { default: initial, enum: values = [] } = child;
      const member = { path: at, required: required.includes(name), default: initial, values, node: child };
      return [member, ...membersOf(child, at)];
    }),
    ...(items ? membersOf(items, `${path}[]`) : []),
    ...anyOf.flatMap((each) => membersOf(each, path)),
    ...(typeof additionalProperties === 'object' ? membersOf(additionalProperties, `${path}.*`) : []),
  ];
}

const members = membersOf(profileJsonSchema(), '');

/** The rows of the tables of settings. */
const rows = new Map(
  [...page.matchAll(/^\| `([^`]+)` +\| (.*?) +\| (.*?) *\| (.*?) +\|$/gm)].map(
    ([, path = '', initial = '', binds = '', text = '']) => [path, { initial, binds, text }] as const,
  ),
);
const MOMENTS = [...(/^\| moment .*\n([^]*?)\n\n/m.exec(page)?.[1] ?? '').matchAll(/^\| ([a-z]+) +\|/gm)].map(
  ([, name]) => name,
);

describe('every member of a profile', () => {
  it('has one row, and no row is about another', () => {
    expect(members.length).toBeGreaterThan(100);
    expect([...rows.keys()].toSorted()).toEqual(members.map(({ path }) => path).toSorted());
    const all = [...page.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, path]) => path);
    expect(all.filter((path, index) => all.indexOf(path) !== index)).toEqual([]);
  });

  it.each(members)('is told with its default: $path', ({ path, required, default: initial }) => {
    const told = rows.get(path)?.initial ?? '';
    if (required) {
      expect(told).toBe('required');
    } else if (initial === undefined) {
      expect(told).toBe('absent');
    } else if (Array.isArray(initial) && typeof initial[0] === 'object') {
      expect(told).toBe('see below');
    } else {
      const code = /^`(.*)`$/.exec(told)?.[1];
      expect(typeof initial === 'string' ? code : parse(code ?? '"nothing in code"')).toEqual(initial);
    }
  });

  it.each(members)('is told with its values, what it decides, and when it binds: $path', ({ path, values }) => {
    const { text = '', binds = '' } = rows.get(path) ?? {};
    expect(text.length).toBeGreaterThan(5);
    for (const value of values) expect(text).toContain(`\`${value}\``);
    const moments = binds.split(', ').filter((moment) => moment !== '');
    expect(moments.filter((moment) => !MOMENTS.includes(moment))).toEqual([]);
    // Objects that only hold others bind by these.
    const holds = members.some((other) => other.path.startsWith(`${path}.`));
    if (!holds) expect(moments).not.toEqual([]);
  });

  it.each([
    ['edit', EDITABLE],
    ['errors', REFUSED_OUTCOMES],
    ['labels.actions', LABELLED_ACTIONS],
    ['labels.fields', FIELD_IDS],
    ['labels.confirmations', CONFIRMED_ACTIONS],
    ['texts.success', TOLD_ACTIONS],
    ['columns[].id', COLUMN_IDS],
    ['columns[].format', COLUMN_FORMATS],
  ] as const)('names all that it may name: %s', (path, names) => {
    const told = [...(rows.get(path)?.text ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    expect(names.filter((name) => !told.includes(name))).toEqual([]);
  });

  it('names all roles', () => {
    const section = /^### Roles$([^]*?)^\|/m.exec(page)?.[1] ?? '';
    for (const role of ROLES) expect(section).toContain(`\`${role}\``);
  });
});

describe('the columns by default', () => {
  it('are the ones that are named', () => {
    const columns = members.find(({ path }) => path === 'columns')?.default as readonly { readonly id: string }[];
    const ids = columns.map(({ id }) => id);
    expect(page).toContain(`The default columns are ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}.`);
  });
});

/** The YAML blocks, each with the preset that the line before it names. */
const blocks = [...page.matchAll(/^(.*)\n\n```yaml\n([^]*?)^```$/gm)].map(([, before = '', text = '']) => ({
  preset: /^From \[`[^`]+`\]\(\.\.\/keyspaces\/([\w-]+)\.yaml\)/.exec(before)?.[1],
  text,
}));

describe('a YAML block', () => {
  it('is each one that there is, and all presets but the plain one are shown', () => {
    expect(blocks).toHaveLength(page.split('```yaml').length - 1);
    const shown = new Set(blocks.map(({ preset }) => preset));
    expect([...shown].filter((preset) => preset !== undefined).toSorted()).toEqual(
      ['ayra', 'dagen', 'dronahq', 'project-admin', 'voice-agent'].toSorted(),
    );
  });

  it.each(blocks.filter(({ preset }) => preset !== undefined))(
    'from $preset stands there: $text',
    ({ preset, text }) => {
      let rest = pageText(`keyspaces/${preset}.yaml`);
      for (const piece of text.split(/^ *# …\n/m)) {
        const at = `\n${rest}`.indexOf(`\n${piece}`);
        expect(at, piece).toBeGreaterThanOrEqual(0);
        rest = rest.slice(at + piece.length);
      }
    },
  );

  it.each(blocks.filter(({ preset }) => preset === undefined))(
    'that is no excerpt is a whole profile: $text',
    ({ text }) => {
      expect(readSource(text)).toMatchObject({ ok: true });
    },
  );
});

describe('the schema that editors complete from', () => {
  const schema = z.fromJSONSchema(JSON.parse(pageText('docs/keyspace.schema.json')) as z.core.JSONSchema.JSONSchema);

  it.each(['ayra', 'dagen', 'default', 'dronahq', 'project-admin', 'voice-agent'])('takes the preset %s', (preset) => {
    const source = pageText(`keyspaces/${preset}.yaml`);
    expect(source).toMatch(/^# yaml-language-server: \$schema=\.\.\/docs\/keyspace\.schema\.json\n/);
    expect(schema.safeParse(parse(source)).error).toBeUndefined();
  });

  it.each([
    ['errors', { REVOKD: { status: 401 } }],
    ['menu', ['FLY']],
    ['columns', [{ id: 'nam', label: 'N', format: 'text' }]],
    ['columns', [{ id: 'name', label: 'N', format: 'zip' }]],
    ['labels', { actions: { FLY: 'x' } }],
    ['labels', { fields: { zz: 'x' } }],
    ['labels', { confirmations: { FLY: {} } }],
    ['texts', { actions: { FLY: 'x' } }],
    ['texts', { success: { FLY: 'x' } }],
    ['texts', { fields: { zz: 'x' } }],
    ['form', { create: ['zz'] }],
    ['form', { edit: ['zz'] }],
    ['edit', { zz: {} }],
  ])('marks a name that there is not: %s %j', (member, value) => {
    const plain = { slug: 'a', name: 'A', types: [{ id: 'k', label: 'K', prefix: 'kx' }] };
    expect(schema.safeParse(plain).error).toBeUndefined();
    const paths = schema.safeParse({ ...plain, [member]: value }).error?.issues.map(({ path }) => path[0]);
    expect(paths).toEqual([member]);
  });

  it('takes entries of metadata wherever a field or a column is named', () => {
    const own = 'metadata.purpose';
    expect(
      schema.safeParse({
        ...{ slug: 'a', name: 'A', types: [{ id: 'k', label: 'K', prefix: 'kx' }] },
        ...{ columns: [{ id: own, label: 'P', format: 'text' }], form: { create: [own], edit: [own] } },
        ...{ labels: { fields: { [own]: 'P' } }, texts: { fields: { [own]: 'P' } } },
      }).error,
    ).toBeUndefined();
  });

  it('is narrower than the shape that old profiles are read through, and than the schema of events', () => {
    const old = { slug: 'a', name: 'A', types: [{ id: 'k', label: 'K', prefix: 'kx' }], menu: ['FLY'] };
    expect(profileShape.safeParse(old).error).toBeUndefined();
    const event = JSON.stringify(eventJsonSchema('KeyspaceDefined'));
    expect(event).toContain('"menu"');
    for (const known of ['"enum":["MALFORMED"', '"enum":["text"', '"enum":["name","description","keyId"', '"names"'])
      expect(event.includes(known), known).toBe(false);
  });

  it('says of every member what it is', () => {
    expect(members.length).toBeGreaterThan(180);
    expect(members.filter(({ node }) => (node.description ?? '').length < 5).map(({ path }) => path)).toEqual([]);
  });

  it('has examples that it takes', () => {
    const shown = members.flatMap(({ path, node }) =>
      (node.examples ?? []).map((example) => ({ path, node, example })),
    );
    expect(shown.length).toBeGreaterThan(60);
    const wrong = shown.filter(
      ({ node, example }) => !z.fromJSONSchema(node as z.core.JSONSchema.JSONSchema).safeParse(example).success,
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('marks what is not known, what is missing and what has another shape', () => {
    const wrong = { slug: 'A', types: [], disable: 'no', colour: 'red' };
    const paths = schema.safeParse(wrong).error?.issues.map(({ path, code }) => [path.join('.'), code]);
    expect(paths).toEqual([
      ['slug', 'invalid_format'],
      ['name', 'invalid_type'],
      ['types', 'too_small'],
      ['disable', 'invalid_type'],
      ['', 'unrecognized_keys'],
    ]);
  });
});

describe('the page', () => {
  it('names the statuses of the answers to refused keys', () => {
    const told = rows.get('errors.*.status')?.text ?? '';
    const plain = { advice: '', requestId: '' };
    const of = (status: number) => REFUSED_OUTCOMES.filter((code) => mapRefusal(code, {}, plain).status === status);
    for (const status of [401, 429])
      expect(told).toContain(
        `${status} for ${of(status)
          .map((code) => `\`${code}\``)
          .join(', ')};`,
      );
    expect(REFUSED_OUTCOMES).toHaveLength(of(401).length + of(429).length + of(403).length);
  });
});

describe('the commands of the page', () => {
  const steps = stepsOf('A first keyspace', PAGE);
  const printed: string[] = [];
  let folder: EmbeddedFolder;
  let running: RunningFolder;
  let shell: Shell;
  let place: string;

  beforeAll(async () => {
    folder = await makeFolder();
    place = await mkdtemp(join(tmpdir(), 'keyfold-docs-'));
    const file = join(place, 'parcels.yaml');
    await writeFile(file, blocks.find(({ preset }) => preset === undefined)?.text ?? '');
    running = await folder.start();
    const { api, verifier } = running;
    shell = openShell({
      KEYFOLD_DATA: folder.path,
      KEYFOLD_URL: api.url,
      KEYFOLD_VERIFIER_URL: verifier.url,
      // What npx itself has to say of this machine goes to standard error, too.
      npm_config_loglevel: 'error',
    });
    const here = { 'parcels.yaml': file, 'http://127.0.0.1:4100': verifier.url };
    for (const { commands } of steps) printed.push(await shell.run(replaced(commands, here)));
  }, 600_000);
  afterAll(async () => {
    await shell.exit();
    await running.process.stop();
    await folder.remove();
    await rm(place, { recursive: true });
  });

  it('are all in steps that are run', () => {
    expect(steps.length).toBeGreaterThan(8);
    expect(steps).toHaveLength(page.split('```sh').length - 1);
  });

  it.each(steps.map((step, index) => ({ ...step, index })))('print what is stated: $title', ({ outcome, index }) => {
    const actual = (printed[index] ?? '').trim();
    const told = `printed:\n${actual}\nstated:\n${outcome ?? 'nothing'}\nstderr so far:\n${shell.complaints()}`;
    expect(outcome, 'it must state what it prints').not.toBeNull();
    expect(actual, told).toMatch(pattern(outcome ?? ''));
  });
});
