// History: every event of a key, a workspace or a keyspace, once, oldest first, for those who may see it; what is personal
// in it only as long as it is not erased.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataKeyId, KEYSPACES } from '../../events/ids.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { encodeRecord } from '../../events/record.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { defined, discarded, noted, regenerated, renamed } from '../fakes/author.ts';
import {
  KeyHistoryDocument,
  KeyspacesDocument,
  WorkspaceHistoryDocument,
  type HistoryFilter,
  type KeyHistoryQueryVariables,
  type WorkspaceHistoryQuery,
  type WorkspaceHistoryQueryVariables,
} from '../generated/graphql.ts';
import { ADMIN, caller, createInstallation, GUARDED, OPERATOR, type Installation } from './installation.ts';

const AUDITOR = caller({ acme: 'auditor' });
const MEMBER = caller({ acme: 'member' });
const keyNode = (id: string): string => encodeGlobalId('ApiKey', id);

let on: Installation;
let first: string;
let second: string;
let guarded: string;
beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
  [first, second] = (await on.plant(['first', 'second'])) as [string, string];
  [guarded] = (await on.plant(['hidden'], { keyspace: 'guarded' })) as [string];
  await on.plant(['elsewhere'], { workspaceId: 'globex' });
  for (const [id, event, more] of [
    [first, noted('KeyDisabled', 'on holiday'), { requestId: 'r-special' }],
    [second, renamed('second, renamed'), { actor: { kind: 'user', id: 'bob' } }],
    [guarded, noted('KeyDisabled'), {}],
    [first, noted('KeyEnabled'), { actor: { kind: 'key', id: second } }],
    [first, regenerated('first', '2026-01-01T00:00:00.000Z'), { actor: { kind: 'system', id: 'projector' } }],
  ] as const) {
    await on.log.append([encodeRecord(await on.author.next(id, event, { workspaceId: 'acme', ...more }))]);
  }
  await on.settle();
});
afterAll(() => on.stop());

async function keyHistory(variables: Partial<KeyHistoryQueryVariables> = {}, as = ADMIN, where = on) {
  const { key } = await where.run(KeyHistoryDocument, { id: keyNode(first), first: 100, ...variables }, as);
  return key!.history;
}

type Found = NonNullable<WorkspaceHistoryQuery['workspace']>['history'];
async function workspaceHistory(variables: Partial<WorkspaceHistoryQueryVariables> = {}, as = ADMIN): Promise<Found> {
  const paging = 'last' in variables ? {} : { first: 100 };
  const { workspace } = await on.run(WorkspaceHistoryDocument, { workspace: 'acme', ...paging, ...variables }, as);
  return workspace!.history;
}

describe('the history of a key', () => {
  test('has every event with who, when, from where and what', async () => {
    const { nodes, totalCount } = await keyHistory();
    expect(nodes.map(({ type, version }) => [type, version])).toEqual([
      ['KEY_CREATED', 1],
      ['KEY_DISABLED', 2],
      ['KEY_ENABLED', 3],
      ['KEY_REGENERATED', 4],
    ]);
    expect(totalCount).toBe(4);
    expect(nodes[0]).toMatchObject({
      ...{ id: `${first}@1`, subject: first, actor: { kind: 'USER', id: 'ada', key: null }, keyspaceVersion: 1 },
      ...{ ip: '192.0.2.7', userAgent: 'test', data: { name: 'first', scopes: ['a:read'], ownerId: 'u-17', tags: [] } },
    });
    expect(nodes[1]).toMatchObject({ requestId: 'r-special', data: { note: 'on holiday' }, prev: nodes[0]!.hash });
    expect(nodes[2]!.actor).toEqual({ kind: 'KEY', id: second, key: { id: keyNode(second) } });
    expect(nodes[3]!.actor).toEqual({ kind: 'SYSTEM', id: 'projector', key: null });
    expect(nodes.every(({ position }) => /^p1_\d-\d+$/.test(position))).toBe(true);
  });

  test('holds no verification hash, no fingerprint and no sealed part', async () => {
    const stored = JSON.stringify(on.memory.contents());
    const told = JSON.stringify([await keyHistory(), await workspaceHistory()]);
    const secrets = on.memory.contents().history.flatMap(({ fingerprint, sealed }) => [fingerprint, sealed]);
    for (const secret of [...secrets, ...on.memory.contents().secrets.map(({ hash }) => hash)]) {
      expect(stored).toContain(secret);
      expect(told).not.toContain(secret);
    }
  });

  test('opens the personal parts of a page at once, and only when one is asked for', async () => {
    let opened = 0;
    const own = await createInstallation({
      context: (made) => ({
        openPersonal: (rows) => {
          opened += 1;
          return made.openPersonal(rows);
        },
      }),
    });
    const [id] = await own.plant(['opened']);
    await own.ask(`{ key(id: "${keyNode(id!)}") { history(first: 10) { nodes { id type } } } }`);
    expect(opened).toBe(0);
    await own.ask(`{ key(id: "${keyNode(id!)}") { history(first: 10) { nodes { data ip userAgent } } } }`);
    expect(opened).toBe(1);
    await own.stop();
  });

  test('keeps its public part once the personal one is erased', async () => {
    const own = await createInstallation();
    const [id] = await own.plant(['forgotten']);
    own.memory.eraseDataKey(dataKeyId(id!, 1));
    const { nodes } = await keyHistory({ id: keyNode(id!) }, ADMIN, own);
    expect(nodes[0]).toMatchObject({ ip: null, userAgent: null, data: { scopes: ['a:read'], ownerId: 'u-17' } });
    expect(nodes[0]!.data).not.toHaveProperty('name');
    await own.stop();
  });

  test('is empty for those who may not see it, whatever they ask for', async () => {
    expect((await keyHistory({}, AUDITOR)).nodes).toHaveLength(4);
    for (const as of [MEMBER, caller({ acme: 'viewer' })]) {
      expect(await keyHistory({}, as)).toMatchObject({
        nodes: [],
        totalCount: 0,
        pageInfo: { hasNextPage: false, endCursor: null },
      });
    }
  });

  test('takes a key in its filter only if it is this one', async () => {
    expect((await keyHistory({ filter: { key: keyNode(first) } })).nodes).toHaveLength(4);
    for (const key of [keyNode(second), 'nonsense', ''])
      expect((await keyHistory({ filter: { key } })).nodes).toEqual([]);
  });
});

describe('the history of a workspace', () => {
  const ids = async (filter: HistoryFilter, as = ADMIN) =>
    (await workspaceHistory({ filter }, as)).nodes.map(({ id }) => id);

  test('has the events of all its keys by time, and of no other workspace', async () => {
    const { nodes, totalCount } = await workspaceHistory();
    expect(nodes).toHaveLength(8);
    expect(totalCount).toBe(8);
    expect(nodes.map(({ time }) => time)).toEqual(nodes.map(({ time }) => time).sort());
    expect(nodes.map(({ subject }) => subject)).not.toContain(KEYSPACES);
  });

  test.each<[string, () => HistoryFilter, () => string[]]>([
    ['types', () => ({ types: ['KEY_DISABLED', 'KEY_ENABLED'] }), () => [`${first}@2`, `${guarded}@2`, `${first}@3`]],
    ['actor: a user', () => ({ actor: 'user:bob' }), () => [`${second}@2`]],
    ['actor: a key', () => ({ actor: `key:${second}` }), () => [`${first}@3`]],
    ['actor: text that means something elsewhere', () => ({ actor: 'user:.*' }), () => []],
    ['request', () => ({ requestId: 'r-special' }), () => [`${first}@2`]],
    ['key', () => ({ key: keyNode(second) }), () => [`${second}@1`, `${second}@2`]],
    ['a key that is none', () => ({ key: 'nonsense' }), () => []],
    ['types and key', () => ({ types: ['KEY_DISABLED'], key: keyNode(first) }), () => [`${first}@2`]],
    [
      'no types at all are as if absent',
      () => ({ types: [], key: keyNode(second) }),
      () => [`${second}@1`, `${second}@2`],
    ],
  ])('filters by %s', async (_, filter, expected) => {
    expect(await ids(filter())).toEqual(expected());
  });

  test('filters by time: from is included, to is not', async () => {
    const { nodes } = await workspaceHistory();
    const [from, to] = [nodes[2]!.time, nodes[5]!.time];
    expect(await ids({ from, to })).toEqual(nodes.slice(2, 5).map(({ id }) => id));
  });

  test('leaves out the events of keys whose history the role may not see; then it is not counted', async () => {
    const found = await workspaceHistory({}, AUDITOR);
    expect(found.nodes.map(({ subject }) => subject)).not.toContain(guarded);
    expect(found.nodes).toHaveLength(6);
    expect(found.totalCount).toBeNull();
    expect(await ids({ key: keyNode(guarded) }, AUDITOR)).toEqual([]);
    expect(await ids({ types: ['KEY_DISABLED'] }, AUDITOR)).toEqual([`${first}@2`]);
    expect(await workspaceHistory({}, MEMBER)).toMatchObject({ nodes: [], totalCount: 0 });
  });

  test.each([1, 2, 3, 7, 100])(
    'in pages of %i a walk meets every event once, in both directions, hidden ones or not',
    async (size) => {
      for (const [as, whole] of [
        [ADMIN, (await workspaceHistory()).nodes],
        [AUDITOR, (await workspaceHistory({}, AUDITOR)).nodes],
      ] as const) {
        const forward: string[] = [];
        for (let after: string | null = null; ;) {
          const found: Found = await workspaceHistory({ first: size, after }, as);
          forward.push(...found.nodes.map(({ id }) => id));
          if (!found.pageInfo.hasNextPage) break;
          after = found.pageInfo.endCursor;
        }
        const backward: string[] = [];
        for (let before: string | null = null; ;) {
          const found: Found = await workspaceHistory({ last: size, before }, as);
          backward.unshift(...found.nodes.map(({ id }) => id));
          if (!found.pageInfo.hasPreviousPage) break;
          before = found.pageInfo.startCursor;
        }
        expect(forward).toEqual(whole.map(({ id }) => id));
        expect(backward).toEqual(forward);
      }
    },
  );

  test('tells nothing of what is hidden, not by pages nor by cursors', async () => {
    const own = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
    const ids = await own.plant(['h1', 'h2', 'h3'], { keyspace: 'guarded' });
    const [seen] = await own.plant(['seen']);
    const hidden = await own.plant(['h4'], { keyspace: 'guarded' });
    const page = async (args: string) => {
      const query = `{ workspace(id: "acme") { history(${args}) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor } nodes { id } } } }`;
      const { result } = await own.ask(query, null, AUDITOR);
      return (result.data as unknown as { workspace: { history: Found } }).workspace.history;
    };
    const nothing = { totalCount: null, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
    for (const id of [...ids, ...hidden])
      expect(await page(`first: 1, filter: { key: "${keyNode(id)}" }`)).toMatchObject(nothing);
    const only = await page('first: 1');
    expect(only).toMatchObject({ nodes: [{ id: `${seen}@1` }], pageInfo: { hasNextPage: false } });
    expect(await page(`first: 1, after: "${only.pageInfo.endCursor}"`)).toMatchObject(nothing);
    expect(await page('last: 1')).toMatchObject({ nodes: [{ id: `${seen}@1` }], pageInfo: { hasPreviousPage: false } });
    await own.stop();
  });

  test.each(['local', 'user:', ':bob', 'User:bob', 'someone:bob'])(
    'an actor that none can have (%s) is refused with the form of one, wherever history is filtered',
    async (actor) => {
      const filtered = `history(first: 1, filter: { actor: "${actor}" }) { totalCount }`;
      const keyspace = encodeGlobalId('Keyspace', 'acme/default');
      for (const query of [
        `{ workspace(id: "acme") { ${filtered} } }`,
        `{ key(id: "${keyNode(first)}") { ${filtered} } }`,
        `{ node(id: "${keyspace}") { ... on Keyspace { ${filtered} } } }`,
      ])
        for (const as of [ADMIN, MEMBER]) {
          const { codes, errors } = await on.refusal(query, null, as);
          expect(codes).toEqual(['BAD_USER_INPUT']);
          expect(errors[0]?.message).toContain('must be user:ID, key:ID or system:NAME');
        }
    },
  );

  test('a cursor of a key’s history is refused', async () => {
    const after = (await keyHistory({ first: 1 })).pageInfo.endCursor;
    expect((await on.refusal(WorkspaceHistoryDocument, { workspace: 'acme', first: 1, after })).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });
});

describe('the history of a keyspace', () => {
  test('is the operators’, and of that keyspace alone', async () => {
    const own = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
    await own.log.append([
      encodeRecord(await own.author.next(KEYSPACES, defined({ ...GUARDED, name: 'More guarded' }, 2))),
    ]);
    await own.settle();
    const histories = async (as: typeof ADMIN) =>
      Object.fromEntries(
        (await own.run(KeyspacesDocument, {}, as)).keyspaces.map(({ slug, history }) => [slug, history.nodes]),
      );
    const seen = await histories(OPERATOR);
    expect(seen.default!.map(({ type }) => type)).toEqual(['KEYSPACE_DEFINED']);
    expect(seen.guarded!.map(({ type }) => type)).toEqual(['KEYSPACE_DEFINED', 'KEYSPACE_CHANGED']);
    expect(seen.guarded![1]!.data).toMatchObject({ version: 2, profile: { name: 'More guarded' } });
    expect(await histories(ADMIN)).toEqual({ default: [], guarded: [] });
    await own.stop();
  });

  test('has the discarded records of no key, and no empty page where there is another', async () => {
    const own = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
    for (let version = 2; version < 120; version++) {
      const event = await own.author.next(KEYSPACES, defined({ ...GUARDED, name: `Guarded ${version}` }, version));
      await own.log.append([encodeRecord(event)]);
      if (version === 60) await own.log.append([encodeRecord(await own.author.next(KEYSPACES, discarded('p1_0-7')))]);
    }
    await own.settle();
    const page = async (args: string, as = OPERATOR) => {
      const selection = 'totalCount pageInfo { hasPreviousPage hasNextPage startCursor endCursor } nodes { type data }';
      const id = encodeGlobalId('Keyspace', as === OPERATOR ? 'default' : 'acme/default');
      const query = `{ node(id: "${id}") { ... on Keyspace { history(${args}) { ${selection} } } } }`;
      const { result } = await own.ask(query, null, as);
      return (result.data as unknown as { node: { history: Found } }).node.history;
    };
    const types = ({ nodes }: Found) => nodes.map(({ type }) => type);
    const whole = ['KEYSPACE_DEFINED', 'RECORD_DISCARDED'];
    expect(await page('first: 2')).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: false } });
    expect(types(await page('first: 2'))).toEqual(whole);
    expect(types(await page('last: 2'))).toEqual(whole);
    expect((await page('last: 2')).nodes[1]!.data).toEqual({ position: 'p1_0-7', reason: 'broken by hand' });
    const first = await page('first: 1');
    expect([types(first), first.pageInfo.hasNextPage]).toEqual([['KEYSPACE_DEFINED'], true]);
    const second = await page(`first: 1, after: "${first.pageInfo.endCursor}"`);
    expect([types(second), second.pageInfo.hasNextPage]).toEqual([['RECORD_DISCARDED'], false]);
    const last = await page('last: 1');
    expect([types(last), last.pageInfo.hasPreviousPage]).toEqual([['RECORD_DISCARDED'], true]);
    const before = await page(`last: 1, before: "${last.pageInfo.startCursor}"`);
    expect([types(before), before.pageInfo.hasPreviousPage]).toEqual([['KEYSPACE_DEFINED'], false]);
    expect(await page('first: 2', ADMIN)).toMatchObject({ totalCount: 0, nodes: [] });
    await own.stop();
  });
});
