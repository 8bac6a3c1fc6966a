// Policies: what a key may do, compiled once per (content, profile version) and shared by all keys that are alike.
// A key's record holds the shared cell; the cell compiles anew, when it is next asked, after its profile has changed.
import type { KeyState } from '../../events/key/state.ts';
import { grantsOf, isGranted } from '../../events/keyspaces/permissions.ts';
import { typeOf } from '../../events/keyspaces/profile.ts';
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import { compileNetworks } from '../shared/networks.ts';
import { compileOrigins } from './origins.ts';
import { asciiJson } from './responses.ts';

/** The part of a key's state that few keys have alone. */
export type PolicyContent = Pick<
  KeyState,
  'type' | 'scopes' | 'unrestricted' | 'resources' | 'flags' | 'origins' | 'ipRanges' | 'rateLimit'
>;

/** A compiled policy; every question is answered without I/O. */
export interface Policy {
  readonly content: PolicyContent;
  /** The profile version that it was compiled under; `null` while the view knows no profile of that name. */
  readonly keyspaceVersion: number | null;
  /** The members `scopes` … `flags` of an answer, as JSON in ASCII. */
  readonly json: string;
  readonly grants: (scope: string) => boolean;
  readonly hasFlag: (flag: string) => boolean;
  /** `null`: from everywhere. */
  readonly fromAddress: ((address: string) => boolean) | null;
  /** `null`: from everywhere. */
  readonly fromOrigin: ((origin: string) => boolean) | null;
  /** The scope under which resources of a type are reached; `null`: any; `undefined`: the product has no such type. */
  readonly neededScope: (resourceType: string) => string | null | undefined;
  readonly reaches: (resourceId: string) => boolean;
}

export function compilePolicy(content: PolicyContent, keyspace: KeyspaceEntry | undefined): Policy {
  const { type, scopes, unrestricted, resources, flags, origins, ipRanges } = content;
  const grants = grantsOf(content, keyspace?.profile.permissions);
  const flagSet = new Set(flags);
  const ids = new Set(resources.ids);
  const types = keyspace?.profile.resources?.types ?? [];
  const neededScopes = new Map(types.map(({ id, scope }) => [id, scope]));
  return {
    content,
    keyspaceVersion: keyspace?.version ?? null,
    json: asciiJson({ scopes, unrestricted, resources: { all: resources.all, ids: resources.ids }, flags }).slice(
      1,
      -1,
    ),
    grants: (scope) => isGranted(grants, scope),
    hasFlag: (flag) => flagSet.has(flag),
    fromAddress: ipRanges.length === 0 ? null : compileNetworks(ipRanges),
    fromOrigin: origins.length === 0 ? anywhere(type, keyspace) : compileOrigins(origins),
    neededScope: neededScopes.size === 0 ? () => null : (type) => neededScopes.get(type),
    reaches: resources.all ? () => true : (id) => ids.has(id),
  };
}

const nowhere = (): boolean => false;

/** A key without origins works from everywhere, unless its type needs some. */
function anywhere(type: string, keyspace: KeyspaceEntry | undefined): Policy['fromOrigin'] {
  return keyspace && typeOf(keyspace.profile, type)?.originsRequired === true ? nowhere : null;
}

/** One policy of one keyspace, shared by the keys that have it. */
export interface PolicyCell {
  readonly content: PolicyContent;
  readonly keyspace: string;
}

export interface Policies {
  /** The cell for a key's content; to be given back by {@link Policies.release} when the key has another one. */
  acquire(state: KeyState): PolicyCell;
  release(cell: PolicyCell): void;
  /** Compiled under the keyspace's current profile. */
  compiled(cell: PolicyCell): Policy;
  setKeyspaces(profiles: Readonly<Record<string, KeyspaceEntry>>): void;
  /** Distinct policies in use. */
  readonly size: number;
}

interface Cell extends PolicyCell {
  readonly id: string;
  users: number;
  policy: Policy | null;
  compiledFor: KeyspaceEntry | undefined;
  /** The profiles that it was last compared with. */
  epoch: number;
}

export function createPolicies(): Policies {
  const cells = new Map<string, Cell>();
  let keyspaces = new Map<string, KeyspaceEntry>();
  let epoch = 0;

  return {
    acquire: ({ keyspace, type, scopes, unrestricted, resources, flags, origins, ipRanges, rateLimit }) => {
      const content = { type, scopes, unrestricted, resources, flags, origins, ipRanges, rateLimit };
      const id = JSON.stringify([keyspace, content]);
      let cell = cells.get(id);
      if (!cell)
        cells.set(id, (cell = { id, keyspace, content, users: 0, policy: null, compiledFor: undefined, epoch: -1 }));
      cell.users++;
      return cell;
    },
    release: (released) => {
      const cell = released as Cell;
      if (--cell.users === 0) cells.delete(cell.id);
    },
    compiled: (asked) => {
      const cell = asked as Cell;
      if (cell.policy !== null && cell.epoch === epoch) return cell.policy;
      const keyspace = keyspaces.get(cell.keyspace);
      if (cell.policy === null || cell.compiledFor !== keyspace) cell.policy = compilePolicy(cell.content, keyspace);
      cell.compiledFor = keyspace;
      cell.epoch = epoch;
      return cell.policy;
    },
    setKeyspaces: (profiles) => {
      keyspaces = new Map(Object.entries(profiles));
      epoch++;
    },
    get size() {
      return cells.size;
    },
  };
}
