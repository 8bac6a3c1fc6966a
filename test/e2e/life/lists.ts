// Lists of keys, and the keyspace that a form is made of.
import { expect, test } from 'vitest';
import type { Connection, KeyView } from '../../support/api.ts';
import { change, createKey } from '../../support/keys.ts';
import { WORKSPACE } from '../../support/system.ts';
import { inFuture, type Started } from './started.ts';

const LIST = `query ($workspace: String!, $first: Int, $after: String, $last: Int, $before: String, $filter: KeyFilter,
  $orderBy: KeyOrder, $atLeast: Position) {
  workspace(id: $workspace) {
    keys(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy, atLeast: $atLeast) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { keyId name status }
    }
  }
}`;

export function lists(started: Started): void {
  test('lists find what is asked for, in order, and a walk in either direction meets every key once', async () => {
    const { system } = started();
    const workspaceId = 'lists';
    const api = await system.api({ workspaces: { [workspaceId]: 'admin' } });
    const made: string[] = [];
    let position = '';
    for (let n = 0; n < 9; n++) {
      const key = await createKey(api, {
        workspaceId,
        name: `${['Alpha', 'Beta', 'Gamma'][n % 3]} key ${n}`,
        scopes: [n % 2 === 0 ? 'orders:read' : 'orders:write'],
        tags: n < 3 ? ['eu', 'blue'] : ['us'],
        owner: { id: n < 5 ? 'u-1' : 'u-2' },
        resources: { all: n !== 4, ids: n === 4 ? ['agent-4'] : [] },
        expiresAt: n === 6 ? inFuture(86_400_000) : null,
      });
      made.push(key.keyId);
      ({ position } = n === 8 ? await change(api, 'disableKey', key.keyId) : key);
    }
    const list = async (variables: object): Promise<Connection<KeyView>> => {
      const { workspace } = await api.query<{ workspace: { keys: Connection<KeyView> } }>(LIST, {
        workspace: workspaceId,
        atLeast: position,
        ...variables,
      });
      return workspace.keys;
    };
    const found = async (filter: object): Promise<number[]> =>
      (await list({ first: 100, filter })).nodes.map(({ keyId }) => made.indexOf(keyId)).sort();

    expect(await found({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await found({ text: 'alp ke' })).toEqual([0, 3, 6]);
    expect(await found({ text: '.*' })).toEqual([]);
    expect(await found({ status: ['DISABLED'] })).toEqual([8]);
    expect(await found({ tags: ['eu', 'blue'] })).toEqual([0, 1, 2]);
    expect(await found({ owner: 'u-2' })).toEqual([5, 6, 7, 8]);
    expect(await found({ scope: 'orders:write', tags: ['us'] })).toEqual([3, 5, 7]);
    expect(await found({ resource: 'agent-9' })).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
    expect(await found({ keyspace: 'default', type: 'secret' })).toHaveLength(9);
    expect(await found({ keyspace: 'other' })).toEqual([]);
    expect(await found({ environment: 'live' })).toEqual([]);
    expect(await found({ expiresBefore: inFuture(2 * 86_400_000) })).toEqual([6]);
    expect(await found({ unusedSince: inFuture(0) })).toHaveLength(9);

    const orders = [
      [{ field: 'CREATED_AT', direction: 'DESC' }, [8, 7, 6, 5, 4, 3, 2, 1, 0]],
      [{ field: 'CREATED_AT', direction: 'ASC' }, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
      [{ field: 'NAME', direction: 'ASC' }, [0, 3, 6, 1, 4, 7, 2, 5, 8]],
    ] as const;
    for (const [orderBy, expected] of orders) {
      for (const size of [1, 2, 7]) {
        const forward: number[] = [];
        for (let after: string | null = null; ;) {
          const page: Connection<KeyView> = await list({ first: size, after, orderBy });
          expect(page.totalCount).toBe(9);
          forward.push(...page.nodes.map(({ keyId }) => made.indexOf(keyId)));
          if (!page.pageInfo.hasNextPage) break;
          after = page.pageInfo.endCursor;
        }
        expect(forward).toEqual(expected);
        const backward: number[] = [];
        for (let before: string | null = null; ;) {
          const page: Connection<KeyView> = await list({ last: size, before, orderBy });
          backward.unshift(...page.nodes.map(({ keyId }) => made.indexOf(keyId)));
          if (!page.pageInfo.hasPreviousPage) break;
          before = page.pageInfo.startCursor ?? null;
        }
        expect(backward).toEqual(expected);
      }
    }
    const byExpiry = await list({ first: 100, orderBy: { field: 'EXPIRES_AT', direction: 'DESC' } });
    expect(made.indexOf(byExpiry.nodes[0]!.keyId)).toBe(6);
    const tooMany = await api.post(LIST, { workspace: workspaceId, first: 101 });
    expect(tooMany.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('the default keyspace is there for every workspace, with all that a form needs', async () => {
    const { admin } = started();
    const { keyspaces, workspace } = await admin.query<{
      keyspaces: { slug: string; version: number; source: string; actions: string[] }[];
      workspace: { keyspace: { fields: { id: string }[]; permissions: { model: string } } };
    }>(
      `{ keyspaces { slug version source actions }
         workspace(id: "${WORKSPACE}") { keyspace(slug: "default") { fields { id } permissions { model } } } }`,
    );
    const preset = keyspaces.find(({ slug }) => slug === 'default');
    expect(preset?.version).toBe(1);
    expect(preset?.source).toContain('slug: default');
    expect(preset?.actions).toContain('CREATE');
    expect(workspace.keyspace.fields.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['name', 'scopes']) as unknown,
    );
    expect(workspace.keyspace.permissions.model).toBe('FLAT');
  });
}
