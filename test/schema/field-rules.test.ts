// Fields against the command that they are drawn for: what they call sufficient is taken, what they call required is
// refused when it is left out. Inputs are made of nothing but the fields, for every preset and for products made up here.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { profile as profileSchema, type Profile, type ProfileInput } from '../../events/keyspaces/profile.ts';
import { readSource } from '../../events/keyspaces/source.ts';
import { fieldsOf, type FormField } from '../../schema/keyspace-fields.ts';
import { CreateKeyDocument, KeyspacesDocument } from '../generated/graphql.ts';
import { preset, PRESETS } from '../keyspaces/presets.ts';
import { caller, createInstallation, type Installation } from './installation.ts';

const type = { id: 'k', label: 'K', prefix: 'kx' };
const scopes = [
  { id: 'a', label: 'A' },
  { id: 'b', label: 'B' },
];
const MADE_UP: readonly ProfileInput[] = [
  { slug: 'longest', name: 'A longest life', types: [type], expiry: { maxLifetimeDays: 90 } },
  { slug: 'ends', name: 'Must end', types: [type], expiry: { required: true } },
  { slug: 'filled', name: 'Ends by itself', types: [type], expiry: { required: true, defaultDays: 9 } },
  { slug: 'owned', name: 'Owned', types: [type], owner: { required: true } },
  { slug: 'either', name: 'Scopes, or everything', types: [type], permissions: { scopes, minimum: 2 } },
  {
    ...{ slug: 'kinds', name: 'All kinds', permissions: { scopes, minimum: 1 } },
    types: [
      { id: 'free', label: 'F', prefix: 'ka' },
      { id: 'all', label: 'A', prefix: 'kb', unrestricted: 'ALWAYS' },
      { id: 'web', label: 'W', prefix: 'kc', unrestricted: 'NEVER', scopes: ['b'], originsRequired: true },
    ],
  },
  {
    ...{ slug: 'web', name: 'Browsers only', environments: [{ id: 'live', label: 'Live' }] },
    types: [{ ...type, originsRequired: true, scopes: ['b'] }],
    permissions: { scopes, minimum: 1, unrestrictedAllowed: false },
  },
];

function profiles(): readonly Profile[] {
  const sixth = readSource(readFileSync(new URL('../keyspaces/sixth-product.yaml', import.meta.url), 'utf8'));
  if (!sixth.ok) throw new Error(JSON.stringify(sixth.problems));
  return [...PRESETS.map(preset), sixth.profile, ...MADE_UP.map((each) => profileSchema.parse(each))];
}

type Rules = Readonly<Record<string, unknown>> & {
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly items?: Rules;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Rules>>;
  readonly required?: readonly string[];
};
type Input = Readonly<Record<string, unknown>>;

/** The rules of a field for a key of this type. */
function rulesFor({ rules }: FormField, chosen: string | undefined, unrestricted: boolean): Rules {
  const more = rules as { 'x-ofType'?: Readonly<Record<string, Rules>>; 'x-unlessUnrestricted'?: Rules };
  return {
    ...rules,
    ...(unrestricted ? {} : more['x-unlessUnrestricted']),
    ...(chosen === undefined ? {} : more['x-ofType']?.[chosen]),
  };
}

/** A value that the rules take, the least that they do. */
function sample({ kind }: FormField, rules: Rules, now: string): unknown {
  if (rules.const !== undefined) return rules.const;
  const { minItems = 0, items } = rules;
  const samples: Partial<Record<FormField['kind'], unknown>> = {
    CHOICE: rules.enum?.[0],
    SCOPES: (items?.enum ?? ['any:1', 'any:2']).slice(0, minItems),
    ORIGINS: ['https://a.example'].slice(0, minItems),
    OWNER: Object.fromEntries((rules.required ?? []).map((name) => [name, name === 'email' ? 'a@b.example' : 'u-1'])),
    EXPIRY: new Date(Date.parse(now) + 2 * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  return samples[kind] ?? 'x';
}

/** Whether the rules demand another value than the one that a field starts as. */
const demands = ({ default: initial }: FormField, rules: Rules): boolean =>
  (rules.const !== undefined && rules.const !== initial) ||
  (Array.isArray(initial) && initial.length < (rules.minItems ?? 0));

/** One input for each type, and for each answer where a key may choose to be unrestricted. */
function* inputsOf(profile: Profile, now: string): Generator<{ readonly least: Input; readonly whole: Input }> {
  const fields = fieldsOf(profile);
  const types = fields.find(({ id }) => id === 'type')?.options.map(({ value }) => value) ?? [undefined];
  const free = fields.some(({ id }) => id === 'unrestricted') ? [true, false] : [false];
  for (const chosen of types) {
    for (const asked of free) {
      const of = fields.find(({ id }) => id === 'unrestricted');
      const forced = of && rulesFor(of, chosen, asked).const;
      const unrestricted = typeof forced === 'boolean' ? forced : asked;
      const least: Record<string, unknown> = {};
      const whole: Record<string, unknown> = {};
      for (const field of fields) {
        const rules = rulesFor(field, chosen, unrestricted);
        if (field.id === 'type') least.type = chosen;
        else if (field.id === 'unrestricted') {
          whole.unrestricted = unrestricted;
          if (unrestricted) least.unrestricted = true;
        } else if (field.required || demands(field, rules)) least[field.id] = sample(field, rules, now);
        else if (field.default !== null) whole[field.id] = field.default;
      }
      yield { least, whole: { ...whole, ...least } };
    }
  }
}

let on: Installation;
const ALL = profiles();
/** Without an address, so that nobody becomes an owner by making a key. */
const NOBODY = caller({ acme: 'admin' }, { email: null });
beforeAll(async () => {
  on = await createInstallation({ profiles: ALL });
});
afterAll(() => on.stop());

const create = async ({ slug }: Profile, input: Input) => {
  const asked = { workspaceId: 'acme', keyspace: slug, ...input } as {
    workspaceId: string;
    keyspace: string;
    name: string;
  };
  return (await on.run(CreateKeyDocument, { input: asked }, NOBODY)).createKey;
};

describe.each(ALL)('the fields of $slug', (profile) => {
  test('make keys by what they start as and what is required alone', async () => {
    for (const { least, whole } of inputsOf(profile, on.now())) {
      for (const input of [least, whole])
        expect([input, await create(profile, input)]).toMatchObject([input, { __typename: 'CreateKeyPayload' }]);
    }
  });

  test('call required, or demanded of a type, what no key is made without', async () => {
    for (const { least } of inputsOf(profile, on.now())) {
      for (const id of Object.keys(least).filter((member) => member !== 'unrestricted' && member !== 'name')) {
        const input = Object.fromEntries(Object.entries(least).filter(([member]) => member !== id));
        const answer = await create(profile, input);
        const refused = answer.__typename === 'InvalidInput' ? answer.path?.[0] : answer.__typename;
        expect([input, refused]).toEqual([input, id]);
      }
    }
  });

  test('and its policy of expiry agree', async () => {
    const { keyspaces } = await on.run(KeyspacesDocument, {}, NOBODY);
    const { expiry } = keyspaces.find(({ slug }) => slug === profile.slug) ?? { expiry: null };
    const field = fieldsOf(profile).find(({ id }) => id === 'expiresAt');
    expect(expiry?.required).toBe(field?.required);
    if (!expiry) return;
    const [first] = inputsOf(profile, on.now());
    const endless = await create(profile, { ...first?.least, expiresAt: null });
    expect(endless.__typename).toBe(expiry.noExpiry ? 'CreateKeyPayload' : 'InvalidInput');
  });
});

describe('rules', () => {
  const rules = (slug: string, id: string) =>
    fieldsOf(profileSchema.parse(MADE_UP.find((each) => each.slug === slug))).find((field) => field.id === id)
      ?.rules as Rules;

  test('of an end take the times that the API takes', async () => {
    const pattern = new RegExp(rules('ends', 'expiresAt').pattern ?? 'none');
    const owned = ALL.find(({ slug }) => slug === 'ends');
    if (!owned) throw new Error('it is not there');
    for (const [time, good] of [
      ['2030-01-31T12:00:00Z', true],
      ['2030-01-31T12:00:00.123456Z', true],
      ['2030-01-31T12:00:00+02:00', true],
      ['2030-01-31', false],
      ['2030-01-31T12:00Z', false],
      ['soon', false],
    ] as const) {
      expect([time, pattern.test(time)]).toEqual([time, good]);
      const made = create(owned, { name: 'x', expiresAt: time }).then(
        ({ __typename }) => __typename,
        () => 'refused',
      );
      expect([time, await made]).toEqual([time, good ? 'CreateKeyPayload' : 'refused']);
    }
  });

  test('of an owner ask for an id that is no address, and for the address where every key has one', () => {
    const { properties = {}, required } = rules('owned', 'owner');
    expect(required).toEqual(['id', 'email']);
    expect(properties.email?.type).toBe('string');
    const id = new RegExp(properties.id?.pattern ?? '');
    expect(['u-1', 'a b', 'a@b.example', '@', ' ', ''].map((text) => id.test(text))).toEqual([
      ...[true, true, false, false, false, false],
    ]);
    expect(rules('ends', 'owner').required).toEqual(['id']);
  });

  test('of scopes say whom they bind', () => {
    expect(rules('either', 'scopes')).toMatchObject({ 'x-unlessUnrestricted': { minItems: 2 } });
    expect(rules('either', 'scopes').minItems).toBeUndefined();
    expect(rules('web', 'scopes')).toMatchObject({ minItems: 1, items: { enum: ['b'] } });
    expect(rules('kinds', 'scopes')).toMatchObject({ 'x-ofType': { web: { items: { enum: ['b'] } } } });
    expect(rules('kinds', 'origins')).toMatchObject({ 'x-ofType': { web: { minItems: 1 } } });
  });
});
