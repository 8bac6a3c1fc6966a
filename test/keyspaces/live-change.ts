// A profile that is changed while keys of it live: verifiers obey the new one, history keeps the old one's meaning, and
// keys keep the form that they were made in.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import * as documents from '../../services/cli/documents.ts';
import { globalId, type Api } from '../support/api.ts';
import { change, codeOf, createKey, regenerate, verdict } from '../support/keys.ts';
import type { System } from '../support/system.ts';

const START_MS = 240_000;

interface Defined {
  readonly __typename: string;
  readonly position: string;
  readonly keyspace: { readonly version: number };
  readonly diff: { readonly effects: readonly { readonly kind: string; readonly message: string }[] };
  readonly path?: readonly string[];
}

export function liveChange(on: string, start: () => Promise<System>): void {
  describe(`a profile that is changed under live keys, ${on}`, { timeout: START_MS }, () => {
    let system: System;
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
      await define(profile);
      const key = await createKey(api, { keyspace: slug, scopes: ['a:write'] });
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
