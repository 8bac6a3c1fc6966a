// Tenancy: every field and mutation that takes an id, found by introspection, called with another workspace's ids, random
// ones and malformed ones: the same answer, no rows, no events.
import {
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
} from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { encodeRecord } from '../../events/record.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';
import { at, renamed } from '../fakes/author.ts';
import { ADMIN, caller, createInstallation, STRANGER, type Installation } from './installation.ts';

/** Whether an argument or a member names something that belongs to somebody. */
const isId = ({ name, type }: Pick<GraphQLArgument | GraphQLInputField, 'name' | 'type'>): boolean =>
  getNamedType(type).name === 'ID' || ['id', 'workspaceId', 'keyId', 'owner', 'ownerId', 'actor', 'key'].includes(name);

const FOREIGN = '__foreign__';
let on: Installation;
let foreign: Readonly<Record<'key' | 'workspace' | 'keyspace' | 'event', string>>;
let written = 0;
beforeAll(async () => {
  on = await createInstallation({
    profiles: [
      DEFAULT_PROFILE,
      { slug: 'foreign', name: FOREIGN, workspaces: ['acme'], types: [{ id: 'secret', label: 'Key', prefix: 'fo' }] },
    ],
  });
  const [id] = await on.plant([FOREIGN], { data: { ownerId: FOREIGN } });
  await on.log.append([encodeRecord(await on.author.next(id!, renamed(FOREIGN, FOREIGN), { workspaceId: 'acme' }))]);
  await on.plant(['own'], { workspaceId: 'globex' });
  foreign = { key: id!, workspace: 'acme', keyspace: 'foreign', event: `${id!}@1` };
  written = on.log.records().length;
});
afterAll(() => on.stop());
beforeEach(() => {
  on.queries.length = 0;
});

const RANDOM = `key_${'Zz9'.repeat(7)}Q`;
const MALFORMED = [
  '',
  ' ',
  'x',
  'key_',
  '__proto__',
  '../acme',
  'x'.repeat(5000),
  'ApiKey:',
  Buffer.from('ApiKey').toString('base64url'),
  '💥',
];

/** Ids that are another workspace's, ids of nothing, and texts that are no ids; global ids and plain ones. */
function ids(): { readonly foreign: readonly string[]; readonly none: readonly string[] } {
  const { key, workspace, keyspace, event } = foreign;
  return {
    foreign: [
      ...[encodeGlobalId('ApiKey', key), encodeGlobalId('Workspace', workspace), encodeGlobalId('Keyspace', keyspace)],
      ...[encodeGlobalId('Keyspace', `${workspace}/${keyspace}`), encodeGlobalId('Keyspace', `${workspace}/default`)],
      ...[encodeGlobalId('KeyEvent', event), encodeGlobalId('ApiKey', `${workspace}/${key}`), key, workspace, event],
    ],
    none: [
      encodeGlobalId('ApiKey', RANDOM),
      encodeGlobalId('Workspace', 'nowhere'),
      encodeGlobalId('Keyspace', 'nothing'),
      RANDOM,
      ...MALFORMED,
    ],
  };
}

const literal = JSON.stringify;
async function answer(query: string, variables: object | null = null, as = STRANGER) {
  const { result } = await on.ask(query, variables as Record<string, unknown> | null, as);
  expect(JSON.stringify(result)).not.toContain(FOREIGN);
  return result;
}

describe('queries', () => {
  interface Taker {
    readonly path: string;
    readonly query: (id: string) => string;
  }
  const selection = (field: GraphQLField<unknown, unknown>): string => {
    const type = getNamedType(field.type);
    return isObjectType(type) && type.name.endsWith('Connection') ? '{ totalCount nodes { id } }' : '{ __typename }';
  };
  const page = (field: GraphQLField<unknown, unknown>): string =>
    field.args.some(({ name }) => name === 'first') ? 'first: 100, ' : '';

  /** Where it can be asked for as of a time, it is: then everything was there already. */
  const asOfs = (field: GraphQLField<unknown, unknown>): readonly string[] =>
    field.args.some(({ name }) => name === 'asOf') ? ['', `asOf: "${at(90_000)}", `] : [''];
  /** Mutations are below; a subscription is answered as a stream: test/api/subscriptions.test.ts. */
  const ROOTS_OF_THEIR_OWN: readonly unknown[] = [schema.getMutationType(), schema.getSubscriptionType()];

  /** Every argument that is an id, and every filter that has one, on every field that a caller can reach. */
  function takers(): Taker[] {
    const own = `key(id: ${literal(encodeGlobalId('ApiKey', on.author.keyId('globex own')))})`;
    const reach: Readonly<Record<string, (inner: string) => string>> = {
      Query: (inner) => `{ ${inner} }`,
      Workspace: (inner) => `{ workspace(id: "globex") { ${inner} } }`,
      ApiKey: (inner) => `{ ${own} { ${inner} } }`,
      Keyspace: (inner) => `{ workspace(id: "globex") { keyspace(slug: "default") { ${inner} } } }`,
    };
    return Object.values(schema.getTypeMap()).flatMap((type) => {
      if (!isObjectType(type) || type.name.startsWith('__') || ROOTS_OF_THEIR_OWN.includes(type)) return [];
      return Object.values(type.getFields()).flatMap((field) =>
        asOfs(field).flatMap((asOf) =>
          field.args.flatMap((argument): Taker[] => {
            const around = reach[type.name];
            const named = getNamedType(argument.type);
            const call = (value: string) =>
              around?.(`${field.name}(${page(field)}${asOf}${argument.name}: ${value}) ${selection(field)}`) ?? '';
            if (isInputObjectType(named)) {
              return Object.values(named.getFields())
                .filter(isId)
                .map((member) => ({
                  path: `${type.name}.${field.name}.${argument.name}.${member.name}`,
                  query: (id) => call(`{ ${member.name}: ${literal(id)} }`),
                }));
            }
            if (!isId(argument)) return [];
            const list = String(argument.type).startsWith('[');
            return [
              {
                path: `${type.name}.${field.name}.${argument.name}`,
                query: (id) => call(list ? `[${literal(id)}]` : literal(id)),
              },
            ];
          }),
        ),
      );
    });
  }

  test('every one that takes an id answers foreign, random and malformed ids alike, with nothing', async () => {
    const found = takers();
    expect(found.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        ...['Query.node.id', 'Query.nodes.ids', 'Query.workspace.id', 'Query.key.id', 'Workspace.keys.filter.owner'],
        ...[
          'Workspace.history.filter.key',
          'Workspace.history.filter.actor',
          'ApiKey.history.filter.key',
          'Keyspace.history.filter.key',
        ],
      ]),
    );
    for (const { path, query: ask } of found) {
      expect([path, ask('x')]).not.toEqual([path, '']);
      // Actors are written with their kind, which alone is judged of a text that is none.
      const query = path.endsWith('.actor') ? (id: string) => ask(`user:${id}`) : ask;
      const { foreign: theirs, none } = ids();
      const nothing = await answer(query(none[0]!));
      expect([path, nothing.errors]).toEqual([path, undefined]);
      for (const id of [...theirs, ...none]) {
        const found = await answer(query(id));
        // A text that is too long for any value of a filter is refused as such, and one that is no actor's.
        const isOdd = id.length === 5000 || (path.endsWith('.actor') && id === '');
        if (isOdd && path.includes('filter') && found.errors)
          expect(found.errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
        else expect([path, id, found]).toEqual([path, id, nothing]);
      }
    }
  });

  test('what the answer of nothing is: null, or an empty list', async () => {
    const id = literal(encodeGlobalId('ApiKey', foreign.key));
    const { data } = await answer(
      `{ node(id: ${id}) { id } nodes(ids: [${id}]) { id } key(id: ${id}) { id } workspace(id: "acme") { id } }`,
    );
    expect(data).toEqual({ node: null, nodes: [null], key: null, workspace: null });
  });

  test('lists, histories and joins hold rows of the caller’s workspace alone', async () => {
    const [from, to] = [literal(at(0)), literal(at(90_000))];
    const { data } = await answer(`{ keyspaces { slug } workspace(id: "globex") {
      past: keys(first: 100, asOf: ${to}) { totalCount nodes { workspaceId } }
      accessReview(from: ${from}, to: ${to}) { totalCount rows { key { workspaceId } changes { subject } } }
      keys(first: 100) { totalCount nodes { workspaceId } } history(first: 100) { totalCount nodes { subject } } keyspaces { slug } } }`);
    expect(data).toEqual({
      keyspaces: [{ slug: 'default' }],
      workspace: {
        keys: { totalCount: 1, nodes: [{ workspaceId: 'globex' }] },
        past: { totalCount: 1, nodes: [{ workspaceId: 'globex' }] },
        accessReview: {
          totalCount: 1,
          rows: [{ key: { workspaceId: 'globex' }, changes: [{ subject: on.author.keyId('globex own') }] }],
        },
        history: { totalCount: 1, nodes: [{ subject: on.author.keyId('globex own') }] },
        keyspaces: [{ slug: 'default' }],
      },
    });
  });

  test('a key that refers to another workspace’s key does not show it', async () => {
    await on.plant(['refers'], { workspaceId: 'globex', data: { predecessor: foreign.key } });
    const id = encodeGlobalId('ApiKey', on.author.keyId('globex refers'));
    const both = caller({ acme: 'admin', globex: 'admin' });
    for (const as of [STRANGER, both]) {
      for (const args of [`id: "${id}"`, `id: "${id}", asOf: "${at(90_000)}"`])
        expect((await answer(`{ key(${args}) { predecessor { id } } }`, null, as)).data).toEqual({
          key: { predecessor: null },
        });
    }
    const theirs = encodeGlobalId('ApiKey', foreign.key);
    const { result } = await on.ask(`{ key(id: "${theirs}") { successors { id } } }`, null, both);
    expect(result.data).toEqual({ key: { successors: [] } });
    written = on.log.records().length;
  });

  test('an actor that is another workspace’s key is told by its id alone', async () => {
    const actor = { kind: 'key', id: foreign.key } as const;
    const own = on.author.keyId('globex own');
    await on.log.append([encodeRecord(await on.author.next(own, renamed('own'), { workspaceId: 'globex', actor }))]);
    await on.settle();
    written = on.log.records().length;
    const { data } = await answer(
      `{ key(id: "${encodeGlobalId('ApiKey', own)}") { history(last: 1) { nodes { actor { kind id key { id } } } } } }`,
      null,
      caller({ acme: 'admin', globex: 'admin' }),
    );
    expect(data).toEqual({ key: { history: { nodes: [{ actor: { kind: 'KEY', id: foreign.key, key: null } }] } } });
  });
});

describe('mutations', () => {
  const mutations = Object.values(schema.getMutationType()!.getFields());
  const inputOf = (field: GraphQLField<unknown, unknown>): Readonly<Record<string, GraphQLInputField>> => {
    const type = getNamedType(field.args[0]!.type);
    if (!isInputObjectType(type)) throw new Error(field.name);
    return type.getFields();
  };
  const required = (field: GraphQLField<unknown, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.values(inputOf(field))
        .filter((member) => isNonNullType(member.type) && member.defaultValue === undefined)
        .map(({ name }) => [
          name,
          {
            workspaceId: 'globex',
            keyspace: 'default',
            name: 'x',
            position: 'p1_0-0',
            reason: 'x',
            id: encodeGlobalId('ApiKey', RANDOM),
          }[name],
        ]),
    );
  const run = async (field: GraphQLField<unknown, unknown>, input: object) => {
    const title = field.name.charAt(0).toUpperCase() + field.name.slice(1);
    const query = `mutation ($input: ${title}Input!) { ${field.name}(input: $input) { __typename ... on Error { code message path } } }`;
    const result = await answer(query, { input });
    expect(result.errors).toBeUndefined();
    return (result.data as Record<string, { __typename: string }>)[field.name]!;
  };
  const ofKeys = mutations.filter((field) => 'id' in inputOf(field));

  test('every mutation that names a key is known', () => {
    expect(ofKeys.length).toBe(11);
    const ofWorkspaces = mutations.filter((field) => 'workspaceId' in inputOf(field)).map(({ name }) => name);
    expect(ofWorkspaces.sort()).toEqual(['createKey', 'forgetOwner']);
  });

  test.each(ofKeys)(
    '$name answers foreign, random and malformed ids with the same NotFound, and writes nothing',
    async (field) => {
      const { foreign: theirs, none } = ids();
      const answers = [];
      for (const id of [...theirs, ...none])
        answers.push(
          await run(field, { ...required(field), ...(field.name === 'changeExpiry' ? { expiresAt: null } : {}), id }),
        );
      for (const each of answers)
        expect(each).toEqual({
          __typename: 'NotFound',
          code: 'NOT_FOUND',
          message: 'there is no such key',
          path: null,
        });
      expect(on.log.records()).toHaveLength(written);
    },
  );

  test('createKey answers another’s workspace, no workspace and another’s keyspace with the same NotFound', async () => {
    const create = mutations.find(({ name }) => name === 'createKey')!;
    const places = [
      { workspaceId: 'acme', keyspace: 'default' },
      { workspaceId: 'nowhere', keyspace: 'default' },
      { workspaceId: 'acme', keyspace: 'foreign' },
      { workspaceId: 'globex', keyspace: 'foreign' },
      { workspaceId: 'globex', keyspace: 'nothing' },
      { workspaceId: 'constructor', keyspace: 'constructor' },
    ];
    const answers = [];
    for (const place of places) answers.push(await run(create, { ...place, name: 'x' }));
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(answers[0]!.__typename).toBe('NotFound');
    expect(on.log.records()).toHaveLength(written);
  });

  test('forgetOwner answers another’s workspace and no workspace with the same NotFound, and in one’s own finds no key of another', async () => {
    const forget = mutations.find(({ name }) => name === 'forgetOwner')!;
    const answers = [];
    for (const workspaceId of ['acme', 'nowhere', 'constructor', 'x'])
      answers.push(await run(forget, { workspaceId, ownerId: FOREIGN }));
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(answers[0]!.__typename).toBe('NotFound');
    expect((await run(forget, { workspaceId: 'globex', ownerId: FOREIGN })).__typename).toBe('ForgetOwnerPayload');
    expect(on.log.records()).toHaveLength(written);
  });

  test('a commandId of another workspace’s command tells nothing', async () => {
    const { result } = await on.ask(
      'mutation ($input: CreateKeyInput!) { createKey(input: $input) { __typename } }',
      { input: { workspaceId: 'acme', keyspace: 'default', name: 'theirs', commandId: 'shared-1' } },
      ADMIN,
    );
    expect(result.data).toEqual({ createKey: { __typename: 'CreateKeyPayload' } });
    written = on.log.records().length;
    const create = mutations.find(({ name }) => name === 'createKey')!;
    const input = { keyspace: 'default', name: 'theirs', commandId: 'shared-1' };
    expect((await run(create, { ...input, workspaceId: 'acme' })).__typename).toBe('NotFound');
    expect((await run(create, { ...input, workspaceId: 'globex' })).__typename).toBe('CreateKeyPayload');
  });
});
