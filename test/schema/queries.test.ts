// Queries: what a caller is told of themselves, of workspaces, keys and health.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { decodePosition } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { startFront } from '../api/front-server.ts';
import { at, discarded, noted, regenerated, renamed } from '../fakes/author.ts';
import {
  HealthDocument,
  KeyDocument,
  KeysDocument,
  NodeDocument,
  NodesDocument,
  ViewerDocument,
  WorkspaceDocument,
  type KeyFilter,
} from '../generated/graphql.ts';
import { ADMIN, caller, createInstallation, GUARDED, OPERATOR, SUCCEEDING, type Installation } from './installation.ts';

let on: Installation;
beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED, SUCCEEDING] });
});
afterAll(() => on.stop());

const keyNode = (id: string): string => encodeGlobalId('ApiKey', id);
const MEMBER = caller({ acme: 'member' });

async function append(id: string, ...events: readonly Parameters<Installation['author']['next']>[1][]): Promise<void> {
  for (const event of events) await on.log.append([encodeRecord(await on.author.next(id, event))]);
  await on.settle();
}

describe('viewer', () => {
  test('says who asks, in which workspaces with which role, and whether they are an operator', async () => {
    const asked = caller({ acme: 'admin', globex: 'viewer' });
    const { viewer } = await on.run(ViewerDocument, {}, asked);
    expect(viewer).toEqual({
      operator: false,
      actor: { kind: 'USER', id: 'ada', key: null },
      workspaces: [
        { role: 'ADMIN', workspace: { id: encodeGlobalId('Workspace', 'acme'), workspaceId: 'acme' } },
        { role: 'VIEWER', workspace: { id: encodeGlobalId('Workspace', 'globex'), workspaceId: 'globex' } },
      ],
    });
    expect((await on.run(ViewerDocument, {}, OPERATOR)).viewer).toMatchObject({ operator: true, workspaces: [] });
  });

  test('a key that asks is resolved as a key', async () => {
    const [id] = await on.plant(['caller']);
    const { viewer } = await on.run(ViewerDocument, {}, caller({ acme: 'admin' }, { actor: { kind: 'key', id: id! } }));
    expect(viewer.actor).toEqual({ kind: 'KEY', id, key: { id: keyNode(id!) } });
  });
});

describe('node and nodes', () => {
  test('find keys, workspaces and keyspaces by the ids that these answer, and null for all else, in order', async () => {
    const [id] = await on.plant(['a node']);
    const { workspace } = await on.run(WorkspaceDocument, { id: 'acme', slug: 'default' });
    const ids = [keyNode(id!), workspace!.id, workspace!.keyspace!.id, encodeGlobalId('Keyspace', 'default')];
    for (const each of ids) expect((await on.run(NodeDocument, { id: each })).node?.id).toBe(each);
    const odd = [
      '',
      'x',
      keyNode('key_nothing'),
      encodeGlobalId('Nothing', 'x'),
      encodeGlobalId('KeyEvent', `${id}@1`),
      `${keyNode(id!)}=`,
      encodeGlobalId('Keyspace', '__proto__'),
      encodeGlobalId('Keyspace', 'acme/__proto__'),
      encodeGlobalId('Workspace', 'constructor'),
    ];
    const { nodes } = await on.run(NodesDocument, { ids: [...odd, ...ids, ...odd] });
    expect(nodes.map((node) => node?.id ?? null)).toEqual([...odd.map(() => null), ...ids, ...odd.map(() => null)]);
    expect(nodes.flatMap((node) => (node ? [node.__typename] : []))).toEqual([
      'ApiKey',
      'Workspace',
      'Keyspace',
      'Keyspace',
    ]);
  });

  test('100 ids are answered, 101 refused', async () => {
    expect((await on.run(NodesDocument, { ids: Array.from({ length: 100 }, () => 'x') })).nodes).toHaveLength(100);
    expect((await on.refusal(NodesDocument, { ids: Array.from({ length: 101 }, () => 'x') })).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });
});

describe('workspace', () => {
  test('is null for whoever has no role in it, operators too', async () => {
    for (const id of ['globex', 'nowhere', '', '__proto__', 'constructor']) {
      expect((await on.run(WorkspaceDocument, { id, slug: 'default' })).workspace).toBeNull();
    }
    expect((await on.run(WorkspaceDocument, { id: 'acme', slug: 'default' }, OPERATOR)).workspace).toBeNull();
  });

  test('tells the position of all that is projected, every partition named', async () => {
    await on.plant(['positioned']);
    const { workspace } = await on.run(WorkspaceDocument, { id: 'acme', slug: 'default' });
    const { key } = await on.run(KeyDocument, {
      id: keyNode(on.author.keyId('acme positioned')),
      atLeast: workspace!.position,
    });
    expect(key).not.toBeNull();
    expect(Object.keys(decodePosition(workspace!.position)!)).toHaveLength(on.log.partitions);
  });

  test('has the keyspaces that the role may view, and null for any other slug', async () => {
    const slugs = async (as = ADMIN) =>
      (await on.run(WorkspaceDocument, { id: 'acme', slug: 'guarded' }, as)).workspace!;
    expect((await slugs()).keyspaces.map(({ slug }) => slug)).toEqual(['default', 'guarded', 'succeeding']);
    expect((await slugs(MEMBER)).keyspaces.map(({ slug }) => slug)).toEqual(['default', 'succeeding']);
    expect((await slugs()).keyspace?.slug).toBe('guarded');
    expect((await slugs(MEMBER)).keyspace).toBeNull();
    for (const slug of ['__proto__', 'constructor', 'toString', '']) {
      expect((await on.run(WorkspaceDocument, { id: 'acme', slug })).workspace!.keyspace).toBeNull();
    }
  });
});

describe('key', () => {
  test('shows a key with all that it is', async () => {
    const data = {
      scopes: ['a:read'],
      origins: ['https://example.com'],
      rateLimit: { limit: 5, windowSeconds: 60 },
      expiresAt: at(200_000_000),
    };
    const [id] = await on.plant(['whole'], { data });
    await append(id!, renamed('renamed', 'u-9'), regenerated('whole', at(300_000_000)));
    const { key } = await on.run(KeyDocument, { id: keyNode(id!) });
    expect(key).toMatchObject({
      ...{ id: keyNode(id!), keyId: id, workspaceId: 'acme', version: 3, name: 'renamed', status: 'ACTIVE' },
      ...{
        owner: { id: 'u-9', email: null },
        origins: data.origins,
        rateLimit: data.rateLimit,
        expiresAt: data.expiresAt,
      },
      ...{ previousSecret: { retiresAt: at(300_000_000) }, quarantined: false, revocation: null, requestCount: 0 },
      ...{ keyspace: { slug: 'default', version: 1 }, createdBy: { kind: 'USER', id: 'ada' } },
    });
    expect(JSON.stringify(key)).not.toMatch(/hmac|fingerprint|pepper/);
  });

  test('status is judged at the time of the request, and so is the previous secret', async () => {
    const own = await createInstallation();
    const [id] = await own.plant(['expires'], { data: { expiresAt: at(200_000) } });
    await own.log.append([encodeRecord(await own.author.next(id!, regenerated('expires', at(150_000))))]);
    await own.settle();
    const look = async () => (await own.run(KeyDocument, { id: keyNode(id!) })).key!;
    expect(await look()).toMatchObject({ status: 'ACTIVE', previousSecret: { retiresAt: at(150_000) } });
    own.advance(60_000);
    expect(await look()).toMatchObject({ status: 'ACTIVE', previousSecret: null });
    own.advance(60_000);
    expect(await look()).toMatchObject({ status: 'EXPIRED' });
    await own.stop();
  });

  test('a deleted key is there for those who may see history, and for nobody else', async () => {
    const [id] = await on.plant(['deleted']);
    await append(id!, {
      type: 'KeyDeleted',
      data: { destroyedDataKey: null },
      personal: { note: 'gone' },
      private: {},
    });
    const look = async (as = ADMIN) => (await on.run(KeyDocument, { id: keyNode(id!) }, as)).key;
    expect(await look()).toMatchObject({ status: 'DELETED' });
    expect(await look(caller({ acme: 'auditor' }))).toMatchObject({ status: 'DELETED' });
    expect(await look(MEMBER)).toBeNull();
    expect((await on.run(NodeDocument, { id: keyNode(id!) }, MEMBER)).node).toBeNull();
    const listed = async (as: typeof ADMIN, filter: KeyFilter) =>
      (await on.run(KeysDocument, { workspace: 'acme', first: 100, filter }, as)).workspace!.keys.edges.map(
        ({ node }) => node.keyId,
      );
    expect(await listed(ADMIN, { status: ['DELETED'] })).toEqual([id]);
    expect(await listed(MEMBER, { status: ['DELETED'] })).toEqual([]);
    expect(await listed(MEMBER, { status: ['DELETED', 'ACTIVE'] })).not.toContain(id);
    expect(await listed(ADMIN, { status: ['DELETED', 'ACTIVE'] })).toContain(id);
    const counted = async (as: typeof ADMIN, filter: KeyFilter) =>
      (await on.run(KeysDocument, { workspace: 'acme', first: 1, filter }, as)).workspace!.keys.totalCount;
    expect(await counted(MEMBER, { status: ['DELETED', 'ACTIVE'] })).toBe(
      await counted(MEMBER, { status: ['ACTIVE'] }),
    );
    expect(await counted(MEMBER, { status: ['DELETED'] })).toBe(0);
    expect(await listed(ADMIN, {})).not.toContain(id);
  });

  test('predecessor and successors lead to each other', async () => {
    const [old] = await on.plant(['old one']);
    const young = await on.plant(['young one', 'younger one'], { data: { predecessor: old } });
    expect((await on.run(KeyDocument, { id: keyNode(old!) })).key!.successors.map(({ id }) => id).sort()).toEqual(
      young.map(keyNode).sort(),
    );
    expect((await on.run(KeyDocument, { id: keyNode(young[0]!) })).key!.predecessor).toEqual({ id: keyNode(old!) });
  });

  test('a quarantined key says so, and health shows what is parked', async () => {
    const [id] = await on.plant(['quarantined']);
    const position = on.log.put({ key: id!, value: Buffer.from('not JSON') });
    await on.settle();
    expect((await on.run(KeyDocument, { id: keyNode(id!) })).key!.quarantined).toBe(true);
    const { health } = await on.run(HealthDocument, {}, OPERATOR);
    expect(health!.projections[0]!.parked).toEqual([
      {
        aggregateId: id,
        position: `p1_${position.partition}-${position.offset}`,
        reason: 'not JSON',
        time: expect.any(String) as string,
      },
    ]);
    await append(id!, discarded(`p1_${position.partition}-${position.offset}`));
    expect((await on.run(KeyDocument, { id: keyNode(id!) })).key!.quarantined).toBe(false);
  });

  test('revocation tells reason, note, time and actor', async () => {
    const [id] = await on.plant(['revoked']);
    await append(id!, {
      type: 'KeyRevoked',
      data: { reason: 'Compromised' },
      personal: { note: 'seen on a forum' },
      private: {},
    });
    const { key } = await on.run(KeyDocument, { id: keyNode(id!) });
    expect(key).toMatchObject({
      status: 'REVOKED',
      revocation: { reason: 'Compromised', note: 'seen on a forum', by: { kind: 'USER', id: 'ada' } },
    });
  });

  test('actions are those that the key, the keyspace and the role leave', async () => {
    const [id] = await on.plant(['acted on']);
    const actions = async (as = ADMIN) => (await on.run(KeyDocument, { id: keyNode(id!) }, as)).key!.actions;
    expect(await actions()).toContain('DISABLE');
    expect(await actions(caller({ acme: 'viewer' }))).toEqual(['VIEW', 'SEE_USAGE']);
    await append(id!, noted('KeyDisabled'));
    expect(await actions()).toContain('ENABLE');
    expect(await actions()).not.toContain('DISABLE');
  });
});

test('health is for operators', async () => {
  expect((await on.run(HealthDocument, {})).health).toBeNull();
  const { health } = await on.run(HealthDocument, {}, OPERATOR);
  expect(health).toMatchObject({
    projections: [{ name: 'keys', lag: 0, generation: 'g1', rebuild: null }],
    verifiers: [{ id: 'v1', asOf: at(0), position: 'p1_0-1', leaseUntil: at(30_000) }],
  });
});

test('the query that the page to try queries on begins with is answered whole', async () => {
  const front = await startFront({ graphiql: true });
  try {
    const page = await (await fetch(`${front.url}/graphql`, { headers: { accept: 'text/html' } })).text();
    const [, query] = /<textarea id="query"[^>]*>([^<]*)<\/textarea>/.exec(page) ?? [];
    const { result } = await on.ask(query!, null, caller({ demo: 'admin' }, { operator: true }));
    expect(result).toEqual({
      data: {
        viewer: { operator: true, workspaces: [{ workspace: { workspaceId: 'demo' }, role: 'ADMIN' }] },
        workspace: { keys: { totalCount: 0, nodes: [] } },
      },
    });
  } finally {
    await front.server.stop(0);
  }
});
