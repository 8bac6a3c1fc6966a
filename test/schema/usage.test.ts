// Usage and the request log in GraphQL: who sees it, how it is bounded, and what secrets were used for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { NOTHING_FOLDED, reduceUsage } from '../../projections/usage-reduce.ts';
import type { UsageBatch } from '../../events/usage.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { at } from '../fakes/author.ts';
import { batchOf, partitionOf, type Decision } from '../support/usage.ts';
import { ADMIN, caller, createInstallation, GUARDED, STRANGER, type Installation } from './installation.ts';

const MEMBER = caller({ acme: 'member' });
let on: Installation;
let open = '';
let guarded = '';
let elsewhere = '';
let offset = 0;
const check = (keyId: string, second: number, more: Partial<Decision> = {}): Decision => ({
  keyId,
  time: at(second),
  ...more,
});

async function count(batch: UsageBatch): Promise<void> {
  const checkpoint = (await on.memory.usage.checkpoints()).get(0) ?? NOTHING_FOLDED;
  const loaded = { checkpoint, logDays: () => 30, forgetAfterMs: 1e12, now: on.now() };
  await on.memory.usage.apply(reduceUsage(loaded, partitionOf([batch], 0, offset)).writes);
  offset += 1;
}

beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
  [open = ''] = await on.plant(['open']);
  [guarded = ''] = await on.plant(['guarded'], { keyspace: 'guarded' });
  [elsewhere = ''] = await on.plant(['elsewhere'], { workspaceId: 'globex' });
  await count(
    batchOf('v1', 1, [
      check(open, 10),
      check(open, 20, { code: 'DISABLED', request: { path: '/a/b', ip: '2001:db8::1' } }),
      check(guarded, 30, { keyspace: 'guarded' }),
      check(elsewhere, 40, { workspaceId: 'globex' }),
    ]),
  );
});
afterAll(() => on.stop());

const data = async (query: string, as = ADMIN) => {
  const { result } = await on.ask(query, null, as);
  if (result.errors) throw new Error(JSON.stringify(result.errors));
  return result.data as unknown;
};
const ids = (keyId: string): string => encodeGlobalId('ApiKey', keyId);
const REQUESTS =
  '{ workspace(id: "acme") { requests(first: 9) { totalCount nodes { id requestId code key { keyId } } } } }';

describe('the request log', () => {
  const codes = async (as = ADMIN) => {
    const { workspace } = (await data(REQUESTS, as)) as {
      workspace: { requests: { totalCount: number; nodes: { requestId: string }[] } } | null;
    };
    return workspace && [workspace.requests.totalCount, ...workspace.requests.nodes.map(({ requestId }) => requestId)];
  };

  test('shows callers the checks of keyspaces whose usage they may see, newest first, and counts no others', async () => {
    expect(await codes()).toEqual([3, 'r-2', 'r-1', 'r-0']);
    expect(await codes(MEMBER)).toEqual([2, 'r-1', 'r-0']);
    expect(await codes(STRANGER)).toBeNull();
  });

  test('is filtered and walked, and its cursors are of one list only', async () => {
    const list = async (filter: string) =>
      await data(
        `{ key(id: "${ids(open)}") { requests(first: 9, filter: ${filter}) { nodes { requestId path ip } } } }`,
      );
    const one = { key: { requests: { nodes: [{ requestId: 'r-1', path: '/a/b', ip: '2001:db8::1' }] } } };
    for (const filter of [
      '{ path: "/a" }',
      '{ ip: "2001:DB8:0::1" }',
      '{ codes: [DISABLED, STALE] }',
      '{ requestId: "r-1" }',
    ])
      expect(await list(filter)).toEqual(one);
    expect(await list('{ secret: RETIRED }')).toEqual({ key: { requests: { nodes: [] } } });
    const first = (await data(
      '{ workspace(id: "acme") { requests(first: 2) { pageInfo { endCursor hasNextPage } } } }',
    )) as {
      workspace: { requests: { pageInfo: { endCursor: string; hasNextPage: boolean } } };
    };
    const { endCursor, hasNextPage } = first.workspace.requests.pageInfo;
    expect(hasNextPage).toBe(true);
    const rest = `{ workspace(id: "acme") { requests(first: 2, after: "${endCursor}") { nodes { requestId } pageInfo { hasNextPage } } } }`;
    expect(await data(rest)).toEqual({
      workspace: { requests: { nodes: [{ requestId: 'r-0' }], pageInfo: { hasNextPage: false } } },
    });
    const other = await on.refusal(
      `{ key(id: "${ids(open)}") { requests(first: 2, after: "${endCursor}") { totalCount } } }`,
    );
    expect(other.codes).toEqual(['BAD_USER_INPUT']);
    const address = await on.refusal(
      '{ workspace(id: "acme") { requests(first: 2, filter: { ip: "here" }) { totalCount } } }',
    );
    expect(address.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['filter', 'ip'] });
  });

  test('a request is found by its id and as a node by those alone who may see it; foreign and random ids are alike', async () => {
    const all = (await data(REQUESTS)) as {
      workspace: { requests: { nodes: { id: string; requestId: string }[] } };
    };
    const node = all.workspace.requests.nodes.find(({ requestId }) => requestId === 'r-2');
    const asked = `{ node(id: "${node?.id ?? ''}") { ... on Request { requestId key { keyId } asked position } }
      workspace(id: "acme") { request(id: "r-2") { code } } }`;
    expect(await data(asked)).toMatchObject({
      node: { requestId: 'r-2', key: { keyId: guarded }, asked: {}, position: 'p1_0-1' },
      workspace: { request: { code: 'VALID' } },
    });
    expect(await data(asked, MEMBER)).toEqual({ node: null, workspace: { request: null } });
    expect(await data(asked, STRANGER)).toEqual({ node: null, workspace: null });
    const none = `{ node(id: "${encodeGlobalId('Request', 'v1.1.99')}") { id } workspace(id: "globex") { request(id: "r-2") { id } } }`;
    expect(await data(none, STRANGER)).toEqual({ node: null, workspace: { request: null } });
  });
});

describe('usage', () => {
  const from = at(0);
  const usage = (range: string) => `usage(${range}) { start total previousSecret outcomes { code count } }`;

  test('is every hour or day without gaps, of what the caller may see', async () => {
    const to = new Date(Date.parse(from) + 2 * 3_600_000).toISOString();
    const query = `{ workspace(id: "acme") { ${usage(`from: "${from}", to: "${to}", bucket: HOUR`)} }
      key(id: "${ids(open)}") { ${usage(`from: "${from}", to: "${from.replace('.000Z', '.001Z')}", bucket: DAY`)} } }`;
    type Points = { total: number; outcomes: unknown[] }[];
    const seen = (await data(query)) as { workspace: { usage: Points }; key: { usage: Points } };
    expect(seen.workspace.usage.map(({ total }) => total)).toEqual([3, 0]);
    expect(seen.key.usage).toMatchObject([
      {
        total: 2,
        outcomes: [
          { code: 'DISABLED', count: 1 },
          { code: 'VALID', count: 1 },
        ],
      },
    ]);
    const less = (await data(query, MEMBER)) as { workspace: { usage: Points } };
    expect(less.workspace.usage.map(({ total }) => total)).toEqual([2, 0]);
  });

  test.each([
    ['2026-01-01T00:00:00Z', '2026-02-01T00:00:01Z', 'HOUR'],
    ['2025-01-01T00:00:00Z', '2026-02-06T00:00:00Z', 'DAY'],
    ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', 'DAY'],
  ])('from %s to %s by %s is refused', async (start, end, bucket) => {
    const range = `from: "${start}", to: "${end}", bucket: ${bucket}`;
    const { codes } = await on.refusal(`{ workspace(id: "acme") { ${usage(range)} } }`);
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  test('the current secret’s first use is by the version that was decided on, whatever the verifiers’ clocks said', async () => {
    const [rotated = ''] = await on.plant(['rotated']);
    await count(batchOf('v1', 2, [check(rotated, 50)]));
    const { result } = await on.ask(
      `mutation { regenerateKey(input: { id: "${ids(rotated)}", overlapSeconds: 3600 }) { __typename ... on Error { message } } }`,
    );
    expect(result.errors).toBeUndefined();
    const secrets = () =>
      data(
        `{ key(id: "${ids(rotated)}") { version secretFirstUsedAt previousSecret { lastUsedAt requestCount } lastUsedAt requestCount } }`,
      );
    const unused = { version: 2, secretFirstUsedAt: null, previousSecret: { lastUsedAt: null, requestCount: 0 } };
    expect(await secrets()).toMatchObject({ key: unused });
    // A verifier that has not read of the new secret yet takes the old one for the current one, later than it was made.
    await count(batchOf('v1', 3, [check(rotated, 200_000)]));
    expect(await secrets()).toMatchObject({ key: unused });
    await count(
      batchOf('v1', 4, [
        check(rotated, 200_001, { secret: 'PREVIOUS', keyVersion: 2 }),
        check(rotated, 200_002, { keyVersion: 2, code: 'EXPIRED' }),
        check(rotated, 200_003, { keyVersion: 2 }),
        check(rotated, 200_004, { keyVersion: 2 }),
      ]),
    );
    expect(await secrets()).toMatchObject({
      key: {
        ...{ secretFirstUsedAt: at(200_003), lastUsedAt: at(200_004), requestCount: 6 },
        previousSecret: { lastUsedAt: at(200_001), requestCount: 1 },
      },
    });
  });

  test('callers who may not see it are told of none', async () => {
    const query = `{ key(id: "${ids(open)}") { lastUsedAt requestCount secretFirstUsedAt requests(first: 1) { totalCount } } }`;
    expect(await data(query, MEMBER)).toMatchObject({ key: { requestCount: 2, requests: { totalCount: 2 } } });
    expect(await data(query, STRANGER)).toEqual({ key: null });
  });
});
