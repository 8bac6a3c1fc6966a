// Bad input to every mutation: a typed error that names the member and says why, nothing executed, no value repeated.
import { isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLInputType } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CommandRequest } from '../../schema/context.ts';
import { schema } from '../../schema/index.ts';
import { ADMIN, createInstallation, type Installation } from './installation.ts';
import { GOOD, KEY_ID as ID, mutations, recording, titleOf } from './mutation-inputs.ts';

const CALLER = { ...ADMIN, operator: true };
const executed: (CommandRequest | null)[] = [];

let on: Installation;
beforeAll(async () => {
  on = await createInstallation({
    context: () => recording((request) => executed.push(request)),
  });
});
afterAll(() => on.stop());
beforeEach(() => {
  executed.length = 0;
});

interface Answer {
  readonly __typename: string;
  readonly path: string[] | null;
  readonly message: string;
  readonly issues?: readonly { readonly path: string[]; readonly message: string }[];
}

async function mutate(name: string, input: object) {
  const query = `mutation ($input: ${titleOf(name)}Input!) { ${name}(input: $input) { __typename ... on Error { path message } ... on InvalidInput { issues { path message } } } }`;
  const { result, status } = await on.ask(query, { input }, CALLER);
  return {
    status,
    errors: result.errors ?? [],
    answer: (result.data as Record<string, Answer> | undefined | null)?.[name],
  };
}

const long = (length: number): string => 'x'.repeat(length);
const many = (count: number, of: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => of(index));
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

/** Members by what is wrong with them; the edge beside it is good. */
const details: [member: string, path: string, bad: unknown, good?: unknown][] = [
  ['name', 'name', ''],
  ['name', 'name', '   '],
  ['name', 'name', long(129), long(128)],
  ['name', 'name', 'a\u0000b', 'a\u202eb\r\n\u200b'],
  ['name', 'name', '\ud800'],
  ['description', 'description', long(1025), long(1024)],
  ['tags', 'tags', many(51, String), many(50, String)],
  ['tags', 'tags', ['a', 'a'], ['a', 'A']],
  ['tags', 'tags.1', ['a', '']],
  ['metadata', 'metadata', [1]],
  ['metadata', 'metadata', 'text'],
  ['metadata', 'metadata', nested(5), nested(4)],
  ['metadata', 'metadata', { a: long(4090) }, { a: long(4088) }],
  ['metadata', 'metadata', { a: '\ud800' }],
  ['owner', 'owner.id', { id: 'ada@example.com' }, { id: 'ada' }],
  ['owner', 'owner.id', { id: '' }],
  ['owner', 'owner.email', { id: 'ada', email: 'nowhere' }, { id: 'ada', email: 'a@b' }],
];
const access: typeof details = [
  ['scopes', 'scopes', many(101, (index) => `s${index}`), many(100, (index) => `s${index}`)],
  ['scopes', 'scopes.0', [long(65)], [long(64)]],
  ['scopes', 'scopes.1', ['ok', 'not ok']],
  ['scopes', 'scopes', ['a', 'a']],
  ['resources', 'resources', { all: true, ids: ['r1'] }, { all: true }],
  ['resources', 'resources.ids.0', { ids: [''] }],
  ['flags', 'flags.0', ['not a flag'], ['aFlag']],
];
const restrictions: typeof details = [
  [
    'origins',
    'origins',
    many(51, (index) => `https://o${index}.example`),
    many(50, (index) => `https://o${index}.example`),
  ],
  ['origins', 'origins.0', ['https://example.com/']],
  ['origins', 'origins.0', ['https://app.example.com\\@evil.com']],
  ['ipRanges', 'ipRanges', many(101, (index) => `192.0.2.${index}`), many(100, (index) => `192.0.2.${index}`)],
  ['ipRanges', 'ipRanges.0', ['192.0.2.1/24'], ['192.0.2.0/24']],
  ['ipRanges', 'ipRanges.0', ['0x7f.1']],
  ['rateLimit', 'rateLimit.limit', { limit: 0 }, { limit: 1 }],
  ['rateLimit', 'rateLimit.windowSeconds', { limit: 1, windowSeconds: 0 }],
];
const note: typeof details = [
  ['note', 'note', long(1025), long(1024)],
  ['note', 'note', 'a\u0000'],
];
const BY_RULE: Readonly<Record<string, typeof details>> = {
  createKey: [
    ...details,
    ...access,
    ...restrictions,
    ['workspaceId', 'workspaceId', 'not a workspace'],
    ['workspaceId', 'workspaceId', long(65)],
    ['keyspace', 'keyspace', 'Not A Slug'],
    ['keyspace', 'keyspace', '__proto__'],
    ['type', 'type', 'Not A Type'],
    ['environment', 'environment', 'LIVE'],
  ],
  updateKey: [...details, ['name', 'name', null]],
  changeScopes: access,
  changeRestrictions: restrictions,
  changeExpiry: [['expiresAt', 'expiresAt', undefined, '2030-01-01T00:00:00Z']],
  disableKey: note,
  enableKey: note,
  regenerateKey: [
    ['overlapSeconds', 'overlapSeconds', -1, 0],
    ['overlapSeconds', 'overlapSeconds', 691_201, 691_200],
  ],
  retirePreviousSecret: [],
  revokeKey: [...note, ['reason', 'reason', long(81), long(80)]],
  deleteKey: note,
  forgetKey: [],
  forgetOwner: [
    ['workspaceId', 'workspaceId', 'not a workspace'],
    ['ownerId', 'ownerId', 'ada@example.com'],
    ['ownerId', 'ownerId', long(129), long(128)],
  ],
  defineKeyspace: [['source', 'source', long(131_073)]],
  discardRecord: [
    ['reason', 'reason', ''],
    ['reason', 'reason', long(1025), long(1024)],
    ['position', 'position', 'p1_0-1_1-2'],
  ],
  retryParked: [['position', 'position', 'p1_0-1_1-2']],
  rebuildProjections: [],
};

test('every mutation is spoken of here', () => {
  expect(Object.keys(BY_RULE).sort()).toEqual([...mutations].sort());
  expect(Object.keys(GOOD).sort()).toEqual([...mutations].sort());
});

describe.each(mutations)('%s', (name) => {
  const common: typeof details = [
    ['commandId', 'commandId', ''],
    ['commandId', 'commandId', long(65), long(64)],
    ['commandId', 'commandId', 'not one', 'A-z_09'],
    ...(hasMember(name, 'ifVersion')
      ? ([
          ['ifVersion', 'ifVersion', 0, 1],
          ['ifVersion', 'ifVersion', -1, null],
        ] as typeof details)
      : []),
  ];
  const cases = [...BY_RULE[name]!, ...common].map(([member, path, bad, good]) => ({ member, path, bad, good }));

  test.each(cases)('refuses a bad $member with InvalidInput at $path', async ({ member, path, bad, good }) => {
    const { errors, answer } = await mutate(name, { ...GOOD[name], [member]: bad });
    expect(errors).toEqual([]);
    expect(answer).toMatchObject({ __typename: 'InvalidInput' });
    expect(answer!.path!.join('.')).toBe(path);
    expect(answer!.message).toContain(path);
    expect(answer!.issues!.map((issue) => issue.path.join('.'))).toContain(path);
    expect(executed).toEqual([]);
    if (good === undefined) return;
    const accepted = await mutate(name, { ...GOOD[name], [member]: good });
    expect(accepted.answer?.__typename).toBe(`${titleOf(name)}Payload`);
  });

  const shape = schema.getType(`${titleOf(name)}Input`);
  const members = isInputObjectType(shape) ? Object.values(shape.getFields()) : [];
  test.each(members.filter(({ type }) => String(type) !== 'JSON').map(({ name: member, type }) => ({ member, type })))(
    'refuses $member of another shape with 400 BAD_USER_INPUT that names it',
    async ({ member, type }) => {
      const { status, errors, answer } = await mutate(name, { ...GOOD[name], [member]: misfit(type) });
      expect(answer).toBeUndefined();
      expect(status).toBe(400);
      expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
      const [error] = errors;
      expect((error!.extensions.path as string[]).slice(0, 2)).toEqual(['input', member]);
      expect(error!.message).toMatch(new RegExp(`^input\\.${member}[.\\w]* must `));
      expect(JSON.stringify(errors)).not.toContain('canary');
      expect(executed).toEqual([]);
    },
  );

  test('refuses a member that it does not have, and one that is missing', async () => {
    const unknown = await mutate(name, { ...GOOD[name], canaryMember: 1 });
    expect([unknown.status, unknown.errors[0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect(unknown.errors[0]!.message).toBe(
      `input must have no members but ${members.map((member) => member.name).join(', ')}.`,
    );
    for (const required of members.filter(
      (member) => isNonNullType(member.type) && member.defaultValue === undefined,
    )) {
      const { status, errors } = await mutate(name, { ...GOOD[name], [required.name]: undefined });
      expect([status, errors[0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
      expect(errors.map(({ message }) => message)).toEqual([`input.${required.name} must be given.`]);
    }
  });
});

test('every issue is told, the first one as the error itself', async () => {
  const { answer } = await mutate('createKey', {
    ...GOOD.createKey,
    name: '',
    scopes: ['not ok'],
    tags: ['a', 'a'],
    commandId: 'not one',
  });
  expect(answer!.issues!.map(({ path }) => path.join('.'))).toEqual(['name', 'scopes.0', 'tags', 'commandId']);
  expect(answer!.path).toEqual(['name']);
});

describe('times', () => {
  const read = async (expiresAt: unknown) => {
    executed.length = 0;
    const { status } = await mutate('changeExpiry', { id: ID, expiresAt });
    const [request] = executed;
    return request?.command.name === 'changeExpiry' ? request.command.input.expiresAt : status;
  };
  test.each([
    ['2030-01-31T12:00:00Z', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31t12:00:00.5z', '2030-01-31T12:00:00.500Z'],
    ['2030-01-31 12:00:00.123456789+05:30', '2030-01-31T06:30:00.123Z'],
    ['2030-01-01T00:30:00+01:00', '2029-12-31T23:30:00.000Z'],
    ['2028-02-29T00:00:00-00:00', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', async (given, stored) => {
    expect(await read(given)).toBe(stored);
  });
  test.each([
    ...['2030-01-31', '2030-01-31T12:00:00', '2030-02-30T00:00:00Z', '2029-02-29T00:00:00Z', '2030-13-01T00:00:00Z'],
    ...['2030-01-01T24:00:00Z', '2030-01-01T00:00:60Z', '2030-01-01T00:00:00+24:00', '0000-01-01T00:00:00+01:00'],
    ...[
      '9999-12-31T23:59:59-01:00',
      '+012030-01-01T00:00:00Z',
      'tomorrow',
      '',
      ' 2030-01-31T12:00:00Z',
      1893456000000,
      true,
    ],
  ])('%s is no time', async (given) => {
    expect(await read(given)).toBe(400);
  });
});

test('JSON that is nested without end is refused, not walked', async () => {
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
  const { status, errors } = await mutate('createKey', { ...GOOD.createKey, metadata: deep });
  expect([status, errors[0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  expect(errors[0]!.message).toContain('metadata');
});

test('names of other languages’ own members are members like any other', async () => {
  const metadata = JSON.parse('{"constructor": 1, "$gt": 2, "a.b": 3, "toString": 4}') as object;
  await mutate('createKey', { ...GOOD.createKey, metadata });
  expect(executed[0]?.command).toMatchObject({
    input: { metadata: { constructor: 1, $gt: 2, 'a.b': 3, toString: 4 } },
  });
});

function hasMember(name: string, member: string): boolean {
  const type = schema.getType(`${titleOf(name)}Input`);
  return isInputObjectType(type) && member in type.getFields();
}

/** A value that no value of the type looks like. */
function misfit(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return misfit(type.ofType);
  if (isListType(type)) return [{ canary: 'canary' }];
  if (isInputObjectType(type)) return 'canary';
  if (isEnumType(type)) return 'CANARY_canary';
  return String(type) === 'Boolean' || String(type) === 'Int' ? 'canary' : { canary: 'canary' };
}
