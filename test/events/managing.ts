// The world of API keys that manage keys: a keyspace that lets them, keys of it, and callers that are such keys.
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { standingOfKey, type ManagingKey } from '../../events/key/standing.ts';
import type { KeyState } from '../../events/key/state.ts';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import {
  caller,
  created,
  keyspacesWith,
  NOW,
  profileOf,
  recordAll,
  WORKSPACE,
  type Caller,
  type Folded,
} from './world.ts';

export type Data = AnyNewEvent<'KeyCreated'>['data'];

export const SCOPES = ['keys:read', 'keys:write', 'a:read', 'a:write', 'admin'];
export const MANAGED: Partial<ProfileInput> = {
  types: [
    { id: 'secret', label: 'Secret', prefix: 'kf' },
    { id: 'root', label: 'Root', prefix: 'rt', unrestricted: 'ALWAYS' },
  ],
  permissions: {
    scopes: SCOPES.map((id) => ({ id, label: id })),
    implications: [
      { scope: 'keys:write', implies: ['keys:read'] },
      { scope: 'a:write', implies: ['a:read'] },
    ],
    superScopes: ['admin'],
  },
  environments: [
    { id: 'live', label: 'Live' },
    { id: 'test', label: 'Test' },
  ],
  flags: [
    { id: 'fast', label: 'Fast' },
    { id: 'loud', label: 'Loud' },
  ],
  managesKeys: { view: 'keys:read', change: 'keys:write' },
};
export const PROFILE = profileOf(MANAGED);

export const BASE: Partial<Data> = {
  type: 'secret',
  environment: 'live',
  scopes: ['keys:read', 'keys:write', 'a:read', 'a:write'],
  unrestricted: false,
  resources: { all: true, ids: [] },
};
export const WIDE: Partial<Data> = { ...BASE, scopes: [], unrestricted: true };

export const keyOf = (data: Partial<Data>, ...more: AnyNewEvent[]): Folded & { readonly state: KeyState } => {
  const { key } = recordAll([created({ ...BASE, ...data }), ...more]);
  if (!key.state) throw new Error('a key that was created has a state');
  return { ...key, state: key.state };
};

export function standing(data: Partial<Data> = {}, profile = PROFILE): ManagingKey {
  const found = standingOfKey(keyOf(data).state, keyspacesWith(profile), NOW);
  if (!found) throw new Error('this key manages no keys');
  return found;
}

/** @param email of its owner. */
export const calling = (as: ManagingKey, email: string | null = null): Caller =>
  caller(null, { actor: { kind: 'key', id: as.keyId }, workspaces: new Map([[WORKSPACE, as]]), email });

export const CREATE = { workspaceId: WORKSPACE, keyspace: 'default', name: 'Made by a key', environment: 'live' };
