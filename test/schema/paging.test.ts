// Connections: every key once, whatever the page, the direction and what happens on the way; cursors of their own list only.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeRecord } from '../../events/record.ts';
import { windowOf } from '../../schema/paging.ts';

import {
  KeysDocument,
  WorkspaceHistoryDocument,
  type KeysQuery,
  type KeysQueryVariables,
} from '../generated/graphql.ts';
import { ADMIN, caller, createInstallation, type Installation } from './installation.ts';

const NAMES = Array.from({ length: 23 }, (_, index) => `key ${String(index).padStart(2, '0')}`);
const SIZES = [1, 2, 3, 7, 100];

type Connection = NonNullable<KeysQuery['workspace']>['keys'];
type Arguments = Omit<KeysQueryVariables, 'workspace'>;

let at: Installation;
beforeAll(async () => {
  at = await createInstallation();
  await at.plant(NAMES);
});
afterAll(() => at.stop());

async function page(args: Arguments, where = at, workspace = 'acme'): Promise<Connection> {
  const { workspace: found } = await where.run(
    KeysDocument,
    { workspace, ...args },
    caller({ acme: 'admin', globex: 'admin' }),
  );
  return found!.keys;
}

/** The ids of a whole walk, page by page; `between` runs after each. */
async function walk(
  size: number,
  backward: boolean,
  args: Arguments = {},
  where = at,
  between?: () => Promise<unknown>,
): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | null = null; ;) {
    const found: Connection = await page(
      backward ? { ...args, last: size, before: cursor } : { ...args, first: size, after: cursor },
      where,
    );
    const ids = found.edges.map(({ node }) => node.keyId);
    if (backward) seen.unshift(...ids);
    else seen.push(...ids);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = found.pageInfo;
    if (!(backward ? hasPreviousPage : hasNextPage)) return seen;
    cursor = backward ? startCursor : endCursor;
    await between?.();
  }
}

describe.each(SIZES)('in pages of %i', (size) => {
  test('a walk meets every key once, forward and backward, in the same order', async () => {
    const forward = await walk(size, false);
    expect(forward).toHaveLength(NAMES.length);
    expect(new Set(forward).size).toBe(NAMES.length);
    expect(await walk(size, true)).toEqual(forward);
  });

  test.each(['CREATED_AT', 'NAME', 'EXPIRES_AT', 'LAST_USED_AT'] as const)(
    'the order %s is the reverse of itself in both directions',
    async (field) => {
      const ascending = await walk(size, false, { orderBy: { field, direction: 'ASC' } });
      const descending = await walk(size, false, { orderBy: { field, direction: 'DESC' } });
      expect(new Set(ascending).size).toBe(NAMES.length);
      expect(descending).toEqual([...ascending].reverse());
      expect(await walk(size, true, { orderBy: { field, direction: 'ASC' } })).toEqual(ascending);
    },
  );
});

describe('while keys come and go', () => {
  test.each([1, 2, 3, 7].flatMap((size) => [[size, false] as const, [size, true] as const]))(
    'a walk in pages of %i (backward: %s) meets every key that stays exactly once',
    async (size, backward) => {
      const own = await createInstallation();
      const stays = await own.plant(NAMES);
      const goes = await own.plant(Array.from({ length: 12 }, (_, index) => `gone ${index}`));
      let step = 0;
      const disturb = async (): Promise<void> => {
        step += 1;
        const id = goes[step - 1];
        // No more of them: a walk towards the newest would be chased for ever.
        if (id === undefined) return;
        await own.plant([`new ${step}`]);
        const deleted = {
          type: 'KeyDeleted',
          data: { destroyedDataKey: null },
          personal: { note: null },
          private: {},
        } as const;
        await own.log.append([encodeRecord(await own.author.next(id, deleted, { workspaceId: 'acme' }))]);
        await own.settle();
      };
      const seen = await walk(size, backward, {}, own, disturb);
      expect(step).toBeGreaterThan(2);
      expect(new Set(seen).size).toBe(seen.length);
      expect(stays.filter((id) => !seen.includes(id))).toEqual([]);
      await own.stop();
    },
  );
});

describe('pages', () => {
  test('totalCount counts the whole list under the filter, and costs nothing where the page is all of it', async () => {
    expect((await page({ first: 3 })).totalCount).toBe(NAMES.length);
    expect((await page({ first: 3, filter: { text: 'key 07' } })).totalCount).toBe(1);
    at.queries.length = 0;
    expect((await page({ first: 100 })).totalCount).toBe(NAMES.length);
    expect(at.queries).toEqual(['keyspaces', 'listKeys']);
  });

  test('between two cursors lie the keys between them', async () => {
    const all = await page({ first: 100 });
    const { edges } = await page({ first: 100, after: all.edges[3]!.cursor, before: all.edges[9]!.cursor });
    expect(edges.map(({ node }) => node.keyId)).toEqual(all.edges.slice(4, 9).map(({ node }) => node.keyId));
  });

  test.each<[string, Arguments]>([
    ['neither first nor last', {}],
    ['both first and last', { first: 1, last: 1 }],
    ['first 0', { first: 0 }],
    ['first -1', { first: -1 }],
    ['first 101', { first: 101 }],
    ['last 0', { last: 0 }],
    ['last 101', { last: 101 }],
    ['a cursor that is none', { first: 1, after: 'bm90IGEgY3Vyc29y' }],
    ['an empty cursor', { first: 1, after: '' }],
    ['a cursor of 10,000 characters', { first: 1, after: 'x'.repeat(10_000) }],
  ])('%s is refused as BAD_USER_INPUT', async (_, args) => {
    const { codes, status, errors } = await at.refusal(KeysDocument, { workspace: 'acme', ...args });
    expect(codes).toEqual(['BAD_USER_INPUT']);
    const [place] = errors[0]!.extensions.path as [string];
    expect(['first', 'last', 'after']).toContain(place);
    expect(errors[0]!.message).toMatch(new RegExp(`^${place} must`));
    expect(status).toBe(200); // the workspace is null, the rest of the answer stands
  });

  test('first 1 and first 100 are accepted', async () => {
    expect((await page({ first: 1 })).edges).toHaveLength(1);
    expect((await page({ first: 100 })).edges).toHaveLength(NAMES.length);
  });

  test('a null beside the other argument is as if it were absent', () => {
    const decode = (): null => null;
    expect(windowOf({ first: null, last: 5 }, { decode })).toEqual({
      limit: 5,
      backward: true,
      after: null,
      before: null,
    });
  });
});

describe('a cursor', () => {
  const refused = async (args: Arguments, workspace = 'acme') =>
    (await at.refusal(KeysDocument, { workspace, ...args }, caller({ acme: 'admin', globex: 'admin' }))).codes;

  test.each(['CREATED_AT', 'NAME', 'EXPIRES_AT', 'LAST_USED_AT'] as const)(
    'that somebody made up for %s is refused by the argument’s name, or is a place in the list',
    async (field) => {
      const orderBy = { field, direction: 'DESC' } as const;
      const forged = (value: unknown): string =>
        Buffer.from(JSON.stringify([`keys acme ${field} DESC`, { value, id: 'key_AAAAAAAAAAAAAAAAAAAAAA' }])).toString(
          'base64url',
        );
      const nullable = field === 'EXPIRES_AT' || field === 'LAST_USED_AT';
      for (const name of ['after', 'before'] as const) {
        for (const value of [null, 5, {}, { $gt: '' }, [], true, undefined]) {
          const taken = nullable && value === null;
          const args = { workspace: 'acme', first: 1, orderBy, [name]: forged(value) };
          const { errors, codes } = await at.refusal(KeysDocument, args);
          expect(codes, JSON.stringify(value)).toEqual(taken ? [] : ['BAD_USER_INPUT']);
          if (!taken) expect(errors[0]?.extensions.path).toEqual([name]);
        }
        expect(await refused({ first: 1, orderBy, [name]: forged('x') })).toEqual([]);
      }
    },
  );

  test('of another order, direction, workspace or list is refused', async () => {
    const own = (await page({ first: 1 })).pageInfo.endCursor;
    expect(await refused({ first: 1, after: own })).toEqual([]);
    expect(await refused({ first: 1, after: own, orderBy: { field: 'NAME', direction: 'DESC' } })).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(await refused({ first: 1, after: own, orderBy: { field: 'CREATED_AT', direction: 'ASC' } })).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(await refused({ first: 1, after: own }, 'globex')).toEqual(['BAD_USER_INPUT']);
    const { workspace } = await at.run(WorkspaceHistoryDocument, { workspace: 'acme', first: 1 });
    expect(await refused({ first: 1, after: workspace!.history.pageInfo.endCursor })).toEqual(['BAD_USER_INPUT']);
  });

  test('with text inside that no store keeps is refused', async () => {
    const forged = (value: string) =>
      Buffer.from(JSON.stringify(['keys acme NAME ASC', { value, id: `key_${'a'.repeat(22)}` }])).toString('base64url');
    const orderBy = { field: 'NAME', direction: 'ASC' } as const;
    expect(await refused({ first: 1, after: forged('plain'), orderBy })).toEqual([]);
    expect(await refused({ first: 1, after: forged('a\u0000b'), orderBy })).toEqual(['BAD_USER_INPUT']);
    expect(await refused({ first: 1, after: forged('a\ud800b'), orderBy })).toEqual(['BAD_USER_INPUT']);
  });
});

describe('cost', () => {
  const TABLE = `query ($workspace: String!, $after: String) { workspace(id: $workspace) { keys(first: 100, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes {
      id keyId workspaceId version name description owner { id email } tags metadata type environment preview status scopes
      unrestricted resources { all ids } flags origins ipRanges rateLimit { limit windowSeconds } createdAt
      createdBy { kind id key { id } } expiresAt lastRotatedAt lastUsedAt lastSeenAt requestCount previousSecret { retiresAt }
      actions revocation { reason note at } keyspace { id slug name actions labels { title } columns { id } }
    } } } }`;

  test('a list of 100 keys with everything that a table shows costs at most 3 queries', async () => {
    const own = await createInstallation();
    await own.plant(Array.from({ length: 130 }, (_, index) => `many ${index}`));
    own.queries.length = 0;
    const { result } = await own.ask(TABLE, { workspace: 'acme' }, ADMIN);
    expect(result.errors).toBeUndefined();
    expect((result.data as unknown as KeysQuery).workspace!.keys.totalCount).toBe(130);
    expect(own.queries).toEqual(['keyspaces', 'listKeys', 'countKeys']);
    await own.stop();
  });

  test('what joins the keys to others costs one batch each, however many keys there are', async () => {
    const own = await createInstallation();
    const [first] = await own.plant(['first']);
    await own.plant(
      Array.from({ length: 40 }, (_, index) => `successor ${index}`),
      { data: { predecessor: first } },
    );
    own.queries.length = 0;
    const { result } = await own.ask(
      `{ workspace(id: "acme") { keys(first: 100) { nodes { quarantined predecessor { id name } successors { id } } } } }`,
    );
    expect(result.errors).toBeUndefined();
    expect([...own.queries].sort()).toEqual([
      'keys',
      'keyspaces',
      'keyspaces',
      'keyspaces',
      'listKeys',
      'parked',
      'successors',
    ]);
    await own.stop();
  });
});
