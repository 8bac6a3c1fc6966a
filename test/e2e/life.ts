// A key's whole life through API and verifiers, on whatever the system is made of. Each check waits for the position of
// the change that it is about, so nothing here races.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GENESIS } from '../../events/chain.ts';
import { generateSecret } from '../../events/secret.ts';
import { randomBytes } from 'node:crypto';
import { globalId, payload, type Api, type Connection, type KeyView } from '../support/api.ts';
import { change, codeOf, createKey, regenerate, verdict } from '../support/keys.ts';
import { WORKSPACE, type System } from '../support/system.ts';

const START_MS = 240_000;
const TEST_MS = 180_000;
/** Something that comes by itself: a clock, a projector's round. */
const BY_ITSELF = { timeout: 60_000, interval: 50 };
const wellFormedButUnknown = (): string => generateSecret('kf', randomBytes).reveal();

export function wholeLife(on: string, start: () => Promise<System>): void {
  describe(`a key's whole life, ${on}`, { timeout: TEST_MS }, () => {
    let system: System;
    let admin: Api;

    beforeAll(async () => {
      system = await start();
      admin = await system.api();
    }, START_MS);
    afterAll(() => system.stop(), START_MS);

    const verify = (secret: string, atLeast: string, request = {}) =>
      codeOf(system.verifiers, secret, { atLeast, ...request });

    test('every change of a key is in force at every verifier that is asked at its position', async () => {
      const { keyId, secret, position } = await createKey(admin, { scopes: ['orders:read', 'orders:write'] });
      expect(await verify(secret, position, { scopes: ['orders:write'] })).toBe('VALID');

      const narrowed = await change(admin, 'changeScopes', keyId, { scopes: ['orders:read'] });
      expect(await verify(secret, narrowed.position, { scopes: ['orders:write'] })).toBe('INSUFFICIENT_SCOPE');
      expect(await verify(secret, narrowed.position, { scopes: ['orders:read'] })).toBe('VALID');
      expect(await verify(secret, narrowed.position, { permission: 'orders:read and orders:write' })).toBe(
        'INSUFFICIENT_SCOPE',
      );

      const disabled = await change(admin, 'disableKey', keyId, { note: 'seen in a build log' });
      expect(await verify(secret, disabled.position)).toBe('DISABLED');
      const enabled = await change(admin, 'enableKey', keyId);
      expect(await verify(secret, enabled.position)).toBe('VALID');

      const renewed = await regenerate(admin, keyId);
      expect(await verify(secret, renewed.position)).toBe('NOT_FOUND');
      expect(await verify(renewed.secret, renewed.position)).toBe('VALID');

      const revoked = await change(admin, 'revokeKey', keyId, { note: 'the laptop was lost' });
      expect(await verify(renewed.secret, revoked.position)).toBe('REVOKED');
      expect(await admin.key(keyId, revoked.position)).toMatchObject({
        status: 'REVOKED',
        revocation: { reason: null, note: 'the laptop was lost' },
      });
      const late = await admin.settle('enableKey', { id: globalId(keyId) });
      expect(late).toMatchObject({ __typename: 'InvalidState', code: 'INVALID_STATE' });
    });

    test('a deleted key is NOT_FOUND for verifiers, and stays in the history', async () => {
      const { keyId, secret } = await createKey(admin);
      const { position } = await change(admin, 'deleteKey', keyId);
      expect(await verify(secret, position)).toBe('NOT_FOUND');
      expect(await admin.key(keyId, position)).toMatchObject({
        status: 'DELETED',
        actions: expect.not.arrayContaining(['ENABLE']) as unknown,
      });
      expect((await admin.history(keyId)).at(-1)?.type).toBe('KEY_DELETED');
    });

    test('the history tells every event, who made it, when and from where, in one chain', async () => {
      const bob = await system.api({ subject: 'bob', workspaces: { [WORKSPACE]: 'member' }, operator: false });
      const before = Date.now();
      const { keyId } = await createKey(admin, { name: 'Exports' });
      await change(bob, 'updateKey', keyId, { name: 'Order exports', tags: ['eu'] });
      await change(admin, 'disableKey', keyId, { note: 'why not' });
      const { position } = await change(bob, 'enableKey', keyId);
      const events = await admin.history(keyId, position);

      expect(events.map(({ type, version, actor }) => [version, type, actor?.kind, actor?.id])).toEqual([
        [1, 'KEY_CREATED', 'USER', 'alice'],
        [2, 'KEY_DETAILS_CHANGED', 'USER', 'bob'],
        [3, 'KEY_DISABLED', 'USER', 'alice'],
        [4, 'KEY_ENABLED', 'USER', 'bob'],
      ]);
      expect(events[1]?.data).toMatchObject({ name: 'Order exports', tags: ['eu'] });
      expect(events[2]?.data).toMatchObject({ note: 'why not' });
      for (const { time, ip, userAgent, commandId, requestId, id, version } of events) {
        expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
        expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
        expect([ip, userAgent]).toEqual(['127.0.0.1', 'e2e']);
        expect(commandId).toMatch(/^[\w-]{1,64}$/);
        expect(requestId).not.toBe('');
        expect(id).toBe(`${keyId}@${version}`);
      }
      expect(events.map(({ prev }) => prev)).toEqual([GENESIS, ...events.slice(0, -1).map(({ hash }) => hash)]);
      expect(events.at(-1)?.position).toBe(position);
    });

    test('a verifier names every reason for which a key may not be used', async () => {
      const { keyId, secret, position } = await createKey(admin, {
        resources: { all: false, ids: ['agent-1'] },
        origins: ['https://*.example.com'],
        ipRanges: ['192.0.2.0/24', '2001:db8::/32'],
      });
      const here = { origin: 'https://app.example.com', ip: '192.0.2.7' };
      const ask = (request: object) => verify(secret, position, { ...here, ...request });

      expect(await ask({})).toBe('VALID');
      expect(await ask({ ip: '2001:db8::1' })).toBe('VALID');
      expect(await ask({ ip: '198.51.100.1' })).toBe('IP_NOT_ALLOWED');
      expect(await verify(secret, position, { origin: here.origin })).toBe('IP_NOT_ALLOWED');
      expect(await ask({ origin: 'https://example.com' })).toBe('ORIGIN_NOT_ALLOWED');
      expect(await ask({ origin: 'https://app.example.com\\@evil.com' })).toBe('ORIGIN_NOT_ALLOWED');
      expect(await verify(secret, position, { ip: here.ip })).toBe('ORIGIN_NOT_ALLOWED');
      expect(await ask({ keyspace: 'default' })).toBe('VALID');
      expect(await ask({ keyspace: 'other' })).toBe('WRONG_KEYSPACE');
      expect(await ask({ environment: 'live' })).toBe('WRONG_ENVIRONMENT');
      expect(await ask({ resource: { type: 'agent', id: 'agent-1' } })).toBe('VALID');
      expect(await ask({ resource: { type: 'agent', id: 'agent-2' } })).toBe('RESOURCE_NOT_ALLOWED');
      expect(await ask({ scopes: ['orders:delete'] })).toBe('INSUFFICIENT_SCOPE');
      expect(await ask({ flags: ['beta'] })).toBe('INSUFFICIENT_SCOPE');
      expect(await verify(wellFormedButUnknown(), position)).toBe('NOT_FOUND');
      expect(await verify(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`, position)).toBe('MALFORMED');
      expect(await verify('not a key', position)).toBe('MALFORMED');

      const opened = await change(admin, 'changeRestrictions', keyId, { origins: [], ipRanges: null });
      expect(await verify(secret, opened.position)).toBe('VALID');
    });

    test('of keys that are unknown or malformed an answer tells nothing, and looks the same', async () => {
      const { keyId, secret } = await createKey(admin);
      const { position } = await change(admin, 'deleteKey', keyId);
      const [deleted, unknown] = await Promise.all(
        [secret, wellFormedButUnknown()].map((key) =>
          verdict(system.verifiers.slice(0, 1), key, { atLeast: position }),
        ),
      );
      const ownMoment = { asOf: expect.any(String) as string, requestId: expect.any(String) as string };
      expect(unknown).toEqual({ ...deleted, ...ownMoment });
      expect(deleted).toMatchObject({ valid: false, code: 'NOT_FOUND', keyId: null, workspaceId: null, version: null });
    });

    test('an update changes what it names, clears what it makes null and leaves the rest', async () => {
      const { keyId } = await createKey(admin, {
        name: 'Ingest',
        description: 'reads the feed',
        tags: ['a', 'b'],
        metadata: { team: { name: 'data' } },
        owner: { id: 'u-17', email: 'u17@example.com' },
      });
      const first = await change(admin, 'updateKey', keyId, { description: null, tags: ['c'] });
      expect(await admin.key(keyId, first.position)).toMatchObject({
        version: 2,
        name: 'Ingest',
        description: null,
        tags: ['c'],
        metadata: { team: { name: 'data' } },
        owner: { id: 'u-17', email: 'u17@example.com' },
      });
      const second = await change(admin, 'updateKey', keyId, { owner: { id: 'u-18' }, metadata: null });
      expect(await admin.key(keyId, second.position)).toMatchObject({
        metadata: null,
        owner: { id: 'u-18', email: null },
      });
      const same = await change(admin, 'updateKey', keyId, { owner: { id: 'u-18' } });
      expect(await admin.history(keyId, same.position)).toHaveLength(3);
    });

    test('a key expires by the clock, and lives again when its end is moved', async () => {
      const { keyId, secret, position } = await createKey(admin, { expiresAt: inFuture(3_600_000) });
      expect(await verify(secret, position)).toBe('VALID');
      // On a slow machine the moment may be over before it is decided on: then it is refused, and asked for again.
      const { position: soon } = await vi.waitFor(
        async () => payload(await admin.settle('changeExpiry', { id: globalId(keyId), expiresAt: inFuture(1500) })),
        BY_ITSELF,
      );
      await vi.waitFor(async () => expect(await verify(secret, soon)).toBe('EXPIRED'), BY_ITSELF);
      expect(await admin.key(keyId, soon)).toMatchObject({ status: 'EXPIRED' });
      const moved = await change(admin, 'changeExpiry', keyId, { expiresAt: null });
      expect(await verify(secret, moved.position)).toBe('VALID');
    });

    test('during an overlap both secrets work; its end is written into the history by the projector', async () => {
      const first = await createKey(admin);
      const second = await regenerate(admin, first.keyId, { overlapSeconds: 3600 });
      expect(await verify(first.secret, second.position)).toBe('VALID');
      expect(await verify(second.secret, second.position)).toBe('VALID');
      expect((await admin.key(first.keyId, second.position))?.previousSecret?.retiresAt).toMatch(/Z$/);

      const third = await regenerate(admin, first.keyId, { overlapSeconds: 1 });
      expect(await verify(first.secret, third.position)).toBe('NOT_FOUND');
      await vi.waitFor(async () => expect(await verify(second.secret, third.position)).toBe('NOT_FOUND'), BY_ITSELF);
      expect(await verify(third.secret, third.position)).toBe('VALID');
      const retirement = await vi.waitFor(async () => {
        const last = (await admin.history(first.keyId)).at(-1);
        expect(last).toMatchObject({ type: 'PREVIOUS_SECRET_RETIRED', actor: { kind: 'SYSTEM', id: 'projector' } });
        return last!;
      }, BY_ITSELF);
      expect(await admin.key(first.keyId, retirement.position)).toMatchObject({ version: 4, previousSecret: null });
      expect(await verify(third.secret, retirement.position)).toBe('VALID');
    });

    test('an overlap can be ended by hand', async () => {
      const first = await createKey(admin);
      const second = await regenerate(admin, first.keyId, { overlapSeconds: 3600 });
      const { position } = await change(admin, 'retirePreviousSecret', first.keyId);
      expect(await verify(first.secret, position)).toBe('NOT_FOUND');
      expect(await verify(second.secret, position)).toBe('VALID');
    });

    test('roles: members manage keys, auditors read history, viewers look, and nobody more than that', async () => {
      const as = (role: 'member' | 'auditor' | 'viewer') =>
        system.api({ subject: role, workspaces: { [WORKSPACE]: role }, operator: false });
      const [member, auditor, viewer] = await Promise.all([as('member'), as('auditor'), as('viewer')]);
      const { keyId, position } = await createKey(member, { name: 'Made by a member' });

      for (const reader of [member, auditor, viewer])
        expect(await reader.key(keyId, position)).toMatchObject({ createdBy: { id: 'member' } });
      expect((await viewer.key(keyId))?.actions).toEqual(
        expect.not.arrayContaining(['DISABLE', 'SEE_HISTORY']) as unknown,
      );
      expect(await auditor.history(keyId)).toHaveLength(1);
      for (const reader of [auditor, viewer]) {
        const refused = await reader.settle('disableKey', { id: globalId(keyId) });
        expect(refused).toMatchObject({ __typename: 'NotAllowed', code: 'NOT_ALLOWED' });
      }
      for (const other of [member, auditor, viewer]) {
        expect(await other.settle('rebuildProjections', {})).toMatchObject({ code: 'NOT_ALLOWED' });
        expect(await other.settle('retryParked', {})).toMatchObject({ code: 'NOT_ALLOWED' });
      }
      expect(await admin.history(keyId)).toHaveLength(1);
    });

    test("another workspace's key is answered like one that does not exist, whatever is asked", async () => {
      const { keyId, position } = await createKey(admin);
      const stranger = await system.api({ subject: 'mallory', workspaces: { other: 'admin' }, operator: false });
      const random = `key_${'0'.repeat(22)}`;
      const inputs = {
        updateKey: { name: 'mine' },
        changeScopes: { scopes: [] },
        changeRestrictions: { origins: [] },
        changeExpiry: { expiresAt: null },
        disableKey: {},
        enableKey: {},
        regenerateKey: {},
        retirePreviousSecret: {},
        revokeKey: {},
        deleteKey: {},
      } as const;
      expect(await stranger.key(keyId, position)).toBeNull();
      for (const [name, input] of Object.entries(inputs)) {
        const [foreign, unknown] = await Promise.all(
          [keyId, random].map((id) => stranger.settle(name as keyof typeof inputs, { id: globalId(id), ...input })),
        );
        expect(foreign).toEqual(unknown);
        expect(foreign).toMatchObject({ __typename: 'NotFound' });
      }
      const created = await stranger.settle('createKey', { workspaceId: WORKSPACE, keyspace: 'default', name: 'x' });
      expect(created).toMatchObject({ __typename: 'NotFound' });
      const nodes = `query ($key: ID!, $workspace: ID!) { a: node(id: $key) { id } b: nodes(ids: [$key]) { id }
        c: node(id: $workspace) { id } d: workspace(id: "${WORKSPACE}") { id } }`;
      const workspace = Buffer.from(`Workspace:${WORKSPACE}`).toString('base64url');
      expect(await stranger.query(nodes, { key: globalId(keyId), workspace })).toEqual({
        a: null,
        b: [null],
        c: null,
        d: null,
      });
      expect(await admin.history(keyId)).toHaveLength(1);
    });

    test('without a good token nobody gets an answer', async () => {
      const parts = admin.token.split('.');
      for (const token of ['', 'x', `${admin.token}x`, `${parts[0]}..${parts[2]}`]) {
        const response = await fetch(`${admin.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query: '{ viewer { operator } }' }),
        });
        expect(response.status).toBe(401);
        expect(await response.text()).toContain('UNAUTHENTICATED');
      }
    });

    test('bad input is refused with the place and the reason, and nothing is appended', async () => {
      const { keyId } = await createKey(admin);
      const id = globalId(keyId);
      const refusals = [
        [await admin.settle('updateKey', { id, name: '' }), ['name']],
        [await admin.settle('updateKey', { id, owner: { id: 'a@b.example' } }), ['owner', 'id']],
        [await admin.settle('changeScopes', { id, scopes: ['a', 'not a scope'] }), ['scopes', '1']],
        [await admin.settle('changeRestrictions', { id, ipRanges: ['192.0.2.1/24'] }), ['ipRanges', '0']],
        [await admin.settle('changeRestrictions', { id, origins: ['null'] }), ['origins', '0']],
        [await admin.settle('changeExpiry', { id, expiresAt: '2001-01-01T00:00:00.000Z' }), ['expiresAt']],
        [await admin.settle('regenerateKey', { id, overlapSeconds: -1 }), ['overlapSeconds']],
        [await admin.settle('revokeKey', { id, reason: 'because' }), ['reason']],
        [await admin.settle('disableKey', { id, commandId: 'not an id' }), ['commandId']],
      ] as const;
      for (const [result, path] of refusals) expect(result).toMatchObject({ __typename: 'InvalidInput', path });
      const conflict = await admin.settle('disableKey', { id, ifVersion: 7 });
      expect(conflict).toMatchObject({ __typename: 'VersionConflict', actual: 1 });
      expect(await admin.history(keyId)).toHaveLength(1);
    });

    test('lists find what is asked for, in order, and a walk in either direction meets every key once', async () => {
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
      const { keyspaces, workspace } = await admin.query<{
        keyspaces: { slug: string; version: number; source: string; actions: string[] }[];
        workspace: { keyspace: { fields: { id: string }[]; permissions: { model: string } } };
      }>(
        `{ keyspaces { slug version source actions }
           workspace(id: "${WORKSPACE}") { keyspace(slug: "default") { fields { id } permissions { model } } } }`,
      );
      expect(keyspaces).toMatchObject([{ slug: 'default', version: 1 }]);
      expect(keyspaces[0]?.source).toContain('slug: default');
      expect(keyspaces[0]?.actions).toContain('CREATE');
      expect(workspace.keyspace.fields.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['name', 'scopes']) as unknown,
      );
      expect(workspace.keyspace.permissions.model).toBe('FLAT');
    });

    test('a rebuild beside the live read models goes on under mutations, tells its progress, and loses nothing', async () => {
      const { keyId, secret } = await createKey(admin, { name: 'Rebuilt' });
      const done = new AbortController();
      let changes = 0;
      const changing = (async () => {
        while (!done.signal.aborted) {
          await change(admin, 'changeScopes', keyId, { scopes: [`n:${++changes}`] });
          expect((await admin.key(keyId))?.scopes).toEqual([`n:${changes}`]);
        }
      })();
      let generation = '';
      const progress: number[] = [];
      // One may be over before anybody has looked: then there is another.
      for (let round = 0; round < 10 && progress.length === 0; round++) {
        const told = await rebuild(admin).catch((error: unknown) => {
          done.abort();
          throw error;
        });
        ({ generation } = told);
        progress.push(...told.progress);
      }
      done.abort();
      await changing;

      expect(progress.length).toBeGreaterThan(0);
      for (const value of progress) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
      const events = await admin.history(keyId);
      expect(events.map(({ version }) => version)).toEqual(Array.from({ length: changes + 1 }, (_, n) => n + 1));
      expect(await verify(secret, events.at(-1)!.position, { scopes: [`n:${changes}`] })).toBe('VALID');
      expect((await admin.health()).projections).toMatchObject([{ generation, rebuild: null, parked: [] }]);
    });
  });
}

const LIST = `query ($workspace: String!, $first: Int, $after: String, $last: Int, $before: String, $filter: KeyFilter,
  $orderBy: KeyOrder, $atLeast: Position) {
  workspace(id: $workspace) {
    keys(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy, atLeast: $atLeast) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { keyId name status }
    }
  }
}`;

/** Asks for a rebuild and watches it to its end: the new generation, and the progress that was told on the way. */
async function rebuild(api: Api): Promise<{ readonly generation: string; readonly progress: readonly number[] }> {
  const old = (await api.health()).projections[0]?.generation;
  const progress: number[] = [];
  const asked = new AbortController();
  const watching = (async () => {
    for (;;) {
      const underWay = asked.signal.aborted;
      const [keys] = (await api.health()).projections;
      if (keys?.generation !== old) return;
      if (keys?.rebuild) progress.push(keys.rebuild.progress);
      else if (underWay) throw new Error('the rebuild was given up');
    }
  })();
  const { generation } = payload(await api.settle('rebuildProjections', {}));
  asked.abort();
  await watching;
  const { projections } = await api.health();
  expect(projections).toMatchObject([{ generation }]);
  return { generation: generation ?? '', progress };
}

const inFuture = (ms: number): string => new Date(Date.now() + ms).toISOString();
