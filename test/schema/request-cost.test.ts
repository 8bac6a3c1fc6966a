// What one request may cost: those that would hold the process up are refused before anything is read, and what a console
// or a command asks for is answered. Both on a workspace with more keys than a page has.
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as yaml from 'yaml';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import * as documents from '../../services/cli/documents.ts';
import * as typed from '../generated/graphql.ts';
import { createInstallation, type Installation } from './installation.ts';

vi.mock('yaml', async (original) => {
  const real = await original<typeof yaml>();
  return { ...real, stringify: vi.fn(real.stringify) };
});

const WORKSPACE = encodeGlobalId('Workspace', 'acme');
const KEYSPACE = encodeGlobalId('Keyspace', 'acme/default');
const same = (id: string) => ({ ids: Array<string>(100).fill(id) });
const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');
/** Ten times what a request within the limits takes on the machine that they were measured on. */
const PATIENCE_MS = 3000;

let on: Installation;
let first: string;
beforeAll(async () => {
  on = await createInstallation();
  const ids = await on.plant(Array.from({ length: 110 }, (_, index) => `key ${index}`));
  first = encodeGlobalId('ApiKey', ids[0]!);
});
afterAll(() => on.stop());

const keysOf = (selected: string): string => `keys(first: 100) { nodes { ${selected} } }`;
const nodes = (selected: string): string =>
  `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Workspace { ${selected} } } }`;

describe('a request that would hold the process up is refused, and nothing is read for it', () => {
  test.each<[name: string, query: string, variables?: Readonly<Record<string, unknown>>]>([
    [
      'the sources of all keys of a workspace, a hundred times',
      nodes(keysOf(`keyspace { ${aliases(3, 'source')} }`)),
      same(WORKSPACE),
    ],
    ['all keys of a workspace, a hundred times', nodes(keysOf('id name actions scopes owner { id }')), same(WORKSPACE)],
    [
      'all histories of a workspace, a hundred times',
      nodes(keysOf('history(first: 100) { nodes { data ip } }')),
      same(WORKSPACE),
    ],
    ['the history of a workspace, a hundred times', nodes('history(first: 100) { nodes { data } }'), same(WORKSPACE)],
    [
      'all histories of a workspace',
      `{ workspace(id: "acme") { ${keysOf('history(first: 100) { nodes { data } }')} } }`,
    ],
    ['the sources of all keys', `{ workspace(id: "acme") { ${keysOf(`keyspace { ${aliases(8, 'source')} }`)} } }`],
    [
      'successors of successors',
      `{ workspace(id: "acme") { ${keysOf('successors { successors { successors { successors { id } } } }')} } }`,
    ],
    [
      'all keys of all workspaces',
      `{ viewer { workspaces { workspace { ${keysOf('id scopes tags origins ipRanges metadata actions keyspace { fields { id label rules } labels { statuses { label } } }')} } } } }`,
    ],
  ])('%s', async (_, query, variables) => {
    const before = on.queries.length;
    const { codes, errors, status } = await on.refusal(query, variables ?? null);
    expect({ codes, status }).toEqual({ codes: ['BAD_USER_INPUT'], status: 400 });
    expect(errors[0]?.message).toContain('ask for smaller pages or fewer fields');
    expect(on.queries).toHaveLength(before);
  });
});

describe('the most that is taken is answered soon', () => {
  test.each<[name: string, query: string, variables?: Readonly<Record<string, unknown>>]>([
    ['sources', `{ workspace(id: "acme") { ${keysOf(`keyspace { ${aliases(4, 'source')} }`)} } }`],
    [
      'forms',
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Keyspace { ${aliases(10, 'fields { id rules }')} } } }`,
      same(KEYSPACE),
    ],
    ['keys', nodes(keysOf('id name')), { ids: Array(30).fill(WORKSPACE) }],
    ['histories', `{ workspace(id: "acme") { ${keysOf('history(first: 10) { nodes { data ip } }')} } }`],
  ])('%s', async (_, query, variables) => {
    const start = performance.now();
    const { result } = await on.ask(query, variables ?? null);
    expect(result.errors).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
  });

  test('a profile is written as YAML once, however many keys ask for it', async () => {
    vi.mocked(yaml.stringify).mockClear();
    const own = await createInstallation();
    await own.plant(['one', 'two', 'three']);
    const ask = (): Promise<unknown> =>
      own.ask(`{ workspace(id: "acme") { ${keysOf('keyspace { a: source b: source }')} } }`);
    await ask();
    await ask();
    expect(vi.mocked(yaml.stringify).mock.calls.length).toBeLessThanOrEqual(1);
    await own.stop();
  });
});

describe('what honest clients ask for is answered', () => {
  const KEY = `id keyId name description status version owner { id email } tags metadata preview scopes unrestricted
    resources { all ids } flags origins ipRanges rateLimit { limit windowSeconds } createdAt createdBy { kind id }
    expiresAt lastUsedAt previousSecret { retiresAt } actions quarantined predecessor { id name } successors { id name }
    keyspace { slug name }`;
  const EVENT = `id type version time actor { kind id key { id name } } commandId requestId ip userAgent data position hash prev`;
  test.each<[name: string, query: string, variables?: Readonly<Record<string, unknown>>]>([
    [
      '100 keys with everything that a table shows',
      `query ($n: Int) { workspace(id: "acme") { position keys(first: $n) { totalCount pageInfo { endCursor hasNextPage } edges { cursor node { ${KEY} } } } } }`,
      { n: 100 },
    ],
    [
      '50 rows of history',
      `query ($n: Int) { workspace(id: "acme") { history(first: $n) { totalCount pageInfo { endCursor } nodes { ${EVENT} } } } }`,
      { n: 50 },
    ],
    [
      '100 rows of a key’s history beside it',
      `query ($id: ID!) { key(id: $id) { ${KEY} history(first: 100) { totalCount nodes { ${EVENT} } } } }`,
    ],
    [
      'the last event of each of 100 keys',
      `{ workspace(id: "acme") { ${keysOf('id name history(last: 1) { nodes { type time actor { id } } }')} } }`,
    ],
    [
      'the first keys of every workspace',
      `{ viewer { workspaces { role workspace { workspaceId keys(first: 20) { totalCount nodes { id name status } } } } } }`,
    ],
    ['100 keys by their ids', `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ApiKey { ${KEY} } } }`, { ids: 'key' }],
  ])('%s', async (_, query, variables = {}) => {
    const given = { id: first, ...variables, ...(variables.ids === 'key' ? same(first) : {}) };
    const { result } = await on.ask(query, given);
    expect(result.errors).toBeUndefined();
  });

  test('the typed documents and those of the commands fit with whatever variables', async () => {
    const all = [
      ...[typed.KeyTableDocument, typed.KeysDocument, typed.KeyHistoryDocument, typed.WorkspaceHistoryDocument].map(
        print,
      ),
      ...[print(typed.KeyspacesDocument), print(typed.NodesDocument), documents.LIST_KEYS, documents.KEY_HISTORY],
      ...[documents.LIST_KEYSPACES, documents.SHOW_KEYSPACE, documents.SHOW_KEY],
    ];
    const { checkDocument } = await import('../../schema/limits.ts');
    for (const query of all) {
      const checked = checkDocument(query);
      expect(checked.ok, query).toBe(true);
      expect(checked.ok && checked.exceededBy, query).toBeUndefined();
    }
  });
});
