// A profile that is changed while keys of it live: verifiers obey the new one, history keeps the old one's meaning, and
// keys keep the form that they were made in.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { KeyspacesState } from '../../events/keyspaces/state.ts';
import { compilePolicy } from '../../services/verifier/policy.ts';
import { readToEnd } from '../contracts/event-log.ts';
import { foldLog } from '../fakes/expected.ts';
import { projected } from '../fakes/running.ts';
import * as documents from '../../services/cli/documents.ts';
import { globalId, type Api } from '../support/api.ts';
import { change, codeOf, createKey, regenerate, verdict } from '../support/keys.ts';
import { expectFoldOfLog, type Sources } from '../support/contents.ts';
import { WORKSPACE, type System } from '../support/system.ts';

const START_MS = 240_000;

interface Defined {
  readonly __typename: string;
  readonly position: string;
  readonly keyspace: { readonly version: number };
  readonly diff: { readonly effects: readonly { readonly kind: string; readonly message: string }[] };
  readonly path?: readonly string[];
}

/** A system, and what it keeps, past its API. */
export interface LiveSystem extends System {
  sources(): Promise<Sources & { readonly close: () => Promise<void> }>;
}

const MAY = ['a:read', 'a:write', 'a:admin', 'a:more'];

export function liveChange(on: string, start: () => Promise<LiveSystem>): void {
  describe(`a profile that is changed under live keys, ${on}`, { timeout: START_MS }, () => {
    let system: LiveSystem;
    let api: Api;
    beforeAll(async () => {
      system = await start();
      api = await system.api();
    }, START_MS);
    afterAll(() => system.stop(), START_MS);

    const define = async (profile: object, more: object = {}): Promise<Defined> => {
      const input = { source: stringify(profile), ...more };
      return (await api.query<{ result: Defined }>(documents.DEFINE_KEYSPACE, { input })).result;
    };
    /** A keyspace of its own, with a key that may write. */
    const born = async (changes: object = {}) => {
      const slug = `live-${randomUUID().slice(0, 8)}`;
      const prefix = `l${randomUUID().slice(0, 8)}`;
      const profile = {
        slug,
        name: 'Live',
        types: [{ id: 'secret', label: 'Secret', prefix }],
        permissions: {
          scopes: ['a:read', 'a:write', 'a:admin'].map((id) => ({ id, label: id })),
          implications: [{ scope: 'a:write', implies: ['a:read'] }],
          minimum: 1,
        },
        ...changes,
      };
      const { position } = await define(profile);
      const key = await createKey(api, { keyspace: slug, scopes: ['a:write'] });
      // The key's position says nothing of the profile's, which may lie in another partition.
      await Promise.all(system.verifiers.map((verifier) => verifier.verify(key.secret, { atLeast: position })));
      return { profile, key, prefix };
    };

    test('an implication that is gone is gone for keys that exist, and the answer names the profile’s version', async () => {
      const { profile, key } = await born();
      expect(await codeOf(system.verifiers, key.secret, { scopes: ['a:read'], atLeast: key.position })).toBe('VALID');
      const { position, diff } = await define({
        ...profile,
        permissions: { ...profile.permissions, implications: [] },
      });
      expect(diff.effects).toMatchObject([{ kind: 'NARROWS' }]);
      const after = await verdict(system.verifiers, key.secret, { scopes: ['a:read'], atLeast: position });
      expect(after).toMatchObject({ code: 'INSUFFICIENT_SCOPE', keyspaceVersion: 2 });
      expect(await codeOf(system.verifiers, key.secret, { scopes: ['a:write'] })).toBe('VALID');
    });

    test('a wider profile needs leave, and then keys that exist may do more', async () => {
      const { profile, key } = await born();
      const wider = {
        ...profile,
        permissions: { ...profile.permissions, implications: [{ scope: 'a:write', implies: ['a:read', 'a:admin'] }] },
      };
      expect(await define(wider)).toMatchObject({ __typename: 'InvalidInput', path: ['allowWidening'] });
      expect(await codeOf(system.verifiers, key.secret, { scopes: ['a:admin'] })).toBe('INSUFFICIENT_SCOPE');
      const { position } = await define(wider, { allowWidening: true });
      expect(await codeOf(system.verifiers, key.secret, { scopes: ['a:admin'], atLeast: position })).toBe('VALID');
    });

    test('rules bind when a command is decided: what was made before stays, what is asked now is judged now', async () => {
      const { profile, key } = await born();
      const { slug } = profile;
      await define({ ...profile, expiry: { maxLifetimeDays: 30 }, disable: false });
      const made = { keyspace: slug, scopes: ['a:read'], workspaceId: 'acme', name: 'n' };
      expect(await api.settle('createKey', made)).toMatchObject({ __typename: 'InvalidInput', path: ['expiresAt'] });
      expect(await codeOf(system.verifiers, key.secret)).toBe('VALID');
      const { keyId: id } = key;
      await expect(change(api, 'disableKey', id)).rejects.toThrow('NotEnabled');
    });

    test('history says which version decided', async () => {
      const { profile, key } = await born();
      await define({ ...profile, permissions: { ...profile.permissions, implications: [], minimum: 0 } });
      const { position } = await change(api, 'changeScopes', key.keyId, { scopes: ['a:read'] });
      const { key: shown } = await api.query<{
        key: { history: { nodes: { type: string; keyspaceVersion: number }[] } };
      }>(
        `query ($id: ID!, $atLeast: Position) { key(id: $id, atLeast: $atLeast) { history(first: 10) { nodes { type keyspaceVersion } } } }`,
        { id: globalId(key.keyId), atLeast: position },
      );
      expect(shown.history.nodes).toEqual([
        { type: 'KEY_CREATED', keyspaceVersion: 1 },
        { type: 'SCOPES_CHANGED', keyspaceVersion: 2 },
      ]);
    });

    test('replaying the log up to any moment gives what was there then, and what it meant; all of it, what is there now', async () => {
      const sources = await system.sources();
      const { log, store } = sources;
      const { profile, key } = await born();
      const { keyId } = key;
      const entry = ({ profiles }: KeyspacesState) => profiles[profile.slug];
      /** What is there now, and which scopes a verifier grants by it. */
      const moment = async (position: string) => {
        await projected(log, store);
        const there = await store.read(async (view) => ({
          state: (await view.key(keyId))?.state,
          keyspaces: await view.keyspaces(),
          checkpoint: view.checkpoint,
        }));
        const codes = await Promise.all(
          MAY.map((scope) => codeOf(system.verifiers, key.secret, { scopes: [scope], atLeast: position })),
        );
        return { ...there, granted: MAY.filter((_, index) => codes[index] === 'VALID') };
      };
      const permissions = (implies: readonly string[], superScopes: readonly string[] = []) => ({
        ...profile.permissions,
        ...(implies.length > 0 ? { implications: [{ scope: 'a:write', implies }] } : { implications: [] }),
        superScopes,
      });
      const defined = async (changes: object) =>
        (await define({ ...profile, ...changes }, { allowWidening: true })).position;
      const moments = [await moment(key.position)];
      moments.push(await moment(await defined({ permissions: permissions([]) })));
      moments.push(
        await moment((await change(api, 'changeScopes', keyId, { scopes: ['a:read', 'a:write'] })).position),
      );
      moments.push(await moment(await defined({ permissions: permissions(['a:admin']), expiry: null, name: 'Later' })));
      moments.push(await moment(await defined({ permissions: permissions([], ['a:write']) })));
      moments.push(await moment((await change(api, 'changeScopes', keyId, { scopes: ['a:read'] })).position));
      expect(moments.map(({ granted }) => granted)).toEqual([
        ['a:read', 'a:write'],
        ['a:write'],
        ['a:read', 'a:write'],
        ['a:read', 'a:write', 'a:admin'],
        MAY,
        ['a:read'],
      ]);

      const records = await readToEnd(log);
      for (const { state, keyspaces, checkpoint, granted } of moments) {
        const until = records.filter(({ partition, offset }) => offset < (checkpoint[partition] ?? 0));
        const then = await foldLog(until, sources.dataKeys);
        expect(then.keys[keyId]?.state).toEqual(state);
        expect(then.keyspaces).toEqual(keyspaces);
        if (!state) throw new Error('the key was there');
        const policy = compilePolicy(state, entry(then.keyspaces));
        expect(MAY.filter(policy.grants)).toEqual(granted);
      }
      const events = (await api.history(keyId)).map(({ type }) => type);
      expect(events).toEqual(['KEY_CREATED', 'SCOPES_CHANGED', 'SCOPES_CHANGED']);
      const whole = await expectFoldOfLog(sources);
      expect(whole.keys[keyId]?.state).toEqual(moments.at(-1)?.state);
      expect(entry(whole.keyspaces)?.version).toBe(4);
      await sources.close();
    });

    test('keys of a workspace that loses the keyspace go on and can be managed; no new one is made there', async () => {
      const { profile, key } = await born({ edit: { name: { how: 'SUCCESSOR' } } });
      const { slug } = profile;
      const { position, diff } = await define({
        ...profile,
        edit: { name: { how: 'SUCCESSOR' } },
        workspaces: ['other'],
      });
      expect(diff.effects).toMatchObject([{ kind: 'CHANGES', path: ['workspaces'] }]);
      expect(await codeOf(system.verifiers, key.secret, { scopes: ['a:write'], atLeast: position })).toBe('VALID');
      const made = { keyspace: slug, scopes: ['a:read'], workspaceId: WORKSPACE, name: 'n' };
      expect((await api.settle('createKey', made)).__typename).toBe('NotFound');
      await expect(change(api, 'updateKey', key.keyId, { name: 'Successor' })).rejects.toThrow('NotEnabled');
      const shown = await api.key(key.keyId, position);
      expect(shown?.actions).toEqual(expect.arrayContaining(['CHANGE_SCOPES', 'DISABLE', 'REGENERATE', 'DELETE']));
      const { workspace } = await api.query<{ workspace: { keys: { nodes: { keyId: string }[] } } }>(
        `query ($id: String!, $slug: String!) { workspace(id: $id) { keys(first: 100, filter: { keyspace: $slug }) { nodes { keyId } } } }`,
        { id: WORKSPACE, slug },
      );
      expect(workspace.keys.nodes).toEqual([{ keyId: key.keyId }]);
      await change(api, 'changeScopes', key.keyId, { scopes: ['a:read'] });
      const next = await regenerate(api, key.keyId);
      expect(await codeOf(system.verifiers, next.secret, { scopes: ['a:read'], atLeast: next.position })).toBe('VALID');
      const disabled = await change(api, 'disableKey', key.keyId);
      expect(await codeOf(system.verifiers, next.secret, { atLeast: disabled.position })).toBe('DISABLED');
      const removed = await change(api, 'deleteKey', key.keyId);
      expect(await codeOf(system.verifiers, next.secret, { atLeast: removed.position })).toBe('NOT_FOUND');
    });

    test('a key keeps the form of the version that it was made under, also for its next secret', async () => {
      const { profile, key, prefix } = await born({ credential: { preview: { first: 2, last: 2 } } });
      const types = [{ id: 'secret', label: 'Secret', prefix: `n${prefix}` }];
      await define({ ...profile, types, credential: { preview: { first: 0, last: 0 } } });
      const next = await regenerate(api, key.keyId);
      expect(next.secret).toMatch(new RegExp(`^${prefix}_`));
      const shown = await api.key(key.keyId, next.position);
      expect(shown?.preview).toBe(`${prefix}_${next.secret.split('_')[1]?.slice(0, 2)}...${next.secret.slice(-2)}`);
      const other = await createKey(api, { keyspace: profile.slug, scopes: ['a:read'] });
      expect(other.secret).toMatch(new RegExp(`^n${prefix}_`));
      expect((await api.key(other.keyId, other.position))?.preview).toBe(`n${prefix}_...`);
    });
  });
}
