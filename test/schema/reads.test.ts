// Reading is recorded: who has read what of a workspace, once per operation, before the answer leaves, for every caller alike.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';
import { StoreUnavailableError } from '../../projections/read-store.ts';
import { READS_KEPT_DAYS, type ReadRow } from '../../projections/reads.ts';
import { NOTHING_FOLDED, reduceUsage } from '../../projections/usage-reduce.ts';
import { createReadRecorder } from '../../services/api/reads.ts';
import { at } from '../fakes/author.ts';
import { batchOf, partitionOf } from '../support/usage.ts';
import { ADMIN, caller, createInstallation, OPERATOR, STRANGER, type Installation } from './installation.ts';

const AUDITOR = caller({ acme: 'auditor' }, { actor: { kind: 'user', id: 'audrey' } });
const BOTH = caller({ acme: 'auditor', globex: 'member' }, { actor: { kind: 'user', id: 'audrey' } });
/** Characters of a record: about a kilobyte. */
const LARGEST = 1400;
let on: Installation;
let key = '';
let theirs = '';
const id = (keyId: string): string => encodeGlobalId('ApiKey', keyId);

beforeAll(async () => {
  on = await createInstallation();
  [key = ''] = await on.plant(['one']);
  await on.plant(['two']);
  [theirs = ''] = await on.plant(['theirs'], { workspaceId: 'globex' });
  const batch = batchOf('v1', 1, [{ keyId: key, time: at(10), code: 'DISABLED', keyVersion: 1 }]);
  const loaded = { checkpoint: NOTHING_FOLDED, logDays: () => 30, forgetAfterMs: 1e12, now: on.now() };
  await on.memory.usage.apply(reduceUsage(loaded, partitionOf([batch])).writes);
});
afterAll(() => on.stop());
let before = 0;
beforeEach(async () => {
  before = (await rows()).length;
});

async function rows(workspaceId = 'acme', now = on.now()): Promise<readonly ReadRow[]> {
  const window = { limit: 1000, backward: false, after: null, before: null };
  return (await on.memory.reads.list({ workspaceId, filter: {}, now }, window)).rows;
}

async function ask(query: string, as = AUDITOR): Promise<unknown> {
  const { result } = await on.ask(query, null, as);
  expect(result.errors).toBeUndefined();
  return result.data;
}

/** What an operation has left on record in acme. */
async function recorded(query: string, as = AUDITOR): Promise<ReadRow[]> {
  await ask(query, as);
  const now = await rows();
  const made = now.slice(0, now.length - before);
  before = now.length;
  return made;
}

describe('an operation that reads', () => {
  const READS = {
    HISTORY: '{ workspace(id: "acme") { history(first: 5) { nodes { id } } } }',
    REQUESTS: '{ workspace(id: "acme") { requests(first: 5) { nodes { id } } } }',
    DECISION: '{ workspace(id: "acme") { request(id: "r-0") { recomputed decidedBy { id } } } }',
    READS: '{ workspace(id: "acme") { reads(first: 5) { nodes { id } } } }',
  };
  test.each(Object.entries(READS))('%s leaves one record: who, when, from where, what', async (kind, query) => {
    const [record, ...more] = await recorded(query);
    expect(more).toEqual([]);
    expect(record).toMatchObject({
      ...{ workspaceId: 'acme', actor: 'user:audrey', role: 'auditor', ip: '192.0.2.7', userAgent: 'vitest' },
      ...{ requestId: expect.stringMatching(/^r-\d+$/) as string, time: expect.any(String) as string },
    });
    expect(record?.kinds).toContain(kind);
    expect(Date.parse(record?.expiresAt ?? '') - Date.parse(record?.time ?? '')).toBe(READS_KEPT_DAYS * 86_400_000);
  });

  test('many things leaves one record of all of them, with the keys that it was of', async () => {
    const made = await recorded(`{
      a: workspace(id: "acme") { history(first: 5, filter: { actor: "user:x" }) { totalCount } requests(first: 1) { totalCount } }
      b: workspace(id: "acme") { keys(first: 10) { nodes { history(last: 1) { nodes { id } } } } }
    }`);
    expect(made).toHaveLength(1);
    expect(made[0]?.kinds).toEqual(['HISTORY', 'REQUESTS']);
    expect(made[0]?.fields).toHaveLength(3);
    expect(made[0]?.fields).toEqual(
      expect.arrayContaining([
        {
          ...{ field: 'Workspace.history', keys: [], times: 1 },
          arguments: { first: 5, filter: { actor: 'user:x' } },
        },
        {
          ...{ field: 'ApiKey.history', arguments: { last: 1 }, times: 2 },
          keys: expect.arrayContaining([key]) as string[],
        },
      ]),
    );
  });

  test('a key’s history, and an entry of the request log by its global id, leave one each', async () => {
    expect(await recorded(`{ key(id: "${id(key)}") { history(first: 1) { totalCount } } }`)).toMatchObject([
      { kinds: ['HISTORY'], fields: [{ field: 'ApiKey.history', keys: [key] }] },
    ]);
    const found = (await ask(READS.REQUESTS)) as { workspace: { requests: { nodes: { id: string }[] } } };
    before += 1;
    const [node] = found.workspace.requests.nodes;
    expect(await recorded(`{ node(id: "${node?.id ?? ''}") { ... on Request { code } } }`)).toMatchObject([
      { kinds: ['REQUESTS'], fields: [{ field: 'Query.node', keys: [key] }] },
    ]);
  });

  test('protocol D3: several workspaces leaves a record in each, and none where it was not let in', async () => {
    const theirRows = (await rows('globex')).length;
    const both =
      '{ a: workspace(id: "acme") { history(first: 1) { totalCount } } b: workspace(id: "globex") { history(first: 1) { totalCount } } }';
    expect(await recorded(both, BOTH)).toMatchObject([{ role: 'auditor' }]);
    expect(await rows('globex')).toHaveLength(theirRows + 1);
    expect((await rows('globex'))[0]).toMatchObject({ role: 'member', workspaceId: 'globex' });
    expect(await recorded(both, STRANGER)).toEqual([]);
    expect(await recorded(`{ key(id: "${id(theirs)}") { history(first: 1) { totalCount } } }`)).toEqual([]);
    expect(await rows('globex')).toHaveLength(theirRows + 2);
  });

  test('every role is recorded, also what shows it nothing; what is no history leaves nothing', async () => {
    for (const role of ['admin', 'member', 'auditor', 'viewer'] as const)
      expect(await recorded(READS.HISTORY, caller({ acme: role }))).toMatchObject([{ role }]);
    for (const query of [
      '{ viewer { operator } workspace(id: "acme") { position keyspaces { slug } keys(first: 3) { nodes { name status } } } }',
      `{ key(id: "${id(key)}") { scopes usage(from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00Z", bucket: HOUR) { total } } }`,
      '{ keyspaces { history(first: 1) { totalCount } } }',
    ])
      expect(await recorded(query, ADMIN)).toEqual([]);
  });

  test('protocol D3: leaves no credential and nothing personal of a key in its record, and never a large one', async () => {
    const secret = `kf_${'aB3dE6gH9j'.repeat(4).slice(0, 36)}`;
    const many = Array.from({ length: 500 }, () => 'NOT_FOUND').join(', ');
    const made = await recorded(`{ workspace(id: "acme") {
      requests(first: 1, filter: { ip: "203.0.113.77", path: "/${secret}", requestId: "${secret}", codes: [${many}] }) { totalCount } } }`);
    const text = JSON.stringify(made);
    expect(text).not.toContain('203.0.113.77');
    expect(text).not.toContain(secret);
    expect(text).toContain('[not kept]');
    expect(text.length).toBeLessThan(LARGEST);
  });

  test('protocol D3: keeps no text that does not look like an id, and no cursor, which may hold a name', async () => {
    const asOf = on.now();
    const keys = (more: string, what: string) =>
      `{ workspace(id: "acme") { keys(asOf: "${asOf}", orderBy: { field: NAME, direction: ASC }, ${more}) { ${what} } } }`;
    interface Keys {
      readonly workspace: { readonly keys: { readonly pageInfo: { readonly endCursor: string } } };
    }
    const page = (await ask(keys('first: 1', 'pageInfo { endCursor }'))) as Keys;
    before += 1;
    const cursor = page.workspace.keys.pageInfo.endCursor;
    const made = await recorded(`{ workspace(id: "acme") {
      a: keys(asOf: "${asOf}", orderBy: { field: NAME, direction: ASC }, first: 1, after: "${cursor}", filter: { owner: "agatha@canary.example" }) { totalCount }
      b: history(first: 1, filter: { actor: "user:Agatha Canary", requestId: "Agatha Canary" }) { totalCount } } }`);
    made.push(
      ...(await recorded(`{ workspace(id: "acme") {
      c: requests(first: 1, filter: { path: "/people/agatha-canary", requestId: "req-17" }) { totalCount }
      d: history(first: 2, filter: { actor: "user:u-17", types: [KEY_CREATED], from: "2026-01-01T00:00:00Z" }) { totalCount } } }`)),
    );
    const text = JSON.stringify(made);
    expect(text.toLowerCase()).not.toContain('canary');
    expect(text).not.toContain(cursor);
    expect(made.flatMap(({ fields }) => fields).map((field) => field.arguments)).toEqual([
      { first: 1, filter: { actor: '[not kept]', requestId: '[not kept]' } },
      expect.objectContaining({ after: '[not kept]', filter: { owner: '[not kept]' }, asOf }),
      { first: 2, filter: { actor: 'user:u-17', types: ['KeyCreated'], from: '2026-01-01T00:00:00.000Z' } },
      { first: 1, filter: { path: '[not kept]', requestId: 'req-17' } },
    ]);
  });

  test('protocol D3: has one word for what is not kept: a global id, which is as long as a credential, is among the keys', async () => {
    const made = await recorded(`{ key(id: "${id(key)}", asOf: "${on.now()}") { status } }`);
    expect(made.flatMap(({ fields }) => fields)).toEqual([
      {
        field: 'Query.key',
        arguments: { id: '[not kept]', asOf: expect.any(String) as string },
        keys: [key],
        times: 1,
      },
    ]);
    const part = await recorded(
      `{ workspace(id: "acme") { history(first: 1, filter: { requestId: "r-${'aB3dE6gH9j'.repeat(3)}" }) { totalCount } } }`,
    );
    expect(part[0]?.fields[0]?.arguments).toEqual({ first: 1, filter: { requestId: '[not kept]' } });
  });

  test('protocol D3: keeps no arguments of a field that shows its reader nothing, and of what is too much none', async () => {
    const word = 'word-'.repeat(12);
    const fields = (count: number) =>
      Array.from(
        { length: count },
        (_, n) => `h${n}: history(first: 1, filter: { actor: "user:${n}", requestId: "${word}" }) { totalCount }`,
      ).join(' ');
    const query = (count: number) => `{ workspace(id: "acme") { ${fields(count)} } }`;
    const talkative = { userAgent: 'x'.repeat(2000) };
    for (const [as, times] of [
      [caller({ acme: 'viewer' }, talkative), 1],
      [caller({ acme: 'viewer' }, talkative), 12],
      [{ ...AUDITOR, ...talkative }, 12],
    ] as const) {
      const [record] = await recorded(query(times), as);
      const all = { arguments: { all: '[not kept]' }, keys: [], times };
      expect(record?.fields).toEqual([{ field: 'Workspace.history', ...all }]);
      expect(JSON.stringify(record).length).toBeLessThan(LARGEST);
    }
    expect((await recorded(query(1)))[0]?.fields[0]?.arguments).toMatchObject({ filter: { requestId: word } });
  });
});

describe('an answer', () => {
  test('protocol D3: never leaves without its record: while the store takes none, reading is UNAVAILABLE and all else goes on', async () => {
    on.memory.beforeCall = (name) => {
      if (name === 'reads.add') throw new StoreUnavailableError('away');
    };
    const refused = await on.refusal('{ workspace(id: "acme") { history(first: 1) { nodes { id } } } }', null, AUDITOR);
    const other = await on.ask('{ workspace(id: "acme") { keys(first: 1) { totalCount } } }', null, AUDITOR);
    on.memory.beforeCall = () => undefined;
    expect(refused).toMatchObject({ status: 503, codes: ['UNAVAILABLE'] });
    expect(refused.data).toBeUndefined();
    expect(other.result.errors).toBeUndefined();
    expect(await rows()).toHaveLength(before);
  });
});

describe('records', () => {
  const list = (args: string) =>
    `{ workspace(id: "acme") { reads(${args}) { totalCount pageInfo { hasNextPage endCursor } nodes { id actor { kind id } role kinds fields requestId ip userAgent time } } } }`;
  interface Connection {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes: { id: string; role: string; kinds: string[]; actor: { id: string } }[];
  }
  interface Listed {
    workspace: { reads: Connection } | null;
  }

  test('are shown to admins and auditors, and to nobody else', async () => {
    for (const [as, sees] of [
      ...[[ADMIN, true] as const, [AUDITOR, true] as const, [STRANGER, null] as const, [OPERATOR, null] as const],
      ...[[caller({ acme: 'member' }), false] as const, [caller({ acme: 'viewer' }), false] as const],
    ]) {
      const { workspace } = (await ask(list('first: 5'), as)) as Listed;
      if (sees === null) expect(workspace).toBeNull();
      else expect((workspace?.reads.totalCount ?? 0) > 0).toBe(sees);
      if (sees === false) expect(workspace?.reads.nodes).toEqual([]);
    }
  });

  test('are filtered, and walked to the end, each met once', async () => {
    const all = (await rows()).map((row) => row.id);
    const met: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page: Connection = ((await ask(list(`first: 3${after === null ? '' : `, after: "${after}"`}`))) as Listed)
        .workspace!.reads;
      met.push(...page.nodes.map((node) => node.id));
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
    }
    expect(new Set(met).size).toBe(met.length);
    expect(met.filter((each) => all.includes(each))).toEqual(all);
    const some = ((await ask(list('first: 50, filter: { actor: "user:ada", kind: HISTORY }'))) as Listed).workspace!
      .reads;
    expect(some.totalCount).toBeGreaterThan(0);
    for (const node of some.nodes) expect([node.actor.id, node.kinds.includes('HISTORY')]).toEqual(['ada', true]);
    for (const actor of ['ada', 'system:projector']) {
      const refused = await on.refusal(list(`first: 3, filter: { actor: "${actor}" }`), null, AUDITOR);
      expect(refused.codes).toEqual(['BAD_USER_INPUT']);
      expect(refused.errors[0]?.message).toContain('must be user:ID or key:ID');
    }
    const other = (await on.refusal(list('first: 3, after: "eA"'), null, AUDITOR)).codes;
    expect(other).toEqual(['BAD_USER_INPUT']);
  });

  test('expire after 365 days', async () => {
    const later = new Date(Date.parse(on.now()) + (READS_KEPT_DAYS + 1) * 86_400_000).toISOString();
    expect(await rows('acme', later)).toEqual([]);
  });

  test('are changed and removed by no mutation, and an auditor changes nothing', async () => {
    const fields = Object.keys(schema.getMutationType()!.getFields());
    expect(fields.filter((name) => /read/i.test(name) && name !== 'retryParked')).toEqual([]);
    const { result } = await on.ask(
      `mutation { disableKey(input: { id: "${id(key)}" }) { __typename } }`,
      null,
      AUDITOR,
    );
    expect(result.data).toEqual({ disableKey: { __typename: 'NotAllowed' } });
  });

  test('of what is read over HTTP are made by the same recorder, in each workspace that is named', async () => {
    const recorder = createReadRecorder({ reads: on.memory.reads, now: on.now });
    const note = { kind: 'EXPORT', keyId: null, field: '/v1/events/export', arguments: { from: 'p1_0-0' } } as const;
    const notes = ['acme', 'globex'].map((workspaceId) => ({ ...note, workspaceId }));
    await recorder.record({ caller: OPERATOR, requestId: 'export-1', notes });
    expect((await rows())[0]).toMatchObject({ kinds: ['EXPORT'], role: 'operator', requestId: 'export-1' });
    expect((await rows('globex'))[0]).toMatchObject({ kinds: ['EXPORT'] });
    await expect(recorder.record({ caller: OPERATOR, requestId: 'none', notes: [] })).resolves.toBeUndefined();
  });
});
