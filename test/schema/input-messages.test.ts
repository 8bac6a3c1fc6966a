// What bad input is told: every member of every mutation's input, with wrong values of every kind, in a variable and
// written out. The place by our own names, why in our own words, and nothing of what was sent.
import { getNamedType, isEnumType, isInputObjectType, type GraphQLInputType } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';
import { ADMIN, createInstallation, type Installation } from './installation.ts';
import { GOOD, KEY_ID, mutations, recording, titleOf } from './mutation-inputs.ts';

const CALLER = { ...ADMIN, operator: true };
const CANARY = 'kf_live_zq8Xv3Lw9Rt5Kp2Bn7';
/** How zod and graphql-js begin and phrase what they say. */
const STOCK =
  /invalid (?:input|option|string|number|key|value|element|discriminator)|\bexpected\b|received|too (?:small|big)|unrecognized|represent|cannot|must match pattern|of type/i;

let executed = 0;
let on: Installation;
beforeAll(async () => {
  on = await createInstallation({
    context: () => recording(() => (executed += 1)),
  });
});
afterAll(() => on.stop());
beforeEach(() => {
  executed = 0;
});

const WRONG: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, 1e12, '', ' ', CANARY, `${CANARY}\u0000`, CANARY.repeat(200), '{', '2030-02-30'],
  ...[[], [null], [''], [CANARY, CANARY], [1, true], [[CANARY]], Array(600).fill(CANARY)],
  ...[{}, { [CANARY]: CANARY }, { all: true, ids: [CANARY] }, { id: `${CANARY}@x` }, { limit: -5 }, { limit: 1.5 }],
  ...[{ limit: 1, windowSeconds: 1e6 }, { a: { b: { c: { d: { e: CANARY } } } } }, { id: CANARY, email: CANARY }],
];

/** A value as it is written in a document; an enum's as a bare word. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, type)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const named = getNamedType(type);
    const members = isInputObjectType(named) ? named.getFields() : {};
    return `{ ${Object.entries(value)
      .map(([name, member]) => `${name}: ${literal(member, members[name]?.type ?? type)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' && isEnumType(getNamedType(type)) && /^[A-Z_]+$/i.test(value)
    ? value
    : JSON.stringify(value);
}

interface Said {
  readonly path: readonly string[];
  readonly message: string;
}

/** What is said against it; nothing when it was taken. Paths begin at the input's members. */
async function refusals(
  query: string,
  variables: Readonly<Record<string, unknown>> | null,
): Promise<{ readonly said: readonly Said[]; readonly text: string; readonly ran: boolean }> {
  const before = executed;
  const { result, status } = await on.ask(query, variables, CALLER);
  const text = JSON.stringify(result);
  if (result.errors) {
    expect(status).toBe(400);
    const said = result.errors.map(({ message, extensions }) => {
      expect(extensions.code).toBe('BAD_USER_INPUT');
      const path = extensions.path as string[];
      expect(path[0]).toBe('input');
      return { message, path: path.slice(1) };
    });
    return { said, text, ran: executed > before };
  }
  const [answer] = Object.values(result.data as Record<string, { __typename: string; issues?: Said[] }>);
  return { said: answer?.issues ?? [], text, ran: executed > before };
}

const ANSWER = '{ __typename ... on InvalidInput { issues { path message } } ... on Error { code message path } }';

const membersOf = (name: string) => {
  const type = schema.getType(`${titleOf(name)}Input`);
  return isInputObjectType(type) ? Object.values(type.getFields()) : [];
};

describe.each(mutations)('%s', (name) => {
  const asVariable = `mutation ($input: ${titleOf(name)}Input!) { ${name}(input: $input) ${ANSWER} }`;
  const members = membersOf(name);

  test.each(members.map((member) => ({ member: member.name })))(
    'says what is wrong with $member in our own words',
    async ({ member }) => {
      const kinds = new Set<string>();
      for (const value of WRONG) {
        const input = { ...GOOD[name], [member]: value };
        const shape = schema.getType(`${titleOf(name)}Input`) as GraphQLInputType;
        const written = `mutation { ${name}(input: ${literal(input, shape)}) ${ANSWER} }`;
        const answers = [
          await refusals(asVariable, { input }),
          // A document of more tokens than the limit is refused as such.
          ...(Array.isArray(value) && value.length > 500 ? [] : [await refusals(written, null)]),
        ];
        for (const { said, text, ran } of answers) {
          expect(text).not.toContain(CANARY.slice(0, 8));
          expect(text).not.toMatch(STOCK);
          for (const { path, message } of said) {
            kinds.add(message);
            expect(path[0], message).toBe(member);
            expect(message).toMatch(/^(?:[\w.]+ )?must /);
          }
          if (said.length > 0) expect(ran).toBe(false);
        }
        // Both ways of sending are judged alike.
        const [first, second = first] = answers.map(({ said }) =>
          said.map(({ path, message }) => `${path.join('.')}: ${message}`),
        );
        expect(second, written.slice(0, 300)).toEqual(first);
      }
      expect(kinds.size).toBeGreaterThan(0);
    },
  );

  test('what is unknown or missing is said the same of an input that is written out', async () => {
    const names = members.map((member) => member.name).join(', ');
    const input = { ...GOOD[name], [CANARY]: CANARY };
    const shape = schema.getType(`${titleOf(name)}Input`) as GraphQLInputType;
    for (const { said, text } of [
      await refusals(asVariable, { input }),
      await refusals(`mutation { ${name}(input: ${literal(input, shape)}) ${ANSWER} }`, null),
    ]) {
      expect(said).toEqual([{ path: [], message: `input must have no members but ${names}.` }]);
      expect(text).not.toContain(CANARY.slice(0, 8));
    }
    const whole = await on.ask(`mutation { ${name} ${ANSWER} }`, null, CALLER);
    expect(whole.status).toBe(400);
    expect(whole.result.errors?.[0]?.message).toContain('input');
    expect(executed).toBe(0);
  });
});

test.each(['createKey', 'revokeKey'])('%s: a waitFor that does not exist is told those that do', async (name) => {
  const { said } = await refusals(`mutation ($input: ${titleOf(name)}Input!) { ${name}(input: $input) ${ANSWER} }`, {
    input: { ...GOOD[name], waitFor: 'NOBODY' },
  });
  expect(said).toEqual([{ path: ['waitFor'], message: 'input.waitFor must be one of PROJECTED, VERIFIERS.' }]);
});

describe('queries', () => {
  const list = (args: string, variables = '') =>
    `query ${variables} { workspace(id: "acme") { keys(${args}) { totalCount } history(first: 1) { totalCount } } }`;
  const STATUSES = 'ACTIVE, DELETED, DISABLED, EXPIRED, REVOKED';
  test.each<[query: string, message: string, variables?: Record<string, unknown>]>([
    [list('first: "1"'), 'first must be a whole number of 32 bits.'],
    [list('first: 0'), 'first must be between 1 and 100.'],
    [list('last: 101'), 'last must be between 1 and 100.'],
    [list(`first: 1, after: "${CANARY}"`), 'after must be a cursor of this list in this order.'],
    [list(`last: 1, before: "${CANARY}"`), 'before must be a cursor of this list in this order.'],
    [list('first: 1, filter: { status: [GONE] }'), `filter.status.0 must be one of ${STATUSES}.`],
    [list('first: 1, filter: { status: "ACTIVE" }'), `filter.status must be one of ${STATUSES}.`],
    [list('first: 1, orderBy: { direction: ASC }'), 'orderBy.field must be given.'],
    [
      list('first: 1, orderBy: { field: AGE }'),
      'orderBy.field must be one of CREATED_AT, EXPIRES_AT, LAST_USED_AT, NAME.',
    ],
    [
      list('first: 1, filter: { expiresBefore: "soon" }'),
      'filter.expiresBefore must be an RFC 3339 time, such as 2030-01-31T12:00:00Z.',
    ],
    [list('first: 1, atLeast: "soon"'), 'atLeast must be a position as an earlier answer gave it.'],
    [list('first: 1, filter: { tags: ["a", "a"] }'), 'filter.tags must not name anything twice.'],
    [list(`first: 1, filter: { owner: "${'x'.repeat(129)}" }`), 'filter.owner must have at most 128 characters.'],
    [list('first: $n', '($n: Int = "x")'), 'n must be a whole number of 32 bits.'],
    [
      list('first: 1, filter: $f', '($f: KeyFilter)'),
      `f.status.1 must be one of ${STATUSES}.`,
      { f: { status: ['ACTIVE', CANARY] } },
    ],
    ['query ($id: ID!) { key(id: $id) { id } }', 'id must be given.', {}],
    ['query ($id: ID = "x") { key(id: $id) { id } }', 'id must be given and not be null.', { id: null }],
    ['{ workspace(id: 5) { id } }', 'id must be a string.'],
    ['{ key(id: { a: 1 }) { id } }', 'id must be an id as an earlier answer gave it.'],
    ['{ viewer @skip(if: 1) { operator } }', 'if must be true or false.'],
  ])('%s', async (query, message, variables) => {
    const { result, status } = await on.ask(query, variables ?? null, CALLER);
    expect(result.errors?.map((error) => error.message)).toEqual([message]);
    expect(result.errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      path: message.split(' ')[0]!.split('.'),
    });
    // A list that cannot be read leaves nothing to answer with.
    expect([200, 400]).toContain(status);
    expect(JSON.stringify(result)).not.toContain(CANARY.slice(0, 8));
  });

  test('an id that no list of ids takes is told how many may be asked for', async () => {
    const { result } = await on.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array<string>(101).fill(KEY_ID),
    });
    expect(result.errors?.[0]?.message).toBe('ids must have at most 100 entries.');
  });
});
