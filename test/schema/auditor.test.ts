// An auditor reads everything of their workspaces and changes nothing; histories can be narrowed by each member of their
// filter, alone and together, without losing or repeating an event, whatever the page.
import { getNamedType, isInputObjectType, isNonNullType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import { encodeRecord } from '../../events/record.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';
import { at, created, defined, noted, regenerated, renamed } from '../fakes/author.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { caller, createInstallation, OPERATOR, type Installation } from './installation.ts';

const AUDITOR = caller({ acme: 'auditor' }, { actor: { kind: 'user', id: 'ida' } });
const ACTORS = [
  { kind: 'user', id: 'ada' },
  { kind: 'user', id: 'bob' },
  { kind: 'system', id: 'projector' },
] as const;

let on: Installation;
let ids: string[];
beforeAll(async () => {
  on = await createInstallation();
  ids = [0, 1, 2].map((n) => on.author.keyId(`audited ${n}`));
  for (let second = 1; second <= 30; second++) {
    const id = ids[second % 3]!;
    const steps = [
      renamed(`n${second}`),
      noted('KeyDisabled', 'why'),
      noted('KeyEnabled'),
      regenerated(`r${second}`, at(0)),
    ];
    const event = second <= 3 ? created(`audited ${second}`) : steps[second % 4]!;
    // Several at one moment.
    const more = {
      workspaceId: 'acme',
      now: at(second - (second % 2)),
      actor: ACTORS[second % 3]!,
      requestId: `r-${second % 5}`,
    };
    await on.log.append([encodeRecord(await on.author.next(id, event, more))]);
  }
  for (let version = 2; version <= 12; version++) {
    const event = defined({ ...DEFAULT_PROFILE, name: `v${version}` }, version);
    const more = { now: at(1000 + version), actor: ACTORS[version % 3]!, requestId: `r-${version % 5}` };
    await on.log.append([encodeRecord(await on.author.next(KEYSPACES, event, more))]);
  }
  await on.settle();
});
afterAll(() => on.stop());

interface Event {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly requestId: string;
  readonly actor: { readonly kind: string; readonly id: string };
}
interface History {
  readonly totalCount: number;
  readonly pageInfo: Readonly<Record<'hasNextPage' | 'hasPreviousPage', boolean>> &
    Readonly<Record<'startCursor' | 'endCursor', string>>;
  readonly nodes: readonly Event[];
}
type Filter = Readonly<Record<string, unknown>>;

const FIELDS = `totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  nodes { id type subject version time requestId commandId keyspaceVersion ip userAgent data position hash prev actor { kind id } }`;
const ARGS = '($first: Int, $last: Int, $after: String, $before: String, $filter: HistoryFilter)';
const list = (around: (inner: string) => string) =>
  `query ${ARGS} ${around(`is: history(first: $first, last: $last, after: $after, before: $before, filter: $filter) { ${FIELDS} }`)}`;
const HISTORIES: readonly (readonly [string, () => string, typeof AUDITOR])[] = [
  ['a key', () => list((inner) => `{ of: key(id: "${encodeGlobalId('ApiKey', ids[0]!)}") { ${inner} } }`), AUDITOR],
  ['a workspace', () => list((inner) => `{ of: workspace(id: "acme") { ${inner} } }`), AUDITOR],
  [
    'a keyspace',
    () =>
      list((inner) => `{ of: node(id: "${encodeGlobalId('Keyspace', 'default')}") { ... on Keyspace { ${inner} } } }`),
    OPERATOR,
  ],
];

async function read(query: string, variables: Filter, as: typeof AUDITOR): Promise<History> {
  const { result } = await on.ask(query, variables, as);
  expect(result.errors).toBeUndefined();
  return (result.data as unknown as { of: { is: History } }).of.is;
}

/** Each member alone, some together, and what the list that they are a filter of has left then. */
const FILTERS: readonly (readonly [Filter, (event: Event) => boolean])[] = [
  [{}, () => true],
  [
    { types: ['KEY_DISABLED', 'KEY_ENABLED', 'KEYSPACE_CHANGED'] },
    ({ type }) => /DISABLED|ENABLED|CHANGED$/.test(type) && type !== 'KEY_DETAILS_CHANGED',
  ],
  [{ actor: 'user:bob' }, ({ actor }) => actor.id === 'bob'],
  [{ actor: 'system:projector' }, ({ actor }) => actor.kind === 'SYSTEM'],
  [{ requestId: 'r-2' }, ({ requestId }) => requestId === 'r-2'],
  [{ from: at(10) }, ({ time }) => time >= at(10)],
  [{ to: at(20) }, ({ time }) => time < at(20)],
  [{ from: at(10), to: at(20) }, ({ time }) => time >= at(10) && time < at(20)],
  [{ from: at(20), to: at(10) }, () => false],
  [
    { types: ['KEY_DISABLED'], actor: 'user:ada', from: at(4), to: at(28) },
    ({ type, actor, time }) => type === 'KEY_DISABLED' && actor.id === 'ada' && time >= at(4) && time < at(28),
  ],
];

describe.each(HISTORIES)('the history of %s', (what, query, as) => {
  test.each(FILTERS)('narrowed by %j is those events of it, counted, once each in pages', async (filter, keep) => {
    const whole = (await read(query(), { first: 100 }, as)).nodes;
    expect(whole.length).toBeGreaterThan(9);
    const expected = whole.filter(keep).map(({ id }) => id);
    for (const size of [1, 3, 100]) {
      const forward: string[] = [];
      for (let after: string | null = null; ;) {
        const page = await read(query(), { first: size, after, filter }, as);
        forward.push(...page.nodes.map(({ id }) => id));
        expect(page.totalCount).toBe(expected.length);
        if (!page.pageInfo.hasNextPage) break;
        after = page.pageInfo.endCursor;
      }
      expect(forward).toEqual(expected);
      const backward = await read(query(), { last: size, filter }, as);
      expect(backward.nodes.map(({ id }) => id)).toEqual(expected.slice(-size));
      expect(backward.pageInfo.hasPreviousPage).toBe(expected.length > size);
    }
  });

  test('narrowed by a key is the events of that key', async () => {
    const whole = (await read(query(), { first: 100 }, as)).nodes;
    for (const id of ids) {
      const found = await read(query(), { first: 100, filter: { key: encodeGlobalId('ApiKey', id) } }, as);
      // One key's history has only its own, a keyspace's none of any key.
      const expected = what === 'a keyspace' ? [] : whole.filter(({ subject }) => subject === id);
      expect([found.nodes, found.totalCount]).toEqual([expected, expected.length]);
    }
  });

  test('tells who, when, from where, what, by which command, at which place of which chain', async () => {
    const { nodes } = await read(query(), { first: 100 }, as);
    for (const event of nodes)
      expect(event).toMatchObject({
        ...{ ip: '192.0.2.7', userAgent: 'test', commandId: expect.stringMatching(/^command-/) as string },
        ...{
          hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          prev: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
        position: expect.stringMatching(/^p1_/) as string,
      });
  });
});

describe('an auditor', () => {
  test('reads keys, their past, histories, requests, usage and what the keyspace is', async () => {
    const id = encodeGlobalId('ApiKey', ids[0]!);
    const range = `from: "${at(0)}", to: "${at(90_000)}"`;
    const { result } = await on.ask(
      `{ key(id: "${id}") { name requestCount usage(${range}, bucket: DAY) { total } requests(first: 1) { totalCount } history(first: 1) { totalCount } actions }
        past: key(id: "${id}", asOf: "${at(3)}") { name }
        workspace(id: "acme") { position keys(first: 1) { totalCount } past: keys(first: 1, asOf: "${at(3)}") { totalCount }
          history(first: 1) { totalCount } requests(first: 1) { totalCount } usage(${range}, bucket: DAY) { total }
          accessReview(${range}) { totalCount } keyspaces { slug source actions } } }`,
      null,
      AUDITOR,
    );
    expect(result.errors).toBeUndefined();
    expect(result.data).toMatchObject({
      key: { history: { totalCount: 10 }, actions: ['VIEW', 'SEE_HISTORY', 'SEE_USAGE'] },
      past: { name: 'audited 3' },
      workspace: {
        ...{ keys: { totalCount: 3 }, past: { totalCount: 3 }, history: { totalCount: 30 } },
        ...{ accessReview: { totalCount: 3 }, keyspaces: [{ slug: 'default', actions: ['VIEW', 'SEE_USAGE'] }] },
      },
    });
  });

  const GIVEN: Readonly<Record<string, unknown>> = {
    ...{ workspaceId: 'acme', keyspace: 'default', name: 'x', position: 'p1_0-0', reason: 'x', source: 'slug: x' },
    ...{ ownerId: 'u-17' },
  };

  test.each(Object.values(schema.getMutationType()!.getFields()))(
    'is refused $name, and nothing is written',
    async ({ name, args }) => {
      const type = getNamedType(args[0]!.type);
      if (!isInputObjectType(type)) throw new Error(name);
      const needed = Object.values(type.getFields()).filter((member) => isNonNullType(member.type));
      const input = Object.fromEntries(
        needed.map((member) => [
          member.name,
          member.name === 'id' ? encodeGlobalId('ApiKey', ids[0]!) : GIVEN[member.name],
        ]),
      );
      const before = on.log.records().length;
      const { result } = await on.ask(
        `mutation ($input: ${type.name}!) { is: ${name}(input: $input) { __typename } }`,
        { input: { ...input, ...(name === 'changeExpiry' ? { expiresAt: null } : {}) } },
        AUDITOR,
      );
      expect(result).toMatchObject({ data: { is: { __typename: 'NotAllowed' } } });
      expect(on.log.records()).toHaveLength(before);
    },
  );
});
